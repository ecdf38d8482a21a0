//! What AWS does and the bed cannot: lists that end midway, things deleted meanwhile, regions that refuse.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use portal_core::{Coverage, Source};
use serde_json::json;

use super::fake::{self, Answer, Asked};
use super::{collect, collect_scope, outcome, scope, source, text};

const ACCOUNT: &str = "012345678901";

fn page_of_buckets(names: &[(&str, Option<&str>)], next: Option<&str>) -> Answer {
    let rows: String = names
        .iter()
        .map(|(name, region)| {
            let region = region.map(|region| format!("<BucketRegion>{region}</BucketRegion>")).unwrap_or_default();
            format!("<Bucket><Name>{name}</Name><CreationDate>2024-01-02T03:04:05Z</CreationDate>{region}</Bucket>")
        })
        .collect();
    let next = next.map(|token| format!("<ContinuationToken>{token}</ContinuationToken>")).unwrap_or_default();
    Answer::Xml(format!("<ListAllMyBucketsResult><Buckets>{rows}</Buckets>{next}</ListAllMyBucketsResult>"))
}

fn buckets(asked: &Asked) -> Option<Answer> {
    match asked.action.as_str() {
        "ListBuckets" => Some(match asked.parameters.get("continuation-token").map(String::as_str) {
            None => page_of_buckets(&[("first", Some("eu-west-1")), ("gone", Some("eu-west-1"))], Some("two")),
            // An empty page with a token goes on.
            Some("two") => page_of_buckets(&[], Some("three")),
            Some(_) => page_of_buckets(&[("old", None), ("american", None), ("far", Some("me-south-1"))], None),
        }),
        "GetBucketLocation" if asked.path.starts_with("/old") => {
            Some(Answer::Xml("<LocationConstraint>EU</LocationConstraint>".to_owned()))
        }
        "GetBucketLocation" => Some(Answer::Xml("<LocationConstraint/>".to_owned())),
        "GetBucketTagging" if asked.path.starts_with("/gone") => Some(Answer::Error(404, "NoSuchBucket", "gone")),
        "GetBucketTagging" => Some(Answer::Error(404, "NoSuchTagSet", "none")),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn buckets_are_read_over_all_pages_in_their_own_region() {
    let endpoint = fake::serve(buckets).await;
    let (scopes, snapshots) = collect(&source(&endpoint, "kinds = [\"s3\"]")).await;
    assert_eq!(scopes.whole_below, [[ACCOUNT]]);
    let names = |region: &str| -> Vec<String> {
        let buckets = &snapshots[&scope(ACCOUNT, region)]["s3"];
        assert_eq!(outcome(buckets).coverage, Coverage::Complete, "{:?}", buckets.outcome);
        let mut names: Vec<String> = buckets.objects.iter().map(|o| text(&o.value, "Name").to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(names("eu-west-1"), ["first", "old"], "one was deleted after it was listed");
    assert_eq!(names("us-east-1"), ["american"]);
    let first = &snapshots[&scope(ACCOUNT, "us-east-1")]["s3"].objects[0].value;
    let meant = json!({"Name": "american", "CreationDate": "2024-01-02T03:04:05Z", "BucketRegion": "us-east-1",
                       "BucketArn": "arn:aws:s3:::american", "Tags": []});
    assert_eq!(*first, meant);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_ends_midway_is_partial_and_keeps_what_it_had() {
    let endpoint = fake::serve(|asked| match (asked.action.as_str(), asked.parameters.contains_key("Marker")) {
        ("DescribeDBInstances", false) => Some(Answer::Xml(
            "<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance>\
             <DBInstanceIdentifier>one</DBInstanceIdentifier></DBInstance></DBInstances><Marker>m</Marker>\
             </DescribeDBInstancesResult></DescribeDBInstancesResponse>"
                .to_owned(),
        )),
        ("DescribeDBInstances", true) => Some(Answer::Error(400, "InvalidParameterValue", "bad marker")),
        ("DescribeDBClusters", _) => Some(Answer::Error(400, "InvalidParameterValue", "always bad")),
        _ => None,
    })
    .await;
    let source = source(&endpoint, "kinds = [\"rds\"]\nregions = [\"eu-west-1\"]");
    let kinds = collect_scope(&source, &scope(ACCOUNT, "eu-west-1")).await;
    assert_eq!(outcome(&kinds["rds"]).coverage, Coverage::Partial);
    assert!(outcome(&kinds["rds"]).reason.as_deref().expect("a reason").contains("cut short"));
    assert_eq!(kinds["rds"].objects.len(), 1);
    assert_eq!(outcome(&kinds["rds-clusters"]).coverage, Coverage::Failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_while_it_is_read_is_skipped() {
    let endpoint = fake::serve(|asked| {
        let gone = |text| Some(Answer::Error(400, "ResourceNotFoundException", text));
        match asked.action.as_str() {
            "ListTables" => Some(Answer::Json(json!({"TableNames": ["here", "gone"]}))),
            "DescribeTable" if asked.body["TableName"] == "gone" => gone("Requested resource not found"),
            "DescribeTable" => Some(Answer::Json(json!({"Table": {"TableName": "here", "TableStatus": "ACTIVE"}}))),
            "ListTagsOfResource" => Some(Answer::Json(json!({"Tags": [{"Key": "team", "Value": "pay"}]}))),
            "DescribeStacks" => Some(Answer::Xml(
                "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackId>id</StackId>\
                 <StackName>gone</StackName><CreationTime>2024-01-02T03:04:05Z</CreationTime>\
                 <StackStatus>CREATE_COMPLETE</StackStatus></member><member><StackName>older</StackName>\
                 <CreationTime>2024-01-02T03:04:05Z</CreationTime><StackStatus>DELETE_COMPLETE</StackStatus></member>\
                 </Stacks></DescribeStacksResult></DescribeStacksResponse>"
                    .to_owned(),
            )),
            "ListStackResources" => Some(Answer::Error(400, "ValidationError", "Stack with id id does not exist")),
            _ => None,
        }
    })
    .await;
    let source = source(&endpoint, "kinds = [\"dynamodb\", \"cloudformation\"]");
    let kinds = collect_scope(&source, &scope(ACCOUNT, "eu-west-1")).await;
    for kind in kinds.values() {
        assert_eq!(outcome(kind).coverage, Coverage::Complete, "{:?}", kind.outcome);
    }
    let table = json!({"TableName": "here", "TableArn": "arn:aws:dynamodb:eu-west-1:012345678901:table/here",
                       "TableStatus": "ACTIVE", "Tags": [{"Key": "team", "Value": "pay"}]});
    assert_eq!(kinds["dynamodb"].objects.iter().map(|o| &o.value).collect::<Vec<_>>(), [&table]);
    assert!(kinds["cloudformation"].objects.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_cannot_be_described_makes_the_list_a_part() {
    let endpoint = fake::serve(|asked| match asked.action.as_str() {
        "ListTables" => Some(Answer::Json(json!({"TableNames": ["here", "closed"]}))),
        "DescribeTable" if asked.body["TableName"] == "closed" => {
            Some(Answer::Error(400, "AccessDeniedException", "no"))
        }
        "DescribeTable" => Some(Answer::Json(json!({"Table": {"TableName": "here"}}))),
        "ListTagsOfResource" => Some(Answer::Json(json!({}))),
        _ => None,
    })
    .await;
    let source = source(&endpoint, "kinds = [\"dynamodb\"]");
    let kinds = collect_scope(&source, &scope(ACCOUNT, "eu-west-1")).await;
    let tables = &kinds["dynamodb"];
    assert_eq!(outcome(tables).coverage, Coverage::Partial);
    assert_eq!(outcome(tables).permission.as_deref(), Some("dynamodb:DescribeTable"));
    assert!(outcome(tables).reason.as_deref().expect("a reason").contains("table closed"));
    assert_eq!(tables.objects.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_refuses_good_credentials_is_absent() {
    let endpoint = fake::serve(|asked| match (asked.action.as_str(), asked.region.as_str()) {
        ("/listRegions", _) => Some(Answer::Error(403, "AccessDeniedException", "no")),
        ("ListTables", _) => Some(Answer::Error(400, "UnrecognizedClientException", "The security token is invalid")),
        _ => None,
    })
    .await;
    let source = source(&endpoint, "kinds = [\"dynamodb\"]\nregions = [\"eu-west-1\", \"me-south-1\"]");
    source.scopes().await.expect("the list is configured");
    let far = collect_scope(&source, &scope(ACCOUNT, "me-south-1")).await;
    assert_eq!(outcome(&far["dynamodb"]).coverage, Coverage::Absent);
    // Where the credentials were proved good, the same answer is a failure.
    let home = collect_scope(&source, &scope(ACCOUNT, "eu-west-1")).await;
    assert_eq!(outcome(&home["dynamodb"]).coverage, Coverage::Failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_page_token_starts_the_list_again() {
    static EXPIRED: AtomicUsize = AtomicUsize::new(0);
    let endpoint = fake::serve(|asked| {
        let page = |arn: &str, token: &str| {
            let tags = json!([{"Key": "team", "Value": "pay"}]);
            Answer::Json(
                json!({"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": tags}], "PaginationToken": token}),
            )
        };
        match (asked.action.as_str(), asked.body["PaginationToken"].as_str()) {
            ("GetResources", None | Some("")) => Some(page("arn:aws:sqs:eu-west-1:012345678901:one", "two")),
            ("GetResources", _) if EXPIRED.fetch_add(1, Ordering::Relaxed) == 0 => {
                Some(Answer::Error(400, "PaginationTokenExpiredException", "expired"))
            }
            ("GetResources", _) => Some(page("arn:aws:sqs:eu-west-1:012345678901:two", "")),
            _ => None,
        }
    })
    .await;
    let source = source(&endpoint, "kinds = [\"tagged\"]");
    let kinds = collect_scope(&source, &scope(ACCOUNT, "eu-west-1")).await;
    assert_eq!(outcome(&kinds["tagged"]).coverage, Coverage::Complete);
    assert_eq!(kinds["tagged"].objects.len(), 2, "nothing is there twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bare_429_is_asked_again() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let endpoint = fake::serve(|asked| match asked.action.as_str() {
        "ListTables" if ASKED.fetch_add(1, Ordering::Relaxed) < 3 => Some(Answer::Error(429, "", "")),
        "ListTables" => Some(Answer::Json(json!({"TableNames": []}))),
        _ => None,
    })
    .await;
    let source = source(&endpoint, "kinds = [\"dynamodb\"]");
    let kinds = collect_scope(&source, &scope(ACCOUNT, "eu-west-1")).await;
    assert_eq!(outcome(&kinds["dynamodb"]).coverage, Coverage::Complete, "{:?}", kinds["dynamodb"].outcome);
}

fn assumed(expires: &str) -> Answer {
    Answer::Xml(format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s\
         </SecretAccessKey><SessionToken>t</SessionToken><Expiration>{expires}</Expiration></Credentials>\
         </AssumeRoleResult></AssumeRoleResponse>"
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_assumed_again_before_its_credentials_end() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let endpoint = fake::serve(move |asked| match asked.action.as_str() {
        "AssumeRole" => {
            // The first credentials are good for less than what a request may take.
            let seconds = if count.fetch_add(1, Ordering::Relaxed) == 0 { 30 } else { 3600 };
            Some(assumed(&(jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds)).to_string()))
        }
        "ListTables" => Some(Answer::Json(json!({"TableNames": []}))),
        _ => None,
    })
    .await;
    let source = source(&endpoint, "accounts = [\"000000000001\"]\nrole = \"portal\"\nkinds = [\"dynamodb\"]");
    let (scopes, snapshots) = collect(&source).await;
    assert_eq!(scopes.scopes.len(), 2);
    for kinds in snapshots.values() {
        assert_eq!(outcome(&kinds["dynamodb"]).coverage, Coverage::Complete, "{:?}", kinds["dynamodb"].outcome);
    }
    assert_eq!(asked.load(Ordering::Relaxed), 2, "once to enter, once to renew, for all regions together");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_taken_away_meanwhile_is_denied_as_such() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let endpoint = fake::serve(|asked| match asked.action.as_str() {
        "AssumeRole" if ASKED.fetch_add(1, Ordering::Relaxed) == 0 => Some(assumed("2020-01-01T00:00:00Z")),
        "AssumeRole" => Some(Answer::Error(403, "AccessDenied", "not any more")),
        _ => None,
    })
    .await;
    let table = "accounts = [\"000000000001\"]\nrole = \"portal\"\nkinds = [\"dynamodb\"]\nregions = [\"eu-west-1\"]";
    let kinds = collect_scope(&source(&endpoint, table), &scope("000000000001", "eu-west-1")).await;
    assert_eq!(outcome(&kinds["dynamodb"]).coverage, Coverage::Denied, "{:?}", kinds["dynamodb"].outcome);
    assert_eq!(outcome(&kinds["dynamodb"]).permission.as_deref(), Some("sts:AssumeRole"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_is_listed_to_its_last_page_in_its_own_partition() {
    let roles = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&roles);
    let endpoint = fake::serve(move |asked| match asked.action.as_str() {
        "GetCallerIdentity" => Some(Answer::Xml(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws-cn:iam::000000000001:user/fake</Arn>\
             <Account>000000000001</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
                .to_owned(),
        )),
        "ListAccounts" => Some(Answer::Json(match asked.body["NextToken"].as_str() {
            None => json!({"NextToken": "two", "Accounts": [
                {"Id": "000000000001", "Arn": "arn:aws-cn:organizations::000000000001:account/o-1/000000000001",
                 "Name": "main", "State": "ACTIVE", "Status": "ACTIVE", "Email": "person@corp.example"}]}),
            Some("two") => json!({"NextToken": "three", "Accounts": []}),
            Some(_) => json!({"Accounts": [
                {"Id": "000000000002", "Name": "member", "Status": "ACTIVE"},
                {"Id": "000000000003", "Name": "closed", "State": "CLOSED", "Status": "SUSPENDED"},
                {"Id": "000000000004", "Name": "closing", "State": "PENDING_CLOSURE", "Status": "ACTIVE"}]}),
        })),
        "AssumeRole" => {
            seen.lock().expect("one at a time").push(asked.parameters["RoleArn"].clone());
            Some(assumed("2099-01-01T00:00:00Z"))
        }
        "ListTables" => Some(Answer::Json(json!({"TableNames": []}))),
        _ => None,
    })
    .await;
    let source = source(&endpoint, "organization = true\nrole = \"ops/portal\"\nkinds = [\"dynamodb\", \"accounts\"]");
    let (scopes, snapshots) = collect(&source).await;
    assert_eq!(*roles.lock().expect("nobody else"), ["arn:aws-cn:iam::000000000002:role/ops/portal"]);
    assert_eq!(scopes.scopes.len(), 4 * 2);
    assert_eq!(scopes.whole_below, [[""; 0]], "all accounts and all regions were listed");
    let coverage = |account| outcome(&snapshots[&scope(account, "us-east-1")]["dynamodb"]).coverage;
    let meant = [Coverage::Complete, Coverage::Complete, Coverage::Absent, Coverage::Absent];
    assert_eq!(["000000000001", "000000000002", "000000000003", "000000000004"].map(coverage), meant);
    let accounts = &snapshots[&scope("000000000001", "eu-west-1")]["accounts"];
    let first = json!({"Id": "000000000001", "Arn": "arn:aws-cn:organizations::000000000001:account/o-1/000000000001",
                       "Name": "main", "State": "ACTIVE", "Status": "ACTIVE"});
    assert_eq!(accounts.objects.len(), 4);
    assert_eq!(accounts.objects[0].value, first);
}
