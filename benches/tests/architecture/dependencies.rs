//! What no crate may know, told by what it depends on.

use crate::check;
use crate::crates::{Crates, is_one_of};

const RUNTIMES_AND_NETWORK: &[&str] = &[
    "async-std",
    "axum*",
    "curl",
    "h2",
    "hyper*",
    "isahc",
    "ldap3",
    "mio",
    "native-tls",
    "openssl*",
    "quinn",
    "reqwest*",
    "rustls*",
    "smol",
    "socket2",
    "tokio*",
    "tower*",
    "ureq",
];
const DATABASES: &[&str] = &[
    "deadpool*",
    "diesel*",
    "libsqlite3-sys",
    "postgres*",
    "r2d2",
    "rusqlite",
    "sea-orm*",
    "sqlx*",
    "tokio-postgres*",
];
const PROVIDERS: &[&str] = &["aws-*", "k8s-openapi", "kube*", "ldap3", "object_store", "rusoto*"];
const BINDINGS: &[&str] = &["pyo3*", "utoipa*"];
/// Chance, and what reads the machine that it runs on.
const SURROUNDINGS: &[&str] = &["chrono", "clap*", "fastrand", "getrandom", "hostname", "rand*", "rustix", "tempfile"];

#[test]
fn the_core_reaches_no_runtime_network_database_or_provider() {
    let forbidden = [RUNTIMES_AND_NETWORK, DATABASES, PROVIDERS, BINDINGS, SURROUNDINGS].concat();
    check(
        "portal-core does not depend on these, not even over others",
        "the resolver is pure and everything outside comes in through the traits Source, Lake, Store and Clock; so it \
         runs the same in a Lambda, in Python, in a test and in a server",
        // What compiles zstd's C runs at build time and is in no program.
        &Crates::load()
            .ways("portal-core", &forbidden)
            .into_iter()
            .filter(|way| !way.contains(" -> zstd-sys -> cc -> "))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn the_sources_know_no_store() {
    let forbidden = [&["portal-store", "portal-py", "portal"], DATABASES, BINDINGS].concat();
    check(
        "portal-sources does not depend on a store or a database",
        "a collector writes into a lake and needs nothing else: it runs as a CronJob or a Lambda without a database",
        &Crates::load().ways("portal-sources", &forbidden),
    );
}

#[test]
fn the_store_knows_no_source() {
    // A lake in a bucket may need the SDK's S3 client; no other provider's API belongs here.
    let forbidden = [&["portal-sources", "portal-py", "portal", "k8s-openapi", "kube*", "ldap3"], BINDINGS].concat();
    check(
        "portal-store does not depend on sources or on the systems that they read",
        "what a provider's objects mean is read in portal-core::observe, from the lake; a store that knows a provider \
         has to change with it",
        &Crates::load().ways("portal-store", &forbidden),
    );
}

#[test]
fn the_bundled_portal_speaks_no_sql_and_no_provider_api() {
    let forbidden = [DATABASES, PROVIDERS, &["petgraph", "pyo3*", "rusqlite"]].concat();
    let crates = Crates::load();
    let broken = crates.member("portal").direct.iter().filter(|name| is_one_of(name, &forbidden));
    check(
        "examples/portal does not itself depend on these",
        "what the bundled portal can do, a program of your own can do with the same crates; SQL stays in portal-store, \
         provider APIs in portal-sources",
        &broken.map(|name| format!("portal -> {name}")).collect::<Vec<_>>(),
    );
}

#[test]
fn dependencies_between_our_crates_point_at_the_core() {
    let crates = Crates::load();
    let allowed: &[(&str, &[&str])] = &[
        ("portal-core", &[]),
        ("portal-sources", &["portal-core"]),
        ("portal-store", &["portal-core"]),
        ("custom-source", &["portal-core"]),
    ];
    let own: Vec<&str> = crates.members.keys().map(String::as_str).collect();
    let mut broken = Vec::new();
    for (name, member) in &crates.members {
        let may = allowed.iter().find(|(of, _)| of == name).map(|(_, may)| *may);
        let inner = member.direct.iter().filter(|direct| own.contains(&direct.as_str()));
        for direct in inner {
            if direct == "benches" || may.is_some_and(|may| !may.contains(&direct.as_str())) {
                broken.push(format!("{name} -> {direct}"));
            }
        }
    }
    check(
        "portal-core depends on none of our crates, portal-sources, portal-store and examples/custom-source on portal-core \
         only, none on benches",
        "data goes one way, and whoever wants one part gets that part alone; a source of others needs the core and no more",
        &broken,
    );
}

#[test]
fn there_is_no_seventh_crate_beside_the_six_rooms() {
    let rooms = ["portal-core", "portal-sources", "portal-store", "portal-py", "benches"];
    let crates = Crates::load();
    let folders: Vec<&str> = crates.members.values().map(|member| member.folder.as_str()).collect();
    let strange = folders.iter().filter(|folder| !rooms.contains(*folder) && !is_example(folder));
    let missing = rooms.iter().chain(&["examples/portal"]).filter(|room| !folders.contains(*room));
    let broken = strange.map(|s| format!("{s}: a crate too many")).chain(missing.map(|m| format!("{m}: missing")));
    check(
        "the workspace is portal-core, portal-sources, portal-store, portal-py, examples/* and benches",
        "ARCHITECTURE.md's table says of every room what it must not know; a crate without a row there knows everything",
        &broken.collect::<Vec<_>>(),
    );
}

fn is_example(folder: &str) -> bool {
    folder.strip_prefix("examples/").is_some_and(|name| !name.contains('/'))
}
