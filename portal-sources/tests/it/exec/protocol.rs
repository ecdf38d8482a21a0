//! Protocol mode: what is said is taken as it is said, and what is not said is never "there is none".

use portal_core::{Coverage, SnapshotWriter, Source, Text};
use portal_sources::exec::{Config, Exec};

use super::{hall, prints, refusal, source};
use crate::seen::{Seen, see};

const HELLO: &str = "{\"portal\": \"portal.exec/v1\"}\n";
const FIRST: &str = "{\"scope\": {\"account\": \"1\", \"region\": \"r\"}, \"kinds\": [\"rds\", \"s3\"]}\n";
const SECOND: &str = "{\"scope\": {\"account\": \"2\", \"region\": \"r\"}, \"kinds\": [\"rds\"]}\n";
const ALL: &str = "{\"scopes\": {\"whole_below\": [[]]}}\n";

fn object(kind: &str, name: &str) -> String {
    format!("{{\"kind\": \"{kind}\", \"name\": \"{name}\", \"object\": {{\"Id\": \"{name}\"}}}}\n")
}

fn complete(kind: &str) -> String {
    format!("{{\"kind\": \"{kind}\", \"coverage\": \"complete\"}}\n")
}

async fn told(lines: &[&str], then: &str) -> Seen {
    see(&source(prints(&(HELLO.to_owned() + &lines.concat()), then))).await
}

#[tokio::test]
async fn what_is_said_is_taken_as_it_is_said() {
    let seen = told(
        &[
            FIRST,
            &object("rds", "orders"),
            "{\"kind\": \"rds\", \"unread\": \"tags of orders: AccessDenied\"}\n",
            &complete("rds"),
            "{\"kind\": \"s3\", \"coverage\": \"denied\", \"reason\": \"no\", \"permission\": \"s3:List\"}\n",
            SECOND,
            "{\"kind\": \"rds\", \"coverage\": \"absent\", \"reason\": \"closed\"}\n",
            "{\"scopes\": {\"whole_below\": [[\"1\"]], \"unread\": [{\"below\": [\"3\"], \"coverage\": \"failed\", \
             \"reason\": \"throttled\"}]}}\n",
        ],
        "",
    )
    .await;
    assert_eq!(seen.names("1/r", "rds"), ["orders"]);
    assert_eq!(seen.kind("1/r", "rds").unread, ["tags of orders: AccessDenied"]);
    assert_eq!(seen.ended("1/r", "rds"), (Coverage::Complete, ""));
    assert_eq!(seen.ended("1/r", "s3"), (Coverage::Denied, "no"));
    assert_eq!(seen.outcome("1/r", "s3").permission.as_deref(), Some("s3:List"));
    assert_eq!(seen.ended("2/r", "rds"), (Coverage::Absent, "closed"));
    assert_eq!(seen.plan.whole_below, [vec![Text::from("1")]]);
    assert_eq!((seen.plan.unread.len(), seen.plan.unread[0].below[0].as_str()), (1, "3"));
}

#[tokio::test]
async fn the_same_scope_again_goes_on_with_it() {
    let lines = [FIRST, &object("rds", "a"), SECOND, &object("rds", "b"), &complete("rds"), FIRST, &object("rds", "c")];
    let seen = told(&[&lines.concat(), &complete("rds"), &complete("s3")], "").await;
    assert!(seen.is_whole());
    assert_eq!(seen.names("1/r", "rds"), ["a", "c"]);
    assert_eq!(seen.names("2/r", "rds"), ["b"]);
}

#[tokio::test]
async fn a_kind_without_an_end_is_failed() {
    let seen = told(&[FIRST, &object("rds", "a"), &complete("s3"), ALL], "").await;
    let (coverage, reason) = seen.ended("1/r", "rds");
    assert_eq!(coverage, Coverage::Failed);
    assert!(reason.contains("without saying how the read of rds ended"), "{reason}");
    assert_eq!(seen.ended("1/r", "s3").0, Coverage::Complete);
}

#[tokio::test]
async fn a_program_that_dies_fails_what_is_open_and_keeps_what_has_ended() {
    for (then, told_of) in [("kill -9 $$", "killed by signal 9"), ("exit 7", "exit code 7")] {
        let seen = told(&[FIRST, ALL, &complete("s3"), &object("rds", "a")], then).await;
        assert_eq!(seen.ended("1/r", "s3").0, Coverage::Complete);
        let (coverage, reason) = seen.ended("1/r", "rds");
        assert_eq!(coverage, Coverage::Failed);
        assert!(reason.contains(told_of), "{reason}");
        assert!(seen.plan.whole_below.is_empty(), "it may have had more scopes to name");
        assert_eq!((seen.plan.unread.len(), seen.plan.unread[0].below.len()), (1, 0));
    }
}

#[tokio::test]
async fn a_line_that_breaks_the_protocol_ends_the_run_and_is_named() {
    let deep_scope = "{\"scope\": {\"path\": [\"1\", \"r\", \"x\"]}, \"kinds\": [\"rds\"]}\n";
    let twin = "{\"scope\": {\"path\": [\"1\", \"r\"]}, \"kinds\": [\"rds\"]}\n";
    let above = "{\"scope\": {\"domain\": \"1\"}, \"kinds\": [\"users\"]}\n";
    for (line, told_of) in [
        ("{\"kind\": \"rds\", \"nmae\": \"a\", \"object\": {}}\n", "line 4: unknown field `nmae`"),
        ("Traceback (most recent call last):\n", "line 4: it is no JSON"),
        (object("lambda", "a").as_str(), "line 4: `lambda` is none of the kinds of scope 1/r"),
        (object("s3", "late").as_str(), "line 4: `s3` of scope 1/r has ended already"),
        (complete("s3").as_str(), "line 4: `s3` of scope 1/r has ended already"),
        (HELLO, "line 4: the greeting comes a second time"),
        (&(ALL.to_owned() + ALL), "line 5: `scopes` comes a second time"),
        (deep_scope, "line 4: scope 1/r/x and scope 1/r would stand one inside the other"),
        (above, "line 4: scope 1 and scope 1/r would stand one inside the other"),
        (twin, "line 4: scope 1/r has the path of another scope"),
    ] {
        // It goes on for ever: who breaks the protocol is stopped.
        let seen = told(&[FIRST, &complete("s3"), line], "sleep 1000 & sleep 1000").await;
        let (coverage, reason) = seen.ended("1/r", "rds");
        assert_eq!(coverage, Coverage::Failed, "{line}");
        assert!(reason.contains(told_of), "{told_of} in {reason}");
        let late = line.contains("\"s3\"");
        let s3 = if late { Coverage::Failed } else { Coverage::Complete };
        assert_eq!(seen.ended("1/r", "s3").0, s3, "an end that was none does not count: {line}");
        assert!(seen.plan.whole_below.is_empty());
    }
}

#[tokio::test]
async fn a_message_that_is_cut_off_is_none() {
    let seen = told(&[FIRST, &complete("s3"), "{\"kind\": \"rds\", \"coverage\": \"compl"], "").await;
    let (coverage, reason) = seen.ended("1/r", "rds");
    assert_eq!(coverage, Coverage::Failed);
    assert!(reason.contains("line 4, the last one and perhaps cut off: it is no JSON"), "{reason}");
}

#[tokio::test]
async fn before_any_scope_a_breach_changes_nothing() {
    for (lines, told_of) in [
        (String::new(), "named no scope, so nothing was changed"),
        (HELLO.to_owned(), "named no scope, so nothing was changed"),
        (HELLO.to_owned() + &object("rds", "a"), "line 2: no `scope` was named before it"),
        (FIRST.to_owned(), "line 1: the first line has to be {\"portal\": \"portal.exec/v1\"}"),
        ("{\"Name\": \"bucket\"}\n".to_owned(), "write `kind` and `scope` into its table"),
        (
            "{\"portal\": \"portal.exec/v2\"}\n".to_owned(),
            "newer than this portal's `portal.exec/v1`; update the portal",
        ),
        ("{\"portal\": \"v1\"}\n".to_owned(), "`v1` is no version of the protocol"),
    ] {
        let text = refusal(prints(&lines, "")).await;
        assert!(text.contains(told_of), "{told_of} in {text}");
    }
}

#[tokio::test]
async fn a_world_without_scopes_is_one_if_it_is_said() {
    let seen = told(&[ALL], "").await;
    assert!(seen.plan.scopes.is_empty());
    assert_eq!(seen.plan.whole_below, [Vec::<Text>::new()]);
}

#[tokio::test]
async fn a_second_object_of_one_name_is_left_out_and_named() {
    let seen = told(&[SECOND, &object("rds", "a"), &object("rds", "a"), &complete("rds")], "").await;
    assert_eq!(seen.names("2/r", "rds"), ["a"]);
    assert_eq!(seen.kind("2/r", "rds").unread, ["line 4: `a` stands already in line 3; the first one counts"]);
    assert_eq!(seen.ended("2/r", "rds").0, Coverage::Complete);
}

#[tokio::test]
async fn an_object_that_cannot_be_read_takes_no_other_with_it() {
    let deep = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    let deep = format!("{{\"kind\": \"rds\", \"name\": \"deep\", \"object\": {deep}}}\n");
    let text = HELLO.to_owned() + SECOND + &object("rds", "a") + &deep + &object("rds", "b") + &complete("rds");
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), text).expect("it is written");
    let seen = see(&source(Config::new(["cat", file.path().to_str().expect("a plain path")]))).await;
    assert_eq!(seen.names("2/r", "rds"), ["a", "b"]);
    let (coverage, reason) = seen.ended("2/r", "rds");
    assert_eq!(coverage, Coverage::Partial);
    assert!(reason.contains("line 4: `deep` was left out: recursion limit"), "{reason}");
}

#[tokio::test]
async fn a_folder_that_promises_a_form_takes_no_scope_of_another() {
    let config = || prints(&(HELLO.to_owned() + FIRST + &complete("rds") + &complete("s3")), "");
    assert!(see(&Exec::new("aws", config()).expect("a source")).await.is_whole());
    let config = Config { folder: Some("k8s".to_owned()), ..config() };
    let text = refusal(config).await;
    assert!(
        text.contains("line 2: the lake folder `k8s` is for scopes of another form than 1/r; set `folder`"),
        "{text}"
    );
}

#[tokio::test]
async fn a_scope_that_is_not_told_of_any_more_is_not_taken_for_empty() {
    let source = source(prints(&(HELLO.to_owned() + SECOND + &complete("rds")), ""));
    let out = SnapshotWriter::default();
    let error = source.collect(&hall(), &out).await.expect_err("nothing was said of it");
    assert_eq!(error.kind(), portal_core::ErrorKind::Unavailable, "which is no `absent`");
    assert!(error.to_string().contains("says nothing of scope site/hall-1"), "{error}");
}
