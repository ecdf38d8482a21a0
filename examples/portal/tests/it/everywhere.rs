//! One estate, kept in every lake and store there is: the answers are the same to the byte.

use std::collections::BTreeMap;
use std::process::Command;

use portal_core::{Catalog, Store};
use portal_store::SqlStore;
use serde_json::Value;

use crate::aws::{self, bed::Bed as Aws};
use crate::bed::Bed;
use crate::program::{Program, files_below};
use crate::s3_server::{ACCESS_KEY, S3Server, SECRET_KEY};

const BUCKET: &str = "lake";

/// A new database in the server that all tests share.
pub(crate) fn database(postgres: &Bed, name: &str) -> String {
    let name = format!("portal_{}_{name}", std::process::id());
    let statement = format!("CREATE DATABASE {name}");
    let made = Command::new("psql").args([postgres.said("url"), "--quiet", "--command", &statement]).output();
    let made = made.expect("psql comes with the server");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let (server, _) = postgres.said("url").rsplit_once('/').expect("a URL with a database");
    format!("{server}/{name}")
}

/// Lets a program see the bucket.
fn with_bucket(program: &mut Program, server: &S3Server) {
    program
        .env("AWS_ENDPOINT_URL_S3", server.endpoint())
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .env("AWS_REGION", "eu-west-1");
}

/// The lake of a folder, file by file, in the bucket.
fn copy(program: &Program, server: &S3Server) {
    let lake = program.path().join("lake");
    for file in files_below(&lake) {
        let key = file.strip_prefix(&lake).expect("below the lake").to_str().expect("keys are ASCII");
        // What begins with a dot is the folder's own business.
        if !key.split('/').any(|part| part.starts_with('.')) {
            server.place(BUCKET, &format!("portal/{key}"), std::fs::read(&file).expect("a file"));
        }
    }
}

/// When each store heard of a thing is the one difference there may be.
fn without_times_of_ingest(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields.iter_mut() {
                match key.as_str() {
                    "first_seen" | "last_seen" | "updated_at" if value.is_string() => *value = "some time".into(),
                    _ => without_times_of_ingest(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_times_of_ingest),
        _ => {}
    }
}

/// Everything that a catalog can say of its entities, as JSON.
fn answers(store: &str) -> BTreeMap<String, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let catalog = runtime.block_on(async {
        let store = SqlStore::open_existing(store).await.expect("a store");
        let head = store.head().await.expect("a head");
        assert_eq!(head.revision, 1, "{}", store.location());
        Catalog::load(&store).await.expect("a catalog")
    });
    let mut answers = BTreeMap::new();
    for entity in catalog.entities() {
        let entity_ref = entity.entity_ref();
        let said = match catalog.why(&entity_ref) {
            Ok(why) => serde_json::to_value(why).expect("JSON"),
            Err(_) => serde_json::to_value(entity).expect("JSON"),
        };
        let mut said =
            Value::from(vec![said, serde_json::to_value(catalog.relations_from(&entity_ref)).expect("JSON")]);
        without_times_of_ingest(&mut said);
        answers.insert(entity_ref.to_string(), said.to_string());
    }
    answers.insert("findings".to_owned(), serde_json::to_string(catalog.findings()).expect("JSON"));
    answers
}

#[test]
fn one_estate_gives_the_same_answers_from_every_lake_and_store() {
    let aws = Aws::start(&["--accounts", "20"]);
    let server = S3Server::start(BUCKET);
    let postgres = Bed::join("postgres");
    let mut program = aws::program(&aws);
    program.expect(3, &["collect"]);
    copy(&program, &server);
    with_bucket(&mut program, &server);
    let bucket = format!("s3://{BUCKET}/portal");
    let places = [
        ("./lake", "sqlite:folder.db".to_owned()),
        ("./lake", database(&postgres, "folder")),
        (bucket.as_str(), "sqlite:bucket.db".to_owned()),
        (bucket.as_str(), database(&postgres, "bucket")),
    ];
    let mut first: Option<(Vec<String>, BTreeMap<String, String>)> = None;
    for (lake, store) in &places {
        let report = program.json(&["ingest", "--lake", lake, "--store", store]).1;
        assert!(report["added"].as_u64().is_some_and(|added| added > 2_500), "{lake} {store}: {report:#}");
        let mut printed = Vec::new();
        for list in ["products", "teams", "services", "resources", "environments"] {
            printed.push(vec!["list", list, "--limit", "100000"]);
        }
        // Some through the command line, to see that it prints the same; all of them from the library.
        let some = program.items(&["list", "resources", "--store", store, "--limit", "12"]);
        let refs: Vec<String> = some.iter().map(|item| item["ref"].as_str().expect("a ref").to_owned()).collect();
        for entity in &refs {
            printed.push(vec!["owner", entity]);
            printed.push(vec!["why", entity]);
        }
        let printed: Vec<String> = printed
            .into_iter()
            .map(|arguments| {
                let mut answer = program.answer(&[arguments, vec!["--store", store]].concat());
                without_times_of_ingest(&mut answer);
                answer.to_string()
            })
            .collect();
        let in_folder =
            store.strip_prefix("sqlite:").map(|file| format!("sqlite:{}", program.path().join(file).display()));
        let all = answers(in_folder.as_ref().unwrap_or(store));
        assert!(all.len() > 2_500);
        match &first {
            None => first = Some((printed, all)),
            Some((same, everything)) => {
                for (one, other) in same.iter().zip(&printed) {
                    assert_eq!(one, other, "{lake} {store}");
                }
                for (entity, said) in everything {
                    assert_eq!(all.get(entity), Some(said), "{entity} in {lake} {store}");
                }
                assert_eq!(all.len(), everything.len());
            }
        }
    }
}

#[test]
fn a_collector_that_writes_to_a_bucket_writes_what_one_writes_to_a_folder() {
    let aws = Aws::start(&["--accounts", "5"]);
    let server = S3Server::start(BUCKET);
    let mut program = aws::program(&aws);
    with_bucket(&mut program, &server);
    program.expect(3, &["collect"]);
    program.expect(3, &["collect", "--lake", &format!("s3://{BUCKET}/portal")]);
    let lake = program.path().join("lake");
    let stored = server.contents(BUCKET);
    let mut compared = 0;
    for file in files_below(&lake) {
        let key = file.strip_prefix(&lake).expect("below the lake").to_str().expect("keys are ASCII");
        // Manifests tell times; what begins with a dot is the folder's own business.
        if key.ends_with("_manifest.json") || key.split('/').any(|part| part.starts_with('.')) {
            continue;
        }
        let bytes = std::fs::read(&file).expect("a file");
        assert_eq!(stored.get(&format!("portal/{key}")).map(|bytes| &bytes[..]), Some(&bytes[..]), "{key}");
        compared += 1;
    }
    assert!(compared > 20, "{compared}");
    let report = program.json(&["ingest", "--lake", &format!("s3://{BUCKET}/portal")]).1;
    assert!(report["added"].as_u64().is_some_and(|added| added > 100), "{report:#}");
    assert!(!program.run(&["list", "resources"]).out.contains(SECRET_KEY));
}
