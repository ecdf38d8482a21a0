//! From what a person writes to what it means.

use super::Catalog;
use crate::id::Ref;

/// What a text leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// One entity.
    One(Ref),
    /// It is the name of several, sorted.
    Several(Vec<Ref>),
    /// Nothing is there under it.
    Nothing,
}

impl Catalog {
    /// What a ref, an ARN, `namespace/name` of a service, the id of a resource or a bare name leads to. A team is found
    /// under its other and its old names, too.
    pub fn meant(&self, text: &str) -> Meant {
        let text = text.trim();
        if let Ok(asked) = text.parse::<Ref>() {
            return self.current(&asked).map_or(Meant::Nothing, Meant::One);
        }
        let resource = Ref::resource(text);
        let service = text.split_once('/').map(|(namespace, name)| Ref::service(namespace, name));
        if let Some(found) = service.into_iter().chain([resource]).find(|found| self.contains(found)) {
            return Meant::One(found);
        }
        let mut named = self.named(text);
        match named.len() {
            0 => Meant::Nothing,
            1 => named.pop().map_or(Meant::Nothing, Meant::One),
            _ => Meant::Several(named),
        }
    }
}
