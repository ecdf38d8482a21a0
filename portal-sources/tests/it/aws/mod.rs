//! The AWS adapter against an organization in moto, and against an AWS that misbehaves.

mod contract;
mod estate;
mod fake;
mod messages;
mod oddities;
mod refusals;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use futures::StreamExt;
use portal_core::source::KindSnapshot;
use portal_core::{Outcome, Scope, Scopes, SnapshotWriter, Source, Text};
use portal_sources::aws::{Aws, Config};
use serde_json::Value;

use crate::aws_bed::Bed;

/// What was read of each scope.
type Snapshots = BTreeMap<Scope, BTreeMap<Text, KindSnapshot>>;

/// The bed of the tests that only read.
fn shared_bed() -> &'static Bed {
    static BED: OnceLock<Bed> = OnceLock::new();
    BED.get_or_init(|| Bed::start(&["--accounts", "6"]))
}

/// A file with credentials that any simulator takes.
fn credentials() -> &'static str {
    static FILE: OnceLock<tempfile::NamedTempFile> = OnceLock::new();
    let file = FILE.get_or_init(|| {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let text = "[default]\naws_access_key_id = AKIATESTTESTTESTTEST\naws_secret_access_key = test\n";
        std::fs::write(file.path(), text).expect("it is written");
        file
    });
    file.path().to_str().expect("a plain path")
}

/// A source that reads an address with those credentials; `table` is the rest of its configuration.
fn source(endpoint: &str, table: &str) -> Aws {
    let table = format!(
        "endpoint_url = \"{endpoint}\"\ncredentials_file = \"{}\"\nhome_region = \"eu-west-1\"\n{table}",
        credentials()
    );
    let config: Config = toml::from_str(&table).expect("the configuration can be read");
    Aws::new("aws", config).expect("the configuration is right")
}

/// The whole organization of a bed.
fn organization(bed: &Bed) -> Aws {
    organization_with(bed, "")
}

fn organization_with(bed: &Bed, table: &str) -> Aws {
    let (role, external_id) = (bed.said("role"), bed.said("external_id"));
    let table = format!("organization = true\nrole = \"{role}\"\nexternal_id = \"{external_id}\"\n{table}");
    source(&bed.endpoint(), &table)
}

async fn collect_scope(source: &Aws, scope: &Scope) -> BTreeMap<Text, KindSnapshot> {
    let writer = SnapshotWriter::default();
    let rest = match source.collect(scope, &writer).await {
        Ok(()) => Outcome::not(portal_core::Coverage::Failed, "never finished"),
        Err(error) => Outcome::of_error(&error),
    };
    writer.into_kinds(&rest)
}

/// What the adapter writes of the buckets of a scope; for others who write the same.
#[cfg(feature = "exec")]
pub(crate) async fn buckets(bed: &Bed, scope: &Scope) -> Vec<Value> {
    let source = organization(bed);
    source.scopes().await.unwrap_or_else(|e| panic!("{}", portal_core::error::chain(&e)));
    let kinds = collect_scope(&source, scope).await;
    kinds["s3"].objects.iter().map(|object| object.value.clone()).collect()
}

async fn collect(source: &Aws) -> (Scopes, Snapshots) {
    let scopes = source.scopes().await.unwrap_or_else(|e| panic!("{}", portal_core::error::chain(&e)));
    let reads: Vec<_> =
        scopes.scopes.iter().map(|scope| async move { (scope.clone(), collect_scope(source, scope).await) }).collect();
    let snapshots = futures::stream::iter(reads).buffer_unordered(8).collect().await;
    (scopes, snapshots)
}

fn scope(account: &str, region: &str) -> Scope {
    Scope::Aws { account: Text::from(account), region: Text::from(region) }
}

fn outcome(kind: &KindSnapshot) -> &Outcome {
    kind.outcome.as_ref().expect("it ended")
}

/// The text of an error, which has to be one line that a person can read.
fn one_line(error: &portal_core::SourceError) -> String {
    let text = portal_core::error::chain(error);
    assert_readable(&text);
    text
}

#[track_caller]
fn assert_readable(text: &str) {
    let debug = ["Some(", "None", " { ", "Error(", "\\\"", "Unhandled", "dispatch failure", "service error"];
    assert!(!text.contains('\n') && !debug.iter().any(|word| text.contains(word)), "not for people: {text}");
    assert!(text.len() < 700, "too long: {text}");
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}"))
}
