//! Google's Online Boutique, as its own repository publishes it, from file to answer.

use std::path::Path;

use crate::program::Program;

/// The manifests, which stand beside the adapter's own tests.
pub(crate) fn manifests() -> &'static Path {
    Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../portal-sources/tests/data/online-boutique/kubernetes-manifests.yaml"
    ))
}

fn collected() -> Program {
    let program = Program::with_config(&format!(
        "[[source]]\ntype = \"manifests\"\npath = {:?}\ncluster = \"boutique\"\naccount = \"011122223333\"\nregion = \"eu-west-1\"\n\
         [environments.\"011122223333\"]\nname = \"prod\"\n",
        manifests()
    ));
    program.expect(0, &["collect"]);
    program.expect(0, &["ingest"]);
    program
}

#[test]
fn twelve_services_are_found() {
    let services = collected().items(&["list", "services"]);
    let names: Vec<&str> = services.iter().filter_map(|service| service["name"].as_str()).collect();
    assert_eq!(
        names,
        [
            "adservice",
            "cartservice",
            "checkoutservice",
            "currencyservice",
            "emailservice",
            "frontend",
            "loadgenerator",
            "paymentservice",
            "productcatalogservice",
            "recommendationservice",
            "redis-cart",
            "shippingservice"
        ]
    );
    for service in &services {
        assert_eq!(
            (service["environments"][0].as_str(), service["ownership"].as_str()),
            (Some("prod"), Some("unowned"))
        );
    }
}

#[test]
fn every_service_depends_on_what_its_environment_names_and_on_nothing_else() {
    let program = collected();
    for (service, expected) in [
        (
            "frontend",
            &[
                "adservice",
                "cartservice",
                "checkoutservice",
                "currencyservice",
                "productcatalogservice",
                "recommendationservice",
                "shippingservice",
            ][..],
        ),
        (
            "checkoutservice",
            &[
                "cartservice",
                "currencyservice",
                "emailservice",
                "paymentservice",
                "productcatalogservice",
                "shippingservice",
            ],
        ),
        ("recommendationservice", &["productcatalogservice"]),
        ("cartservice", &["redis-cart"]),
        ("loadgenerator", &["frontend"]),
        ("adservice", &[]),
        ("currencyservice", &[]),
        ("emailservice", &[]),
        ("paymentservice", &[]),
        ("productcatalogservice", &[]),
        ("redis-cart", &[]),
        ("shippingservice", &[]),
    ] {
        let shown = program.answer(&["show", &format!("service:default/{service}")]);
        let expected: Vec<String> = expected.iter().map(|name| format!("service:default/{name}")).collect();
        assert_eq!(shown["depends_on"], serde_json::json!(expected), "{service}");
    }
}

#[test]
fn a_dependency_is_explained_by_the_variable_that_names_it() {
    let program = collected();
    let why = program.answer(&["why", "frontend"]);
    let cart = why["depends_on"]
        .as_array()
        .and_then(|all| all.iter().find(|d| d["ref"] == "service:default/cartservice"))
        .unwrap_or_else(|| panic!("no cartservice: {why:#}"));
    let evidence = &cart["evidence"][0];
    assert_eq!(evidence["field"], "env CART_SERVICE_ADDR");
    assert_eq!(evidence["raw"], "cartservice:7070");
    assert_eq!(evidence["source"], "manifests");
    assert!(evidence["read_at"].is_string(), "{evidence}");
    let text = program.expect(0, &["why", "frontend"]).out;
    assert!(text.contains("env CART_SERVICE_ADDR = `cartservice:7070`"), "{text}");
}

#[test]
fn a_second_ingest_of_the_same_changes_nothing() {
    let program = collected();
    program.expect(0, &["collect"]);
    let report = program.answer(&["ingest"]);
    assert_eq!(
        (&report["revision"], &report["added"], &report["changed"]),
        (&1.into(), &0.into(), &0.into()),
        "{report}"
    );
}
