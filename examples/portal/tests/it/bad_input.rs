//! What is wrong outside of the program: each run says so in words that help, and loses nothing.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::kubernetes::server::{ApiServer, kubeconfig};
use crate::program::{Program, Ran};
use crate::room::Room;

/// A folder that reads manifests from `deploy/`.
fn manifests(files: &[(&str, &str)]) -> Program {
    let program = Program::with_config(
        "[[source]]\nname = \"gitops\"\ntype = \"manifests\"\npath = \"deploy\"\ncluster = \"dev\"\n",
    );
    for (name, content) in files {
        program.write(&format!("deploy/{name}"), content);
    }
    program
}

fn deployment(namespace: &str, name: &str) -> String {
    format!("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  namespace: {namespace}\n")
}

/// As many Deployments in one file.
fn deployments(count: usize) -> String {
    let each = (0..count).map(|number| deployment("shop", &format!("app-{number:04}")));
    each.collect::<Vec<_>>().join("---\n")
}

/// DynamoDB tables as the AWS command line describes them.
fn tables(names: &[&str]) -> String {
    let table = |name: &&str| {
        let arn = format!("arn:aws:dynamodb:eu-west-1:011122223333:table/{name}");
        json!({"TableName": name, "TableArn": arn, "Tags": [{"Key": "team", "Value": "payments"}]})
    };
    Value::from(names.iter().map(table).collect::<Vec<_>>()).to_string()
}

const SCOPE: &str = "lake/aws-collector/011122223333/eu-west-1";

fn names(program: &Program, what: &str) -> Vec<String> {
    let items = program.items(&["list", what]);
    items.iter().map(|item| item["name"].as_str().expect("a name").to_owned()).collect()
}

/// Everything that `sources` says of what it could not read.
fn remarks(program: &Program) -> String {
    program.expect(0, &["sources"]).is_for_people().out.clone()
}

#[track_caller]
fn refused(toml: &str, args: &[&str], words: &[&str]) -> Ran {
    let program = Program::with_config(toml);
    let ran = program.expect(2, args);
    ran.says(words);
    assert_eq!(ran.out, "", "standard output is for answers");
    assert!(!program.path().join("lake").exists() && !program.path().join("portal.db").exists());
    ran
}

#[test]
fn an_unknown_key_names_its_line_and_the_nearest_one() {
    let words = ["portal.toml, line 3", "unknown key `paht`", "did you mean `path`?"];
    for command in ["collect", "ingest", "sources"] {
        refused("[[source]]\ntype = \"manifests\"\npaht = \"deploy\"\n", &[command], &words);
    }
    refused("[ownership]\nteam_kyes = [\"squad\"]\n", &["list", "teams"], &["line 2", "did you mean `team_keys`?"]);
}

#[test]
fn a_configuration_that_cannot_be_read_says_where_and_why() {
    refused("store = \"sqlite:a.db\"\nlake = \"./lake\n", &["collect"], &["portal.toml", "line 2", "lake = \"./lake"]);
    refused("store = 7\n", &["ingest"], &["portal.toml", "line 1", "store = 7", "string"]);
    refused("[[source]]\nname = \"x\"\n", &["collect"], &["no `type`", "aws", "kubernetes", "manifests"]);
    refused("[[source]]\ntype = \"manifets\"\n", &["collect"], &["`manifets`", "known are ", "manifests"]);
    let program = Program::new();
    program.write("portal.toml", b"store = \"\xff\xfe\"\n");
    program.expect(2, &["collect"]).says(&["portal.toml", "UTF-8"]);
    program.write("folder/portal.toml/x", "");
    program.expect(2, &["--config", "folder/portal.toml", "collect"]).says(&["folder/portal.toml", "directory"]);
}

#[test]
fn a_configuration_that_is_not_there_is_named_with_what_to_check() {
    let mut program = Program::new();
    program.expect(2, &["--config", "other.toml", "collect"]).says(&["other.toml", "No such file", "--config"]);
    program.env("PORTAL_CONFIG", "elsewhere.toml");
    program.expect(2, &["sources"]).says(&["elsewhere.toml", "PORTAL_CONFIG"]);
}

#[test]
fn without_any_source_collect_shows_how_to_write_one() {
    refused("", &["collect"], &["no source is configured", "[[source]]", "portal demo"]);
}

#[test]
fn an_unknown_source_lists_those_that_are_configured() {
    let program = manifests(&[("web.yaml", &deployment("shop", "web"))]);
    program.expect(2, &["collect", "--source", "aws"]).says(&["no source `aws`", "configured: gitops"]);
    program.expect(2, &["collect", "--source", "gitops", "--source", "aws"]).says(&["no source `aws`"]);
    assert!(!program.path().join("lake").exists());
}

#[test]
fn two_sources_with_one_name_are_refused() {
    let source = "[[source]]\ntype = \"manifests\"\npath = \"a\"\ncluster = \"a\"\n";
    refused(&source.repeat(2), &["collect"], &["two sources are named `manifests`", "`name` of its own"]);
}

#[test]
fn standard_error_has_no_colours_when_it_is_a_file() {
    let program = manifests(&[("web.yaml", &deployment("shop", "web")), ("bad.yaml", "a: [\n")]);
    let ran = program.expect(3, &["collect", "-vv"]);
    assert!(!ran.err.is_empty());
    assert!(!ran.err.contains('\u{1b}') && !ran.out.contains('\u{1b}'), "{}", ran.err);
}

#[test]
fn malformed_yaml_is_set_aside_by_file_document_and_line() {
    let broken = format!(
        "{}---\nkind: Deployment\nmetadata: {{name: [\n---\n{}",
        deployment("shop", "a"),
        deployment("shop", "b")
    );
    let program = manifests(&[("mixed.yaml", &broken), ("web.yaml", &deployment("shop", "web"))]);
    let place = "deploy/mixed.yaml, document 2, line ";
    program.expect(3, &["collect"]).says(&[place, "shop", "partial"]);
    let (code, report) = program.json(&["ingest"]);
    assert_eq!(code, 3, "{report:#}");
    assert_eq!(names(&program, "services"), ["a", "b", "web"]);
    assert!(remarks(&program).contains(place));
}

#[test]
fn a_good_file_that_becomes_malformed_loses_nothing() {
    let program = manifests(&[("api.yaml", &deployment("shop", "api")), ("web.yaml", &deployment("shop", "web"))]);
    program.expect(0, &["collect"]);
    program.expect(0, &["ingest"]);
    program.write("deploy/api.yaml", "apiVersion: apps/v1\nkind: Deployment\n  metadata: {name: api}\n");
    program.write("deploy/cart.yaml", deployment("cart", "cart"));
    program.expect(3, &["collect"]).says(&["deploy/api.yaml, document 1, line 3"]);
    let (code, report) = program.json(&["ingest"]);
    assert_eq!((code, &report["retired"], &report["added"]), (3, &json!(0), &json!(2)), "{report:#}");
    assert_eq!(names(&program, "services"), ["api", "cart", "web"]);

    program.write("deploy/api.yaml", deployment("shop", "api"));
    std::fs::remove_file(program.path().join("deploy/web.yaml")).expect("it is there");
    program.expect(0, &["collect"]);
    program.expect(0, &["ingest"]);
    assert_eq!(names(&program, "services"), ["api", "cart"], "once all can be read, what is gone is gone");
}

#[test]
fn a_malformed_file_of_another_collector_loses_nothing() {
    let program = Program::new();
    program.write(&format!("{SCOPE}/dynamodb.json"), tables(&["orders", "refunds"]));
    program.write(&format!("{SCOPE}/s3.json"), "{\"Buckets\": [\n  {\"Name\": \"a\", \"Name\": }\n]}");
    let (code, report) = program.json(&["ingest"]);
    assert_eq!((code, &report["set_aside"]), (3, &json!(1)), "{report:#}");
    assert_eq!(names(&program, "resources"), ["orders", "refunds"]);
    let said = remarks(&program);
    assert!(said.contains("s3.json") && said.contains("line 2"), "{said}");

    // A formerly good one, cut in the middle, while the other is mended.
    let half = tables(&["orders", "refunds"]);
    program.write(&format!("{SCOPE}/dynamodb.json"), &half[..half.len() / 2]);
    program.write(&format!("{SCOPE}/s3.json"), "{\"Buckets\": [{\"Name\": \"invoices\"}]}");
    let (code, report) = program.json(&["ingest"]);
    assert_eq!((code, &report["retired"], &report["added"]), (3, &json!(0), &json!(1)), "{report:#}");
    assert_eq!(names(&program, "resources"), ["invoices", "orders", "refunds"]);
    let items = program.items(&["list", "resources", "--type", "table"]);
    assert!(items.iter().all(|table| table["stale"] == true && table["team"].is_null()), "{items:#?}");
    assert!(remarks(&program).contains("dynamodb.json"));

    // One record that is none takes no other with it, and nothing is taken for gone.
    program
        .write(&format!("{SCOPE}/dynamodb.json"), tables(&["orders"]).replace(']', ", 7]").replace("7], 7]", "], 7]"));
    let (code, report) = program.json(&["ingest"]);
    assert_eq!((code, &report["retired"]), (3, &json!(0)), "{report:#}");

    program.write(&format!("{SCOPE}/dynamodb.json"), tables(&["orders"]));
    program.expect(0, &["ingest"]);
    assert_eq!(names(&program, "resources"), ["invoices", "orders"]);
}

/// A cluster that cannot be read: a message for people, exit code 1 or 2, and nothing of what was known is lost.
#[track_caller]
fn unreadable(program: &Program, words: &[&str]) {
    let ran = program.run(&["collect"]);
    assert!(matches!(ran.code, 1 | 2), "{}\n{}\n{}", ran.code, ran.out, ran.err);
    ran.says(words);
}

#[test]
fn a_kubeconfig_that_cannot_be_used_says_what_to_do() {
    let program =
        Program::with_config("[[source]]\ntype = \"kubernetes\"\nkubeconfig = \"kubeconfig\"\ncontexts = [\"prod\"]\n");
    unreadable(&program, &["kubeconfig is not there", "set `kubeconfig`"]);
    program.write("kubeconfig", "clusters: [\n");
    unreadable(&program, &["cannot read the kubeconfig kubeconfig", "line", "correct the file"]);
    program.write("kubeconfig", b"\xff\xfe\x00");
    unreadable(&program, &["kubeconfig"]);
    program.write(
        "kubeconfig",
        kubeconfig(&[("staging", "https://127.0.0.1:1", "t"), ("dev", "https://127.0.0.1:1", "t")]),
    );
    unreadable(&program, &["`prod`", "staging", "dev"]);
    std::fs::remove_file(program.path().join("kubeconfig")).expect("it is there");
    std::fs::create_dir(program.path().join("kubeconfig")).expect("a folder");
    unreadable(&program, &["kubeconfig"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_token_says_what_to_renew_and_loses_nothing() {
    let server = ApiServer::start().await;
    server.put(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}));
    server
        .put(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}}));
    server.require_token("fresh");
    let program = Program::new();
    program.configure("[[source]]\ntype = \"kubernetes\"\nkubeconfig = \"kubeconfig\"\n");
    program.write("kubeconfig", server.kubeconfig("prod", "fresh"));
    program.expect(0, &["collect"]);
    program.expect(0, &["ingest"]);
    program.write("kubeconfig", server.kubeconfig("prod", "expired"));
    unreadable(&program, &["cluster `prod`", "401", "renew the token"]);
    let (code, report) = program.json(&["ingest"]);
    assert_eq!((code, &report["retired"]), (3, &json!(0)), "{report:#}");
    assert_eq!(names(&program, "services"), ["web"]);
    program.write("kubeconfig", server.kubeconfig("prod", "fresh"));
    program.expect(0, &["collect"]);
    program.expect(0, &["ingest"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_endpoint_says_what_to_check() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let cluster = format!("[[source]]\ntype = \"kubernetes\"\nurl = \"http://{free}\"\ncluster = \"prod\"\n");
    let program = Program::with_config(&cluster);
    unreadable(&program, &[&format!("http://{free}"), "connection refused", "is the address right"]);
    program.configure(&cluster.replace("http://", "ftp://"));
    unreadable(&program, &["`url` is ftp://", "https://"]);
    let aws =
        format!("[[source]]\ntype = \"aws\"\nendpoint_url = \"http://{free}\"\ncredentials_file = \"credentials\"\n");
    program.configure(&aws);
    program.write("credentials", "[default]\naws_access_key_id = AKIATEST\naws_secret_access_key = test\n");
    unreadable(&program, &[&format!("http://{free}"), "check `endpoint_url`"]);
    program.configure(&aws.replace("http://", ""));
    unreadable(&program, &["`endpoint_url` is", "begin with https://"]);
    program.configure(&aws.replace("\"credentials\"", "\"not-there\""));
    unreadable(&program, &["not-there", "`credentials_file`"]);
}

#[test]
fn an_unknown_region_is_told_from_the_known_ones() {
    let bed = crate::aws::bed::Bed::start(&["--accounts", "4"]);
    let program = crate::aws::program(&bed);
    let toml = std::fs::read_to_string(program.path().join("portal.toml")).expect("it is there");
    program.configure(&toml.replace("eu-west-1\",", "eu-wst-1\","));
    unreadable(&program, &["`eu-wst-1`", "did you mean `eu-west-1`?"]);
    program.configure(&toml.replace("eu-west-1\",", "Ireland!\","));
    unreadable(&program, &["`Ireland!` is no region", "such as eu-west-1"]);
}

#[test]
fn a_full_disk_under_the_lake_says_so_and_is_got_over() {
    let program = manifests(&[("app.yaml", &deployments(3))]);
    std::fs::create_dir(program.path().join("lake")).expect("a folder");
    let room = Room::of(&program, "mount -t tmpfs -o size=256k tmpfs lake");
    assert_eq!(room.run(&["collect"]).code, 0);
    assert_eq!(room.run(&["ingest"]).code, 0);
    program.write("deploy/app.yaml", deployments(300));
    let full = room.run(&["collect"]);
    assert_eq!(full.code, 1, "{}\n{}", full.out, full.err);
    full.says(&["cannot write", "no space", "free some"]);
    let ingested = room.run(&["ingest", "-o", "json"]);
    let report: Value = serde_json::from_str(&ingested.out).unwrap_or_else(|e| panic!("{e}: {}", ingested.err));
    assert_eq!((&report["retired"], &report["added"]), (&json!(0), &json!(0)), "{report:#}");
    assert_eq!(names(&program, "services"), ["app-0000", "app-0001", "app-0002"]);

    room.shell("mount -o remount,size=64m tmpfs lake");
    let collected = room.run(&["collect"]);
    assert_eq!(collected.code, 0, "{}\n{}", collected.out, collected.err);
    assert_eq!(room.run(&["ingest"]).code, 0);
    assert_eq!(names(&program, "services").len(), 300);
    room.shell("test -z \"$(find lake -name '.tmp-*')\"");
}

#[test]
fn a_full_disk_under_the_store_says_so_and_is_got_over() {
    let program = manifests(&[("app.yaml", &deployments(3))]);
    std::fs::create_dir(program.path().join("store")).expect("a folder");
    let store = ["--store", "sqlite:store/portal.db"];
    let room = Room::of(&program, "mount -t tmpfs -o size=1m tmpfs store");
    let run = |args: &[&str]| room.run(&[args, &store].concat());
    program.expect(0, &["collect"]);
    assert_eq!(run(&["ingest"]).code, 0);
    let before = run(&["list", "services", "-o", "json"]).out;
    program.write("deploy/app.yaml", deployments(2000));
    program.expect(0, &["collect"]);
    let full = run(&["ingest"]);
    assert_eq!(full.code, 1, "{}\n{}", full.out, full.err);
    full.says(&["store/portal.db", "what was known is unchanged", "full", "free"]);
    let after = run(&["list", "services", "-o", "json"]);
    assert_eq!((after.code, after.out), (0, before), "{}", after.err);

    room.shell("mount -o remount,size=256m tmpfs store");
    let ingested = run(&["ingest"]);
    assert_eq!(ingested.code, 0, "{}\n{}", ingested.out, ingested.err);
    let services: Value = serde_json::from_str(&run(&["list", "services", "-o", "json"]).out).expect("a list");
    assert_eq!(services["total"], 2000);
}

#[test]
fn a_store_that_is_full_from_the_start_says_so() {
    let program = manifests(&[("app.yaml", &deployments(3))]);
    std::fs::create_dir(program.path().join("store")).expect("a folder");
    program.expect(0, &["collect"]);
    let room = Room::of(&program, "mount -t tmpfs -o size=8k tmpfs store");
    let full = room.run(&["ingest", "--store", "sqlite:store/portal.db"]);
    assert_eq!(full.code, 1, "{}\n{}", full.out, full.err);
    full.says(&["store/portal.db", "full", "nothing was changed"]);
    room.shell("mount -o remount,size=64m tmpfs store");
    let ingested = room.run(&["ingest", "--store", "sqlite:store/portal.db"]);
    assert_eq!(ingested.code, 0, "{}\n{}", ingested.out, ingested.err);
}

#[test]
fn a_read_only_lake_can_be_ingested_and_says_why_it_cannot_be_collected_into() {
    let program = manifests(&[("app.yaml", &deployments(3))]);
    program.expect(0, &["collect"]);
    let room = Room::of(&program, "mount --bind lake lake\nmount -o remount,ro,bind lake lake");
    let ingested = room.run(&["ingest"]);
    assert_eq!(ingested.code, 0, "{}\n{}", ingested.out, ingested.err);
    program.write("deploy/app.yaml", deployments(4));
    let collected = room.run(&["collect"]);
    assert_eq!(collected.code, 1, "{}\n{}", collected.out, collected.err);
    collected.says(&["read-only", "choose another --lake"]);
    assert_eq!(room.run(&["ingest"]).code, 0);
    assert_eq!(names(&program, "services").len(), 3);
    drop(room);
    program.expect(0, &["collect"]);
    program.expect(0, &["ingest"]);
    assert_eq!(names(&program, "services").len(), 4);
}

#[test]
fn a_read_only_store_says_why_it_cannot_be_written_and_keeps_what_it_knows() {
    let program = manifests(&[("app.yaml", &deployments(3))]);
    let store = ["--store", "sqlite:store/portal.db"];
    std::fs::create_dir(program.path().join("store")).expect("a folder");
    program.expect(0, &["collect"]);
    program.expect(0, &[&["ingest"], &store[..]].concat());
    program.write("deploy/app.yaml", deployments(4));
    program.expect(0, &["collect"]);
    let room = Room::of(&program, "mount --bind store store\nmount -o remount,ro,bind store store");
    let ingested = room.run(&[&["ingest"], &store[..]].concat());
    assert_eq!(ingested.code, 1, "{}\n{}", ingested.out, ingested.err);
    ingested.says(&["store/portal.db", "check its rights and those of its folder"]);
    drop(room);
    let listed = program.answer(&[&["list", "services"], &store[..]].concat());
    assert_eq!(listed["total"], 3);
    program.expect(0, &[&["ingest"], &store[..]].concat());
    let listed = program.answer(&[&["list", "services"], &store[..]].concat());
    assert_eq!(listed["total"], 4);
}

/// Names that an attacker would give, and what they would do as paths.
fn hostile_names() -> Vec<String> {
    let up = |levels: usize| format!("{}escaped", "../".repeat(levels));
    let mut names: Vec<String> = (1..=8).map(up).collect();
    names.extend(
        ["..", ".", "/tmp/escaped", "a\\b", "..\\..\\escaped", "Zahlungen–Öst", "_manifest.json", ".hidden"]
            .map(String::from),
    );
    names.extend(
        ["bell\u{7}\u{1b}[31mred\u{1b}[0m", "line\nbreak", "nul\u{0}byte", "\u{202e}txt.exe", "~", "%2e%2e"]
            .map(String::from),
    );
    names.push("n".repeat(255));
    names.push("é".repeat(127));
    names
}

/// Files below the program's folder that are neither in the lake nor of the run itself.
fn strays(program: &Program) -> Vec<PathBuf> {
    let files = program.files().into_iter();
    let own = ["one/two/three/lake", "deploy", "portal.toml", "portal.db", "portal.db-wal", "portal.db-shm"];
    files.filter(|file| !own.iter().any(|name| file.starts_with(program.path().join(name)))).collect()
}

#[test]
fn hostile_names_in_manifests_leave_nothing_outside_of_the_lake() {
    let names = hostile_names();
    let objects: Vec<Value> = names
        .iter()
        .flat_map(|name| {
            [("apps/v1", "Deployment"), ("v1", "Service"), ("v1", "Namespace")].map(|(version, kind)| {
                json!({"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": name}})
            })
        })
        .collect();
    let program =
        manifests(&[("all.json", &json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string())]);
    // Deep enough that every way up ends in the folder of the test.
    let lake = ["--lake", "one/two/three/lake"];
    let collected = program.run(&[&["collect"], &lake[..]].concat());
    assert!(matches!(collected.code, 0 | 3), "{}\n{}", collected.out, collected.err);
    collected.is_for_people();
    let ingested = program.run(&[&["ingest"], &lake[..]].concat());
    assert!(matches!(ingested.code, 0 | 3), "{}\n{}", ingested.out, ingested.err);
    assert_eq!(strays(&program), Vec::<PathBuf>::new());
    assert!(!PathBuf::from("/tmp/escaped").exists());

    let services = program.items(&["list", "services"]);
    // A name with NUL, which no database takes, is set aside by name; all others are there.
    assert_eq!(services.len(), names.len() - 1, "{}\n{}", collected.out, ingested.out);
    let aside: Vec<Value> = program
        .items(&["sources"])
        .iter()
        .flat_map(|scope| scope["kinds"].as_object().expect("kinds").values())
        .map(|kind| kind["set_aside"].clone())
        .filter(|aside| aside != &json!([]))
        .collect();
    assert_eq!(aside.len(), 3, "a Deployment, a Service and a Namespace: {aside:#?}");
    assert!(aside.iter().all(|aside| aside.to_string().contains("%00")), "{aside:#?}");
    for args in [&["list", "services"][..], &["sources"], &["list", "services", "--q", "bell"]] {
        let text = program.expect(0, args).out;
        let steers = |c: char| c.is_control() && c != '\n';
        assert!(!text.contains(steers), "portal {args:?} steers the terminal: {text:?}");
    }
    for service in &services {
        let name = service["ref"].as_str().expect("a ref");
        if !name.contains('\0') {
            program.expect(0, &["show", name]).is_for_people();
        }
    }
}

#[test]
fn a_manifest_that_points_out_of_its_scope_is_not_followed() {
    let program = Program::new();
    program.write(&format!("{SCOPE}/dynamodb.json"), tables(&["orders"]));
    let outside = program.write("outside.json", tables(&["stolen"]));
    program.write("lake/aws-collector/011122223333/outside.json", tables(&["stolen"]));
    let bytes = std::fs::read(&outside).expect("it is there");
    let digest = portal_core::digest::hex(&bytes);
    let own = std::fs::read(program.path().join(SCOPE).join("dynamodb.json")).expect("it is there");
    let absolute = outside.to_str().expect("a plain path").to_owned();
    let ways = ["../outside.json", "../../../../outside.json", &absolute, "./../outside.json", "s3\\..\\outside.json"];
    for (run, way) in (1..).zip(ways) {
        let file =
            |path: &str, bytes: &[u8], sha256: &str| json!({"path": path, "bytes": bytes.len(), "sha256": sha256});
        let manifest = json!({
            "schema": "portal.manifest/v1", "source": "aws", "collector": "a stranger", "run": run,
            "scope": {"account": "011122223333", "region": "eu-west-1"}, "finished_at": "2026-01-01T00:00:00Z",
            "kinds": {
                "dynamodb": {"coverage": "complete", "files": [file("dynamodb.json", &own, &portal_core::digest::hex(&own))]},
                "tagged": {"coverage": "complete", "files": [file(way, &bytes, &digest)]},
            },
        });
        program.write(&format!("{SCOPE}/_manifest.json"), manifest.to_string());
        let (code, report) = program.json(&["ingest"]);
        assert_eq!(code, 3, "{way}: {report:#}");
        assert_eq!(names(&program, "resources"), ["orders"], "{way}");
        assert!(remarks(&program).contains("leads out of the scope"), "{way}: {}", remarks(&program));
    }
}

#[test]
fn a_link_in_the_lake_that_leads_out_of_it_is_not_followed() {
    let program = Program::new();
    program.write(&format!("{SCOPE}/dynamodb.json"), tables(&["orders"]));
    program.expect(0, &["ingest"]);
    let outside = program.write("outside.json", tables(&["stolen"]));
    std::os::unix::fs::symlink(&outside, program.path().join(SCOPE).join("tagged.json")).expect("a link");
    program.run(&["ingest"]).is_for_people();
    assert_eq!(names(&program, "resources"), ["orders"]);
}

#[test]
fn an_ambiguous_name_lists_what_it_could_mean() {
    let program = manifests(&[("shop.yaml", &deployment("shop", "api")), ("pay.yaml", &deployment("pay", "api"))]);
    program.expect(0, &["collect"]);
    program.expect(0, &["ingest"]);
    for command in ["owner", "why", "show"] {
        let ran = program.expect(4, &[command, "api"]);
        ran.says(&["`api` is ambiguous", "service:pay/api", "service:shop/api"]);
        assert_eq!(ran.out, "");
        program.expect(0, &[command, "service:pay/api"]);
        program.expect(0, &[command, "pay/api"]);
        for unknown in ["nobody", "service:pay/nobody", "arn:aws:s3:::nobody", "pay/nobody"] {
            let ran = program.expect(4, &[command, unknown]);
            ran.says(&[unknown, "`portal list", "--q"]);
            assert_eq!(ran.out, "");
        }
    }
}

#[test]
fn a_store_that_is_not_there_says_to_ingest_first() {
    let program = Program::new();
    for args in [&["list", "services"][..], &["owner", "x"], &["show", "x"], &["why", "x"], &["sources"], &["holds"]] {
        let ran = program.expect(1, args);
        ran.says(&["no store at sqlite:portal.db", "run `portal ingest` first", "--store"]);
    }
    program.expect(1, &["ingest"]).says(&["no lake at ./lake", "run `portal collect` first", "--lake"]);
    program.expect(2, &["list", "services", "--store", "mysql://x"]).says(&["knows no `mysql`", "`sqlite:PATH`"]);
    let files: Vec<PathBuf> = program.files().into_iter().filter(|file| !file.ends_with("portal.db")).collect();
    assert_eq!(files, Vec::<PathBuf>::new());
}

#[test]
fn a_file_that_is_no_store_is_left_as_it_is() {
    let program = Program::new();
    let path = program.write("notes.txt", "these are notes, and no database at all".repeat(100));
    let before = std::fs::read(&path).expect("it is there");
    program.write(&format!("{SCOPE}/dynamodb.json"), tables(&["orders"]));
    for args in [&["ingest"][..], &["list", "services"]] {
        let ran = program.run(&[args, &["--store", "sqlite:notes.txt"]].concat());
        assert!(matches!(ran.code, 1 | 2), "{}\n{}", ran.out, ran.err);
        ran.says(&["notes.txt", "no database"]);
        assert_eq!(std::fs::read(&path).expect("it is there"), before);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let program = Program::new();
    let many: Vec<String> = (0..3000).map(|number| format!("table-{number:04}")).collect();
    program.write(&format!("{SCOPE}/dynamodb.json"), tables(&many.iter().map(String::as_str).collect::<Vec<_>>()));
    program.expect(0, &["ingest"]);
    for form in ["table", "json"] {
        let mut command = program.command(&["list", "resources", "-o", form]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut first = String::new();
        // More than a pipe holds is still to come when this end of it is closed.
        BufReader::with_capacity(16, child.stdout.take().expect("it is piped")).read_line(&mut first).expect("a line");
        let mut said = String::new();
        child.stderr.take().expect("it is piped").read_to_string(&mut said).expect("text");
        let ended = child.wait().expect("it ends");
        assert_eq!((ended.code(), said.as_str()), (Some(0), ""), "{first}");
    }
    let all = program.expect(0, &["list", "resources"]).out;
    assert!(all.len() > 200_000, "more than a pipe holds: {}", all.len());
}
