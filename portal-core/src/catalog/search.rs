//! Search: a few words, and what they most likely mean.

use super::Catalog;
use super::filter::shown_tag;
use super::fold::{fold, place_of};
use crate::id::{EntityType, Ref, Text};
use crate::model::Entity;

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// What it is.
    pub entity: Ref,
    /// The name to show.
    pub name: Text,
    /// Its type.
    pub entity_type: EntityType,
    /// The owner's slug.
    pub team: Option<Text>,
    /// Where the words stand; the weakest place of all of them.
    pub matched: Matched,
}

/// Where the words of a search stand, the best place first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Matched {
    /// The whole text is the name, or another name.
    Name,
    /// A name begins with the whole text.
    NameStart,
    /// Words of a name begin with them.
    Word,
    /// Inside of a name.
    Inside,
    /// In the ref.
    Ref,
    /// In a tag.
    Tag,
    /// In the description that a person wrote.
    Description,
}

impl Matched {
    /// The word as users read it: the field.
    pub fn as_str(self) -> &'static str {
        match self {
            Matched::Name | Matched::NameStart | Matched::Word | Matched::Inside => "name",
            Matched::Ref => "ref",
            Matched::Tag => "tag",
            Matched::Description => "description",
        }
    }
}

impl Catalog {
    /// What holds all words of a text in names, ref, tags or description, compared without case; best first, and what is
    /// equally good by type, name and ref. No types mean all of them. Hidden entities are not found.
    pub fn search(&self, text: &str, types: &[EntityType], limit: usize) -> Vec<Hit> {
        let words: Vec<String> = text.split_whitespace().map(fold).collect();
        if words.is_empty() {
            return Vec::new();
        }
        let whole = words.join(" ");
        let mut found: Vec<(Matched, EntityType, String, Ref, &Entity)> = Vec::new();
        for entity in self.graph.entities() {
            let entity_ref = entity.entity_ref();
            if !types.is_empty() && !types.contains(&entity.entity_type()) || self.is_hidden(&entity_ref) {
                continue;
            }
            if let Some(matched) = self.matched(entity, &entity_ref, &whole, &words) {
                let name = fold(&self.shown_name(entity, &entity_ref));
                found.push((matched, entity.entity_type(), name, entity_ref, entity));
            }
        }
        found.sort_by(|a, b| (a.0, a.1, &a.2, &a.3).cmp(&(b.0, b.1, &b.2, &b.3)));
        found.truncate(limit);
        let hit = |(matched, entity_type, _, entity_ref, entity): (_, _, _, Ref, &Entity)| Hit {
            name: self.display_name(&entity_ref),
            entity: entity_ref,
            entity_type,
            team: entity.ownership().and_then(|ownership| ownership.team.clone()),
            matched,
        };
        found.into_iter().map(hit).collect()
    }

    fn matched(&self, entity: &Entity, entity_ref: &Ref, whole: &str, words: &[String]) -> Option<Matched> {
        let names = self.names(entity, entity_ref);
        if names.iter().any(|name| name == whole) {
            return Some(Matched::Name);
        }
        let worst = words.iter().map(|word| self.word_matched(entity, entity_ref, &names, word));
        let worst = worst.collect::<Option<Vec<Matched>>>()?.into_iter().max()?;
        let begins = names.iter().any(|name| name.starts_with(whole));
        Some(if begins { Matched::NameStart } else { worst })
    }

    fn word_matched(&self, entity: &Entity, entity_ref: &Ref, names: &[String], word: &str) -> Option<Matched> {
        let best = names.iter().filter_map(|name| place_of(name, word)).max();
        if let Some(begins) = best {
            return Some(if begins { Matched::Word } else { Matched::Inside });
        }
        if fold(entity_ref.as_str()).contains(word) {
            return Some(Matched::Ref);
        }
        let tags = match entity {
            Entity::Service(service) => service.tags.as_slice(),
            Entity::Resource(resource) => resource.tags.as_slice(),
            _ => &[],
        };
        if tags.iter().any(|(key, value)| fold(&shown_tag(key, value)).contains(word)) {
            return Some(Matched::Tag);
        }
        self.described(entity_ref, word).then_some(Matched::Description)
    }

    /// Whether a word stands in the description that a person wrote.
    pub(super) fn described(&self, entity_ref: &Ref, word: &str) -> bool {
        let description = self.curated(entity_ref).and_then(|said| said.curated.description.as_deref());
        description.is_some_and(|text| fold(text).contains(word))
    }

    /// Every name that an entity goes by, folded.
    pub(super) fn names(&self, entity: &Entity, entity_ref: &Ref) -> Vec<String> {
        let mut names = vec![fold(entity.name())];
        names.push(fold(&self.display_name(entity_ref)));
        match entity {
            Entity::Team(team) => {
                names.push(fold(&team.display_name));
                names.extend(team.aliases.iter().chain(&team.old_names).map(|name| fold(name)));
            }
            Entity::Product(product) => names.push(fold(&product.display_name)),
            _ => {}
        }
        names.dedup();
        names
    }
}
