//! From files into a lake.

use portal_core::testing::MemoryLake;

use super::{deployment, folder, online_boutique, source, write};
use crate::seen::{collect_into, keys, manifest};

#[tokio::test]
async fn twelve_deployments_reach_the_lake_as_twelve_files() {
    let lake = MemoryLake::new();
    let report = collect_into(&lake, source(online_boutique())).await;
    assert_eq!((report.error, report.scopes.len()), (None, 1));
    let scope = "manifests-collector/_/_/dev/default";
    let files = keys(&lake, &format!("{scope}/deployments/"));
    assert_eq!(files.len(), 12);
    assert!(files.contains(&format!("{scope}/deployments/frontend.json")));
    let frontend = &lake.contents()[&format!("{scope}/deployments/frontend.json")];
    let text = String::from_utf8_lossy(frontend);
    assert!(text.contains("productcatalogservice:3550") && !text.contains("livenessProbe"), "{text}");
    let kinds = &manifest(&lake, scope)["kinds"];
    assert_eq!(kinds["deployments"]["items"], 12);
    assert_eq!((&kinds["cronjobs"]["coverage"], &kinds["cronjobs"]["items"]), (&"complete".into(), &0.into()));
}

#[tokio::test]
async fn what_a_broken_file_hides_stays_known_until_it_is_mended() {
    let lake = MemoryLake::new();
    let dir = folder(&[
        ("shop.yaml", deployment("shop", "web").as_bytes()),
        ("cart.yaml", deployment("cart", "web").as_bytes()),
    ]);
    collect_into(&lake, source(dir.path())).await;
    write(dir.path(), "cart.yaml", b"kind: [");
    let report = collect_into(&lake, source(dir.path())).await;
    assert_eq!(report.error, None);
    let cart = manifest(&lake, "manifests-collector/_/_/dev/cart");
    assert_eq!(cart["kinds"]["deployments"]["coverage"], "failed");
    assert_eq!(keys(&lake, "manifests-collector/_/_/dev/cart/deployments/").len(), 1);
    let shop = manifest(&lake, "manifests-collector/_/_/dev/shop");
    assert_eq!(shop["kinds"]["services"]["coverage"], "partial");
    std::fs::remove_file(dir.path().join("cart.yaml")).expect("the file is there");
    collect_into(&lake, source(dir.path())).await;
    let cart = manifest(&lake, "manifests-collector/_/_/dev/cart");
    assert_eq!(cart["kinds"]["deployments"]["coverage"], "absent");
}

#[tokio::test]
async fn a_checkout_that_is_missing_changes_nothing() {
    let lake = MemoryLake::new();
    let dir = folder(&[("deploy/shop.yaml", deployment("shop", "web").as_bytes())]);
    let path = dir.path().join("deploy");
    collect_into(&lake, source(&path)).await;
    std::fs::remove_dir_all(&path).expect("the folder is there");
    let missing = collect_into(&lake, source(&path)).await;
    std::fs::create_dir(&path).expect("a folder");
    let empty = collect_into(&lake, source(&path)).await;
    for report in [missing, empty] {
        let error = report.error.expect("something is wrong");
        assert!(error.contains("`path`"), "{error}");
    }
    assert_eq!(keys(&lake, "manifests-collector/_/_/dev/shop/deployments/").len(), 1);
    let shop = manifest(&lake, "manifests-collector/_/_/dev/shop");
    assert_eq!(shop["kinds"]["deployments"]["coverage"], "failed");
}
