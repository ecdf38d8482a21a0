//! Teams from a real domain controller, from its groups to answers.

use serde_json::{Value, json};

use crate::bed::Bed;
use crate::program::Program;

/// A folder whose `portal.toml` reads the domain, with buckets that name teams in the lake already.
fn program(bed: &Bed) -> Program {
    let mut program = Program::new();
    program.configure(&format!(
        "[[source]]\nname = \"corp\"\ntype = \"active-directory\"\nurl = {:?}\nca_file = {:?}\nbind_dn = {:?}\nbase = {:?}\n\
         product_groups = '^SG-Product-(?<name>.+)$'\n",
        bed.said("url"),
        bed.said("ca_file"),
        bed.said("bind_dn"),
        bed.said("base"),
    ));
    program.env("PORTAL_AD_PASSWORD", bed.said("password"));
    let bucket = |name: &str, team: &str| json!({"Name": name, "Tags": [{"Key": "team", "Value": team}]});
    let buckets = json!([
        bucket("by-name", "nested"),
        bucket("by-group", "SG-Team-Ring-A"),
        bucket("by-nobody", "SG-Team-Nobody")
    ]);
    program.write("lake/aws-collector/011122223333/eu-west-1/s3.json", buckets.to_string());
    program
}

fn members(program: &Program, team: &str) -> usize {
    let shown = program.answer(&["show", &format!("team:{team}")]);
    shown["members"].as_array().unwrap_or_else(|| panic!("{team} has no members: {shown:#}")).len()
}

fn owner(program: &Program, bucket: &str) -> (String, Option<String>) {
    let owner = program.answer(&["owner", &format!("arn:aws:s3:::{bucket}")]);
    (owner["state"].as_str().expect("a state").to_owned(), owner["team"].as_str().map(str::to_owned))
}

#[test]
fn the_groups_of_a_domain_are_teams_with_their_people() {
    let bed = Bed::join("samba");
    let truth = std::fs::read_to_string(bed.said("truth")).expect("the truth");
    let truth: Value = serde_json::from_str(&truth).expect("the truth is JSON");
    let mut program = program(&bed);
    program.expect(0, &["collect"]);
    program.expect(0, &["ingest"]);

    let is_team = |name: &&String| name.to_lowercase().starts_with("sg-team-");
    let meant = truth["groups"].as_object().expect("groups").keys().filter(is_team).count();
    assert_eq!(program.items(&["list", "teams", "--limit", "1000"]).len(), meant);
    // Through two levels of groups that are no teams; around a cycle; by number; more than one answer can hold.
    assert_eq!(members(&program, "nested"), 7);
    assert_eq!(members(&program, "ring-a"), 3);
    assert_eq!(members(&program, "primary"), 4);
    let disabled = usize::try_from(truth["disabled"].as_u64().expect("a number")).expect("a small one");
    assert_eq!(members(&program, "big"), 3001 - disabled);
    assert_eq!(program.answer(&["show", "team:000"])["product"], "00");
    assert_eq!(program.items(&["list", "products"]).len(), 10);

    let owned = |team: &str| ("owned".to_owned(), Some(team.to_owned()));
    assert_eq!(owner(&program, "by-name"), owned("nested"));
    assert_eq!(owner(&program, "by-group"), owned("ring-a"));
    assert_eq!(owner(&program, "by-nobody"), ("unregistered".to_owned(), None));

    // A directory that lets nobody in takes no team away.
    program.env("PORTAL_AD_PASSWORD", "wrong");
    let refused = program.run(&["collect"]);
    assert_ne!(refused.code, 0);
    refused.says(&["password"]);
    assert_eq!(program.json(&["ingest"]).1["retired"], 0);
    assert_eq!(owner(&program, "by-name"), owned("nested"));
    assert_eq!(program.items(&["list", "teams", "--limit", "1000"]).len(), meant);
}
