//! Who owns what: snapshots in, states and evidence out.

use std::fmt::Write as _;

use jiff::Timestamp;
use portal_core::model::Entity;
use portal_core::observe::read_file;
use portal_core::part::{Known, Part, PartContent};
use portal_core::rules::{EnvironmentRule, TeamRule};
use portal_core::{Outcome, Ref, RelationType, Resolution, Rules, Scope, Text, resolve};

fn region(account: &str) -> Scope {
    Scope::Aws { account: account.into(), region: "eu-west-1".into() }
}

fn namespace(account: &str, cluster: &str, namespace: &str) -> Scope {
    Scope::Kubernetes {
        account: Some(account.into()),
        region: Some("eu-west-1".into()),
        cluster: cluster.into(),
        namespace: namespace.into(),
    }
}

fn part(scope: Scope, kind: &str, outcome: Outcome, json: &str) -> PartContent {
    let folder = if matches!(scope, Scope::Aws { .. }) { "aws" } else { "k8s" };
    let read = read_file(&scope, kind, json.as_bytes()).expect("a file");
    assert_eq!(read.set_aside, [], "{kind}");
    let part = Part {
        key: Part::key(portal_core::snapshot::layout::scope_folder(folder, &scope).as_str(), kind),
        source: folder.into(),
        scope,
        kind: kind.into(),
        run: 1,
        outcome,
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

fn whole(scope: Scope, kind: &str, json: &str) -> PartContent {
    part(scope, kind, Outcome::complete(), json)
}

fn rules() -> Rules {
    let team = |name: &str, aliases: &[&str], product: &str| TeamRule {
        name: name.into(),
        aliases: aliases.iter().map(|alias| Text::from(*alias)).collect(),
        product: Some(product.into()),
        ..TeamRule::default()
    };
    Rules {
        teams: vec![team("Payments", &["pay", "Payments Squad"], "Checkout"), team("search", &[], "Catalogue")],
        ..Rules::default()
    }
}

/// `state team rule` of an entity.
fn owner(resolution: &Resolution, entity: &str) -> String {
    let entity: Ref = entity.parse().expect("a ref");
    let found = resolution.graph.entity(&entity).unwrap_or_else(|| panic!("{entity} is not there"));
    let ownership = found.ownership().expect("a thing that can be owned");
    format!(
        "{} {} {}",
        ownership.state.as_str(),
        ownership.team.as_deref().unwrap_or("-"),
        ownership.rule.as_deref().unwrap_or("-")
    )
}

fn edges(resolution: &Resolution, from: &str, relation: RelationType) -> Vec<String> {
    let from: Ref = from.parse().expect("a ref");
    let all = resolution.graph.relations_from(&from);
    all.into_iter().filter(|r| r.relation == relation).map(|r| r.to.local().to_owned()).collect()
}

fn findings(resolution: &Resolution) -> Vec<&'static str> {
    resolution.findings.iter().map(|finding| finding.kind.as_str()).collect()
}

fn bucket(tags: &str) -> String {
    format!(r#"[{{"Name": "b", "Tags": {tags}}}]"#)
}

#[track_caller]
fn check_bucket(tags: &str, expected: &str) {
    let resolution = resolve(&[whole(region("1"), "s3", &bucket(tags))], &rules());
    assert_eq!(owner(&resolution, "arn:aws:s3:::b"), expected, "{tags}");
}

#[test]
fn a_tag_names_a_team_by_any_spelling_of_its_names() {
    check_bucket(r#"[{"Key": "team", "Value": "payments"}]"#, "owned payments tag");
    check_bucket(r#"[{"Key": "TEAM", "Value": "  PAYMENTS "}]"#, "owned payments tag");
    check_bucket(r#"[{"Key": "Owner", "Value": "payments_squad"}]"#, "owned payments tag");
    check_bucket(r#"[{"Key": "portal.dev/team", "Value": "Pay"}]"#, "owned payments tag");
    check_bucket(r#"{"team": "payments"}"#, "owned payments tag");
}

#[test]
fn claims_of_one_rank_that_differ_are_a_conflict() {
    check_bucket(r#"{"team": "payments", "owner": "search"}"#, "conflict - tag");
    check_bucket(r#"{"Team": "payments", "team": "search"}"#, "conflict - tag");
    check_bucket(r#"{"team": "payments", "owner": "legacy"}"#, "conflict - tag");
    check_bucket(r#"{"team": "old", "owner": "legacy"}"#, "conflict - tag");
    check_bucket(r#"{"team": "payments", "owner": "pay"}"#, "owned payments tag");
}

#[test]
fn an_empty_claim_claims_nothing_and_is_a_finding() {
    check_bucket(r#"{"team": " "}"#, "unowned - -");
    check_bucket(r#"{"team": "", "owner": "payments"}"#, "owned payments tag");
    let resolution = resolve(&[whole(region("1"), "s3", &bucket(r#"{"team": ""}"#))], &rules());
    assert_eq!(findings(&resolution), ["empty-claim"]);
}

#[test]
fn an_unknown_team_is_unregistered_and_keeps_its_words() {
    check_bucket(r#"{"team": "Legacy CRM"}"#, "unregistered - tag");
    let resolution = resolve(&[whole(region("1"), "s3", &bucket(r#"{"team": "Legacy CRM"}"#))], &rules());
    let entity = resolution.graph.entity(&"arn:aws:s3:::b".parse().expect("a ref")).expect("the bucket");
    assert_eq!(entity.ownership().expect("an ownership").evidence[0].raw, "Legacy CRM");
    assert_eq!(findings(&resolution), ["unknown-team"]);
}

#[test]
fn tags_that_were_not_read_are_unknown_and_not_unowned() {
    let resolution = resolve(&[whole(region("1"), "s3", r#"[{"Name": "b"}, {"Name": "c", "Tags": []}]"#)], &rules());
    assert_eq!(owner(&resolution, "arn:aws:s3:::b"), "unknown - -");
    assert_eq!(owner(&resolution, "arn:aws:s3:::c"), "unowned - -");
}

#[test]
fn a_list_of_tags_completes_what_could_not_be_read() {
    let parts = [
        whole(region("1"), "s3", r#"[{"Name": "b"}]"#),
        whole(
            region("1"),
            "tagged",
            r#"[{"ResourceARN": "arn:aws:s3:::b", "Tags": [{"Key": "team", "Value": "pay"}]}]"#,
        ),
    ];
    assert_eq!(owner(&resolve(&parts, &rules()), "arn:aws:s3:::b"), "owned payments tag");
}

const STACK: &str = "arn:aws:cloudformation:eu-west-1:1:stack/orders/uuid";

fn stack(tags: &str) -> String {
    format!(
        r#"[{{"StackId": "{STACK}", "StackName": "orders", "Tags": {tags},
            "StackResourceSummaries": [{{"PhysicalResourceId": "b", "ResourceType": "AWS::S3::Bucket"}}]}}]"#
    )
}

#[test]
fn a_stack_gives_its_tags_to_what_it_made() {
    let parts = [
        whole(region("1"), "s3", &bucket("[]")),
        whole(region("1"), "cloudformation", &stack(r#"[{"Key": "team", "Value": "search"}]"#)),
    ];
    let resolution = resolve(&parts, &rules());
    assert_eq!(owner(&resolution, "arn:aws:s3:::b"), "owned search inherited");
    assert_eq!(edges(&resolution, "arn:aws:s3:::b", RelationType::CreatedBy), [STACK]);
}

#[test]
fn a_weaker_rule_never_speaks_where_a_stronger_one_did() {
    for (tags, expected) in [
        (r#"{"team": "payments"}"#, "owned payments tag"),
        (r#"{"team": "nobody"}"#, "unregistered - tag"),
        (r#"{"team": "payments", "owner": "nobody"}"#, "conflict - tag"),
    ] {
        let parts = [
            whole(region("1"), "s3", &bucket(tags)),
            whole(region("1"), "cloudformation", &stack(r#"[{"Key": "team", "Value": "search"}]"#)),
        ];
        let resolution = resolve(&parts, &rules());
        assert_eq!(owner(&resolution, "arn:aws:s3:::b"), expected);
        let entity = resolution.graph.entity(&"arn:aws:s3:::b".parse().expect("a ref")).expect("the bucket");
        let loser = entity.ownership().expect("an ownership").evidence.last().expect("the stack's claim");
        assert_eq!((loser.rule.as_str(), loser.won), ("inherited", false), "the loser is shown");
    }
}

#[test]
fn a_stack_that_could_not_be_read_leaves_its_members_unknown() {
    let tags = format!(r#"{{"aws:cloudformation:stack-id": "{STACK}"}}"#);
    let parts = [
        whole(region("1"), "s3", &bucket(&tags)),
        part(region("1"), "cloudformation", Outcome::denied("cloudformation:DescribeStacks", "no"), "[]"),
    ];
    assert_eq!(owner(&resolve(&parts, &rules()), "arn:aws:s3:::b"), "unknown - -");
}

#[test]
fn an_aurora_instance_takes_its_clusters_tags() {
    let parts = [
        whole(
            region("1"),
            "rds",
            r#"[{"DBInstanceArn": "arn:aws:rds:eu-west-1:1:db:a-1", "DBClusterIdentifier": "a", "TagList": []}]"#,
        ),
        whole(
            region("1"),
            "rds-clusters",
            r#"[{"DBClusterArn": "arn:aws:rds:eu-west-1:1:cluster:a", "DBClusterIdentifier": "a", "TagList": [{"Key": "team", "Value": "search"}]}]"#,
        ),
    ];
    assert_eq!(owner(&resolve(&parts, &rules()), "arn:aws:rds:eu-west-1:1:db:a-1"), "owned search inherited");
}

#[test]
fn an_environments_owner_is_the_last_to_inherit_from() {
    let mut rules = rules();
    let owner_of = EnvironmentRule { name: Some("prod".into()), owner: Some("search".into()) };
    rules.environments.insert("1".into(), owner_of);
    let resolution = resolve(&[whole(region("1"), "s3", &bucket("[]"))], &rules);
    assert_eq!(owner(&resolution, "arn:aws:s3:::b"), "owned search inherited");
    assert!(
        matches!(resolution.graph.entity(&Ref::environment("1")), Some(Entity::Environment(e)) if e.name == "prod")
    );
}

fn function(name: &str, team: &str, variables: &str, sources: &str) -> String {
    format!(
        r#"{{"FunctionName": "{name}", "FunctionArn": "arn:aws:lambda:eu-west-1:1:function:{name}", "Tags": {{"team": "{team}"}},
            "Environment": {{"Variables": {variables}}}, "EventSourceMappings": {sources}}}"#
    )
}

#[test]
fn what_only_one_teams_services_use_is_theirs() {
    let table = r#"[{"TableName": "t", "TableArn": "arn:aws:dynamodb:eu-west-1:1:table/t", "Tags": []}]"#;
    let queue = r#"[{"ResourceARN": "arn:aws:sqs:eu-west-1:1:q", "Tags": [{"Key": "env", "Value": "prod"}]}]"#;
    let by = |second: &str| {
        let first = function(
            "f",
            "payments",
            r#"{"ORDERS_TABLE": "t"}"#,
            r#"[{"EventSourceArn": "arn:aws:sqs:eu-west-1:1:q"}]"#,
        );
        let second = function("g", second, r#"{"TABLE_ARN": "arn:aws:dynamodb:eu-west-1:1:table/t"}"#, "[]");
        let parts = [
            whole(region("1"), "lambda", &format!("[{first}, {second}]")),
            whole(region("1"), "dynamodb", table),
            whole(region("1"), "tagged", queue),
        ];
        let resolution = resolve(&parts, &rules());
        (owner(&resolution, "arn:aws:dynamodb:eu-west-1:1:table/t"), owner(&resolution, "arn:aws:sqs:eu-west-1:1:q"))
    };
    assert_eq!(by("Pay"), ("owned payments used-by".into(), "owned payments used-by".into()));
    assert_eq!(by("search").0, "unowned - -", "two teams use it");
    assert_eq!(by("nobody").0, "unowned - -", "one user has no known owner");
}

#[test]
fn a_guess_from_stack_or_name_is_shown_and_gives_no_owner() {
    let parts = [
        whole(region("1"), "lambda", &format!("[{}]", function("orders", "payments", "{}", "[]"))),
        whole(region("1"), "s3", r#"[{"Name": "orders", "Tags": []}]"#),
    ];
    let resolution = resolve(&parts, &rules());
    assert_eq!(edges(&resolution, "service:lambda/orders", RelationType::Uses), ["arn:aws:s3:::orders"]);
    assert_eq!(owner(&resolution, "arn:aws:s3:::orders"), "unowned - -");
}

fn deployment(name: &str, labels: &str, env: &str) -> String {
    format!(
        r#"{{"kind": "Deployment", "metadata": {{"name": "{name}", "labels": {labels}}}, "spec": {{"template": {{
            "metadata": {{"labels": {{"app": "{name}"}}}},
            "spec": {{"containers": [{{"image": "{name}:1", "env": {env}}}]}}}}}}}}"#
    )
}

fn service(name: &str) -> String {
    format!(r#"{{"kind": "Service", "metadata": {{"name": "{name}"}}, "spec": {{"selector": {{"app": "{name}"}}}}}}"#)
}

#[test]
fn one_service_runs_in_many_clusters() {
    let dev = namespace("1", "dev", "shop");
    let prod = namespace("2", "prod", "shop");
    let parts = [
        whole(dev, "deployments", &deployment("web", r#"{"team": "pay"}"#, "[]")),
        whole(prod, "deployments", &deployment("web", "{}", "[]")),
    ];
    let resolution = resolve(&parts, &rules());
    assert_eq!(
        edges(&resolution, "service:shop/web", RelationType::RunsAs),
        ["k8s/dev/shop/deployment/web", "k8s/prod/shop/deployment/web"]
    );
    assert_eq!(owner(&resolution, "service:shop/web"), "owned payments tag");
}

#[test]
fn a_namespace_owns_what_in_it_says_nothing() {
    let shop = namespace("1", "prod", "shop");
    let labelled = r#"{"kind": "Namespace", "metadata": {"name": "shop", "labels": {"team": "search"}}}"#;
    let workload = deployment("web", "{}", "[]");
    let parts = [whole(shop.clone(), "deployments", &workload), whole(shop.clone(), "namespaces", labelled)];
    assert_eq!(owner(&resolve(&parts, &rules()), "service:shop/web"), "owned search inherited");
    let denied = Outcome::denied("namespaces:list", "forbidden");
    let parts = [whole(shop.clone(), "deployments", &workload), part(shop.clone(), "namespaces", denied, "[]")];
    assert_eq!(owner(&resolve(&parts, &rules()), "service:shop/web"), "unknown - -");
    assert_eq!(owner(&resolve(&[whole(shop, "deployments", &workload)], &rules()), "service:shop/web"), "unowned - -");
}

#[test]
fn references_lead_to_services_and_no_false_edge_is_made() {
    let shop = namespace("1", "prod", "shop");
    let env = r#"[{"name": "CART_ADDR", "value": "cart:7070"},
        {"name": "SEARCH_URL", "value": "http://search.find.svc.cluster.local:80/x"},
        {"name": "GONE_ADDR", "value": "gone:80"}, {"name": "SELF_ADDR", "value": "web:80"},
        {"name": "WORLD", "value": "https://api.example.com"}, {"name": "CACHE_HOST", "value": "redis"}]"#;
    let list = |items: &[String]| format!(r#"{{"kind": "List", "items": [{}]}}"#, items.join(","));
    let parts = [
        whole(
            shop.clone(),
            "deployments",
            &list(&[deployment("web", "{}", env), deployment("cart", "{}", "[]"), deployment("redis", "{}", "[]")]),
        ),
        whole(shop, "services", &list(&[service("cart"), service("web")])),
        whole(namespace("1", "prod", "find"), "deployments", &deployment("search", "{}", "[]")),
        whole(namespace("1", "prod", "find"), "services", &service("search")),
        // The same names in another cluster are other pods.
        whole(namespace("2", "dev", "shop"), "deployments", &deployment("gone", "{}", "[]")),
        whole(namespace("2", "dev", "shop"), "services", &service("gone")),
    ];
    let resolution = resolve(&parts, &rules());
    assert_eq!(edges(&resolution, "service:shop/web", RelationType::DependsOn), ["find/search", "shop/cart"]);
    assert_eq!(
        findings(&resolution),
        ["unresolved-reference", "unresolved-reference"],
        "gone, and redis without a Service"
    );
    let relations = resolution.graph.relations_from(&"service:shop/web".parse().expect("a ref"));
    let cart = relations.iter().find(|r| r.to.local() == "shop/cart").expect("the edge");
    assert_eq!((cart.evidence[0].field.as_str(), cart.evidence[0].raw.as_str()), ("env CART_ADDR", "cart:7070"));
}

#[test]
fn a_workload_uses_what_its_variables_and_role_name() {
    let shop = namespace("1", "prod", "shop");
    let env = r#"[{"name": "DB_HOST", "value": "Orders.X.eu-west-1.rds.amazonaws.com"}, {"name": "BUCKET", "value": "b"},
        {"name": "LAKE", "value": "s3://lake/x"}, {"name": "Q_URL", "value": "https://sqs.eu-west-1.amazonaws.com/1/q"},
        {"name": "OTHER_TABLE", "value": "elsewhere"}]"#;
    let account = r#"{"kind": "ServiceAccount", "metadata": {"name": "default", "annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/web"}}}"#;
    let parts = [
        whole(shop.clone(), "deployments", &deployment("web", "{}", env)),
        whole(shop, "serviceaccounts", account),
        whole(region("1"), "s3", r#"[{"Name": "b", "Tags": []}, {"Name": "lake", "Tags": []}]"#),
        whole(
            region("1"),
            "rds",
            r#"[{"DBInstanceArn": "arn:aws:rds:eu-west-1:1:db:orders", "TagList": [], "Endpoint": {"Address": "orders.x.eu-west-1.rds.amazonaws.com"}}]"#,
        ),
        whole(
            region("1"),
            "tagged",
            r#"[{"ResourceARN": "arn:aws:sqs:eu-west-1:1:q", "Tags": []}, {"ResourceARN": "arn:aws:iam::1:role/web", "Tags": []}]"#,
        ),
        // A table of that name in another account is not this one.
        whole(
            region("2"),
            "dynamodb",
            r#"[{"TableName": "elsewhere", "TableArn": "arn:aws:dynamodb:eu-west-1:2:table/elsewhere", "Tags": []}]"#,
        ),
    ];
    let resolution = resolve(&parts, &rules());
    assert_eq!(
        edges(&resolution, "service:shop/web", RelationType::Uses),
        [
            "arn:aws:iam::1:role/web",
            "arn:aws:rds:eu-west-1:1:db:orders",
            "arn:aws:s3:::b",
            "arn:aws:s3:::lake",
            "arn:aws:sqs:eu-west-1:1:q"
        ]
    );
    let hit = resolution.graph.dependents(&"arn:aws:s3:::b".parse().expect("a ref"));
    assert_eq!(hit[0].entity.as_str(), "service:shop/web");
}

#[test]
fn two_clusters_of_one_name_do_not_swallow_each_other() {
    let parts = [
        whole(namespace("1", "main", "shop"), "deployments", &deployment("web", "{}", "[]")),
        whole(namespace("2", "main", "shop"), "deployments", &deployment("web", "{}", "[]")),
    ];
    let resolution = resolve(&parts, &rules());
    assert_eq!(
        edges(&resolution, "service:shop/web", RelationType::RunsAs),
        ["k8s/main.eu-west-1.1/shop/deployment/web", "k8s/main.eu-west-1.2/shop/deployment/web"]
    );
    assert_eq!(findings(&resolution), ["cluster-name-clash", "cluster-name-clash"]);
}

#[test]
fn one_cluster_under_two_names_is_one() {
    let system = r#"{"kind": "Namespace", "metadata": {"name": "kube-system", "uid": "u-1"}}"#;
    let parts = [
        whole(namespace("1", "a", "kube-system"), "namespaces", system),
        whole(namespace("1", "b", "kube-system"), "namespaces", system),
        whole(namespace("1", "a", "shop"), "deployments", &deployment("web", "{}", "[]")),
        whole(namespace("1", "b", "shop"), "deployments", &deployment("web", "{}", "[]")),
    ];
    let resolution = resolve(&parts, &rules());
    assert_eq!(edges(&resolution, "service:shop/web", RelationType::RunsAs), ["k8s/a/shop/deployment/web"]);
    assert_eq!(findings(&resolution), ["same-cluster"]);
}

#[test]
fn any_order_of_input_gives_an_equal_result() {
    let shop = namespace("1", "prod", "shop");
    let mut parts = vec![
        whole(
            shop.clone(),
            "deployments",
            &deployment("web", r#"{"team": "pay"}"#, r#"[{"name": "BUCKET", "value": "b"}]"#),
        ),
        whole(shop, "services", &service("web")),
        whole(region("1"), "s3", &bucket(r#"{"team": "a", "owner": "b"}"#)),
        whole(region("1"), "cloudformation", &stack(r#"[{"Key": "team", "Value": "search"}]"#)),
        whole(region("1"), "tagged", r#"[{"ResourceARN": "arn:aws:s3:::b", "Tags": [{"Key": "team", "Value": "x"}]}]"#),
        whole(region("1"), "lambda", &format!("[{}]", function("f", "payments", r#"{"BUCKET": "b"}"#, "[]"))),
    ];
    let whole_text = |parts: &[PartContent]| {
        let resolution = resolve(parts, &rules());
        let mut text = String::new();
        for entity in resolution.graph.entities() {
            writeln!(text, "{}", serde_json::to_string(entity).expect("JSON")).expect("memory");
        }
        for relation in resolution.graph.found_relations() {
            writeln!(text, "{}", serde_json::to_string(&relation).expect("JSON")).expect("memory");
        }
        writeln!(text, "{}", serde_json::to_string(&resolution.findings).expect("JSON")).expect("memory");
        text
    };
    let first = whole_text(&parts);
    for _ in 0..parts.len() {
        parts.rotate_left(1);
        assert_eq!(whole_text(&parts), first);
        let mut reversed = parts.clone();
        reversed.reverse();
        assert_eq!(whole_text(&reversed), first);
    }
}

#[test]
fn the_graph_tells_what_changed_and_what_a_team_owns() {
    let with = |tags: &str| resolve(&[whole(region("1"), "s3", &bucket(tags))], &rules()).graph;
    let refs = |all: Vec<&Entity>| all.into_iter().map(|e| e.entity_ref().to_string()).collect::<Vec<_>>();
    let (before, after) = (with(r#"{"team": "pay"}"#), with(r#"{"team": "search"}"#));
    assert_eq!(refs(before.owned(&Ref::team("payments"))), ["resource:arn:aws:s3:::b"]);
    assert!(before.owned(&Ref::team("search")).is_empty());
    let diff = before.diff(&after);
    let bucket: Ref = "arn:aws:s3:::b".parse().expect("a ref");
    assert_eq!((diff.added, diff.removed, diff.changed), (vec![], vec![], vec![bucket.clone()]));
    assert_eq!(diff.linked, [(bucket.clone(), RelationType::OwnedBy, Ref::team("search"))]);
    assert_eq!(diff.unlinked, [(bucket.clone(), RelationType::OwnedBy, Ref::team("payments"))]);
    let gone = before.diff(&resolve(&[], &rules()).graph);
    assert_eq!(gone.removed, [Ref::environment("1"), bucket]);
    assert!(before.diff(&before).changed.is_empty());
}
