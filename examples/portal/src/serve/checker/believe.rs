//! From answers to what is believed: one answer does not make a status, N of the last M that agree do.

use jiff::{SignedDuration, Timestamp};
use portal_core::health::Checked;
use portal_core::model::Health;
use portal_core::{Ref, Text};

/// How many of the last answers have to agree before another status is believed.
///
/// More than half of them. With two of three a service that answers by turns changes its status with every answer; with
/// three of four it keeps the one that it had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// How many of the last answers are looked at, at most [`Checked::KEPT`].
    pub of: usize,
    /// How many of these have to agree.
    pub agree: usize,
}

impl Default for Confirm {
    fn default() -> Confirm {
        Confirm { of: 4, agree: 3 }
    }
}

/// One answer about a service.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub(super) service: Ref,
    pub(super) url: Text,
    pub(super) health: Health,
    pub(super) detail: Text,
    pub(super) at: Timestamp,
}

/// What answers are measured by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measures {
    pub(super) confirm: Confirm,
    /// After so long without an answer nothing is known any more.
    pub(super) stale_after: SignedDuration,
    /// A person asked, and is told what came back.
    pub(super) at_once: bool,
}

/// What is known after an answer, in the order in which it is recorded.
pub(super) fn believe(previous: Option<&Checked>, heard: Heard, measures: Measures) -> Vec<Checked> {
    let previous = previous.filter(|previous| previous.url == heard.url);
    // A clock that was set back, or another replica's that is ahead, stops no result.
    let after = |previous: &Checked| previous.checked_at.saturating_add(SignedDuration::from_millis(1));
    let at = previous.and_then(|previous| after(previous).ok()).map_or(heard.at, |after| after.max(heard.at));
    let gap = previous.filter(|previous| at.duration_since(previous.checked_at) > measures.stale_after);
    let silence = gap.and_then(|previous| {
        // The time in which nobody asked belongs to no span: this ends the one before.
        let at = after(previous).ok()?;
        let detail = Text::new_static("nobody asked for a while");
        let newest = Health::Unknown;
        Some(Checked { status: newest, newest, detail, checked_at: at, since: at, ..previous.clone() })
    });
    let known = previous.filter(|_| gap.is_none());
    let mut recent = vec![heard.health];
    recent.extend(known.iter().flat_map(|known| known.recent.iter().copied()));
    recent.truncate(Checked::KEPT);
    let agreeing = recent.iter().take(measures.confirm.of).filter(|health| **health == heard.health).count();
    let status = match known {
        Some(known) if agreeing < measures.confirm.agree && !measures.at_once => known.status,
        _ => heard.health,
    };
    let since = known.filter(|known| known.status == status).map_or(at, |known| known.since);
    let Heard { service, url, health: newest, detail, .. } = heard;
    silence
        .into_iter()
        .chain([Checked { service, url, status, newest, detail, recent, checked_at: at, since }])
        .collect()
}

/// What is left of a result that is too old to be believed.
pub(super) fn doubted(result: Checked) -> Checked {
    Checked { status: Health::Unknown, detail: Text::new_static("not checked since then"), ..result }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Health::{Degraded, Down, Healthy, Unknown};

    fn time(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("a time")
    }

    fn measures(of: usize, agree: usize) -> Measures {
        let confirm = Confirm { of, agree };
        Measures { confirm, stale_after: SignedDuration::from_secs(200), at_once: false }
    }

    fn heard(health: Health, second: i64) -> Heard {
        let (url, detail) = (Text::from("http://a.example/"), Text::from(health.as_str()));
        Heard { service: Ref::service("shop", "cart"), url, health, detail, at: time(second) }
    }

    /// The statuses after each answer, one a minute.
    fn statuses(of: usize, agree: usize, answers: &[Health]) -> Vec<Health> {
        let mut known: Option<Checked> = None;
        let mut statuses = Vec::new();
        for (minute, health) in (0..).zip(answers) {
            let after = believe(known.as_ref(), heard(*health, minute * 60), measures(of, agree));
            assert_eq!(after.len(), 1, "{after:?}");
            known = after.into_iter().next();
            statuses.push(known.as_ref().expect("a result").status);
        }
        statuses
    }

    #[test]
    fn the_first_answer_counts_at_once() {
        assert_eq!(statuses(4, 3, &[Down]), [Down]);
    }

    #[test]
    fn one_answer_among_others_changes_nothing() {
        assert_eq!(statuses(4, 3, &[Healthy, Down, Healthy, Healthy, Degraded, Healthy]), [Healthy; 6]);
    }

    #[test]
    fn a_status_changes_when_enough_of_the_last_answers_agree() {
        assert_eq!(statuses(4, 3, &[Healthy, Down, Down, Down]), [Healthy, Healthy, Healthy, Down]);
        assert_eq!(statuses(4, 3, &[Healthy, Down, Down, Healthy, Down]), [Healthy, Healthy, Healthy, Healthy, Down]);
        assert_eq!(statuses(3, 2, &[Healthy, Down, Healthy, Down]), [Healthy, Healthy, Healthy, Down]);
        assert_eq!(statuses(1, 1, &[Healthy, Down, Healthy]), [Healthy, Down, Healthy]);
    }

    #[test]
    fn a_service_that_answers_by_turns_does_not_change_with_each_answer() {
        let answers: Vec<Health> = [Healthy, Down].into_iter().cycle().take(40).collect();
        assert_eq!(statuses(4, 3, &answers), [Healthy; 40]);
    }

    #[test]
    fn several_ways_of_not_working_are_told_apart() {
        assert_eq!(statuses(4, 3, &[Healthy, Down, Degraded, Down, Down]), [Healthy, Healthy, Healthy, Healthy, Down]);
    }

    #[test]
    fn since_is_when_the_status_began_and_the_last_answers_are_kept() {
        let mut known: Option<Checked> = None;
        for (minute, health) in (0..).zip([Healthy, Down, Down, Down, Down].into_iter().chain([Down; 20])) {
            known = believe(known.as_ref(), heard(health, minute * 60), measures(4, 3)).pop();
        }
        let known = known.expect("a result");
        assert_eq!((known.since, known.recent), (time(180), vec![Down; Checked::KEPT]));
        assert_eq!(known.detail, "down");
    }

    #[test]
    fn an_answer_from_another_address_begins_anew() {
        let known = believe(None, heard(Healthy, 0), measures(4, 3)).pop();
        let moved = Heard { url: "http://b.example/".into(), ..heard(Down, 60) };
        let after = believe(known.as_ref(), moved, measures(4, 3));
        assert_eq!((after.len(), after[0].status, after[0].recent.len()), (1, Down, 1));
    }

    #[test]
    fn a_time_in_which_nobody_asked_belongs_to_no_status() {
        let known = believe(None, heard(Healthy, 0), measures(4, 3)).pop().expect("a result");
        let after = believe(Some(&known), heard(Down, 3_600), measures(4, 3));
        let told: Vec<_> = after.iter().map(|checked| (checked.status, checked.checked_at)).collect();
        assert_eq!(told, [(Unknown, time(0) + SignedDuration::from_millis(1)), (Down, time(3_600))]);
        assert_eq!(after[1].recent, [Down], "what was before is too old to be compared with");
    }

    #[test]
    fn who_asks_is_told_what_came_back() {
        let known = believe(None, heard(Healthy, 0), measures(4, 3)).pop();
        let asked = Measures { at_once: true, ..measures(4, 3) };
        let after = believe(known.as_ref(), heard(Degraded, 1), asked).pop().expect("a result");
        assert_eq!((after.status, after.since), (Degraded, time(1)));
        let later = believe(Some(&after), heard(Healthy, 60), measures(4, 3)).pop().expect("a result");
        assert_eq!(later.status, Degraded, "and the next answer alone does not take it back");
    }

    #[test]
    fn a_clock_that_was_set_back_stops_no_result() {
        let known = believe(None, heard(Healthy, 3_600), measures(4, 3)).pop().expect("a result");
        let after = believe(Some(&known), heard(Down, 0), measures(1, 1)).pop().expect("a result");
        assert!(after.checked_at > known.checked_at);
        assert_eq!(after.status, Down);
    }
}
