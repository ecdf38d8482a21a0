//! Which replica checks which service, and when in the interval.
//!
//! By rendezvous hashing: each service goes to the replica with the highest weight for it. All who see the same replicas
//! agree without a word, and when one comes or goes, only what was or becomes its own moves.

use std::time::Duration;

use portal_core::Text;

/// Whether a service is this replica's to check. Who sees nobody is alone.
pub(super) fn is_mine(me: &str, replicas: &[Text], service: &str) -> bool {
    let first = replicas.iter().max_by_key(|replica| (weight(replica, service), replica.as_str()));
    first.is_none_or(|first| first == me)
}

/// When in each interval a service is checked: the same in every replica, and spread evenly over all services.
pub(super) fn phase(service: &str, every: Duration) -> Duration {
    let every = u64::try_from(every.as_nanos()).unwrap_or(u64::MAX).max(1);
    Duration::from_nanos(weight("", service) % every)
}

/// FNV-1a with an avalanche at the end. Not the standard library's hash: replicas of two builds have to agree.
fn weight(replica: &str, service: &str) -> u64 {
    let bytes = replica.bytes().chain([0xff]).chain(service.bytes());
    let mut hash = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn services() -> Vec<String> {
        (0..3_000).map(|n| format!("service:team-{}/api-{n}", n % 7)).collect()
    }

    fn replicas(names: &[&str]) -> Vec<Text> {
        names.iter().map(|name| Text::from(*name)).collect()
    }

    #[test]
    fn every_service_has_one_replica_and_each_replica_its_share() {
        let all = replicas(&["a", "b", "c"]);
        for me in &all {
            let mine = services().iter().filter(|service| is_mine(me, &all, service)).count();
            assert!((800..1_200).contains(&mine), "{me}: {mine}");
        }
        for service in services() {
            assert_eq!(all.iter().filter(|me| is_mine(me, &all, &service)).count(), 1);
        }
    }

    #[test]
    fn when_a_replica_goes_only_its_own_services_move() {
        let (before, after) = (replicas(&["a", "b", "c"]), replicas(&["a", "c"]));
        for service in services() {
            if !is_mine("b", &before, &service) {
                assert_eq!(is_mine("a", &before, &service), is_mine("a", &after, &service));
            }
        }
    }

    #[test]
    fn who_sees_nobody_checks_everything() {
        assert!(is_mine("a", &[], "service:x/y"));
        assert!(!is_mine("a", &replicas(&["b"]), "service:x/y"), "who is out has nothing");
    }

    #[test]
    fn phases_are_stable_and_spread_over_the_interval() {
        let every = Duration::from_secs(60);
        let mut per_second = [0_u32; 60];
        for service in services() {
            assert_eq!(phase(&service, every), phase(&service, every));
            per_second[phase(&service, every).as_secs() as usize] += 1;
        }
        assert!(per_second.iter().all(|count| (20..90).contains(count)), "{per_second:?}");
        // Written down: a replica of the next release has to agree.
        assert_eq!(weight("a", "service:x/y"), 0xf1fd_aa8f_c80c_1783);
        assert_eq!(phase("service:x/y", Duration::ZERO), Duration::ZERO);
    }
}
