//! Whether services work: what their running copies say, and what asking them says.

use super::Catalog;
use super::set::Slot;
use crate::health::Checked;
use crate::id::Ref;
use crate::model::{Health, Live, Workload};

impl Catalog {
    /// What health checks found of a service, if it was asked at the address that it has now.
    pub fn checked(&self, service: &Ref) -> Option<&Checked> {
        let asked_at = self.curated(service)?.curated.status_url.as_ref()?;
        self.checked.get(service).map(|checked| &**checked).filter(|checked| checked.url == *asked_at)
    }

    /// The worse of what a service's running copies say and what health checks found.
    pub fn service_status(&self, service: &Ref) -> Health {
        self.items.slot(service).map_or(Health::Unknown, |slot| self.status_of_service(slot))
    }

    pub(super) fn status_of_service(&self, service: Slot) -> Health {
        let copies: Vec<Workload> = self.copies_of(service).collect();
        self.status_by(&self.items.entity_ref(service), &copies)
    }

    /// The status of a service that runs as some workloads.
    pub(super) fn status_by(&self, service: &Ref, copies: &[Workload]) -> Health {
        let checked = self.checked(service);
        let ready = readiness(copies.iter().filter_map(|workload| workload.live));
        worse(ready, checked.map_or(Health::Unknown, |checked| checked.status))
    }
}

/// What all running copies say together: down is a service none of whose copies works.
pub(super) fn readiness(copies: impl Iterator<Item = Live>) -> Health {
    let known = copies.map(Live::health).filter(|health| *health != Health::Unknown);
    let together = |before: Option<Health>, next: Health| match before {
        None => Some(next),
        Some(same) if same == next => Some(same),
        Some(_) => Some(Health::Degraded),
    };
    known.fold(None, together).unwrap_or(Health::Unknown)
}

/// The worse of two; who knows nothing says nothing.
pub(super) fn worse(a: Health, b: Health) -> Health {
    match (a, b) {
        (Health::Unknown, other) | (other, Health::Unknown) => other,
        (a, b) => a.max(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_copy_that_works_is_enough_not_to_be_down() {
        let live = |ready, desired| Live { ready, desired };
        let of = |copies: &[Live]| readiness(copies.iter().copied());
        assert_eq!(of(&[live(0, 0)]), Health::Unknown);
        assert_eq!(of(&[live(2, 2), live(0, 0)]), Health::Healthy);
        assert_eq!(of(&[live(0, 2), live(0, 1)]), Health::Down);
        assert_eq!(of(&[live(0, 2), live(1, 1)]), Health::Degraded);
        assert_eq!(worse(Health::Unknown, Health::Healthy), Health::Healthy);
        assert_eq!(worse(Health::Down, Health::Degraded), Health::Down);
    }
}
