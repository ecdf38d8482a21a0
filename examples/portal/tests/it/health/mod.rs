//! Health checks as users see them: services with status URLs, a server that asks them, and what it says.

mod found;
mod hosts;
mod many;
mod shared;

use std::collections::BTreeMap;
use std::path::Path;

use portal_core::curated::{Added, Edit};
use portal_core::model::ServiceKind;
use portal_core::{Catalog, Curated, Ref, Store};
use portal_store::SqlStore;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::program::Program;
use crate::server::Server;

/// Checks every second, may ask this machine, and believes every answer.
const QUICK: &str = "
    [health]
    every = \"1s\"
    timeout = \"2s\"
    connect_timeout = \"1s\"
    confirm = { of = 1, agree = 1 }
    allow = [\"127.0.0.1\"]
";

/// A folder with a configuration and services that a person added, each with a status URL.
fn with_services(config: &str, services: &[(&str, String)]) -> Program {
    let program = Program::with_config(config);
    say(&url_of(&program), services);
    program
}

/// The store that a program uses where nobody says otherwise.
fn url_of(program: &Program) -> String {
    store_in(program.path())
}

fn store_in(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("portal.db").display())
}

/// Gives services of the namespace `test` other status URLs; an empty one takes it away. New services are added.
fn say(store: &str, services: &[(&str, String)]) {
    let edit = |catalog: &Catalog, name: &str, url: &str| {
        let entity = Ref::service("test", name);
        let said = catalog.curated(&entity);
        let mut curated = said.map(|said| said.curated.clone()).unwrap_or_else(|| Curated {
            added: Some(Added { kind: ServiceKind::HttpService, product: None }),
            ..Curated::default()
        });
        curated.status_url = (!url.is_empty()).then(|| url.into());
        Edit { seen: said.map_or(0, |said| said.version), curated: Some(curated), entity }
    };
    runtime().block_on(async {
        let store = SqlStore::open(store).await.expect("a store");
        let catalog = Catalog::load(&store).await.expect("a catalog");
        let edits: Vec<Edit> = services.iter().map(|(name, url)| edit(&catalog, name, url)).collect();
        store.edit("test", &edits).await.expect("it is said");
    });
}

fn runtime() -> Runtime {
    tokio::runtime::Runtime::new().expect("a runtime")
}

/// One service as the API shows it.
#[track_caller]
fn service(server: &Server, name: &str) -> Value {
    server.json(&format!("/api/v1alpha/services/test/{name}"))
}

fn status(server: &Server, name: &str) -> String {
    service(server, name)["status"].as_str().unwrap_or_default().to_owned()
}

/// Statuses of all services by name.
fn statuses(server: &Server) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut cursor = String::new();
    loop {
        let page = server.json(&format!("/api/v1alpha/services?limit=500{cursor}"));
        for item in page["items"].as_array().into_iter().flatten() {
            let text = |field: &str| item[field].as_str().unwrap_or_default().to_owned();
            all.insert(text("name"), text("status"));
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={}", crate::server::encoded(next)),
            None => return all,
        }
    }
}

/// A figure of `/metrics`.
fn figure(server: &Server, name: &str) -> f64 {
    let text = server.get("/metrics").text();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
    line.unwrap_or_else(|| panic!("no figure {name}:\n{text}"))
}
