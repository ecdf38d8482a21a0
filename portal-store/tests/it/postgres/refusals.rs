//! What a server can refuse, and what a person is told.

use portal_core::error::chain;
use portal_core::model::{Entity, Ownership};
use portal_core::store::Change;
use portal_core::testing::estate::{bucket, bucket_of, change, part};
use portal_core::{Coverage, ErrorKind, Outcome, Store as _};
use portal_store::SqlStore;

use super::{InPostgres, assert_says, client, commit, execute, refused};

#[tokio::test(flavor = "multi_thread")]
async fn a_port_where_nobody_listens_is_told() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let error = refused(&format!("postgres://portal:hunter2@127.0.0.1:{port}/portal")).await;
    assert_says(&error, ErrorKind::Unavailable, &["nobody listens", &port.to_string(), "host and port"]);
    assert!(!chain(&error).contains("hunter2"), "{}", chain(&error));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_does_not_exist_is_told() {
    let error = refused("postgres://portal@no-such-host.invalid/portal").await;
    assert_says(&error, ErrorKind::Unavailable, &["no-such-host.invalid", "check the host's name"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_answer_is_told() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let error = refused(&format!("postgres://portal@127.0.0.1:{port}/portal?connect_timeout=1&sslmode=disable")).await;
    assert_says(&error, ErrorKind::Unavailable, &["does not answer"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_there_is_told_with_the_command_that_makes_it() {
    let place = InPostgres::new();
    let url = place.url().replace(&place.name, "nowhere");
    let error = refused(&url).await;
    let command = format!("createdb -h 127.0.0.1 -p {} -U postgres nowhere", place.port());
    assert_says(&error, ErrorKind::NotFound, &["no database `nowhere`", &command]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_or_missing_password_is_told_and_not_shown() {
    let place = InPostgres::own();
    let admin = client(&place.url()).await;
    execute(&admin, "CREATE ROLE locked LOGIN PASSWORD 'correct horse'").await;
    let rules: String = admin.query_one("SHOW hba_file", &[]).await.expect("an answer").get(0);
    let trusting = std::fs::read_to_string(&rules).expect("the rules");
    std::fs::write(&rules, format!("host all locked 127.0.0.1/32 scram-sha-256\n{trusting}")).expect("the rules");
    execute(
        &admin,
        "SELECT pg_reload_conf(); GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO locked",
    )
    .await;
    let right = place.url_with("locked:correct%20horse", "sslmode=disable");
    super::until("the new rules", async || SqlStore::open(&place.url_with("locked:x", "")).await.is_err()).await;
    SqlStore::open(&right).await.unwrap_or_else(|error| panic!("{}", chain(&error)));
    for parameters in ["sslmode=disable", "sslmode=prefer", "sslmode=require"] {
        let wrong = refused(&place.url_with("locked:hunter2", parameters)).await;
        assert_says(&wrong, ErrorKind::Denied, &["`locked`", "password", "PGPASSWORD", "pg_hba.conf"]);
        assert!(!chain(&wrong).contains("hunter2"), "{}", chain(&wrong));
    }
    let missing = refused(&place.url_with("locked", "sslmode=disable")).await;
    assert_says(&missing, ErrorKind::Denied, &["password", "PGPASSWORD"]);
    let mut child = super::migrations::opens_and_writes(&place.url_with("locked", "sslmode=disable"));
    child.env("PGPASSWORD", "correct horse");
    assert!(child.status().expect("it starts").success(), "the environment's password is not taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_right_is_told() {
    let place = InPostgres::new();
    let writer = place.store().await;
    commit(&writer, &change([bucket("a")], [])).await;
    let admin = place.database().await;
    let role = format!("role_of_{}", place.name);
    execute(&admin, &format!("CREATE ROLE {role} LOGIN")).await;
    let outsider = refused(&place.url_with(&role, "")).await;
    assert_says(&outsider, ErrorKind::Denied, &[&role, "SELECT", "lacks a right"]);
    execute(&admin, &format!("GRANT SELECT ON __diesel_schema_migrations TO {role}")).await;
    let reader = SqlStore::open(&place.url_with(&role, "")).await.expect("it may look at the version");
    let error = reader.load(None).await.expect_err("it may read nothing else");
    assert_says(&error, ErrorKind::Denied, &[&role, "SELECT"]);
    execute(&admin, &format!("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")).await;
    assert_eq!(reader.load(None).await.expect("who may read reads").entities.len(), 1);
    let head = reader.head().await.expect("a head");
    let error = reader.commit(&head, &change([bucket("b")], [])).await.expect_err("it may not write");
    assert_says(&error, ErrorKind::Denied, &[&role, "cannot write"]);
    assert_eq!(writer.head().await.expect("a head"), head);
    drop(reader);
    let elsewhere = InPostgres::without_store();
    let nowhere = refused(&elsewhere.url_with(&role, "")).await;
    assert_says(&nowhere, ErrorKind::Denied, &["CREATE on the schema"]);
    execute(&admin, &format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_server_is_told_and_can_be_read() {
    let place = InPostgres::new();
    let head = commit(&place.store().await, &change([bucket("a")], [])).await;
    let admin = place.database().await;
    execute(&admin, &format!("ALTER DATABASE {} SET default_transaction_read_only = on", place.name)).await;
    let store = place.store().await;
    assert_eq!(store.load(None).await.expect("it can be read").entities.len(), 1);
    let error = store.commit(&head, &change([bucket("b")], [])).await.expect_err("it is read-only");
    assert_says(&error, ErrorKind::Storage, &["read-only", "standby", "target_session_attrs=read-write"]);
    assert_eq!(store.head().await.expect("a head"), head);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_changes_nothing() {
    let place = InPostgres::new();
    let store = place.store().await;
    let head = commit(&store, &change([bucket("a")], [])).await;
    // What the server says when it is so, at the very end of a commit.
    let admin = place.database().await;
    execute(
        &admin,
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$; \
         CREATE CONSTRAINT TRIGGER full_disk AFTER INSERT ON entity DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION full_disk()",
    )
    .await;
    let error = store.commit(&head, &change([bucket("b")], [])).await.expect_err("it does not fit");
    assert_says(&error, ErrorKind::Storage, &["no space", "free some", "nothing was changed"]);
    assert_eq!(store.head().await.expect("a head"), head);
    assert_eq!(store.load(None).await.expect("a state").entities.len(), 1);
    execute(&admin, "DROP TRIGGER full_disk ON entity").await;
    store.commit(&head, &change([bucket("b")], [])).await.expect("now it fits");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_connections_are_told() {
    let place = InPostgres::new();
    let admin = place.database().await;
    let role = format!("role_of_{}", place.name);
    execute(&admin, &format!("CREATE ROLE {role} LOGIN CONNECTION LIMIT 0")).await;
    let error = refused(&place.url_with(&role, "")).await;
    assert_says(&error, ErrorKind::Unavailable, &["no connection left", "max_connections"]);
    execute(&admin, &format!("DROP ROLE {role}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_nobody_understands_is_told() {
    let place = InPostgres::new();
    let store = place.store().await;
    commit(&store, &change([bucket("a")], [])).await;
    execute(&place.database().await, "UPDATE entity SET data = '{\"entity\": \"spaceship\"}'").await;
    let error = store.load(None).await.expect_err("a spaceship");
    assert_says(&error, ErrorKind::Invalid, &["newer version", "portal migrate"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nul_comes_back_in_a_reason_and_is_refused_with_words_in_a_name() {
    let place = InPostgres::new();
    let store = place.store().await;
    let mut odd = part("s3", 1, 0);
    odd.outcome = Outcome::not(Coverage::Failed, "no\u{0}reason");
    let head = commit(&store, &Change { parts: vec![(odd.clone(), None)], ..change([], []) }).await;
    assert_eq!(store.parts().await.expect("parts"), [odd]);
    let error = store.commit(&head, &change([bucket("a\u{0}b")], [])).await.expect_err("no database keeps it");
    assert_says(&error, ErrorKind::Invalid, &["NUL"]);
    assert_eq!(store.head().await.expect("a head"), head, "nothing was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn times_before_the_first_one_of_the_database_stop_nothing() {
    let place = InPostgres::new();
    let store = place.store().await;
    let mut odd = bucket_of("a", Ownership::default());
    odd.created_at = Some("-009999-01-02T01:59:59Z".parse().expect("a time"));
    let odd = Entity::Resource(odd);
    commit(&store, &change([odd.clone()], [])).await;
    assert_eq!(store.load(None).await.expect("a state").entities.get(0).entity, odd);
    let shown = "SELECT count(*) FROM resource WHERE created_at < '2000-01-01'";
    assert_eq!(super::number(&place.database().await, shown).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_are_not_those_of_this_version_are_told() {
    let place = InPostgres::new();
    let store = place.store().await;
    commit(&store, &change([bucket("a")], [])).await;
    execute(&place.database().await, "ALTER TABLE relation RENAME TO other; ALTER TABLE finding RENAME TO another")
        .await;
    let error = store.load(None).await.expect_err("a table is missing");
    assert_says(&error, ErrorKind::Invalid, &["not those of this version", "portal migrate"]);
}
