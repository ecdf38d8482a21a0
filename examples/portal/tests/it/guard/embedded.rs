//! The API inside of another service: unguarded unless that service says otherwise.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use portal::serve::{self, Auth, Background, Options, Portal, Protection};
use portal_store::SqlStore;
use tokio::runtime::Runtime;

use super::{key, until};
use crate::program::Program;
use crate::server::{Answer, demo, try_ask};

struct Service {
    address: String,
    _background: Background,
    _runtime: Runtime,
}

impl Service {
    fn of(program: &Program, protection: Protection) -> Service {
        let runtime = Runtime::new().expect("a runtime");
        let url = format!("sqlite:{}", program.path().join("portal.db").display());
        let (address, background) = runtime.block_on(async {
            let store = SqlStore::open_existing(&url).await.expect("the demo's store");
            let portal = Portal::new(Arc::new(store), Options { protection, ..Options::default() });
            let background = portal.start();
            let app = Router::new().nest("/portal", serve::router(&portal));
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let address = listener.local_addr().expect("an address").to_string();
            let app = app.into_make_service_with_connect_info::<SocketAddr>();
            tokio::spawn(async move { axum::serve(listener, app).await });
            (address, background)
        });
        let service = Service { address, _background: background, _runtime: runtime };
        until("ready", || service.get("/portal/readyz", &[]).status == 200);
        service
    }

    #[track_caller]
    fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        try_ask(&self.address, "GET", path, headers, b"").unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

#[test]
fn a_service_that_nests_the_api_has_its_own_ways_to_protect_it() {
    let service = Service::of(&demo(), Protection::default());
    let answer = service.get("/portal/api/v1alpha/services", &[]);
    assert_eq!((answer.status, answer.header("ratelimit")), (200, ""));
    assert_eq!(service.get("/portal/metrics", &[]).status, 200);
}

#[test]
fn a_service_that_nests_the_api_can_ask_for_keys() {
    let program = demo();
    let made = key(&program, &[]);
    let service = Service::of(&program, Protection { auth: Auth::Keys, ..Protection::default() });
    for path in ["/portal/api/v1alpha/services", "/portal/api/nothing", "/portal/metrics"] {
        assert_eq!(service.get(path, &[]).status, 401, "{path}");
    }
    for path in ["/portal/healthz", "/portal/openapi.json", "/portal/docs", "/portal/docs/docs.css"] {
        assert_eq!(service.get(path, &[]).status, 200, "{path}");
    }
    let page = service.get("/portal/services", &[("Accept", "text/html")]);
    assert!(page.header("content-type").starts_with("text/html"), "{:?}", page.headers);
    let bearer = format!("Bearer {made}");
    assert_eq!(service.get("/portal/api/v1alpha/services", &[("Authorization", &bearer)]).status, 200);
}
