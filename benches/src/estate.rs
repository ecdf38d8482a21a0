//! A generated estate in AWS's own shapes: the same size gives the same bytes.

use async_trait::async_trait;
use portal_core::observe::read_file;
use portal_core::part::{Known, Part, PartContent};
use portal_core::rules::TeamRule;
use portal_core::snapshot::layout::scope_folder;
use portal_core::{Outcome, Permission, Ref, Rules, Scope, Scopes, SnapshotWriter, Source, SourceError, Text};
use serde_json::{Value, json};

const REGIONS: [&str; 4] = ["eu-west-1", "eu-central-1", "us-east-1", "us-west-2"];
const TEAMS: usize = 200;
/// A team that owns functions, so that it has services, too: each of its resources is one.
pub(crate) const TEAM: &str = "team-157";
const KINDS: [&str; 4] = ["s3", "rds", "dynamodb", "lambda"];

/// Buckets, databases, tables and functions over accounts and regions: 95 of a hundred are tagged with a known team,
/// 1 with an unknown one, 4 with none; functions name a table.
#[derive(Clone)]
pub(crate) struct Estate {
    resources: usize,
    accounts: usize,
    changed: bool,
}

impl Estate {
    /// About 3,000 resources an account.
    pub(crate) fn new(resources: usize) -> Estate {
        Estate { resources, accounts: (resources / 3_000).max(3), changed: false }
    }

    /// Moves every hundredth resource to another team.
    pub(crate) fn change_owners(&mut self) {
        self.changed = true;
    }

    /// The ref of every resource.
    pub(crate) fn refs(&self) -> Vec<Ref> {
        (0..self.resources).map(|at| Ref::resource(&self.arn(at))).collect()
    }

    /// All of it as an ingest would know it, without a lake in between.
    pub(crate) fn observed(&self) -> Result<Vec<PartContent>, String> {
        let step = self.step();
        let parts = (0..step.min(self.resources)).map(|first| {
            let (account, region, kind) = self.place(first);
            let scope = Scope::Aws { account: Text::from(account), region: Text::new_static(region) };
            let records: Vec<Value> = (first..self.resources).step_by(step).map(|at| self.record(at)).collect();
            let read = read_file(&scope, kind, Value::Array(records).to_string().as_bytes())?;
            let at = "2026-11-01T06:00:00Z".parse().map_err(|error| format!("{error}"))?;
            let part = Part {
                key: Part::key(&scope_folder("aws", &scope).to_string(), kind),
                source: "aws".into(),
                scope,
                kind: kind.into(),
                run: 1,
                outcome: Outcome::complete(),
                items: read.observations.len() as u64,
                unread: Vec::new(),
                read_at: at,
                good_at: Some(at),
                content: None,
                hold: None,
                set_aside: Vec::new(),
            };
            Ok(PartContent { part, observations: read.observations.into_iter().map(Known::fresh).collect() })
        });
        parts.collect()
    }

    /// Resources go round over kinds, regions and accounts: those of one place are found by stepping.
    fn step(&self) -> usize {
        KINDS.len() * REGIONS.len() * self.accounts
    }

    fn account(&self, at: usize) -> String {
        format!("{:012}", 10_000_000_000 + (at / KINDS.len() / REGIONS.len()) % self.accounts * 7_919)
    }

    fn place(&self, at: usize) -> (String, &'static str, &'static str) {
        (self.account(at), REGIONS[at / KINDS.len() % REGIONS.len()], KINDS[at % KINDS.len()])
    }

    fn arn(&self, at: usize) -> String {
        let (account, region, kind) = self.place(at);
        match kind {
            "s3" => format!("arn:aws:s3:::shop-data-{at}"),
            "rds" => format!("arn:aws:rds:{region}:{account}:db:orders-{at}"),
            "dynamodb" => format!("arn:aws:dynamodb:{region}:{account}:table/events-{at}"),
            _ => format!("arn:aws:lambda:{region}:{account}:function:worker-{at}"),
        }
    }

    fn tags(&self, at: usize) -> Vec<(&'static str, String)> {
        // Half of all changes happen in one place in a hundred: owners move by team, not at random.
        let moved = usize::from(self.changed && at % 10_000 < 100);
        let team = format!("team-{}", (at * 7 + moved) % TEAMS);
        let mut tags = vec![
            ("environment", ["dev", "staging", "prod"][at % 3].to_owned()),
            ("managed-by", "terraform".to_owned()),
            ("cost-center", format!("cc-{}", at % 900)),
            ("repository", format!("gitlab.example.com/{team}/service-{}", at % 5_000)),
        ];
        match at % 100 {
            0 => tags.push(("team", format!("legacy-{}", at % 40))),
            1..=4 => {}
            5..=20 => tags.push(("Team", team)),
            _ => tags.push(("team", team)),
        }
        tags
    }

    fn record(&self, at: usize) -> Value {
        let (_, region, kind) = self.place(at);
        let tags = self.tags(at);
        let pairs: Vec<Value> = tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
        let arn = self.arn(at);
        match kind {
            "s3" => json!({
                "Name": format!("shop-data-{at}"), "BucketArn": arn, "BucketRegion": region,
                "CreationDate": "2024-05-01T10:00:00Z", "Tags": pairs
            }),
            "rds" => json!({
                "DBInstanceIdentifier": format!("orders-{at}"), "DBInstanceArn": arn, "DBInstanceClass": "db.r6g.large",
                "Engine": "postgres", "EngineVersion": "15.7", "DBInstanceStatus": "available", "MultiAZ": true,
                "Endpoint": {"Address": format!("orders-{at}.c0ffee.{region}.rds.amazonaws.com"), "Port": 5432},
                "InstanceCreateTime": "2024-05-01T10:00:00Z", "DbiResourceId": format!("db-{at}"), "TagList": pairs
            }),
            "dynamodb" => json!({
                "TableName": format!("events-{at}"), "TableArn": arn, "TableStatus": "ACTIVE",
                "CreationDateTime": "2024-05-01T10:00:00Z",
                "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}, "Tags": pairs
            }),
            _ => json!({
                "FunctionName": format!("worker-{at}"), "FunctionArn": arn, "Runtime": "python3.12", "Handler": "a.b",
                "Role": "arn:aws:iam::010000000000:role/worker",
                "Environment": {"Variables": {"EVENTS_TABLE": format!("events-{}", at - 1), "LOG_LEVEL": "info"}},
                "EventSourceMappings": [],
                "Tags": tags.into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect::<serde_json::Map<_, _>>()
            }),
        }
    }
}

/// The teams of the estate.
pub(crate) fn rules() -> Rules {
    let team = |at: usize| TeamRule {
        name: Text::from(format!("team-{at}")),
        product: Some(Text::from(format!("product-{}", at % 25))),
        ..TeamRule::default()
    };
    Rules { teams: (0..TEAMS).map(team).collect(), ..Rules::default() }
}

#[async_trait]
impl Source for Estate {
    fn name(&self) -> &str {
        "aws"
    }

    fn folder(&self) -> &str {
        "aws"
    }

    fn permissions(&self) -> Vec<Permission> {
        Vec::new()
    }

    async fn scopes(&self) -> Result<Scopes, SourceError> {
        let blocks = (0..self.accounts * REGIONS.len()).map(|block| block * KINDS.len());
        let scopes = blocks.map(|at| {
            let (account, region, _) = self.place(at);
            Scope::Aws { account: Text::from(account), region: Text::from(region) }
        });
        Ok(Scopes { scopes: scopes.collect(), ..Scopes::default() })
    }

    async fn collect(&self, scope: &Scope, out: &SnapshotWriter) -> Result<(), SourceError> {
        out.expect(KINDS);
        let step = self.step();
        for first in 0..step.min(self.resources) {
            let (account, region, kind) = self.place(first);
            if scope.account().is_some_and(|a| *a == account) && scope.region().is_some_and(|r| r == region) {
                for at in (first..self.resources).step_by(step) {
                    out.object(kind, format!("{at:09}"), self.record(at));
                }
            }
        }
        for kind in KINDS {
            out.finish(kind, Outcome::complete());
        }
        Ok(())
    }
}
