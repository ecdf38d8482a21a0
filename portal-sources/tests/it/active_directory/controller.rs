//! A Samba domain controller with 3,000 people: what is read is what is true.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use ldap3::{LdapConnAsync, LdapConnSettings};
use portal_core::{Coverage, Outcome};
use portal_sources::active_directory::Config;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};

use super::bed::Bed;
use super::{DOMAIN, config_of, groups, logins, members, password, plain, source};
use crate::seen::{Seen, see};

fn truth(bed: &Bed) -> Value {
    let text = std::fs::read_to_string(bed.said("truth")).expect("the truth");
    serde_json::from_str(&text).expect("the truth is JSON")
}

fn texts(list: &Value) -> BTreeSet<String> {
    list.as_array().expect("a list").iter().map(|text| text.as_str().expect("a text").to_owned()).collect()
}

#[track_caller]
fn is_true(seen: &Seen, truth: &Value) {
    let found: BTreeMap<String, BTreeSet<String>> =
        groups(seen).iter().map(|(name, group)| (name.clone(), members(group))).collect();
    let wanted: BTreeMap<String, BTreeSet<String>> = truth["groups"]
        .as_object()
        .expect("groups")
        .iter()
        .map(|(name, members)| (name.clone(), texts(members).iter().map(|dn| plain(dn)).collect()))
        .collect();
    let names = |of: &BTreeMap<String, BTreeSet<String>>| of.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(&wanted));
    for (name, members) in &wanted {
        assert_eq!(&found[name], members, "members of {name}");
    }
    assert_eq!(logins(seen), texts(&truth["users"]));
}

#[tokio::test]
async fn what_is_read_of_the_estate_is_what_is_true_of_it() {
    let bed = Bed::join("samba");
    let truth = truth(&bed);
    let (_folder, config) = config_of(&bed);
    let started = Instant::now();
    let seen = see(&source(config)).await;
    eprintln!("read {} of {} groups in {:?}", groups(&seen).len(), truth["all_groups"], started.elapsed());
    assert!(seen.is_whole());
    is_true(&seen, &truth);

    let groups = groups(&seen);
    assert_eq!(members(&groups["SG-Team-Big"]).len(), 3001);
    assert!(groups.contains_key("Squad 2") && !groups.contains_key("Squad 3"), "three levels below, and below none");
    assert!(groups.contains_key("Ring C"), "groups that hold each other");
    let primary = &groups["SG-Team-Primary"];
    assert_eq!(primary["member"], serde_json::json!([]));
    let people = &seen.kind(DOMAIN, "users").objects;
    let by_number = people.iter().filter(|p| p.value["primaryGroupID"] == primary["primaryGroupToken"]);
    assert_eq!(by_number.count(), texts(&truth["primary"]["SG-Team-Primary"]).len());
    assert!(people.iter().all(|p| p.value["userAccountControl"].as_i64().is_some_and(|bits| bits & 2 == 0)));
    let guid = groups["SG-Team-000"]["objectGUID"].as_str().expect("an identity");
    assert!(guid.len() == 36 && seen.names(DOMAIN, "groups").contains(&guid));
}

#[tokio::test]
async fn starttls_and_small_pages_read_the_same() {
    let bed = Bed::join("samba");
    let (_folder, config) = config_of(&bed);
    let url = vec![bed.said("starttls_url").to_owned()];
    let seen = see(&source(Config { url, starttls: true, page_size: 333, ..config })).await;
    assert!(seen.is_whole());
    is_true(&seen, &truth(&bed));
}

#[tokio::test]
async fn wrong_passwords_accounts_and_hosts_are_told_apart() {
    let bed = Bed::join("samba");
    let (_folder, config) = config_of(&bed);
    let (_other, wrong) = password("wrong");
    let proxy = Proxy::start("127.0.0.1", bed.said("address"), usize::MAX).await;
    let cases = [
        (Config { password_file: Some(wrong), ..config.clone() }, Coverage::Failed, "the password is wrong"),
        (Config { url: vec![proxy.url("127.0.0.1")], ..config.clone() }, Coverage::Failed, "made out for another name"),
        (Config { ca_file: None, ..config.clone() }, Coverage::Failed, "set the right `ca_file`"),
        (
            Config { base: "DC=other,DC=example".into(), domain: Some(DOMAIN.into()), ..config.clone() },
            Coverage::Failed,
            "`base`",
        ),
        (Config { bind_dn: None, password_file: None, ..config }, Coverage::Denied, "`bind_dn`"),
    ];
    for (config, wanted, told) in cases {
        let seen = see(&source(config)).await;
        let (coverage, reason) = seen.ended(DOMAIN, "groups");
        assert_eq!(coverage, wanted, "{reason}");
        assert!(reason.contains(told), "{reason}");
    }
}

#[tokio::test]
async fn a_group_that_is_renamed_stays_the_same_group() {
    let bed = Bed::own("samba");
    let (_folder, config) = config_of(&bed);
    // Little is read, because all of it is read in other tests.
    let group_filter = Some("(|(cn=SG-Team-R*)(cn=SG-Team-N*))".to_owned());
    let source = source(Config { group_filter, user_filter: Some("(mail=u003*)".to_owned()), ..config });
    let before = groups(&see(&source).await)["SG-Team-Renamed"].clone();
    rename(&bed, before["dn"].as_str().expect("a name"), "CN=SG-Team-New Name").await;
    let seen = see(&source).await;
    let after = &groups(&seen)["SG-Team-New Name"];
    assert_eq!(before["objectGUID"], after["objectGUID"]);
    assert_eq!(before["member"], after["member"]);
    assert!(seen.is_whole() && !groups(&seen).contains_key("SG-Team-Renamed"));
}

async fn rename(bed: &Bed, dn: &str, to: &str) {
    let settings = LdapConnSettings::new().set_no_tls_verify(true);
    let (connection, mut ldap) = LdapConnAsync::with_settings(settings, bed.said("url")).await.expect("it answers");
    tokio::spawn(connection.drive());
    let bound = ldap.simple_bind(bed.said("admin"), bed.said("admin_password")).await.expect("an answer");
    bound.success().expect("the administrator may log in");
    let renamed = ldap.modifydn(dn, to, true, None).await.expect("an answer");
    renamed.success().expect("a group can be renamed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_controller_that_is_killed_between_two_pages_is_never_half_taken_as_whole() {
    let mut bed = Bed::own("samba");
    let truth = truth(&bed);
    let (_folder, config) = config_of(&bed);
    let second = Bed::join("samba");
    let (alone, both) = (config.clone(), bed_pair(&config, &bed, &second));
    for (config, with_second) in [(alone, false), (both, true)] {
        // In the middle of what a whole read takes, which is a megabyte.
        let proxy = Proxy::start(bed.said("address"), bed.said("address"), 400_000).await;
        let config = Config { page_size: 100, ..config };
        let mut urls = config.url.clone();
        urls[0] = proxy.url(bed.said("address"));
        let source = source(Config { url: urls, ..config });
        let kill = async {
            proxy.paused().await;
            tokio::task::block_in_place(|| bed.command("kill"));
            proxy.go_on();
        };
        let (seen, ()) = futures::future::join(see(&source), kill).await;
        let groups = seen.outcome(DOMAIN, "groups");
        let users = seen.outcome(DOMAIN, "users");
        if with_second {
            assert_eq!((groups, users), (&Outcome::complete(), &Outcome::complete()));
            is_true(&seen, &truth);
        } else {
            assert_eq!(users.coverage, Coverage::Failed, "{groups:?} {users:?}");
            assert!(seen.kind(DOMAIN, "users").objects.is_empty());
            assert!(users.reason.as_ref().is_some_and(|reason| reason.contains("next run tries again")), "{users:?}");
        }
        tokio::task::block_in_place(|| bed.command("start"));
    }
}

/// Two controllers, each with an authority of its own, as one configuration.
fn bed_pair(config: &Config, first: &Bed, second: &Bed) -> Config {
    let pem = |bed: &Bed| std::fs::read_to_string(bed.said("ca_file")).expect("a file");
    let file = config.password_file.as_ref().expect("a file").with_file_name("both.pem");
    std::fs::write(&file, format!("{}\n{}", pem(first), pem(second))).expect("a file");
    let url = vec![first.said("url").to_owned(), second.said("url").to_owned()];
    Config { url, ca_file: Some(file), ..config.clone() }
}

/// Passes bytes on to a controller's port 636, and stops when so many have come back.
struct Proxy {
    port: u16,
    paused: tokio::sync::Mutex<Option<oneshot::Receiver<()>>>,
    resume: watch::Sender<bool>,
}

impl Proxy {
    async fn start(address: &str, target: &str, stop_after: usize) -> Proxy {
        let listener = TcpListener::bind((address, 0)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (paused, is_paused) = oneshot::channel();
        let (resume, mut resumed) = watch::channel(false);
        let target = target.to_owned();
        tokio::spawn(async move {
            let mut paused = Some(paused);
            let mut passed = 0;
            while let Ok((mut client, _)) = listener.accept().await {
                let Ok(mut server) = TcpStream::connect((target.as_str(), 636)).await else { continue };
                let (mut up, mut down) = (vec![0; 4096], vec![0; 4096]);
                loop {
                    tokio::select! {
                        read = client.read(&mut up) => match read {
                            Ok(count) if count > 0 && server.write_all(&up[..count]).await.is_ok() => {}
                            _ => break,
                        },
                        read = server.read(&mut down) => match read {
                            Ok(count) if count > 0 => {
                                passed += count;
                                if passed > stop_after && let Some(paused) = paused.take() {
                                    let _ = paused.send(());
                                    let _ = resumed.wait_for(|resumed| *resumed).await;
                                }
                                if client.write_all(&down[..count]).await.is_err() {
                                    break;
                                }
                            }
                            _ => break,
                        },
                    }
                }
            }
        });
        Proxy { port, paused: tokio::sync::Mutex::new(Some(is_paused)), resume }
    }

    fn url(&self, host: &str) -> String {
        format!("ldaps://{host}:{}", self.port)
    }

    async fn paused(&self) {
        let paused = self.paused.lock().await.take().expect("it is waited for once");
        paused.await.expect("more bytes than that come back");
    }

    fn go_on(&self) {
        let _ = self.resume.send(true);
    }
}
