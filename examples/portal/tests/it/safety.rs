//! Nothing lost, nothing revived, the next run heals.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::Program;

/// Forty deployments, of two teams.
fn deployments(names: impl IntoIterator<Item = usize>) -> String {
    let mut yaml = String::new();
    for at in names {
        let team = if at % 2 == 0 { "payments" } else { "search" };
        let next = (at + 1) % 40;
        writeln!(
            yaml,
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web-{at}, namespace: shop, labels: {{team: {team}}}}}\n\
             spec: {{selector: {{matchLabels: {{app: web-{at}}}}}, template: {{metadata: {{labels: {{app: web-{at}}}}}, \
             spec: {{containers: [{{name: c, image: 'web:{at}', env: [{{name: NEXT_ADDR, value: 'web-{next}:80'}}]}}]}}}}}}\n\
             ---\napiVersion: v1\nkind: Service\nmetadata: {{name: web-{at}, namespace: shop}}\nspec: {{selector: {{app: web-{at}}}}}"
        )
        .expect("text");
    }
    yaml
}

fn estate() -> Program {
    let program = Program::with_config(
        "[[source]]\ntype = \"manifests\"\npath = \"deploy\"\ncluster = \"c\"\n\
         [[team]]\nname = \"payments\"\n[[team]]\nname = \"search\"\n",
    );
    program.write("deploy/all.yaml", deployments(0..40));
    program
}

fn names(program: &Program) -> Vec<String> {
    program.items(&["list", "services"]).iter().map(|s| s["name"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn a_source_that_now_fails_retires_nothing_and_says_so() {
    let program = estate();
    program.expect(0, &["collect"]);
    program.expect(0, &["ingest"]);
    std::fs::rename(program.path().join("deploy"), program.path().join("moved")).expect("moved");
    program.expect(1, &["collect"]);
    let report = program.json(&["ingest"]);
    assert_eq!((report.0, &report.1["retired"]), (3, &0.into()), "{report:?}");
    assert_eq!(names(&program).len(), 40);
    let owner = program.answer(&["owner", "service:shop/web-0"]);
    assert_eq!((&owner["state"], &owner["team"], &owner["stale"]), (&"owned".into(), &"payments".into(), &true.into()));
    std::fs::rename(program.path().join("moved"), program.path().join("deploy")).expect("moved back");
    program.expect(0, &["collect"]);
    program.expect(0, &["ingest"]);
    assert_eq!(program.answer(&["owner", "service:shop/web-0"])["stale"], false, "the next run heals");
}

#[test]
fn a_complete_read_that_lacks_one_object_retires_that_one() {
    let program = estate();
    program.expect(0, &["collect"]);
    program.expect(0, &["ingest"]);
    program.write("deploy/all.yaml", deployments((0..40).filter(|at| *at != 7)));
    program.expect(0, &["collect"]);
    let report = program.answer(&["ingest"]);
    assert_eq!(report["retired"], 2, "the service and its workload: {report}");
    let names = names(&program);
    assert_eq!(names.len(), 39);
    assert!(!names.contains(&"web-7".to_owned()));
    program.expect(4, &["owner", "service:shop/web-7"]);
}

#[test]
fn a_complete_read_that_lacks_half_is_held_until_a_person_releases_it() {
    let program = estate();
    program.expect(0, &["collect"]);
    program.expect(0, &["ingest"]);
    program.write("deploy/all.yaml", deployments(0..20));
    program.expect(0, &["collect"]);
    let (code, report) = program.json(&["ingest"]);
    assert_eq!((code, &report["retired"], &report["held"]), (3, &0.into(), &2.into()), "{report}");
    assert_eq!(names(&program).len(), 40);
    let holds = program.items(&["holds"]);
    let of_deployments = holds.iter().find(|hold| hold["kind"] == "deployments").expect("a hold");
    assert_eq!((&of_deployments["count"], &of_deployments["of"]), (&20.into(), &40.into()));
    program.expect(3, &["ingest"]);
    assert_eq!(names(&program).len(), 40, "held is not forgotten");
    for hold in &holds {
        program.expect(0, &["holds", "release", hold["id"].as_str().expect("an id")]);
    }
    assert_eq!(names(&program).len(), 20);
    assert!(program.items(&["holds"]).is_empty());
    program.expect(4, &["holds", "release", "nosuch"]);
}

#[test]
fn a_hold_ends_by_itself_when_the_objects_return() {
    let program = estate();
    program.expect(0, &["collect"]);
    program.expect(0, &["ingest"]);
    program.write("deploy/all.yaml", deployments(0..20));
    program.expect(0, &["collect"]);
    program.expect(3, &["ingest"]);
    program.write("deploy/all.yaml", deployments(0..40));
    program.expect(0, &["collect"]);
    program.expect(0, &["ingest"]);
    assert!(program.items(&["holds"]).is_empty());
    assert_eq!(names(&program).len(), 40);
}

/// Everything that a user can see, without times and run numbers.
fn seen(program: &Program) -> BTreeMap<String, Value> {
    let mut seen = BTreeMap::new();
    for what in ["products", "teams", "services", "resources", "environments"] {
        for item in program.items(&["list", what]) {
            let entity = item["ref"].as_str().expect("a ref").to_owned();
            let whole = program.answer(&["show", &entity]);
            seen.insert(entity, timeless(whole));
        }
    }
    seen
}

fn timeless(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let times = ["first_seen", "last_seen", "updated_at", "read_at"];
            map.into_iter()
                .filter(|(key, _)| !times.contains(&key.as_str()))
                .map(|(key, value)| (key, timeless(value)))
                .collect()
        }
        Value::Array(items) => items.into_iter().map(timeless).collect(),
        other => other,
    }
}

/// Starts a command and kills it with signal 9 when it has run for a while; true if it was still running.
fn killed_after(program: &Program, args: &[&str], delay: Duration) -> bool {
    let mut child = program.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let end = Instant::now() + delay;
    while Instant::now() < end {
        if child.try_wait().expect("a child").is_some() {
            return false;
        }
        std::thread::yield_now();
    }
    child.kill().expect("a signal");
    let status = child.wait().expect("a child");
    let mut rest = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut rest).expect("text");
    status.code().is_none()
}

#[test]
fn killed_at_any_moment_a_plain_run_again_gives_the_store_of_an_undisturbed_run() {
    let small = |program: &Program, from: usize| {
        program.write("deploy/all.yaml", deployments(from..from + 12));
    };
    let undisturbed = estate();
    small(&undisturbed, 0);
    undisturbed.expect(0, &["collect"]);
    undisturbed.expect(0, &["ingest"]);
    small(&undisturbed, 3);
    let started = Instant::now();
    undisturbed.expect(0, &["collect"]);
    let collecting = started.elapsed();
    let started = Instant::now();
    undisturbed.expect(0, &["ingest"]);
    let ingesting = started.elapsed();
    let expected = seen(&undisturbed);

    const ROUNDS: u32 = 10;
    let mut killed = 0;
    for round in 0..ROUNDS {
        let program = estate();
        small(&program, 0);
        program.expect(0, &["collect"]);
        program.expect(0, &["ingest"]);
        small(&program, 3);
        // Moments spread over the whole run, from its first instructions to its last.
        killed += u32::from(killed_after(&program, &["collect"], collecting * round / ROUNDS));
        program.expect(0, &["collect"]);
        killed += u32::from(killed_after(&program, &["ingest"], ingesting * round / ROUNDS));
        program.expect(0, &["ingest"]);
        assert_eq!(seen(&program), expected, "killed in round {round}");
        assert!(left_overs(&program.path().join("lake")).is_empty(), "{:?}", left_overs(&program.path().join("lake")));
    }
    assert!(killed >= ROUNDS, "only {killed} of {} runs were killed in their middle", 2 * ROUNDS);
}

/// Objects in the lake that no manifest names.
fn left_overs(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(left_overs(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") && !path.ends_with("_manifest.json") {
            let kind = path.parent().expect("a kind");
            let manifest =
                std::fs::read_to_string(kind.parent().expect("a scope").join("_manifest.json")).expect("a manifest");
            let name = format!("{}/{}", name_of(kind), name_of(&path));
            if !manifest.contains(&name) {
                found.push(name);
            }
        }
    }
    found
}

fn name_of(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

#[test]
fn two_ingests_at_once_give_the_store_of_one() {
    let program = estate();
    program.expect(0, &["collect"]);
    let start =
        || program.command(&["ingest"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
    let both = [start(), start(), start()];
    for child in both {
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(names(&program).len(), 40);
    assert_eq!(program.answer(&["ingest"])["revision"], 1);
}

#[test]
fn a_team_that_comes_later_and_goes_again_is_found_in_the_words_that_are_there() {
    let program = estate();
    program.expect(0, &["collect"]);
    let source = "[[source]]\ntype = \"manifests\"\npath = \"deploy\"\ncluster = \"c\"\n";
    let state = || {
        let owner = program.answer(&["owner", "service:shop/web-1"]);
        (owner["state"].as_str().expect("a state").to_owned(), owner["evidence"][0]["raw"].clone())
    };
    program.configure(source);
    program.expect(0, &["ingest"]);
    assert_eq!(state(), ("unregistered".to_owned(), "search".into()));
    program.configure(&format!("{source}[[team]]\nname = \"search\"\n"));
    program.expect(0, &["ingest"]);
    assert_eq!(state(), ("owned".to_owned(), "search".into()));
    program.configure(source);
    program.expect(0, &["ingest"]);
    assert_eq!(state(), ("unregistered".to_owned(), "search".into()));
}
