//! Results of health checks in lists in which no service stands twice, as the statements want them.

use std::collections::HashMap;

use portal_core::Ref;
use portal_core::health::Checked;

/// The first results of each service, then the second ones, and so on. Nearly always one list.
pub(super) fn of(results: &[Checked]) -> Vec<Vec<&Checked>> {
    let mut seen: HashMap<&Ref, usize> = HashMap::with_capacity(results.len());
    let mut rounds: Vec<Vec<&Checked>> = Vec::new();
    for result in results {
        let at = seen.entry(&result.service).or_default();
        if rounds.len() == *at {
            rounds.push(Vec::new());
        }
        rounds[*at].push(result);
        *at += 1;
    }
    rounds
}
