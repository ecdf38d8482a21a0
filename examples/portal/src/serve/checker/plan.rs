//! Who is asked when: each service once in an interval at its own phase, and never too many of one host at the same time.
//!
//! Knows neither clock nor network. Times are since an epoch that all replicas share, so that they agree on the phases.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use portal_core::{Ref, Text};

use super::share::phase;

/// How turns are laid out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// From one turn of a service to its next one.
    pub(super) every: Duration,
    /// Within so long a service is asked of which nothing is known.
    pub(super) first_within: Duration,
    /// After so long one is asked again whose answer contradicts what is believed.
    pub(super) again: Duration,
    /// How many of one host are asked at the same time.
    pub(super) per_host: usize,
}

/// A service that is to be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) url: Text,
    pub(super) host: Text,
    /// Whether something recent is known of it.
    pub(super) is_known: bool,
}

/// A service whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) service: Ref,
    pub(super) url: Text,
    /// By how much it is late.
    pub(super) lag: Duration,
}

/// All services that are checked here.
#[derive(Debug)]
pub(super) struct Plan {
    pace: Pace,
    entries: HashMap<Ref, Entry>,
    waiting: BTreeSet<(Duration, Ref)>,
    hosts: HashMap<Text, Host>,
    /// Hosts with room again for one that waits for it.
    free: VecDeque<Text>,
}

#[derive(Debug)]
struct Entry {
    url: Text,
    host: Text,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    /// Until its turn.
    Waiting(Duration),
    /// It was its turn, but too many of its host are being asked.
    Queued(Duration),
    /// At this host; the entry may have another one by now.
    Running(Text),
}

#[derive(Debug, Default)]
struct Host {
    running: usize,
    queue: VecDeque<Ref>,
}

impl Plan {
    pub(super) fn new(pace: Pace) -> Plan {
        Plan { pace, entries: HashMap::new(), waiting: BTreeSet::new(), hosts: HashMap::new(), free: VecDeque::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Takes over which services are to be checked. One whose URL is new gets an early turn.
    pub(super) fn set(&mut self, targets: &HashMap<Ref, Target>, now: Duration) {
        let gone: Vec<Ref> = self.entries.keys().filter(|service| !targets.contains_key(*service)).cloned().collect();
        for service in gone {
            self.remove(&service);
        }
        for (service, target) in targets {
            match self.entries.get_mut(service) {
                Some(entry) if entry.url == target.url => {}
                Some(entry) => {
                    entry.url = target.url.clone();
                    let moved = entry.host != target.host;
                    match entry.state.clone() {
                        // It is asked anew when the answer from the old address is there.
                        State::Running(_) => entry.host = target.host.clone(),
                        State::Queued(_) if !moved => {}
                        State::Waiting(_) | State::Queued(_) => {
                            self.remove(service);
                            self.add(service, target, now);
                        }
                    }
                }
                None => self.add(service, target, now),
            }
        }
    }

    /// The next service whose turn it is.
    pub(super) fn next(&mut self, now: Duration) -> Option<Turn> {
        while let Some(name) = self.free.pop_front() {
            let Some(host) = self.hosts.get_mut(&name) else { continue };
            if host.running >= self.pace.per_host {
                continue;
            }
            match host.queue.pop_front() {
                Some(service) => return self.start(&service, now),
                None if host.running == 0 => drop(self.hosts.remove(&name)),
                None => {}
            }
        }
        loop {
            let (due, service) = self.waiting.first().filter(|(due, _)| *due <= now)?.clone();
            self.waiting.pop_first();
            let entry = self.entries.get_mut(&service).expect("who waits has an entry");
            let host = self.hosts.entry(entry.host.clone()).or_default();
            if host.running >= self.pace.per_host {
                entry.state = State::Queued(due);
                host.queue.push_back(service);
            } else {
                return self.start(&service, now);
            }
        }
    }

    /// When the next turn is, if nothing happens before.
    pub(super) fn wakes(&self) -> Option<Duration> {
        if self.free.is_empty() { self.waiting.first().map(|(due, _)| *due) } else { Some(Duration::ZERO) }
    }

    /// Notes the end of a turn at a URL. `doubtful` is an answer that contradicts what is believed.
    pub(super) fn done(&mut self, turn: &Turn, doubtful: bool, now: Duration) {
        let Some(entry) = self.entries.get_mut(&turn.service) else { return };
        let State::Running(host) = entry.state.clone() else { return };
        let regular = self.pace.regular(&turn.service, now);
        let due = if entry.url != turn.url {
            now
        } else if doubtful {
            regular.min(now + self.pace.again)
        } else {
            regular
        };
        entry.state = State::Waiting(due);
        self.waiting.insert((due, turn.service.clone()));
        self.leave(&host);
    }

    fn start(&mut self, service: &Ref, now: Duration) -> Option<Turn> {
        let entry = self.entries.get_mut(service)?;
        let (State::Waiting(due) | State::Queued(due)) = entry.state else { return None };
        self.hosts.entry(entry.host.clone()).or_default().running += 1;
        entry.state = State::Running(entry.host.clone());
        Some(Turn { service: service.clone(), url: entry.url.clone(), lag: now.saturating_sub(due) })
    }

    fn add(&mut self, service: &Ref, target: &Target, now: Duration) {
        let due = if target.is_known { self.pace.regular(service, now) } else { self.pace.early(service, now) };
        let Target { url, host, .. } = target.clone();
        self.entries.insert(service.clone(), Entry { url, host, state: State::Waiting(due) });
        self.waiting.insert((due, service.clone()));
    }

    fn remove(&mut self, service: &Ref) {
        let Some(entry) = self.entries.remove(service) else { return };
        match entry.state {
            State::Waiting(due) => {
                self.waiting.remove(&(due, service.clone()));
            }
            State::Queued(_) => {
                if let Some(host) = self.hosts.get_mut(&entry.host) {
                    host.queue.retain(|queued| queued != service);
                }
            }
            // Its answer will come, and nobody waits for it; the place at the host is given back all the same.
            State::Running(host) => self.leave(&host),
        }
    }

    /// One that was asked at a host is no more.
    fn leave(&mut self, name: &Text) {
        let Some(host) = self.hosts.get_mut(name) else { return };
        host.running = host.running.saturating_sub(1);
        if !host.queue.is_empty() {
            self.free.push_back(name.clone());
        } else if host.running == 0 {
            self.hosts.remove(name);
        }
    }
}

impl Pace {
    /// The next time at a service's phase. Turns that were missed are left out.
    fn regular(&self, service: &Ref, now: Duration) -> Duration {
        let every = self.every.as_nanos().max(1);
        let phase = phase(service.as_str(), self.every).as_nanos();
        let ahead = (phase + every - now.as_nanos() % every) % every;
        now + Duration::from_nanos(u64::try_from(if ahead == 0 { every } else { ahead }).unwrap_or(u64::MAX))
    }

    fn early(&self, service: &Ref, now: Duration) -> Duration {
        now + phase(service.as_str(), self.first_within)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const PACE: Pace =
        Pace { every: Duration::from_secs(60), first_within: SECOND, again: Duration::from_secs(10), per_host: 2 };
    const START: Duration = Duration::from_secs(1_800_000_000);

    fn service(n: usize) -> Ref {
        Ref::service("test", &format!("{n:03}"))
    }

    fn targets(all: impl Iterator<Item = (usize, &'static str, bool)>) -> HashMap<Ref, Target> {
        all.map(|(n, host, is_known)| {
            let url = Text::from(format!("http://{host}/{n}"));
            (service(n), Target { url, host: Text::from(host), is_known })
        })
        .collect()
    }

    fn turns(plan: &mut Plan, now: Duration) -> Vec<Turn> {
        std::iter::from_fn(|| plan.next(now)).collect()
    }

    #[test]
    fn each_service_has_one_turn_in_an_interval_at_its_phase() {
        let mut plan = Plan::new(Pace { per_host: 1_000, ..PACE });
        plan.set(&targets((0..100).map(|n| (n, "a", true))), START);
        let mut asked: HashMap<Ref, Vec<Duration>> = HashMap::new();
        for second in 1..=180 {
            let now = START + SECOND * second;
            for turn in turns(&mut plan, now) {
                asked.entry(turn.service.clone()).or_default().push(now);
                plan.done(&turn, false, now);
            }
        }
        assert_eq!(asked.len(), 100);
        for times in asked.values() {
            assert_eq!(times.len(), 3, "{times:?}");
            assert!(times.windows(2).all(|pair| pair[1] - pair[0] == Duration::from_secs(60)), "{times:?}");
        }
        let mut firsts: Vec<Duration> = asked.values().map(|times| times[0]).collect();
        firsts.sort();
        firsts.dedup();
        assert!(firsts.len() > 30, "they are spread: {firsts:?}");
    }

    #[test]
    fn what_nothing_is_known_of_is_asked_soon() {
        let mut plan = Plan::new(Pace { per_host: 1_000, ..PACE });
        plan.set(&targets((0..100).map(|n| (n, "a", false))), START);
        assert_eq!(turns(&mut plan, START + SECOND).len(), 100);
    }

    #[test]
    fn a_slow_host_keeps_only_its_own_waiting() {
        let mut plan = Plan::new(PACE);
        let all = (0..50).map(|n| (n, if n < 40 { "slow" } else { "fast" }, false));
        plan.set(&targets(all), START);
        let now = START + SECOND;
        let running = turns(&mut plan, now);
        let of = |turns: &[Turn], host: &str| turns.iter().filter(|turn| turn.url.contains(host)).count();
        assert_eq!((of(&running, "slow"), of(&running, "fast")), (2, 2));
        assert_eq!(plan.next(now), None, "no more than two of each");
        for turn in running.iter().filter(|turn| turn.url.contains("fast")) {
            plan.done(turn, false, now);
        }
        let next = turns(&mut plan, now);
        assert_eq!((of(&next, "slow"), of(&next, "fast")), (0, 2));
        let slow = running.iter().find(|turn| turn.url.contains("slow")).expect("one of the slow ones");
        plan.done(slow, false, now + SECOND * 5);
        let next = turns(&mut plan, now + SECOND * 5);
        assert_eq!(of(&next, "slow"), 1, "one has ended, one may begin");
        assert!(next[0].lag >= SECOND * 5, "{next:?}");
    }

    #[test]
    fn a_host_that_was_crowded_is_asked_to_its_end() {
        let mut plan = Plan::new(PACE);
        plan.set(&targets((0..9).map(|n| (n, "a", false))), START);
        let (mut asked, mut now) = (HashSet::new(), START + SECOND);
        while asked.len() < 9 {
            let running = turns(&mut plan, now);
            assert!(!running.is_empty() && running.len() <= 2, "{running:?}");
            now += SECOND / 10;
            for turn in running {
                plan.done(&turn, false, now);
                assert!(asked.insert(turn.service), "nobody is asked twice before all are");
            }
        }
    }

    #[test]
    fn an_answer_in_doubt_is_asked_for_again_soon() {
        let mut plan = Plan::new(PACE);
        plan.set(&targets([(1, "a", false)].into_iter()), START);
        let now = START + SECOND;
        let turn = plan.next(now).expect("its turn");
        plan.done(&turn, true, now);
        assert!(plan.wakes().is_some_and(|at| at <= now + PACE.again), "{:?}", plan.wakes());
    }

    #[test]
    fn a_url_that_was_edited_is_asked_soon_and_one_that_is_gone_no_more() {
        let mut plan = Plan::new(PACE);
        plan.set(&targets([(1, "a", true), (2, "a", true)].into_iter()), START);
        plan.set(&targets([(1, "b", false)].into_iter()), START);
        assert_eq!(plan.len(), 1);
        let turn = plan.next(START + SECOND).expect("the new address");
        assert_eq!(turn.url, "http://b/1");
        assert_eq!(plan.next(START + SECOND * 120), None);
    }

    #[test]
    fn an_edit_in_the_middle_of_a_question_asks_the_new_address_afterwards() {
        let mut plan = Plan::new(Pace { per_host: 1, ..PACE });
        plan.set(&targets([(1, "a", false), (2, "a", false)].into_iter()), START);
        let now = START + SECOND;
        let first = plan.next(now).expect("a turn");
        assert_eq!(plan.next(now), None, "the other one waits for the host");
        let moved = if first.service == service(1) {
            [(1, "b", false), (2, "a", false)]
        } else {
            [(1, "a", false), (2, "b", false)]
        };
        plan.set(&targets(moved.into_iter()), now);
        plan.done(&first, false, now);
        let mut next: Vec<Text> = turns(&mut plan, now).into_iter().map(|turn| turn.url).collect();
        next.sort();
        assert_eq!(next.len(), 2, "{next:?}");
        assert!(next.iter().any(|url| url.contains("//b/")), "{next:?}");
    }

    #[test]
    fn who_is_removed_while_asked_gives_its_place_back() {
        let mut plan = Plan::new(Pace { per_host: 1, ..PACE });
        plan.set(&targets([(1, "a", false)].into_iter()), START);
        let turn = plan.next(START + SECOND).expect("a turn");
        plan.set(&HashMap::new(), START + SECOND);
        plan.set(&targets([(1, "a", false), (2, "a", false)].into_iter()), START + SECOND);
        plan.done(&turn, false, START + SECOND);
        assert_eq!(turns(&mut plan, START + SECOND * 2).len(), 1, "one at a time, as before");
        assert_eq!(plan.len(), 2);
    }

    #[test]
    fn turns_that_were_missed_are_left_out() {
        let mut plan = Plan::new(PACE);
        plan.set(&targets([(1, "a", true)].into_iter()), START);
        let late = START + SECOND * 1_000;
        let turn = plan.next(late).expect("its turn");
        plan.done(&turn, false, late);
        assert_eq!(plan.next(late), None);
        assert!(plan.wakes().is_some_and(|at| at > late && at <= late + PACE.every));
    }
}
