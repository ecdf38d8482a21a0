//! Words of the model as the API's document names them.
//!
//! The model knows nothing of the document, so its enums have counterparts here; the tests compare them.

use portal_core::Text;
use portal_core::model::Pairs;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// The five states of ownership.
#[derive(Debug, ToSchema)]
#[schema(as = OwnershipState, rename_all = "lowercase")]
pub enum OwnershipWord {
    /// A claim names a known team.
    Owned,
    /// Read whole, and nothing claims it.
    Unowned,
    /// A claim names a team that nobody knows.
    Unregistered,
    /// Claims of the same rank name different teams.
    Conflict,
    /// What could carry a claim could not be read.
    Unknown,
}

/// Whether something works.
#[derive(Debug, ToSchema)]
#[schema(as = Health, rename_all = "lowercase")]
pub enum HealthWord {
    /// All of it works.
    Healthy,
    /// Some of it works.
    Degraded,
    /// None of it works.
    Down,
    /// Nobody knows.
    Unknown,
}

/// What an entity is.
#[derive(Debug, ToSchema)]
#[schema(as = EntityType, rename_all = "lowercase")]
pub enum EntityTypeWord {
    /// What a business sells or runs.
    Product,
    /// The lowest unit of ownership.
    Team,
    /// One logical thing that engineers deploy and maintain.
    Service,
    /// One running copy of a service in one environment.
    Workload,
    /// Infrastructure.
    Resource,
    /// An account.
    Environment,
}

/// What an edge of the ownership graph means.
#[derive(Debug, ToSchema)]
#[schema(as = RelationType, rename_all = "snake_case")]
pub enum RelationWord {
    /// Service or resource to team.
    OwnedBy,
    /// Team or service to product; team to parent team.
    PartOf,
    /// Service to workload.
    RunsAs,
    /// Service to resource.
    Uses,
    /// Service to service.
    DependsOn,
    /// Workload or resource to environment.
    In,
    /// Resource to the stack or module that made it.
    CreatedBy,
}

/// How much of a kind was read.
#[derive(Debug, ToSchema)]
#[schema(as = Coverage, rename_all = "lowercase")]
pub enum CoverageWord {
    /// All of it.
    Complete,
    /// Some of it.
    Partial,
    /// None of it, for lack of a right.
    Denied,
    /// It cannot exist there.
    Absent,
    /// None of it, for another reason.
    Failed,
}

/// What kind of thing was found.
#[derive(Debug, ToSchema)]
#[schema(as = FindingKind, rename_all = "kebab-case")]
pub enum FindingWord {
    /// A claim names a team that nobody knows.
    UnknownTeam,
    /// Claims of the same rank name different teams.
    Conflict,
    /// A team key without a value.
    EmptyClaim,
    /// One name stands for two teams.
    AmbiguousTeam,
    /// Two groups of directories are one team.
    TeamNameClash,
    /// A team is inside of several products.
    AmbiguousProduct,
    /// A reference leads to nothing that was seen.
    UnresolvedReference,
    /// A name could mean several things, and none was picked.
    AmbiguousReference,
    /// One cluster was read under two names.
    SameCluster,
    /// Two clusters have one name.
    ClusterNameClash,
    /// A record or file could not be read.
    SetAside,
}

/// Pairs as an object.
#[derive(Debug)]
pub struct AsObject(pub Pairs);

impl Serialize for AsObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// Pairs as people type tags: `key=value`; one that is a single word has no value.
#[derive(Debug)]
pub struct AsTags(pub Pairs);

impl AsTags {
    /// Each as people type it.
    pub fn texts(&self) -> impl Iterator<Item = Text> {
        self.0.iter().map(|(key, value)| tag(key, value))
    }
}

impl Serialize for AsTags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.texts())
    }
}

/// A tag as people type it.
pub(crate) fn tag(key: &Text, value: &Text) -> Text {
    if value.is_empty() { key.clone() } else { Text::from(format!("{key}={value}")) }
}

#[cfg(test)]
mod tests {
    use portal_core::model::Health;
    use portal_core::{Coverage, EntityType, OwnershipState, RelationType};
    use utoipa::{PartialSchema, ToSchema};

    use super::*;

    #[track_caller]
    fn check<T: ToSchema>(words: &[&str]) {
        let schema = serde_json::to_value(<T as PartialSchema>::schema()).expect("JSON");
        let documented: Vec<String> = match (&schema["enum"], &schema["oneOf"]) {
            (serde_json::Value::Array(words), _) => words.iter().map(|w| w.as_str().unwrap_or("").to_owned()).collect(),
            (_, serde_json::Value::Array(each)) => each
                .iter()
                .map(|one| one["const"].as_str().or(one["enum"][0].as_str()).unwrap_or("").to_owned())
                .collect(),
            _ => panic!("no words: {schema}"),
        };
        assert_eq!(documented, words);
    }

    #[test]
    fn the_document_names_the_words_of_the_model() {
        check::<OwnershipWord>(&OwnershipState::ALL.map(OwnershipState::as_str));
        check::<HealthWord>(&Health::ALL.map(Health::as_str));
        check::<EntityTypeWord>(&EntityType::ALL.map(EntityType::as_str));
        check::<RelationWord>(&RelationType::ALL.map(RelationType::as_str));
        check::<FindingWord>(&crate::serve::routes::FINDINGS.map(portal_core::resolve::FindingKind::as_str));
        let coverages = [Coverage::Complete, Coverage::Partial, Coverage::Denied, Coverage::Absent, Coverage::Failed];
        check::<CoverageWord>(&coverages.map(Coverage::as_str));
    }
}
