//! What every source has to prove: one function per clause of the contract of [`Source`].
//!
//! The world that the source reads must stand still meanwhile. That a missing right becomes `denied`, or a cut list
//! `partial`, depends on the provider: a source proves those in tests of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::task::Poll;

use async_trait::async_trait;
use futures::FutureExt;
use serde_json::Value;

use crate::id::Text;
use crate::lake::LakePath;
use crate::snapshot::layout;
use crate::source::{Coverage, KindSnapshot, Outcome, Scope, SnapshotWriter, Source};

/// An outside system that stands still, with at least one scope that can be read as a whole.
///
/// It lives as long as the clause runs: a server of the test's own can be stopped when it is dropped.
#[async_trait]
pub trait SourceWorld: Send + Sync {
    /// A new source that reads this world.
    async fn source(&self) -> Box<dyn Source>;

    /// Whether somebody has to grant rights for it; reading files of one's own needs none.
    fn needs_rights(&self) -> bool;
}

/// Makes a named test of every clause of [`source_suite`](mod@crate::testing::source_suite).
///
/// `block_on` drives a future to its end; `world` is evaluated anew for each test.
///
/// ```
/// # use async_trait::async_trait;
/// # use portal_core::testing::SourceWorld;
/// # use portal_core::{Outcome, Permission, Scope, Scopes, SnapshotWriter, Source, SourceError};
/// struct Halls;
///
/// #[async_trait]
/// impl Source for Halls {
///     fn name(&self) -> &str {
///         "halls"
///     }
///     fn folder(&self) -> &str {
///         "halls"
///     }
///     fn permissions(&self) -> Vec<Permission> {
///         Vec::new()
///     }
///     async fn scopes(&self) -> Result<Scopes, SourceError> {
///         Ok(Scopes { scopes: vec![Scope::Other { path: vec!["north".into()] }], ..Scopes::default() })
///     }
///     async fn collect(&self, _: &Scope, out: &SnapshotWriter) -> Result<(), SourceError> {
///         out.expect(["racks"]);
///         out.object("racks", "a1", serde_json::json!({"id": "north/a1", "tags": {"team": "payments"}}));
///         out.finish("racks", Outcome::complete());
///         Ok(())
///     }
/// }
///
/// struct OneHall;
///
/// #[async_trait]
/// impl SourceWorld for OneHall {
///     async fn source(&self) -> Box<dyn Source> {
///         Box::new(Halls)
///     }
///     fn needs_rights(&self) -> bool {
///         false
///     }
/// }
///
/// mod halls {
///     # use super::*;
///     portal_core::source_suite!(block_on: futures::executor::block_on, world: OneHall);
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! source_suite {
    (block_on: $block_on:expr, world: $world:expr $(,)?) => {
        $crate::source_suite! { @each tests [$block_on, $world] }
    };
    (@each $form:ident $with:tt) => {
        $crate::source_suite! { @$form $with
            its_name_and_folder_can_be_a_path
            the_rights_it_needs_are_named
            scopes_are_named_once_and_in_the_same_order
            every_scope_has_a_folder_of_its_own
            every_expected_kind_is_finished
            every_scope_says_which_kinds_it_reads
            a_reason_stands_with_all_that_is_not_complete
            kinds_can_be_file_names
            objects_are_json_objects
            names_are_unique_within_a_kind
            a_stable_world_reads_the_same_twice
            a_read_that_is_cut_names_all_its_kinds
            a_read_that_is_cut_leaves_the_next_one_whole
        }
    };
    (@tests [$block_on:expr, $world:expr] $($clause:ident)*) => {
        $(
            #[test]
            fn $clause() {
                let world = $world;
                ($block_on)($crate::testing::source_suite::$clause(&world));
            }
        )*
    };
    (@caught [$world:expr] $($clause:ident)*) => {
        [$((stringify!($clause), caught($clause($world)).await)),*]
    };
}

/// Checks every clause, and names those that are broken with what was seen: for tests that are not written in Rust.
///
/// A clause that fails panics, as in a test, and the program's panic hook hears of it; the panic ends here.
pub async fn broken_clauses(world: &dyn SourceWorld) -> Vec<(&'static str, String)> {
    let clauses = crate::source_suite! { @each caught [world] };
    clauses.into_iter().filter_map(|(clause, broken)| Some((clause, broken?))).collect()
}

/// What a panic said.
async fn caught(clause: impl Future<Output = ()>) -> Option<String> {
    let said = AssertUnwindSafe(clause).catch_unwind().await.err()?;
    let text = said.downcast_ref::<String>().cloned();
    Some(text.or_else(|| said.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default())
}

/// The name is a word without spaces, the folder's word is lower case letters, digits and hyphens.
pub async fn its_name_and_folder_can_be_a_path(world: &dyn SourceWorld) {
    let source = world.source().await;
    let folder = source.folder();
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    assert!(!folder.is_empty() && folder.chars().all(fine), "`{folder}` is no folder word: [a-z0-9-]+");
    let name = source.name();
    assert!(!name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control()), "name {name:?}");
    assert_eq!(world.source().await.name(), name, "the name comes from the configuration alone");
}

/// Every right is named once, with its system, its action and its kind; there are none only if none is needed.
pub async fn the_rights_it_needs_are_named(world: &dyn SourceWorld) {
    let permissions = world.source().await.permissions();
    assert_eq!(!permissions.is_empty(), world.needs_rights(), "{permissions:?}");
    for permission in &permissions {
        let texts = [&permission.system, &permission.action, &permission.kind];
        assert!(texts.iter().all(|text| !text.is_empty()), "{permission:?}");
    }
    let unique: BTreeSet<_> = permissions.iter().collect();
    assert_eq!(unique.len(), permissions.len(), "a right is named twice");
}

/// The same world has the same scopes in the same order, for this source and for a new one, each of them once.
pub async fn scopes_are_named_once_and_in_the_same_order(world: &dyn SourceWorld) {
    let source = world.source().await;
    let first = scopes(&*source).await;
    assert!(!first.is_empty(), "the world of this suite needs a scope");
    assert_eq!(scopes(&*source).await, first, "the second call differs");
    assert_eq!(scopes(&*world.source().await).await, first, "a new source differs");
    let unique: BTreeSet<&Scope> = first.iter().collect();
    assert_eq!(unique.len(), first.len(), "a scope is named twice");
    for unread in source.scopes().await.expect("the scopes").unread {
        assert_ne!(unread.outcome.coverage, Coverage::Complete, "unread below {:?}", unread.below);
    }
}

/// No two scopes share a folder of the lake, and none stands inside of another's.
pub async fn every_scope_has_a_folder_of_its_own(world: &dyn SourceWorld) {
    let source = world.source().await;
    let all: Vec<(Scope, LakePath)> =
        scopes(&*source).await.into_iter().map(|s| (s.clone(), layout::scope_folder(source.folder(), &s))).collect();
    for (scope, folder) in &all {
        assert!(scope.path().iter().all(|part| !part.is_empty()), "{scope:?} has an empty part");
        assert!(!scope.path().is_empty(), "{scope:?} has no path");
        let inside = format!("{folder}/");
        let clash = all.iter().find(|(other, at)| other != scope && format!("{at}/").starts_with(&inside));
        assert!(clash.is_none(), "{scope:?} and {clash:?}");
    }
}

/// Each kind that was expected or written ends with an outcome of its own.
pub async fn every_expected_kind_is_finished(world: &dyn SourceWorld) {
    let source = world.source().await;
    for (scope, kinds) in read_all(&*source).await {
        for (kind, snapshot) in kinds {
            assert_ne!(snapshot.outcome, Some(never_finished()), "{scope}: {kind} was not finished");
        }
    }
}

/// A scope that is read names its kinds, also those without objects.
pub async fn every_scope_says_which_kinds_it_reads(world: &dyn SourceWorld) {
    let source = world.source().await;
    for (scope, kinds) in read_all(&*source).await {
        assert!(!kinds.is_empty(), "{scope}: no kind was expected");
    }
}

/// A kind that is not complete says why; one that is complete has no missing right.
pub async fn a_reason_stands_with_all_that_is_not_complete(world: &dyn SourceWorld) {
    let source = world.source().await;
    for (scope, kinds) in read_all(&*source).await {
        for (kind, snapshot) in kinds {
            let outcome = snapshot.outcome.expect("into_kinds gives each an outcome");
            let reason = outcome.reason.as_ref().is_some_and(|reason| !reason.trim().is_empty());
            match outcome.coverage {
                Coverage::Complete => assert!(outcome.permission.is_none(), "{scope}: {kind}: {outcome:?}"),
                Coverage::Denied => {
                    assert!(reason && outcome.permission.is_some(), "{scope}: {kind}: {outcome:?} names no right");
                }
                Coverage::Partial | Coverage::Absent | Coverage::Failed => {
                    assert!(reason, "{scope}: {kind}: {outcome:?} gives no reason");
                }
            }
        }
    }
}

/// The name of a kind can be the name of its file.
pub async fn kinds_can_be_file_names(world: &dyn SourceWorld) {
    let source = world.source().await;
    for (scope, kinds) in read_all(&*source).await {
        for kind in kinds.keys() {
            layout::kind_path(kind).unwrap_or_else(|error| panic!("{scope}: {kind:?}: {error}"));
            assert_eq!(LakePath::root().join(kind).as_str(), kind.as_str(), "{scope}: the kind is escaped in a path");
        }
    }
}

/// What is written is a JSON object, with a name.
pub async fn objects_are_json_objects(world: &dyn SourceWorld) {
    let source = world.source().await;
    let mut seen = 0;
    for (scope, kinds) in read_all(&*source).await {
        for (kind, snapshot) in kinds {
            for object in snapshot.objects {
                assert!(object.value.is_object(), "{scope}: {kind}: {:?} is {}", object.name, object.value);
                assert!(!object.name.is_empty(), "{scope}: {kind}: an object without a name: {}", object.value);
                seen += 1;
            }
        }
    }
    assert!(seen > 0, "the world of this suite needs an object");
}

/// Two objects of one kind and scope never share a name: the second would overwrite the first.
pub async fn names_are_unique_within_a_kind(world: &dyn SourceWorld) {
    let source = world.source().await;
    for (scope, kinds) in read_all(&*source).await {
        for (kind, snapshot) in kinds {
            let mut names = BTreeSet::new();
            let twice = snapshot.objects.iter().find(|object| !names.insert(object.name.as_str()));
            assert!(twice.is_none(), "{scope}: {kind}: {:?} comes twice", twice.map(|object| &object.name));
        }
    }
}

/// Two reads of a world that stands still see the same, in whatever order.
pub async fn a_stable_world_reads_the_same_twice(world: &dyn SourceWorld) {
    let source = world.source().await;
    for scope in scopes(&*source).await {
        let first = seen(&read(&*source, &scope).await);
        assert_eq!(seen(&read(&*source, &scope).await), first, "{scope}");
    }
}

/// Wherever a read is cut (deadline, Ctrl-C): as soon as anything is known of the scope, all its kinds are named, so
/// that those that were not reached count as failed.
pub async fn a_read_that_is_cut_names_all_its_kinds(world: &dyn SourceWorld) {
    let source = world.source().await;
    for scope in scopes(&*source).await {
        let whole: BTreeSet<Text> = read(&*source, &scope).await.into_keys().collect();
        for polls in 1..=CUTS {
            let writer = SnapshotWriter::default();
            let ended = cut_after(polls, source.collect(&scope, &writer)).await.is_some();
            let kinds: BTreeSet<Text> = writer.into_kinds(&never_finished()).into_keys().collect();
            assert!(kinds.is_empty() || kinds == whole, "{scope}: cut at {polls}: {kinds:?} of {whole:?}");
            if ended {
                break;
            }
        }
    }
}

/// A read that was dropped at any await leaves nothing behind that the next one of the same source trips over.
pub async fn a_read_that_is_cut_leaves_the_next_one_whole(world: &dyn SourceWorld) {
    let source = world.source().await;
    for scope in scopes(&*source).await {
        let whole = seen(&read(&*source, &scope).await);
        for polls in [1, 2, 5] {
            let writer = SnapshotWriter::default();
            let _ended = cut_after(polls, source.collect(&scope, &writer)).await;
            assert_eq!(seen(&read(&*source, &scope).await), whole, "{scope}: after a cut at {polls}");
        }
    }
}

/// How many awaits of a read are tried as the place to cut it.
const CUTS: usize = 12;

type Kinds = BTreeMap<Text, KindSnapshot>;
type Seen = BTreeMap<Text, (Option<Coverage>, BTreeMap<Text, Value>)>;

async fn scopes(source: &dyn Source) -> Vec<Scope> {
    source.scopes().await.unwrap_or_else(|error| panic!("scopes: {}", crate::error::chain(&error))).scopes
}

async fn read(source: &dyn Source, scope: &Scope) -> Kinds {
    let writer = SnapshotWriter::default();
    let collected = source.collect(scope, &writer).await;
    collected.unwrap_or_else(|error| panic!("{scope}: {}", crate::error::chain(&error)));
    writer.into_kinds(&never_finished())
}

async fn read_all(source: &dyn Source) -> Vec<(Scope, Kinds)> {
    let mut all = Vec::new();
    for scope in scopes(source).await {
        let kinds = read(source, &scope).await;
        all.push((scope, kinds));
    }
    all
}

/// A read without its order.
fn seen(kinds: &Kinds) -> Seen {
    kinds
        .iter()
        .map(|(kind, snapshot)| {
            let objects = snapshot.objects.iter().map(|object| (object.name.clone(), object.value.clone())).collect();
            (kind.clone(), (snapshot.outcome.as_ref().map(|outcome| outcome.coverage), objects))
        })
        .collect()
}

/// Stands for the outcome of a kind that the source left open.
fn never_finished() -> Outcome {
    Outcome::not(Coverage::Failed, "the source never finished this kind")
}

/// Polls a future so often and then drops it; `None` if it had not ended by then.
async fn cut_after<F: Future + Unpin>(polls: usize, mut future: F) -> Option<F::Output> {
    let mut left = polls;
    futures::future::poll_fn(move |context| {
        let polled = std::pin::Pin::new(&mut future).poll(context);
        left -= 1;
        match polled {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
