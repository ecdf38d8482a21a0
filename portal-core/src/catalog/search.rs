//! Search: a few words, and what they most likely mean.

use std::collections::BTreeSet;

use roaring::RoaringBitmap;

use super::Catalog;
use super::filter::shown_tag;
use super::fold::{fold, folded, place_of};
use super::grams;
use super::items::Item;
use super::marks;
use crate::id::{EntityType, Ref, Text};

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
    /// Every place, the best first.
    const ALL: [Matched; 7] = [
        Matched::Name,
        Matched::NameStart,
        Matched::Word,
        Matched::Inside,
        Matched::Ref,
        Matched::Tag,
        Matched::Description,
    ];

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
        let all: Vec<String> = text.split_whitespace().map(fold).collect();
        let whole = all.join(" ");
        // Each is looked for once, however often it is said.
        let words: Vec<String> = all.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let mut hits = Vec::new();
        if words.is_empty() || limit == 0 {
            return hits;
        }
        let mut among = RoaringBitmap::new();
        let types = if types.is_empty() { &EntityType::ALL } else { types };
        for of in types {
            self.index.entity_types[*of as usize].add_to(&mut among);
        }
        self.index.hidden.take_from(&mut among);
        // Of each word what may hold it at the places that were looked at so far.
        let mut holding = vec![RoaringBitmap::new(); words.len()];
        // One place after the other, the best first: most searches end before the weak ones are looked at.
        for place in Matched::ALL {
            let mut candidates = match place {
                Matched::Name | Matched::NameStart => self.names_like(&whole, place == Matched::Name),
                _ => {
                    for (word, holding) in words.iter().zip(&mut holding) {
                        *holding |= self.candidates(word, place);
                    }
                    let mut all = holding.iter();
                    let first = all.next().cloned().unwrap_or_default();
                    all.fold(first, |all, next| all & next)
                }
            };
            candidates &= &among;
            for slot in self.by_name(candidates, None, false) {
                let Some(item) = self.items.get(slot) else { continue };
                if self.matched(&item, &whole, &words) != Some(place) {
                    continue;
                }
                among.remove(slot);
                hits.push(self.hit(&item, place));
                if hits.len() == limit {
                    return hits;
                }
            }
        }
        hits
    }

    fn hit(&self, item: &Item, matched: Matched) -> Hit {
        let entity = item.entity.entity_ref();
        Hit {
            name: self.display_name(&entity),
            entity,
            entity_type: item.entity.entity_type(),
            team: item.entity.ownership().and_then(|ownership| ownership.team.clone()),
            matched,
        }
    }

    /// Everything that goes by a name, or by one that begins with it.
    pub(super) fn names_like(&self, name: &str, is_whole: bool) -> RoaringBitmap {
        let mut found = self.grams.named(name, is_whole);
        for of in EntityType::ALL {
            found |= self.shown_as(of, name, is_whole);
        }
        found
    }

    /// What may hold a word at a place, and is not among the candidates of a better one.
    fn candidates(&self, word: &str, place: Matched) -> RoaringBitmap {
        match place {
            Matched::Name | Matched::NameStart => RoaringBitmap::new(),
            Matched::Word => self.grams.beginning(word),
            Matched::Inside => self.grams.holding(word),
            Matched::Ref => self.grams.in_refs(word),
            Matched::Tag => {
                let mut found = RoaringBitmap::new();
                for ((key, value), set) in self.index.tags.iter() {
                    if is_in_tag(key, value, word) {
                        set.add_to(&mut found);
                    }
                }
                found
            }
            Matched::Description => self.describing(word),
        }
    }

    /// What people described with a word.
    fn describing(&self, word: &str) -> RoaringBitmap {
        let described = self.curated.values().filter(|said| {
            said.curated.description.as_deref().is_some_and(|description| folded(description).contains(word))
        });
        described.filter_map(|said| self.items.living(&said.entity)).collect()
    }

    /// Everything that holds a word in a name, its ref or its description.
    pub(super) fn holding(&self, word: &str) -> RoaringBitmap {
        RoaringBitmap::clone(&self.cache.words.get_or_make(word.to_owned(), || {
            let mut found = self.grams.holding(word);
            found |= self.grams.in_refs(word);
            let is_exact = word.len() <= 3 && word.bytes().all(|byte| byte > 1);
            if !is_exact {
                let holds = |item: &Item| {
                    item.shown.contains(word)
                        || folded(item.entity.entity_ref().as_str()).contains(word)
                        || self.names(item).iter().any(|name| name.contains(word))
                };
                found = found.iter().filter(|slot| self.items.get(*slot).as_ref().is_some_and(holds)).collect();
            }
            found | self.describing(word)
        }))
    }

    fn matched(&self, item: &Item, whole: &str, words: &[String]) -> Option<Matched> {
        let names = self.names(item);
        if names.contains(whole) {
            return Some(Matched::Name);
        }
        let worst = words.iter().map(|word| self.word_matched(item, &names, word));
        let worst = worst.collect::<Option<Vec<Matched>>>()?.into_iter().max()?;
        let begins = names.iter().any(|name| name.starts_with(whole));
        Some(if begins { Matched::NameStart } else { worst })
    }

    fn word_matched(&self, item: &Item, names: &BTreeSet<Text>, word: &str) -> Option<Matched> {
        let best = names.iter().filter_map(|name| place_of(name, word)).max();
        if let Some(begins) = best {
            return Some(if begins { Matched::Word } else { Matched::Inside });
        }
        if folded(item.entity.entity_ref().as_str()).contains(word) {
            return Some(Matched::Ref);
        }
        if marks::tags(&item.entity).iter().any(|(key, value)| is_in_tag(key, value, word)) {
            return Some(Matched::Tag);
        }
        let description = self.curated(&item.entity.entity_ref()).and_then(|said| said.curated.description.as_deref());
        description.is_some_and(|text| folded(text).contains(word)).then_some(Matched::Description)
    }

    /// Every name that an entity goes by, folded.
    fn names(&self, item: &Item) -> BTreeSet<Text> {
        grams::names(&item.entity, self.curated(&item.entity.entity_ref()).map(|said| &said.curated))
    }
}

/// Whether a tag as it is shown holds a word.
fn is_in_tag(key: &str, value: &str, word: &str) -> bool {
    if key.is_ascii() && value.is_ascii() && !word.contains('=') {
        return folded(key).contains(word) || folded(value).contains(word);
    }
    folded(&shown_tag(key, value)).contains(word)
}
