//! A server that goes away at the worst moment, and a network that does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use portal_core::error::chain;
use portal_core::store::{Loaded, Store};
use portal_core::testing::MemoryLake;
use portal_core::testing::estate::{bucket, change, generate, time};
use portal_core::{ErrorKind, Lake as _, Rules, ingest};
use portal_store::SqlStore;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{InPostgres, assert_says, block_on, client, commit, execute, until};

/// What a proxy does with the message that makes a transaction last.
#[derive(Clone, Copy, PartialEq)]
enum Commit {
    /// The server gets it, and the connection ends before its answer.
    LosesItsAnswer,
    /// The server never gets it.
    IsLost,
}

/// A network between store and server, which breaks in a commit.
struct Network {
    port: u16,
    seen: AtomicBool,
    may_break: AtomicBool,
    /// From the break on nobody gets through.
    stays_broken: bool,
    broken: AtomicBool,
    times: usize,
}

impl Network {
    async fn to(server: u16, commit: Commit, times: usize, stays_broken: bool) -> Arc<Network> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (seen, may_break, broken) = (AtomicBool::new(false), AtomicBool::new(true), AtomicBool::new(false));
        let network = Arc::new(Network { port, seen, may_break, stays_broken, broken, times });
        let shared = Arc::clone(&network);
        tokio::spawn(async move {
            let mut left = shared.times;
            while let Ok((near, _)) = listener.accept().await {
                if shared.stays_broken && shared.broken.load(Ordering::SeqCst) {
                    continue;
                }
                let far = TcpStream::connect(("127.0.0.1", server)).await.expect("the server");
                let breaks = left > 0;
                if shared.carry(near, far, breaks.then_some(commit)).await {
                    left -= 1;
                }
            }
        });
        network
    }

    /// Carries one connection to its end; says whether it broke it. A commit is never made by two at once.
    async fn carry(self: &Arc<Network>, near: TcpStream, far: TcpStream, breaks: Option<Commit>) -> bool {
        let (mut near_reads, mut near_writes) = near.into_split();
        let (mut far_reads, mut far_writes) = far.into_split();
        let (mut question, mut answer) = (vec![0; 65_536], vec![0; 65_536]);
        loop {
            tokio::select! {
                read = near_reads.read(&mut question) => {
                    let Ok(length @ 1..) = read else { return false };
                    let asked = &question[..length];
                    let is_commit = asked.windows(7).any(|bytes| bytes == b"COMMIT\0");
                    if is_commit && let Some(breaks) = breaks {
                        self.seen.store(true, Ordering::SeqCst);
                        while !self.may_break.load(Ordering::SeqCst) {
                            tokio::time::sleep(Duration::from_millis(10)).await;
                        }
                        if breaks == Commit::LosesItsAnswer {
                            far_writes.write_all(asked).await.expect("the server reads");
                            far_reads.readable().await.expect("the server answers");
                        }
                        self.broken.store(true, Ordering::SeqCst);
                        return true;
                    }
                    if far_writes.write_all(asked).await.is_err() { return false }
                }
                read = far_reads.read(&mut answer) => {
                    let Ok(length @ 1..) = read else { return false };
                    if near_writes.write_all(&answer[..length]).await.is_err() { return false }
                }
            }
        }
    }

    /// A store behind this network, which opened before it breaks. Its reads go the straight way.
    async fn commit(
        &self,
        place: &InPostgres,
        name: &str,
    ) -> Result<portal_core::store::Head, portal_core::StoreError> {
        let url = place.url().replace(&format!(":{}/", place.port()), &format!(":{}/", self.port));
        let store = SqlStore::open(&format!("{url}&connect_timeout=1")).await?;
        let head = place.store().await.head().await?;
        store.commit(&head, &change([bucket(name)], [])).await
    }
}

async fn names(place: &InPostgres) -> Vec<String> {
    let loaded = place.store().await.load(None).await.unwrap_or_else(|error| panic!("{}", chain(&error)));
    loaded.entities.iter().map(|record| record.entity.name().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_known_to_be_there() {
    let place = InPostgres::new();
    let network = Network::to(place.port(), Commit::LosesItsAnswer, 1, false).await;
    let head = network.commit(&place, "a").await.unwrap_or_else(|error| panic!("{}", chain(&error)));
    assert_eq!((head.revision, head.generation), (1, 1));
    assert_eq!(place.store().await.head().await.expect("a head"), head);
    assert_eq!(names(&place).await, ["a"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_never_arrives_is_made_again_once() {
    let place = InPostgres::new();
    let network = Network::to(place.port(), Commit::IsLost, 1, false).await;
    let head = network.commit(&place, "a").await.unwrap_or_else(|error| panic!("{}", chain(&error)));
    assert_eq!((head.revision, names(&place).await), (1, vec!["a".to_owned()]));
    let network = Network::to(place.port(), Commit::IsLost, 2, false).await;
    let error = network.commit(&place, "b").await.expect_err("it never arrives");
    assert_says(&error, ErrorKind::Unavailable, &["not applied", "nothing of it is there", "run it again"]);
    assert_eq!(names(&place).await, ["a"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_of_which_nobody_can_tell_says_so() {
    let place = InPostgres::new();
    let network = Network::to(place.port(), Commit::LosesItsAnswer, 1, true).await;
    let error = network.commit(&place, "a").await.expect_err("nobody gets through");
    assert_says(&error, ErrorKind::Unavailable, &["all of it is there or nothing", "run it again"]);
    assert_eq!(names(&place).await, ["a"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_commit_that_somebody_overtook_is_a_conflict() {
    let place = InPostgres::new();
    let network = Network::to(place.port(), Commit::IsLost, 1, false).await;
    network.may_break.store(false, Ordering::SeqCst);
    let slow = network.commit(&place, "slow");
    let overtake = async {
        until("the commit", async || network.seen.load(Ordering::SeqCst)).await;
        let store = place.store().await;
        let (head, fast) = (store.head().await.expect("a head"), change([bucket("fast")], []));
        let watcher = place.database().await;
        let waiters = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
                       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        let go = async {
            until("the other writer", async || super::number(&watcher, waiters).await == 1).await;
            network.may_break.store(true, Ordering::SeqCst);
        };
        let (committed, ()) = futures::future::join(store.commit(&head, &fast), go).await;
        committed.unwrap_or_else(|error| panic!("{}", chain(&error)))
    };
    let (slow, _) = futures::future::join(slow, overtake).await;
    assert_eq!(slow.expect_err("it was overtaken").kind(), ErrorKind::Conflict);
    assert_eq!(names(&place).await, ["fast"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_does_not_notice_that_its_connections_were_cut() {
    let place = InPostgres::new();
    let store = place.store().await;
    commit(&store, &change([bucket("a")], [])).await;
    futures::future::try_join_all((0..4).map(|_| store.load(None))).await.expect("states");
    let admin = client(place.bed.said("url")).await;
    for round in 0..3 {
        let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'", place.name);
        execute(&admin, &cut).await;
        let head = store.head().await.unwrap_or_else(|error| panic!("round {round}: {}", chain(&error)));
        assert_eq!(head.revision, 1);
        execute(&admin, &cut).await;
        assert_eq!(store.load(None).await.expect("a state").entities.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_is_told_and_found_again() {
    let mut place = InPostgres::own();
    let store = place.store().await;
    let head = commit(&store, &change([bucket("a")], [])).await;
    place.bed.command("stop");
    for error in [
        store.head().await.expect_err("it is away"),
        store.commit(&head, &change([bucket("b")], [])).await.expect_err("it is away"),
    ] {
        assert_says(&error, ErrorKind::Unavailable, &["nobody listens"]);
    }
    place.bed.command("start");
    assert_eq!(store.head().await.expect("it is back"), head);
    store.commit(&head, &change([bucket("b")], [])).await.expect("it is back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_in_a_commit_leaves_all_or_nothing() {
    let mut place = InPostgres::own();
    let mut untouched = 0;
    for (round, command) in ["stop", "kill", "stop", "kill", "stop", "kill"].into_iter().enumerate() {
        let store = Arc::new(place.store().await);
        let before = store.head().await.expect("a head");
        let (entities, relations) = generate(4_000, 4_000);
        let mut big = change(entities, relations);
        for (_, digest) in &mut big.put_entities {
            *digest = portal_core::Digest::of(&round);
        }
        let (writer, head) = (Arc::clone(&store), before.clone());
        let commit = tokio::spawn(async move { writer.commit(&head, &big).await });
        // Not to wait for something, but to hit another moment of the commit each time.
        tokio::time::sleep(Duration::from_millis(60 * round as u64)).await;
        tokio::task::block_in_place(|| place.bed.command(command));
        tokio::task::block_in_place(|| place.bed.command("start"));
        let committed = commit.await.expect("no panic");
        let (now, loaded) = (store.head().await.expect("it is back"), store.load(None).await.expect("a state"));
        let of_round = store.digests().await.expect("digests");
        let whole = of_round.entities.values().filter(|digest| **digest == portal_core::Digest::of(&round)).count();
        match committed {
            Ok(head) => assert_eq!((head, whole, loaded.relations.len()), (now, 4_000, 4_000), "round {round}"),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unavailable, "round {round}: {}", chain(&error));
                assert_eq!((now, whole), (before, 0), "round {round}: {}", chain(&error));
                untouched += 1;
            }
        }
    }
    assert!(untouched > 0, "no stop hit a commit");
}

/// A lake of some accounts; in each round every bucket has another team.
async fn collect(lake: &MemoryLake, round: usize) {
    let put = async |path: &str, text: String| {
        let path = portal_core::LakePath::parse(path).expect("a path");
        lake.put(&path, text.into(), portal_core::lake::Precondition::None).await.expect("a put");
    };
    for account in 0..10 {
        let buckets = (0..60)
            .map(|at| json!({"Name": format!("b-{account}-{at}"), "Tags": [{"Key": "team", "Value": format!("team {round}")}]}));
        let text = Value::from_iter(buckets).to_string();
        let account = format!("00000000000{account}");
        let folder = format!("aws-collector/{account}/eu-west-1");
        let file = json!({"path": "s3.json", "bytes": text.len(), "sha256": portal_core::digest::hex(text.as_bytes())});
        let manifest = json!({
            "source": "aws", "scope": {"account": account, "region": "eu-west-1"}, "run": round + 1,
            "finished_at": time(round as u64), "kinds": {"s3": {"coverage": "complete", "files": [file]}},
        });
        put(&format!("{folder}/s3.json"), text).await;
        put(&format!("{folder}/_manifest.json"), manifest.to_string()).await;
    }
}

fn entities(loaded: &Loaded) -> Vec<portal_core::Entity> {
    loaded.entities.iter().map(|record| record.entity).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ingest_that_the_server_cut_off_is_healed_by_the_next_one() {
    let mut place = InPostgres::own();
    let lake = Arc::new(MemoryLake::new());
    let rules = Arc::new(Rules::default());
    let mut cut = 0;
    for round in 0..8_usize {
        collect(&lake, round).await;
        let store = place.store().await;
        let before = store.load(None).await.expect("a state");
        let (of_lake, by, url) = (Arc::clone(&lake), Arc::clone(&rules), place.url());
        let run = std::thread::spawn(move || {
            block_on(async {
                let store = SqlStore::open(&url).await.map_err(|error| chain(&error))?;
                ingest(&*of_lake, &store, &by).await.map_err(|error| chain(&error))
            })
        });
        tokio::time::sleep(Duration::from_millis(40 * round as u64)).await;
        tokio::task::block_in_place(|| place.bed.command(if round % 2 == 0 { "stop" } else { "kill" }));
        tokio::task::block_in_place(|| place.bed.command("start"));
        let ended = tokio::task::block_in_place(|| run.join()).expect("no panic");
        let after = store.load(None).await.expect("it is back");
        if let Err(error) = ended {
            cut += 1;
            assert!(entities(&after) == entities(&before), "half of it is there, or less than before, after: {error}");
        }
        ingest(&*lake, &store, &rules).await.unwrap_or_else(|error| panic!("{}", chain(&error)));
        let healed = store.load(None).await.expect("a state");
        let other = portal_core::testing::MemoryStore::new();
        ingest(&*lake, &other, &rules).await.expect("an ingest");
        assert!(entities(&healed) == entities(&other.load(None).await.expect("a state")), "round {round}");
        assert_eq!(store.counts().await.expect("counts"), other.counts().await.expect("counts"));
        let again = ingest(&*lake, &store, &rules).await.expect("an ingest");
        assert_eq!((again.added, again.changed, again.retired), (0, 0, 0), "round {round}");
    }
    assert!(cut > 0, "no ingest was cut off");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_ingestors_at_once_do_what_one_does() {
    let place = InPostgres::new();
    let lake = MemoryLake::new();
    let rules = Rules::default();
    let (one, two) = (place.store().await, place.store().await);
    let started = Instant::now();
    for round in 0..4 {
        collect(&lake, round).await;
        let both = futures::future::join(ingest(&lake, &one, &rules), ingest(&lake, &two, &rules)).await;
        for report in [both.0, both.1] {
            report.unwrap_or_else(|error| panic!("round {round}: {}", chain(&error)));
        }
        let loaded = two.load(None).await.expect("a state");
        assert_eq!(loaded.revision, round as u64 + 1, "the second one had nothing left to do");
        let other = portal_core::testing::MemoryStore::new();
        ingest(&lake, &other, &rules).await.expect("an ingest");
        assert!(entities(&loaded) == entities(&other.load(None).await.expect("a state")), "round {round}");
    }
    assert!(started.elapsed() < super::LONGEST_WAIT);
}
