//! One domain in one run: groups first, then the people that they name, and what each answer means for coverage.

use std::collections::BTreeMap;

use portal_core::{Coverage, Outcome, SnapshotWriter};
use serde_json::Value;

use super::config::Plan;
use super::entry::Identity;
use super::failure::Failure;
use super::groups::Groups;
use super::people::People;
use super::servers::Servers;

/// The kind of groups.
pub(super) const GROUPS: &str = "groups";

/// The kind of people.
pub(super) const USERS: &str = "users";

const NO_IDENTITY: &str = "the account may read neither objectGUID nor entryUUID, without which it cannot be kept";

const NO_CONTROL: &str = "the account may not read userAccountControl, so it is not known who is disabled";

/// How many things that could not be read a reason names; a person mends one after the other.
const NAMED: usize = 3;

/// The right without which no group is whole.
pub(super) fn right_to_groups(base: &str) -> String {
    format!("read member of groups below {base}")
}

/// The right without which nobody knows who is there.
pub(super) fn right_to_users(base: &str) -> String {
    format!("read userAccountControl of users below {base}")
}

/// Reads the domain.
pub(super) async fn collect(plan: &Plan, out: &SnapshotWriter) {
    out.expect([GROUPS, USERS]);
    let mut servers = match Servers::new(plan).await {
        Ok(servers) => servers,
        Err(failure) => return neither(plan, &failure, out),
    };
    let groups = match servers.read(&Groups(plan)).await {
        Ok(groups) => groups,
        Err(failure) => return neither(plan, &failure, out),
    };
    let missing: Vec<String> = groups.left_out.say(NO_IDENTITY).into_iter().chain(groups.unread).collect();
    let doubt = doubt(groups.cut, &missing);
    write(out, GROUPS, groups.kept, missing, doubt.as_deref());

    match servers.read(&People { plan, wanted: &groups.wanted }).await {
        Ok(people) => {
            let mut missing: Vec<String> = people.left_out.say(NO_IDENTITY).into_iter().collect();
            let own = self::doubt(people.cut, &missing);
            // Who is only in what could not be read of the groups was not looked for.
            let doubt = own.or_else(|| doubt.map(|doubt| format!("the groups were not read whole: {doubt}")));
            // They are there, whatever else is not known of them.
            missing.extend(people.doubtful.say(NO_CONTROL));
            write(out, USERS, people.kept, missing, doubt.as_deref());
        }
        Err(failure) => out.finish(USERS, outcome(&failure, right_to_users(&plan.base))),
    }
}

fn write(
    out: &SnapshotWriter,
    kind: &str,
    objects: BTreeMap<Identity, Value>,
    unread: Vec<String>,
    doubt: Option<&str>,
) {
    for (identity, object) in objects {
        out.object(kind, identity.text, object);
    }
    for reason in unread {
        out.unread(kind, reason);
    }
    out.finish(kind, doubt.map_or_else(Outcome::complete, |reason| Outcome::not(Coverage::Partial, reason)));
}

/// Without the groups nobody knows whose people to look for.
fn neither(plan: &Plan, failure: &Failure, out: &SnapshotWriter) {
    for kind in [GROUPS, USERS] {
        out.finish(kind, outcome(failure, right_to_groups(&plan.base)));
    }
}

/// Nothing is ever `Absent`: a base that is gone and a base that may not be seen look the same.
fn outcome(failure: &Failure, right: String) -> Outcome {
    match failure {
        Failure::Denied(reason) => Outcome::denied(right, reason.as_str()),
        Failure::Server(reason) | Failure::Expired(reason) | Failure::Refused(reason) => {
            Outcome::not(Coverage::Failed, reason.as_str())
        }
    }
}

/// Why there may be more than was read.
fn doubt(cut: Option<String>, unread: &[String]) -> Option<String> {
    if cut.is_some() || unread.is_empty() {
        return cut;
    }
    let named: Vec<&str> = unread.iter().take(NAMED).map(String::as_str).collect();
    let more = match unread.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    Some(format!("{}{more}", named.join("; ")))
}
