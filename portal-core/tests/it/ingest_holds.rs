//! Mass deletes that wait for a person.

use futures::executor::block_on;
use portal_core::ingest::release;
use portal_core::{Coverage, ErrorKind};

use crate::ingest_world::{S3, World, numbered};

#[test]
fn a_read_that_lacks_half_is_held_until_the_objects_return() {
    let world = World::new();
    world.buckets(1, &numbered(0..40));
    let half = world.buckets(2, &numbered(0..20));
    assert_eq!((half.held, half.retired), (1, 0));
    let hold = world.part(S3).hold.expect("a hold");
    assert_eq!((hold.count, hold.of), (20, 40));
    for run in 3..6 {
        // With the same content, and with another one.
        let report = world.buckets(run, &numbered(0..20 + u32::from(run == 5)));
        assert_eq!((report.held, report.retired), (1, 0), "run {run}");
        assert_eq!(world.part(S3).hold.expect("it stays").id, hold.id, "run {run}");
        assert_eq!(world.names().len(), 40, "run {run}");
    }
    assert!(world.resources().iter().any(|resource| resource.stale_since.is_some()), "they are marked");
    let back = world.buckets(6, &numbered(0..40));
    assert_eq!((back.held, back.retired), (0, 0));
    assert_eq!(world.part(S3).hold, None);
    assert!(world.resources().iter().all(|resource| resource.stale_since.is_none()));
    assert_eq!(world.buckets(7, &numbered(1..40)).retired, 1, "from then on all is as ever");
}

#[test]
fn a_hold_does_not_end_because_some_return_or_others_come() {
    for (some, all) in [(0..25, 0..40), (40..200, 20..200)] {
        let world = World::new();
        world.buckets(1, &numbered(0..40));
        world.buckets(2, &numbered(0..20));
        let report = world.buckets(3, &numbered((0..20).chain(some)));
        assert_eq!((report.held, report.retired), (1, 0), "nobody released it");
        assert_eq!(world.buckets(4, &numbered((0..20).chain(all))).held, 0, "all are back");
    }
}

#[test]
fn another_loss_is_another_hold() {
    let world = World::new();
    world.buckets(1, &numbered(0..40));
    world.buckets(2, &numbered(0..20));
    let first = world.part(S3).hold.expect("a hold");
    world.buckets(3, &numbered(20..40));
    let second = world.part(S3).hold.expect("a hold");
    assert_eq!((second.count, second.of, world.names().len()), (20, 40, 40));
    assert_ne!(first.id, second.id, "who releases the first one does not mean the second one");
}

#[test]
fn a_released_hold_retires_what_it_kept() {
    let world = World::new();
    world.buckets(1, &numbered(0..40));
    world.buckets(2, &numbered(0..20));
    let unknown = block_on(release(&world.store, &world.rules, "nonsense", None)).expect_err("no such hold");
    assert_eq!((unknown.kind(), world.names().len()), (ErrorKind::NotFound, 40));
    let report = world.release();
    assert_eq!((report.retired, report.revision), (20, 3));
    let part = world.part(S3);
    assert_eq!((part.hold, part.items, world.names().len()), (None, 20, 20));
    let again = world.buckets(3, &numbered(0..20));
    assert_eq!((again.held, again.retired, again.revision), (0, 0, 3));
}

#[test]
fn a_release_retires_no_more_than_was_held() {
    let world = World::new();
    world.buckets(1, &numbered(0..40));
    world.buckets(2, &numbered(0..20));
    // The newest read saw only a few of those that the held one did see.
    world.not_whole(3, Coverage::Partial, Some(&numbered(0..5)));
    assert_eq!(world.names().len(), 40);
    assert_eq!(world.release().retired, 20);
    assert_eq!(world.names().len(), 20, "what a partial read missed is still there");
}

#[test]
fn a_failed_read_keeps_a_hold() {
    let world = World::new();
    world.buckets(1, &numbered(0..40));
    world.buckets(2, &numbered(0..20));
    for (run, coverage) in [(3, Coverage::Denied), (4, Coverage::Failed)] {
        let report = world.not_whole(run, coverage, None);
        assert_eq!((report.held, report.retired, world.names().len()), (1, 0, 40));
    }
    assert_eq!(world.release().retired, 20);
}

#[test]
fn few_of_many_go_without_a_hold() {
    let world = World::new();
    world.buckets(1, &numbered(0..40));
    assert_eq!(world.buckets(2, &numbered(19..40)).retired, 19, "fewer than twenty");
    let world = World::new();
    world.buckets(1, &numbered(0..100));
    assert_eq!(world.buckets(2, &numbered(30..100)).retired, 30, "not more than 30 %");
}
