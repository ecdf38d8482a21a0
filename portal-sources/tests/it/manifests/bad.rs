//! What cannot be understood, and that it takes nothing else with it.

use portal_core::{Coverage, ErrorKind, Source};

use super::{deployment, folder, source};
use crate::seen::see;

/// Two good documents with a broken one between them; what the reason says of it.
#[track_caller]
fn between(broken: &str) -> (tempfile::TempDir, usize) {
    let before = deployment("shop", "before");
    let text = format!("{before}---\n{broken}\n---\n{}", deployment("shop", "after"));
    (folder(&[("all.yaml", text.as_bytes())]), before.lines().count() + 2)
}

#[tokio::test]
async fn a_broken_document_takes_no_other_with_it() {
    let cases = [
        ("kind: Deployment\nmetadata: {name: [", "line 8"),
        ("a: 1\n  b: 2", "line 8"),
        ("kind: Service\nmetadata:\n  name: a\n  name: b", "line 10"),
        ("a: *nothing", "line 7"),
        ("a:\n\tb: 1\n", "line 8"),
        ("{{- if .Values.web }}\nkind: Deployment", "helm template"),
        ("<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> main", "line"),
    ];
    for (broken, told) in cases {
        let (dir, line) = between(broken);
        assert_eq!(line, 7, "where the broken document begins");
        let seen = see(&source(dir.path())).await;
        let scope = "_/_/dev/shop";
        assert_eq!(seen.names(scope, "deployments"), ["after", "before"], "{broken}");
        for kind in
            ["deployments", "cronjobs", "statefulsets", "daemonsets", "services", "namespaces", "serviceaccounts"]
        {
            let (coverage, reason) = seen.ended(scope, kind);
            assert_eq!(coverage, Coverage::Partial, "{broken}");
            assert!(reason.contains("all.yaml, document 2, line ") && reason.contains(told), "{broken}: {reason}");
        }
        assert!(seen.plan.whole_below.is_empty(), "a namespace may stand in what was not read");
        assert_eq!(seen.plan.unread.len(), 1);
        assert_eq!(seen.plan.unread[0].below, ["_", "_", "dev"]);
    }
}

#[tokio::test]
async fn a_broken_file_takes_no_other_with_it() {
    let dir = folder(&[
        ("a.yaml", b"\xff\xfea\0p\0i\0"),
        ("b.json", br#"{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "name": "b"}}"#),
        ("c.json", b"{\"apiVersion\": \"v1\",\n \"kind\": }"),
        ("d.yaml", b"\x80\x81\n"),
        ("web.yaml", deployment("shop", "web").as_bytes()),
    ]);
    let seen = see(&source(dir.path())).await;
    assert_eq!(seen.names("_/_/dev/shop", "deployments"), ["web"]);
    let (coverage, reason) = seen.ended("_/_/dev/shop", "deployments");
    assert_eq!(coverage, Coverage::Partial);
    for told in [
        "a.yaml, document 1, line 1: it is no UTF-8 text",
        "the key `name` stands twice",
        "c.json, document 1, line 2",
        "and 1 more",
    ] {
        assert!(reason.contains(told), "{told} in {reason}");
    }
}

#[tokio::test]
async fn bombs_and_towers_are_set_aside() {
    let mut aliases = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{}", level - 1);
        aliases.push_str(&format!("a{level}: &a{level} [{}]\n", [before.as_str(); 10].join(", ")));
    }
    let deep_block: String = (0..3000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let deep_json = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    let dir = folder(&[
        ("aliases.yaml", aliases.as_bytes()),
        ("block.yaml", deep_block.as_bytes()),
        ("deep.json", deep_json.as_bytes()),
        ("flow.yaml", format!("a: {}", "[".repeat(100_000)).as_bytes()),
        ("web.yaml", deployment("shop", "web").as_bytes()),
    ]);
    let seen = see(&source(dir.path())).await;
    assert_eq!(seen.names("_/_/dev/shop", "deployments"), ["web"]);
    let (coverage, reason) = seen.ended("_/_/dev/shop", "deployments");
    assert_eq!(coverage, Coverage::Partial);
    for told in ["aliases.yaml", "block.yaml", "deep.json", "and 1 more"] {
        assert!(reason.contains(told), "{told} in {reason}");
    }
}

#[tokio::test]
async fn a_second_object_of_one_name_is_named_with_both_places() {
    let dir = folder(&[
        ("base/web.yaml", deployment("shop", "web").as_bytes()),
        ("overlay/web.yaml", format!("# an overlay\n---\n{}", deployment("shop", "web")).as_bytes()),
    ]);
    let seen = see(&source(dir.path())).await;
    let kind = seen.kind("_/_/dev/shop", "deployments");
    assert_eq!((kind.objects.len(), kind.unread.len()), (1, 1));
    assert_eq!(seen.ended("_/_/dev/shop", "deployments").0, Coverage::Complete);
    let told = &kind.unread[0];
    assert!(told.contains("overlay/web.yaml, document 1, line 2") && told.contains("base/web.yaml"), "{told}");
}

#[tokio::test]
async fn an_object_without_a_name_is_left_out_and_named() {
    let dir = folder(&[(
        "a.yaml",
        b"apiVersion: apps/v1\nkind: Deployment\nmetadata: {generateName: web-, namespace: shop}\n---\n\
          apiVersion: apps/v1\nkind: Deployment\nmetadata: {namespace: shop}\n---\n\
          apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: 123, namespace: shop}\n---\n\
          apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n",
    )]);
    let seen = see(&source(dir.path())).await;
    let kind = seen.kind("_/_/dev/shop", "deployments");
    assert_eq!(seen.names("_/_/dev/shop", "deployments"), ["web"]);
    assert_eq!(kind.unread.len(), 3, "{:?}", kind.unread);
    assert!(kind.unread[0].contains("only a generateName"), "{:?}", kind.unread);
    assert!(kind.unread[2].contains("put it in quotes"), "{:?}", kind.unread);
}

#[tokio::test]
async fn an_object_that_cannot_be_placed_makes_all_doubtful() {
    let dir = folder(&[
        ("a.yaml", b"apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: 123}\n"),
        ("b.yaml", deployment("shop", "web").as_bytes()),
        ("c.json", br#"{"apiVersion": "v1", "kind": "List", "items": [7]}"#),
    ]);
    let seen = see(&source(dir.path())).await;
    let (coverage, reason) = seen.ended("_/_/dev/shop", "services");
    assert_eq!(coverage, Coverage::Partial);
    assert!(reason.contains("its namespace is 123") && reason.contains("item 1 of the list"), "{reason}");
}

#[tokio::test]
async fn a_folder_without_any_object_is_no_empty_cluster() {
    let dir = folder(&[("values.yaml", b"a: 1\n"), ("broken.yaml", b"a: [")]);
    let error = source(dir.path()).scopes().await.expect_err("nothing to read");
    assert_eq!(error.kind(), ErrorKind::Invalid);
    let text = error.to_string();
    assert!(text.contains("2 files looked at") && text.contains("broken.yaml") && text.contains("`path`"), "{text}");
}

#[tokio::test]
async fn a_missing_path_says_what_to_do_and_retires_nothing() {
    let dir = folder(&[]);
    let error = source(&dir.path().join("deploy")).scopes().await.expect_err("nothing there");
    // `NotFound` would tell the core that all of it is gone.
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("deploy; correct `path`"), "{error}");
}
