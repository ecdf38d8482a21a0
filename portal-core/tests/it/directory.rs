//! Teams from a directory: groups in, teams with members, parents, products and old names out.

use futures::executor::block_on;
use jiff::Timestamp;
use portal_core::model::{Entity, Team};
use portal_core::observe::read_file;
use portal_core::part::{Known, Part, PartContent};
use portal_core::resolve::FindingKind;
use portal_core::rules::{DirectoryRule, TeamRule};
use portal_core::{Catalog, Outcome, Ref, Resolution, Rules, Scope, resolve};
use serde_json::{Value, json};

use crate::ingest_world::{World, file};

fn part(kind: &str, records: &Value) -> PartContent {
    let scope = Scope::Directory { domain: "corp.example".into() };
    let read = read_file(&scope, kind, records.to_string().as_bytes()).expect("a file");
    assert_eq!(read.set_aside, [], "{kind}");
    let part = Part {
        key: Part::key("ad-collector/corp.example", kind),
        source: "corp".into(),
        scope,
        kind: kind.into(),
        run: 1,
        outcome: Outcome::complete(),
        items: read.observations.len() as u64,
        unread: vec![],
        read_at: Timestamp::UNIX_EPOCH,
        good_at: None,
        content: None,
        hold: None,
        set_aside: vec![],
    };
    PartContent { part, observations: read.observations.into_iter().map(Known::fresh).collect() }
}

fn group(name: &str, members: &[&str]) -> Value {
    let dn = |name: &&str| if name.contains('=') { (*name).to_owned() } else { format!("CN={name},OU=x") };
    let members: Vec<String> = members.iter().map(dn).collect();
    json!({"dn": dn(&name), "objectGUID": format!("id of {name}"), "cn": name, "member": members})
}

fn person(name: &str) -> Value {
    json!({"dn": format!("CN={name},OU=x"), "objectGUID": format!("id of {name}"), "cn": name,
        "mail": format!("{name}@corp.example"), "userAccountControl": 512})
}

fn rules() -> Rules {
    let mut rules = Rules::default();
    let product_groups = Some("^SG-Product-(?<name>.+)$".parse().expect("a pattern"));
    rules.directories.insert("corp".into(), DirectoryRule { product_groups, ..DirectoryRule::default() });
    rules
}

fn resolved(groups: &[Value], people: &[Value], rules: &Rules) -> Resolution {
    resolve(&[part("groups", &json!(groups)), part("users", &json!(people))], rules)
}

fn team(resolution: &Resolution, name: &str) -> Team {
    match resolution.graph.entity(&Ref::team(name)) {
        Some(Entity::Team(team)) => team.clone(),
        _ => panic!("there is no team {name}"),
    }
}

fn members(team: &Team) -> Vec<&str> {
    team.members.iter().map(|member| member.name.as_str()).collect()
}

fn has(resolution: &Resolution, kind: FindingKind) -> bool {
    resolution.findings.iter().any(|finding| finding.kind == kind)
}

#[test]
fn groups_that_fit_the_pattern_are_teams_and_no_others() {
    let found =
        resolved(&[group("SG-Team-Payments", &["ada"]), group("Domain Users", &["ada"])], &[person("ada")], &rules());
    let payments = team(&found, "payments");
    assert_eq!((payments.display_name.as_str(), payments.source.as_str()), ("Payments", "corp"));
    assert_eq!(payments.aliases, ["SG-Team-Payments"]);
    assert_eq!(members(&payments), ["ada"]);
    assert_eq!(payments.members[0].mail.as_deref(), Some("ada@corp.example"));
    assert_eq!(found.graph.len(), 1);
}

#[test]
fn members_are_found_through_nesting_and_cycles() {
    let groups = [
        group("SG-Team-Payments", &["inner", "ada"]),
        group("inner", &["grace", "SG-Team-Payments", "innermost"]),
        group("innermost", &["alan", "ada"]),
    ];
    let found = resolved(&groups, &[person("ada"), person("grace"), person("alan")], &rules());
    assert_eq!(members(&team(&found, "payments")), ["ada", "alan", "grace"]);
}

#[test]
fn names_of_members_are_compared_as_a_directory_does() {
    let mut ada = person("ada");
    ada["dn"] = json!(r"CN=Löv\, Ada,OU=Staff,DC=corp");
    let found = resolved(&[group("SG-Team-A", &[r"cn=lÖV\2c Ada, ou=staff,dc=CORP"])], &[ada], &rules());
    assert_eq!(members(&team(&found, "a")), ["ada"]);
}

#[test]
fn who_is_a_member_by_primary_group_counts_and_who_left_does_not() {
    let mut staff = group("SG-Team-Staff", &["gone"]);
    staff["primaryGroupToken"] = json!(1105);
    let (mut ada, mut gone) = (person("ada"), person("gone"));
    ada["primaryGroupID"] = json!(1105);
    gone["userAccountControl"] = json!(514);
    let found = resolved(&[staff], &[ada, gone], &rules());
    assert_eq!(members(&team(&found, "staff")), ["ada"]);
}

#[test]
fn nested_teams_have_parents_also_through_other_groups() {
    let groups = [
        group("SG-Team-Finance", &["division"]),
        group("division", &["SG-Team-Payments"]),
        group("SG-Team-Money", &["SG-Team-Payments"]),
        group("SG-Team-Payments", &["ada"]),
        group("SG-Team-Board", &["SG-Team-Finance"]),
    ];
    let found = resolved(&groups, &[person("ada")], &rules());
    assert_eq!(team(&found, "payments").parents, ["finance", "money"]);
    assert_eq!(team(&found, "finance").parents, ["board"]);
    assert_eq!(members(&team(&found, "board")), ["ada"]);
}

#[test]
fn a_product_is_the_group_around_the_team() {
    let groups = [
        group("SG-Product-Checkout", &["SG-Team-Finance"]),
        group("SG-Team-Finance", &["SG-Team-Payments"]),
        group("SG-Team-Payments", &[]),
        group("SG-Product-Nobody", &[]),
    ];
    let found = resolved(&groups, &[], &rules());
    assert_eq!(team(&found, "payments").product.as_deref(), Some("checkout"));
    let Some(Entity::Product(product)) = found.graph.entity(&Ref::product("checkout")) else { panic!("no product") };
    assert_eq!(product.display_name, "Checkout");
    assert!(found.graph.entity(&Ref::product("nobody")).is_some(), "a product without teams is one");
}

#[test]
fn of_two_products_none_is_picked() {
    let groups =
        [group("SG-Product-A", &["SG-Team-X"]), group("SG-Product-B", &["SG-Team-X"]), group("SG-Team-X", &[])];
    let found = resolved(&groups, &[], &rules());
    assert_eq!(team(&found, "x").product, None);
    assert!(has(&found, FindingKind::AmbiguousProduct));
}

#[test]
fn two_groups_of_one_team_are_told() {
    let found = resolved(
        &[group("SG-Team-Pay", &["ada"]), group("sg-team-PAY", &["alan"])],
        &[person("ada"), person("alan")],
        &rules(),
    );
    assert_eq!(members(&team(&found, "pay")), ["ada", "alan"]);
    assert!(has(&found, FindingKind::TeamNameClash));
}

#[test]
fn a_contact_is_the_groups_mail_or_that_of_who_looks_after_it() {
    let (mut a, mut b) = (group("SG-Team-A", &[]), group("SG-Team-B", &[]));
    a["mail"] = json!("team-a@corp.example");
    for team in [&mut a, &mut b] {
        team["managedBy"] = json!("cn=Ada,ou=X");
    }
    let found = resolved(&[a, b], &[person("ada")], &rules());
    assert_eq!(team(&found, "a").contact.as_deref(), Some("team-a@corp.example"));
    assert_eq!(team(&found, "b").contact.as_deref(), Some("ada@corp.example"));
}

#[test]
fn the_configuration_adds_to_a_team_of_the_directory() {
    let rule = TeamRule {
        name: "payments".into(),
        aliases: vec!["pay".into()],
        product: Some("Till".into()),
        ..TeamRule::default()
    };
    let found = resolved(
        &[group("SG-Product-Checkout", &["SG-Team-Payments"]), group("SG-Team-Payments", &[])],
        &[],
        &Rules { teams: vec![rule], ..rules() },
    );
    let payments = team(&found, "payments");
    assert_eq!((payments.source.as_str(), payments.product.as_deref()), ("corp", Some("till")));
    assert_eq!(payments.aliases, ["SG-Team-Payments", "pay"]);
}

/// A world that knows no teams but those of its directory.
fn world(groups: &[Value]) -> World {
    let mut world = World::new();
    world.rules = rules();
    world.put("ad-collector/corp.example/users.json", &json!([person("ada"), person("alan")]).to_string());
    directory(&world, groups);
    world.buckets(1, &file(&["a:SG-Team-Payments", "b:payments"]));
    world
}

fn directory(world: &World, groups: &[Value]) {
    world.put("ad-collector/corp.example/groups.json", &json!(groups).to_string());
}

fn teams(world: &World) -> Vec<Team> {
    let teams = world.records().into_iter().filter_map(|record| match record.entity {
        Entity::Team(team) => Some(team),
        _ => None,
    });
    teams.collect()
}

#[test]
fn a_renamed_group_is_the_same_team_with_an_old_name() {
    let before = group("SG-Team-Payments", &["ada"]);
    let world = world(std::slice::from_ref(&before));
    assert_eq!(world.owners(), "a: owned payments; b: owned payments");
    let mut after = before;
    after["cn"] = json!("SG-Team-Money");
    after["dn"] = json!("CN=SG-Team-Money,OU=x");
    directory(&world, &[after]);
    world.ingest();
    assert_eq!(world.owners(), "a: owned money; b: owned money");
    let all = teams(&world);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].old_names, ["Payments", "SG-Team-Payments"]);
    let catalog = block_on(Catalog::load(&world.store)).expect("a catalog");
    assert_eq!(catalog.current(&Ref::team("payments")), Some(Ref::team("money")));
    assert_eq!(catalog.current(&Ref::team("nobody")), None);
}

#[test]
fn teams_that_change_their_names_with_each_other_do_so() {
    let (a, b) = (group("SG-Team-A", &["ada"]), group("SG-Team-B", &["alan"]));
    let world = world(&[a.clone(), b.clone()]);
    let renamed = |group: &Value, name: &str| {
        let mut group = group.clone();
        group["cn"] = json!(name);
        group
    };
    directory(&world, &[renamed(&a, "SG-Team-B"), renamed(&b, "SG-Team-A")]);
    world.ingest();
    let all = teams(&world);
    assert_eq!(
        all.iter().map(|team| (team.name.as_str(), members(team))).collect::<Vec<_>>(),
        [("a", vec!["alan"]), ("b", vec!["ada"])]
    );
    world.buckets(2, &file(&["x:A"]));
    assert_eq!(world.owners(), "x: owned a", "an own name wins over somebody's old one");
}

#[test]
fn members_that_could_not_be_read_again_stay() {
    let world = world(&[group("SG-Team-Payments", &["ada", "alan"])]);
    let mut cut = group("SG-Team-Payments", &["ada"]);
    cut["memberError"] = json!("the server closed the connection");
    directory(&world, &[cut]);
    world.ingest();
    assert_eq!(members(&teams(&world)[0]), ["ada", "alan"]);
}

#[test]
fn a_team_that_goes_leaves_its_claims_unregistered() {
    let world = world(&[group("SG-Team-Payments", &["ada"]), group("SG-Team-Other", &[])]);
    directory(&world, &[group("SG-Team-Other", &[])]);
    world.ingest();
    assert_eq!(world.owners(), "a: unregistered -; b: unregistered -");
    directory(&world, &[group("SG-Team-Other", &[]), group("SG-Team-Payments", &["ada"])]);
    world.ingest();
    assert_eq!(world.owners(), "a: owned payments; b: owned payments", "and come back with it");
}
