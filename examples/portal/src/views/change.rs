//! What one revision did to one entity, field by field.

use std::collections::BTreeMap;

use jiff::Timestamp;
use portal_core::model::Entity;
use portal_core::store::Step;
use portal_core::{Catalog, Curated, EntityType, Ref, RelationType, Text};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::words::EntityTypeWord;

/// A page of changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeList {
    /// Changes, newest first.
    pub items: Vec<ChangeView>,
    /// What asks for the next page; null on the last one.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// What one revision did to one entity.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Change)]
pub struct ChangeView {
    /// The revision.
    pub revision: u64,
    /// When it was made.
    pub at: Timestamp,
    /// Why: `ingest`, `release`, `edit`.
    #[schema(value_type = String)]
    pub cause: Text,
    /// Who, where that was a person or key.
    #[schema(value_type = Option<String>, required)]
    pub by: Option<Text>,
    /// What it is about.
    #[serde(rename = "ref")]
    #[schema(value_type = String)]
    pub entity_ref: Ref,
    /// The name that people use.
    #[schema(value_type = String)]
    pub name: Text,
    /// What it is.
    #[serde(rename = "type")]
    #[schema(value_type = EntityTypeWord)]
    pub entity_type: EntityType,
    /// The owner's slug after it; of what is gone, before it.
    #[schema(value_type = Option<String>, required)]
    pub team: Option<Text>,
    /// `added`, `changed`, `retired`.
    pub action: &'static str,
    /// What is different.
    pub fields: Vec<FieldView>,
}

/// A field that is different.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChangedField)]
pub struct FieldView {
    /// Its name, as the entity shows it. `owner` is what a person said, `team` what came of it.
    pub field: String,
    /// What stood there; null if nothing did.
    #[schema(required, value_type = Value)]
    pub from: Option<Value>,
    /// What stands there now; null if nothing does.
    #[schema(required, value_type = Value)]
    pub to: Option<Value>,
}

/// What users do not see of an entity, or what is its identity.
const LEFT_OUT: [&str; 5] = ["entity", "parts", "evidence", "stale_since", "tags_unread"];

impl ChangeView {
    /// The view of a step; [`None`] for one in which nothing that users see is different.
    pub fn of(step: Step) -> Option<ChangeView> {
        let before = fields(step.before.as_ref(), step.curated_before.as_ref());
        let after = fields(step.after.as_ref(), step.curated_after.as_ref());
        let is_there = |entity: &Option<Entity>, said: &Option<Curated>| {
            entity.is_some() || said.as_ref().is_some_and(|said| said.added.is_some())
        };
        let was = is_there(&step.before, &step.curated_before);
        let is = is_there(&step.after, &step.curated_after);
        let action = match (was, is) {
            (false, true) => "added",
            (true, false) => "retired",
            _ => "changed",
        };
        let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let different = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
        let fields: Vec<FieldView> = different
            .map(|name| FieldView {
                field: name.clone(),
                from: before.get(name).cloned(),
                to: after.get(name).cloned(),
            })
            .collect();
        if action == "changed" && fields.is_empty() {
            return None;
        }
        let newest = step.after.as_ref().or(step.before.as_ref());
        let name = newest.map(|entity| Text::from(entity.name()));
        let team = match newest {
            Some(Entity::Team(team)) => Some(team.name.clone()),
            newest => newest.and_then(|entity| entity.ownership()?.team.clone()),
        };
        Some(ChangeView {
            revision: step.revision,
            at: step.made_at,
            cause: step.cause,
            by: step.by,
            name: name.unwrap_or_else(|| Text::from(step.entity.local())),
            entity_type: step.entity.entity_type(),
            entity_ref: step.entity,
            team,
            action,
            fields,
        })
    }

    /// A workload has no owner of its own: the one of the service that it runs, as the catalog knows it.
    #[must_use]
    pub fn with_owner_of_service(mut self, catalog: &Catalog) -> ChangeView {
        if self.entity_type == EntityType::Workload {
            let service = catalog.origins(&self.entity_ref, RelationType::RunsAs).pop();
            let entity = service.and_then(|service| catalog.entity(&service).ok());
            self.team = entity.and_then(|entity| entity.ownership()?.team.clone());
        }
        self
    }
}

/// Both layers as one flat object of what users see.
fn fields(entity: Option<&Entity>, said: Option<&Curated>) -> BTreeMap<String, Value> {
    let mut fields = BTreeMap::new();
    let mut add = |value: Value| {
        if let Value::Object(object) = value {
            fields.extend(object.into_iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str())));
        }
    };
    if let Some(Value::Object(mut object)) = entity.and_then(|entity| serde_json::to_value(entity).ok()) {
        if let Some(Value::Object(mut ownership)) = object.remove("ownership") {
            let state = ownership.remove("state").unwrap_or_default();
            add(Value::Object(ownership));
            object.insert("ownership".to_owned(), state);
        }
        add(Value::Object(object));
    }
    add(said.and_then(|said| serde_json::to_value(said).ok()).unwrap_or_default());
    fields
}

#[cfg(test)]
mod tests {
    use portal_core::model::{Ownership, Service, ServiceKind, ServiceType};
    use portal_core::{Evidence, OwnershipState};

    use super::*;

    fn service(team: &str, part: &str) -> Entity {
        let evidence = Evidence {
            rule: Text::from("tag"),
            field: Text::from("label team"),
            raw: Text::from(team),
            team: None,
            won: true,
            found_on: None,
            source: Text::default(),
            part: Text::from(part),
            read_at: None,
        };
        Entity::Service(Service {
            namespace: Text::from("payments"),
            name: Text::from("orders"),
            service_type: ServiceType::Kubernetes,
            kind: ServiceKind::HttpService,
            product: None,
            tags: Vec::new(),
            ownership: Ownership {
                state: OwnershipState::Owned,
                team: Some(Text::from(team)),
                rule: None,
                evidence: vec![evidence],
            },
            parts: vec![Text::from(part)],
        })
    }

    fn step(before: Option<Entity>, after: Option<Entity>, said: Option<Curated>) -> Step {
        Step {
            revision: 7,
            made_at: Timestamp::UNIX_EPOCH,
            cause: Text::from("ingest"),
            by: None,
            entity: Ref::service("payments", "orders"),
            before,
            after,
            curated_before: None,
            curated_after: said,
        }
    }

    #[test]
    fn only_what_users_see_is_a_change() {
        let view = ChangeView::of(step(Some(service("a", "x")), Some(service("b", "y")), None)).expect("a change");
        assert_eq!((view.action, view.team.as_deref()), ("changed", Some("b")));
        let fields: Vec<_> = view.fields.iter().map(|field| (field.field.as_str(), &field.from, &field.to)).collect();
        assert_eq!(fields, [("team", &Some(Value::from("a")), &Some(Value::from("b")))]);
        assert!(ChangeView::of(step(Some(service("a", "x")), Some(service("a", "y")), None)).is_none());
    }

    #[test]
    fn what_people_say_is_a_change_as_well() {
        let said = Curated { description: Some(Text::from("orders")), ..Curated::default() };
        let view =
            ChangeView::of(step(Some(service("a", "x")), Some(service("a", "x")), Some(said))).expect("a change");
        assert_eq!((view.action, view.fields.len(), view.fields[0].field.as_str()), ("changed", 1, "description"));
        assert_eq!(ChangeView::of(step(None, Some(service("a", "x")), None)).expect("a change").action, "added");
        let gone = ChangeView::of(step(Some(service("a", "x")), None, None)).expect("a change");
        assert_eq!((gone.action, gone.team.as_deref()), ("retired", Some("a")));
    }
}
