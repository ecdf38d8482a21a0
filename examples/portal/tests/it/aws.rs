//! An organization in AWS, from its accounts to answers: what the truth of the bed says is what a user reads.

#[allow(dead_code, reason = "the adapter's own tests use more of it")]
#[path = "../../../../portal-sources/tests/it/aws/bed.rs"]
pub(crate) mod bed;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::program::Program;
use bed::Bed;

/// Ownership as users see it: state, team, rule, and the type of the thing.
type Shown = (String, Option<String>, Option<String>, String);

/// A folder whose `portal.toml` says what the bed's truth says of teams and of the way in.
pub(crate) fn program(bed: &Bed) -> Program {
    let program = Program::new();
    let credentials = "[default]\naws_access_key_id = AKIATESTTESTTESTTEST\naws_secret_access_key = test\n";
    let credentials = program.write("credentials", credentials);
    let mut toml = format!(
        "[[source]]\nname = \"aws\"\ntype = \"aws\"\norganization = true\nrole = \"{}\"\nexternal_id = \"{}\"\n\
         endpoint_url = \"{}\"\ncredentials_file = \"{}\"\nhome_region = \"eu-west-1\"\nregions = {}\n",
        bed.said("role"),
        bed.said("external_id"),
        bed.endpoint(),
        credentials.display(),
        bed.truth["regions"],
    );
    for team in bed.truth["teams"].as_array().expect("teams") {
        let (name, aliases, product) = (&team["name"], &team["aliases"], &team["product"]);
        toml.push_str(&format!("\n[[team]]\nname = {name}\naliases = {aliases}\nproduct = {product}\n"));
    }
    program.configure(&toml);
    program
}

/// A small organization that was collected and ingested. One of its accounts cannot be read, so that each run ends
/// with exit code 3.
fn small_organization() -> (Bed, Program) {
    let bed = Bed::start(&["--accounts", "5"]);
    let program = program(&bed);
    collect_and_ingest(&program);
    (bed, program)
}

#[track_caller]
fn collect_and_ingest(program: &Program) -> Value {
    program.expect(3, &["collect"]);
    let (code, report) = program.json(&["ingest"]);
    assert_eq!(code, 3, "{report:#}");
    report
}

/// Every listed resource by its ARN.
fn resources(program: &Program) -> BTreeMap<String, Value> {
    let items = program.items(&["list", "resources"]);
    items.into_iter().map(|item| (text(&item, "arn").to_owned(), item)).collect()
}

/// What a read brings anew each time.
fn without_times(resources: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let mut resources = resources.clone();
    for resource in resources.values_mut().filter_map(Value::as_object_mut) {
        resource.remove("last_seen");
        resource.remove("stale");
    }
    resources
}

fn shown(resource: &Value) -> Shown {
    let word = |key: &str| resource[key].as_str().map(str::to_owned);
    (text(resource, "ownership").to_owned(), word("team"), word("rule"), text(resource, "type").to_owned())
}

fn truth(bed: &Bed) -> BTreeMap<String, Shown> {
    let things = bed.truth["resources"].as_object().expect("resources");
    let meant = |thing: &Value| {
        let word = |key: &str| thing[key].as_str().map(str::to_owned);
        (text(thing, "state").to_owned(), word("team"), word("rule"), text(thing, "type").to_owned())
    };
    things.iter().map(|(arn, thing)| (arn.clone(), meant(thing))).collect()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}"))
}

/// The coverage of every kind in an account's scopes, as `sources` shows it.
fn kinds_of<'s>(sources: &'s [Value], account: &str) -> Vec<(&'s str, &'s Value)> {
    let scopes = sources.iter().filter(|item| item["scope"]["account"] == account);
    let kinds = scopes.flat_map(|item| item["kinds"].as_object().expect("kinds"));
    kinds.map(|(kind, view)| (kind.as_str(), view)).collect()
}

#[test]
fn every_resource_of_twenty_accounts_has_the_owner_that_was_meant() {
    let bed = Bed::start(&["--accounts", "20"]);
    let program = program(&bed);
    let report = collect_and_ingest(&program);
    let truth = truth(&bed);
    assert!(truth.len() > 500, "several hundred things: {}", truth.len());
    assert!(report["added"].as_u64().expect("a number") >= truth.len() as u64);

    let types: BTreeSet<&str> = truth.values().map(|meant| meant.3.as_str()).collect();
    let listed: BTreeMap<String, Shown> = resources(&program)
        .into_iter()
        .filter(|(_, resource)| types.contains(text(resource, "type")))
        .filter(|(_, resource)| resource["account"] != bed.truth["management_account"])
        .map(|(arn, resource)| (arn, shown(&resource)))
        .collect();
    let wrong: Vec<String> = truth
        .iter()
        .filter(|(arn, meant)| listed.get(*arn) != Some(meant))
        .map(|(arn, meant)| format!("{arn}\n  meant {meant:?}\n  shown {:?}", listed.get(arn)))
        .collect();
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), truth.len(), wrong.join("\n"));
    let beyond: Vec<&String> = listed.keys().filter(|arn| !truth.contains_key(*arn)).collect();
    assert!(beyond.is_empty(), "nobody made these: {beyond:#?}");

    // One of each way in which a thing can have an owner or none.
    let mut asked: BTreeMap<(&String, &Option<String>, bool), &String> = BTreeMap::new();
    for (arn, meant) in &truth {
        asked.entry((&meant.0, &meant.2, meant.3 == "bucket")).or_insert(arn);
    }
    let some = asked.into_values().chain(truth.keys().step_by(truth.len() / 8));
    for arn in some {
        let owner = program.answer(&["owner", arn]);
        let (state, team, rule, _) = &truth[arn];
        assert_eq!(owner["state"].as_str(), Some(state.as_str()), "{arn}: {owner:#}");
        assert_eq!(owner["team"].as_str(), team.as_deref(), "{arn}: {owner:#}");
        assert_eq!(owner["rule"].as_str(), rule.as_deref(), "{arn}: {owner:#}");
        let winners = owner["evidence"].as_array().expect("evidence").iter().filter(|claim| claim["won"] == true);
        let speaks = state == "owned" || state == "unregistered";
        assert_eq!(winners.count() > 0, speaks, "{arn}: {owner:#}");
    }

    let sources = program.items(&["sources"]);
    let refused = kinds_of(&sources, bed.said("refused_account"));
    assert!(!refused.is_empty());
    for (kind, view) in refused {
        assert_eq!(view["coverage"], "denied", "{kind}: {view}");
        assert_eq!(view["permission"], "sts:AssumeRole", "{kind}: {view}");
        let reason = text(view, "reason");
        assert!(reason.contains("portal-collector") && reason.contains("trust policy"), "{reason}");
    }
    let suspended = kinds_of(&sources, bed.said("suspended_account"));
    assert!(!suspended.is_empty());
    for (kind, view) in suspended {
        assert_eq!(view["coverage"], "absent", "{kind}: {view}");
        assert!(text(view, "reason").contains("SUSPENDED"), "{view}");
    }
    let environments = program.items(&["list", "environments"]);
    let named: BTreeMap<&str, &str> = environments.iter().map(|e| (text(e, "account"), text(e, "name"))).collect();
    for account in bed.truth["accounts"].as_array().expect("accounts") {
        assert_eq!(named.get(text(account, "id")), Some(&text(account, "name")), "{named:?}");
    }
}

#[test]
fn a_denied_list_retires_nothing_and_heals_when_it_is_allowed_again() {
    let (bed, program) = small_organization();
    let before = resources(&program);
    assert!(before.values().all(|resource| resource["stale"] == false));
    let functions = |account: &str| -> BTreeSet<String> {
        let functions = before.iter().filter(|(_, r)| r["type"] == "function" && r["account"] == account);
        functions.map(|(arn, _)| arn.clone()).collect()
    };
    let account = bed.truth["accounts"][2]["id"].as_str().expect("an id");
    assert!(functions(account).len() > 10);

    bed.control("deny", &json!({"action": "lambda:ListFunctions", "account": account}));
    let denied = collect_and_ingest(&program);
    assert_eq!(denied["retired"], 0, "{denied:#}");
    let after = resources(&program);
    assert_eq!(without_times(&after), without_times(&before));
    let stale: BTreeSet<String> =
        after.iter().filter(|(_, r)| r["stale"] == true).map(|(arn, _)| arn.clone()).collect();
    assert_eq!(stale, functions(account));
    let services = program.items(&["list", "services", "--type", "serverless"]);
    assert!(services.iter().any(|service| service["stale"] == true));
    let sources = program.items(&["sources"]);
    for (kind, view) in kinds_of(&sources, account) {
        let coverage = if kind == "lambda" { "denied" } else { "complete" };
        assert_eq!(view["coverage"], coverage, "{kind}: {view}");
        assert!(view["good_at"].is_string(), "{kind}: {view}");
        if kind == "lambda" {
            assert_eq!(view["permission"], "lambda:ListFunctions");
        }
    }

    bed.control("allow", &json!({}));
    let healed = collect_and_ingest(&program);
    assert_eq!(healed["retired"], 0, "{healed:#}");
    let after = resources(&program);
    assert_eq!(without_times(&after), without_times(&before));
    assert!(after.values().all(|resource| resource["stale"] == false));
}

#[test]
fn a_deleted_bucket_is_retired_and_nothing_else() {
    let (bed, program) = small_organization();
    let before = resources(&program);
    let (arn, _) = before
        .iter()
        .find(|(arn, resource)| {
            resource["type"] == "bucket" && truth(&bed).contains_key(*arn) && resource["ownership"] == "owned"
        })
        .expect("an owned bucket");
    let gone = bed.control("delete", &json!({ "arn": arn }));
    assert_eq!(gone["deleted"], json!([arn]));
    let report = collect_and_ingest(&program);
    assert_eq!(report["retired"], 1, "{report:#}");
    let mut left = without_times(&before);
    left.remove(arn);
    assert_eq!(without_times(&resources(&program)), left);
    program.expect(4, &["owner", arn]).says(&[arn, "--q"]);
}

#[test]
fn a_deleted_stack_takes_what_it_made_with_it() {
    let (bed, program) = small_organization();
    let before = resources(&program);
    let (arn, _) = before.iter().find(|(_, resource)| resource["type"] == "stack").expect("a stack");
    let gone = bed.control("delete", &json!({ "arn": arn }));
    let gone: BTreeSet<&str> = gone["deleted"].as_array().expect("ARNs").iter().filter_map(Value::as_str).collect();
    assert!(gone.len() > 1, "{gone:?}");
    collect_and_ingest(&program);
    let after = resources(&program);
    let retired: BTreeSet<&str> = before.keys().filter(|arn| !after.contains_key(*arn)).map(String::as_str).collect();
    assert_eq!(retired, gone);
}

#[test]
fn a_planted_secret_is_neither_in_the_lake_nor_in_the_store() {
    let (bed, program) = small_organization();
    let marker = bed.said("secrets_marker");
    let mut searched = 0;
    for file in program.files() {
        let bytes = std::fs::read(&file).expect("a file of the run");
        let found = bytes.windows(marker.len()).any(|window| window == marker.as_bytes());
        assert!(!found, "{} holds {marker}", file.display());
        searched += bytes.len();
    }
    assert!(searched > 1_000_000, "lake and store were searched: {searched} bytes");
    // The functions that have them are there, with the values that are no secrets.
    let lake = program.files().into_iter().filter(|file| file.ends_with("lambda.json"));
    let functions: String = lake.map(|file| std::fs::read_to_string(file).expect("it is text")).collect();
    assert!(functions.contains("DB_PASSWORD") && functions.contains("TARGET_"), "what holds secrets was read");
    for word in ["collect", "ingest"] {
        let loud = program.expect(3, &[word, "-vv"]);
        assert!(!loud.out.contains(marker) && !loud.err.contains(marker), "portal {word} -vv says {marker}");
    }
}
