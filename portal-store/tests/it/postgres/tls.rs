//! TLS, with the meaning that libpq gives to each mode.

use portal_core::ErrorKind;
use portal_core::Store as _;
use portal_core::error::chain;
use portal_store::SqlStore;

use super::{InPostgres, assert_says, client, execute, refused};

/// An authority that made no server's certificate; its key is gone.
const ANOTHER: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBnjCCAUWgAwIBAgIUKjf42PCkNuot7hCupgZ7pXFbaX4wCgYIKoZIzj0EAwIw\n\
HDEaMBgGA1UEAwwRQW5vdGhlciBhdXRob3JpdHkwIBcNMjYxMTIyMTk0MjEwWhgP\n\
MjEyNjEwMjkxOTQyMTBaMBwxGjAYBgNVBAMMEUFub3RoZXIgYXV0aG9yaXR5MFkw\n\
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE6a+kBw0UVSnvzYWvsyCi+S6GJBWEn/UB\n\
jzplEMixD81ob/OZRCTPCLOGPlGwq/YlFUxyDJJS5Nl6mOkYQVH8aaNjMGEwHQYD\n\
VR0OBBYEFBO9sFkNrpfLRnYDkfnwJIWd+3BmMB8GA1UdIwQYMBaAFBO9sFkNrpfL\n\
RnYDkfnwJIWd+3BmMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMAoG\n\
CCqGSM49BAMCA0cAMEQCIGmTDisqhLsdtu263BZeFSYeyDfysPtsHg8yhmk/Uk3R\n\
AiB6U9fsQoOdR9duHjQZwYFPKZwZB/Be0Z4N83OUsX71gw==\n\
-----END CERTIFICATE-----\n\
";

impl InPostgres {
    fn authority(&self) -> String {
        self.bed.said("ca_file").replace('/', "%2F")
    }

    /// Opens the store in a mode, and says whether the connection was under TLS.
    async fn is_under_tls(&self, parameters: &str) -> bool {
        let name = format!("tls-{}", self.name);
        let store = SqlStore::open(&self.url_with("postgres", &format!("{parameters}&application_name={name}"))).await;
        let store = store.unwrap_or_else(|error| panic!("{parameters}: {}", chain(&error)));
        store.head().await.expect("a head");
        let question = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                        WHERE application_name = $1";
        client(&self.url()).await.query_one(question, &[&name]).await.expect("an answer").get(0)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mode_that_allows_tls_uses_it() {
    let place = InPostgres::new();
    let authority = place.authority();
    assert!(!place.is_under_tls("sslmode=disable").await);
    for parameters in [
        String::new(),
        "sslmode=prefer".to_owned(),
        "sslmode=require".to_owned(),
        format!("sslmode=require&sslrootcert={authority}"),
        format!("sslmode=verify-ca&sslrootcert={authority}"),
        format!("sslmode=verify-full&sslrootcert={authority}"),
    ] {
        assert!(place.is_under_tls(&parameters).await, "{parameters}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_on_the_same_machine_needs_no_tls() {
    let place = InPostgres::new();
    let folder: String =
        client(&place.url()).await.query_one("SHOW unix_socket_directories", &[]).await.expect("an answer").get(0);
    let url = format!("postgres://postgres@{}:{}/{}", folder.replace('/', "%2F"), place.port(), place.name);
    let store = SqlStore::open(&url).await.unwrap_or_else(|error| panic!("{}", chain(&error)));
    assert_eq!(store.head().await.expect("a head").generation, 0);
    assert!(store.location().contains(&folder), "{}", store.location());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_authority_is_refused() {
    let place = InPostgres::new();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("another.pem");
    std::fs::write(&file, ANOTHER).expect("a file");
    let file = file.display().to_string().replace('/', "%2F");
    for mode in ["require", "verify-ca", "verify-full"] {
        let error = refused(&place.url_with("postgres", &format!("sslmode={mode}&sslrootcert={file}"))).await;
        assert_says(&error, ErrorKind::Invalid, &["certificate", "sslrootcert"]);
        assert!(chain(&error).contains("UnknownIssuer"), "{mode}: {}", chain(&error));
    }
    for mode in ["verify-ca", "verify-full"] {
        let error = refused(&place.url_with("postgres", &format!("sslmode={mode}"))).await;
        assert_says(&error, ErrorKind::Invalid, &["certificate", "sslrootcert"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_name_is_refused_where_names_count() {
    let place = InPostgres::new();
    let authority = place.authority();
    let url = |mode: &str| {
        place
            .url_with("postgres", &format!("hostaddr=127.0.0.1&sslmode={mode}&sslrootcert={authority}"))
            .replace("@127.0.0.1", "@db.example")
    };
    let error = refused(&url("verify-full")).await;
    assert_says(&error, ErrorKind::Invalid, &["db.example", "certificate", "name"]);
    for mode in ["verify-ca", "require", "prefer"] {
        SqlStore::open(&url(mode)).await.unwrap_or_else(|error| panic!("{mode}: {}", chain(&error)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_holds_no_authority_is_told() {
    let place = InPostgres::new();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    let url = place.url_with("postgres", &format!("sslmode=verify-full&sslrootcert={}", file.display()));
    assert_says(&refused(&url).await, ErrorKind::Invalid, &["ca.pem", "sslrootcert", "cannot be read"]);
    std::fs::write(&file, "nothing").expect("a file");
    assert_says(&refused(&url).await, ErrorKind::Invalid, &["ca.pem", "holds no certificate"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_refused_by_all_but_prefer_and_disable() {
    let place = InPostgres::own();
    execute(&client(&place.url()).await, "ALTER SYSTEM SET ssl = off").await;
    execute(&client(&place.url()).await, "SELECT pg_reload_conf()").await;
    super::until("the server to give TLS up", async || {
        SqlStore::open(&place.url_with("postgres", "sslmode=require")).await.is_err()
    })
    .await;
    for mode in ["disable", "prefer"] {
        assert!(!place.is_under_tls(&format!("sslmode={mode}")).await, "{mode}");
    }
    for parameters in ["sslmode=require", &format!("sslmode=verify-full&sslrootcert={}", place.authority())] {
        let error = refused(&place.url_with("postgres", parameters)).await;
        assert_says(&error, ErrorKind::Denied, &["sslmode"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn prefer_goes_without_tls_where_the_server_lets_the_user_in_only_so() {
    let place = InPostgres::own();
    let admin = client(&place.url()).await;
    let rules: String = admin.query_one("SHOW hba_file", &[]).await.expect("an answer").get(0);
    std::fs::write(&rules, "hostnossl all all 127.0.0.1/32 trust\n").expect("the rules");
    execute(&admin, "SELECT pg_reload_conf()").await;
    super::until("the new rules", async || {
        SqlStore::open(&place.url_with("postgres", "sslmode=require")).await.is_err()
    })
    .await;
    assert!(!place.is_under_tls("sslmode=prefer").await);
    let error = refused(&place.url_with("postgres", "sslmode=require")).await;
    assert_says(&error, ErrorKind::Denied, &["pg_hba.conf"]);
}
