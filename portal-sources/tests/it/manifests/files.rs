//! Links, sizes and odd files.

use std::os::unix::fs::symlink;

use portal_core::Coverage;

use super::{deployment, folder, source, write};
use crate::seen::see;

#[tokio::test]
async fn a_file_beyond_the_limit_is_set_aside_unread() {
    let dir = folder(&[("web.yaml", deployment("shop", "web").as_bytes())]);
    let huge = std::fs::File::create(dir.path().join("huge.yaml")).expect("a file");
    huge.set_len(100 * 1024 * 1024).expect("a sparse file costs nothing");
    let seen = see(&source(dir.path())).await;
    let (coverage, reason) = seen.ended("_/_/dev/shop", "deployments");
    assert_eq!(coverage, Coverage::Partial);
    assert!(reason.contains("huge.yaml: it is larger than 32 MiB; split it"), "{reason}");
    assert_eq!(seen.names("_/_/dev/shop", "deployments"), ["web"]);
}

#[tokio::test]
async fn links_that_loop_or_repeat_are_read_once() {
    let dir = folder(&[("real/web.yaml", deployment("shop", "web").as_bytes()), ("real/x.txt", b"")]);
    symlink(dir.path(), dir.path().join("real/up")).expect("a link");
    symlink(dir.path().join("real"), dir.path().join("again")).expect("a link");
    symlink("real/web.yaml", dir.path().join("web.yaml")).expect("a link");
    let seen = see(&source(dir.path())).await;
    assert!(seen.is_whole(), "{:?}", seen.kind("_/_/dev/shop", "deployments"));
    assert_eq!(seen.names("_/_/dev/shop", "deployments"), ["web"]);
}

#[tokio::test]
async fn a_mounted_config_map_is_read_through_its_links() {
    let dir = folder(&[("..2025_01_01/web.yaml", deployment("shop", "web").as_bytes())]);
    symlink("..2025_01_01", dir.path().join("..data")).expect("a link");
    symlink("..data/web.yaml", dir.path().join("web.yaml")).expect("a link");
    let seen = see(&source(dir.path())).await;
    assert!(seen.is_whole());
    assert_eq!(seen.names("_/_/dev/shop", "deployments"), ["web"]);
}

#[tokio::test]
async fn links_that_lead_out_are_not_followed_and_named() {
    let outside = folder(&[("secret.yaml", deployment("secret", "web").as_bytes())]);
    for link_to in [outside.path().to_owned(), outside.path().join("secret.yaml")] {
        let dir = folder(&[("web.yaml", deployment("shop", "web").as_bytes())]);
        symlink(&link_to, dir.path().join("out.yaml")).expect("a link");
        let seen = see(&source(dir.path())).await;
        assert_eq!(seen.scopes.keys().collect::<Vec<_>>(), ["_/_/dev/shop"]);
        let (coverage, reason) = seen.ended("_/_/dev/shop", "deployments");
        assert_eq!(coverage, Coverage::Partial);
        assert!(reason.contains("out.yaml: the link leads out of the folder"), "{reason}");
    }
}

#[tokio::test]
async fn links_to_nothing_are_named_if_they_would_have_been_read() {
    let dir = folder(&[("web.yaml", deployment("shop", "web").as_bytes())]);
    symlink("nowhere", dir.path().join("image")).expect("a link");
    let seen = see(&source(dir.path())).await;
    assert!(seen.is_whole());
    symlink("nowhere", dir.path().join("gone.yaml")).expect("a link");
    symlink("self.yaml", dir.path().join("self.yaml")).expect("a link");
    let (coverage, reason) = {
        let seen = see(&source(dir.path())).await;
        let (coverage, reason) = seen.ended("_/_/dev/shop", "deployments");
        (coverage, reason.to_owned())
    };
    assert_eq!(coverage, Coverage::Partial);
    assert!(reason.contains("gone.yaml: the link leads to nothing") && reason.contains("self.yaml"), "{reason}");
}

#[tokio::test]
async fn hidden_files_and_deep_folders_are_no_trouble() {
    let dir = folder(&[(".git/web.yaml", b"a: ["), ("._web.yaml", b"\x00\x05\x16\x07")]);
    let mut deep = String::new();
    for depth in 0..200 {
        deep.push_str(&format!("d{depth}/"));
    }
    write(dir.path(), &format!("{deep}web.YAML"), deployment("shop", "web").as_bytes());
    let seen = see(&source(dir.path())).await;
    assert!(seen.is_whole());
    assert_eq!(seen.names("_/_/dev/shop", "deployments"), ["web"]);
}
