//! Entities as a few bytes: numbers of texts instead of texts, one behind the other.
//!
//! Each type is taken apart field by field, so that a new field cannot be forgotten. The form stays in memory: nothing
//! is ever read that another version wrote.

mod pool;
mod rows;

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;

pub(crate) use pool::{Numbers, Pool};
pub(crate) use rows::Rows;

use crate::id::{EntityType, Text};
use crate::model::{
    Entity, Environment, Evidence, Live, Member, Ownership, OwnershipState, Product, Resource, Service, ServiceKind,
    ServiceType, Team, Workload,
};

/// Texts that are longer are cut at their last separator: the beginnings of ARNs and paths repeat.
const LONG: usize = 23;

/// A number as the index that it is.
pub(crate) fn index(number: u32) -> usize {
    usize::try_from(number).expect("an index has at least 32 bits")
}

/// Takes bytes.
pub(crate) struct Writer<'w> {
    pub(crate) bytes: &'w mut Vec<u8>,
    pub(crate) numbers: &'w mut dyn Numbers,
}

/// Gives them back in the same order.
pub(crate) struct Reader<'r> {
    bytes: &'r [u8],
    pool: &'r Pool,
    /// Where a text is put together.
    joined: String,
    /// Whether evidence and attributes are left out. Nothing can be read behind them then.
    is_short: bool,
}

/// What can be bytes.
pub(crate) trait Packed: Sized {
    /// Whether lists of it are left out of what is read in short.
    const ONLY_WHOLE: bool = false;

    fn write(&self, to: &mut Writer<'_>);

    /// Reads what [`Packed::write`] wrote.
    ///
    /// # Panics
    /// If something else was written there.
    fn read(from: &mut Reader<'_>) -> Self;
}

impl Writer<'_> {
    pub(crate) fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// A text in one piece.
    pub(crate) fn piece(&mut self, text: &str) {
        let number = self.numbers.number(text);
        self.number(u64::from(number));
    }

    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }
}

impl<'r> Reader<'r> {
    pub(crate) fn new(bytes: &'r [u8], pool: &'r Pool) -> Reader<'r> {
        Reader { bytes, pool, joined: String::new(), is_short: false }
    }

    /// The same without evidence and attributes, which no list shows.
    pub(crate) fn in_short(self) -> Reader<'r> {
        Reader { is_short: true, ..self }
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let (first, rest) = self.bytes.split_first().expect("what is read was written");
        self.bytes = rest;
        *first
    }

    /// A text that was written in one piece.
    pub(crate) fn piece(&mut self) -> &'r str {
        let number = self.number();
        self.pool.text(u32::try_from(number).expect("texts have numbers of 32 bits"))
    }

    /// A text as it was written: in one piece, or with a second one that is not empty.
    fn pieces(&mut self) -> (&'r str, &'r str) {
        let number = self.number();
        let head = self.pool.text(u32::try_from(number >> 1).expect("texts have numbers of 32 bits"));
        (head, if number & 1 == 0 { "" } else { self.piece() })
    }

    /// Hands a text on without putting it together.
    fn text_to(&mut self, to: &mut impl fmt::Write) -> fmt::Result {
        let (head, tail) = self.pieces();
        to.write_str(head)?;
        to.write_str(tail)
    }

    fn number(&mut self) -> u64 {
        let mut number = 0;
        let mut shift = 0;
        loop {
            let byte = self.byte();
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return number;
            }
            shift += 7;
        }
    }
}

impl Packed for Text {
    fn write(&self, to: &mut Writer<'_>) {
        let cut = if self.len() > LONG { self.rfind(['/', ':', '#']).map(|at| at + 1) } else { None };
        match cut.filter(|at| *at < self.len()) {
            Some(at) => {
                let (head, tail) = (to.numbers.number(&self[..at]), to.numbers.number(&self[at..]));
                to.number(u64::from(head) << 1 | 1);
                to.number(u64::from(tail));
            }
            None => {
                let number = to.numbers.number(self);
                to.number(u64::from(number) << 1);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Text {
        match from.pieces() {
            (whole, "") => Text::from(whole),
            (head, tail) => {
                from.joined.clear();
                from.joined.push_str(head);
                from.joined.push_str(tail);
                Text::from(from.joined.as_str())
            }
        }
    }
}

impl<T: Packed> Packed for Option<T> {
    fn write(&self, to: &mut Writer<'_>) {
        to.byte(u8::from(self.is_some()));
        if let Some(value) = self {
            value.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<T> {
        (from.byte() == 1).then(|| T::read(from))
    }
}

impl<T: Packed> Packed for Vec<T> {
    fn write(&self, to: &mut Writer<'_>) {
        to.number(self.len() as u64);
        self.iter().for_each(|value| value.write(to));
    }

    fn read(from: &mut Reader<'_>) -> Vec<T> {
        if T::ONLY_WHOLE && from.is_short {
            return Vec::new();
        }
        (0..from.number()).map(|_| T::read(from)).collect()
    }
}

impl<A: Packed, B: Packed> Packed for (A, B) {
    fn write(&self, to: &mut Writer<'_>) {
        self.0.write(to);
        self.1.write(to);
    }

    fn read(from: &mut Reader<'_>) -> (A, B) {
        let first = A::read(from);
        (first, B::read(from))
    }
}

impl<K: Packed + Ord, V: Packed> Packed for BTreeMap<K, V> {
    fn write(&self, to: &mut Writer<'_>) {
        to.number(self.len() as u64);
        for (key, value) in self {
            key.write(to);
            value.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> BTreeMap<K, V> {
        if from.is_short {
            return BTreeMap::new();
        }
        (0..from.number()).map(|_| <(K, V)>::read(from)).collect()
    }
}

impl Packed for bool {
    fn write(&self, to: &mut Writer<'_>) {
        to.byte(u8::from(*self));
    }

    fn read(from: &mut Reader<'_>) -> bool {
        from.byte() == 1
    }
}

impl Packed for u32 {
    fn write(&self, to: &mut Writer<'_>) {
        to.number(u64::from(*self));
    }

    fn read(from: &mut Reader<'_>) -> u32 {
        u32::try_from(from.number()).expect("32 bits were written")
    }
}

impl Packed for Timestamp {
    fn write(&self, to: &mut Writer<'_>) {
        // Nanoseconds have the sign of the seconds; both signs go to the end that stays small.
        for part in [self.as_second(), i64::from(self.subsec_nanosecond())] {
            to.number((part << 1 ^ part >> 63) as u64);
        }
    }

    fn read(from: &mut Reader<'_>) -> Timestamp {
        let mut part = || {
            let number = from.number();
            (number >> 1) as i64 ^ -((number & 1) as i64)
        };
        let (seconds, nanoseconds) = (part(), part());
        let nanoseconds = i32::try_from(nanoseconds).expect("a part of a second was written");
        Timestamp::new(seconds, nanoseconds).expect("a time was written")
    }
}

macro_rules! packed_structs {
    ($($type:ident { $($field:ident),* $(,)? } $(: $only_whole:ident)?)*) => {$(
        impl Packed for $type {
            $(const $only_whole: bool = true;)?

            fn write(&self, to: &mut Writer<'_>) {
                let $type { $($field),* } = self;
                $($field.write(to);)*
            }

            fn read(from: &mut Reader<'_>) -> $type {
                $(let $field = Packed::read(from);)*
                $type { $($field),* }
            }
        }
    )*};
}

macro_rules! packed_words {
    ($($type:ident of $all:expr;)*) => {$(
        impl Packed for $type {
            fn write(&self, to: &mut Writer<'_>) {
                let at = $all.iter().position(|word| word == self).expect("all of them are there");
                to.byte(u8::try_from(at).expect("there are few"));
            }

            fn read(from: &mut Reader<'_>) -> $type {
                $all[usize::from(from.byte())]
            }
        }
    )*};
}

packed_words! {
    OwnershipState of OwnershipState::ALL;
    ServiceType of [ServiceType::Kubernetes, ServiceType::Serverless, ServiceType::Other];
    ServiceKind of [ServiceKind::HttpService, ServiceKind::ScheduledJob, ServiceKind::Function];
}

// What identifies an entity comes first: `identity` reads no further. What is left out in short comes last.
packed_structs! {
    Product { name, display_name }
    Team { name, display_name, aliases, old_names, parents, product, members, contact, source, parts }
    Member { name, mail }
    Service { namespace, name, service_type, kind, product, tags, parts, ownership }
    Workload {
        kind, arn, cluster, namespace, name, account, region, images, schedule, created_at, live, stale_since, parts,
    }
    Live { ready, desired }
    Resource {
        id, resource_type, name, account, region, product, tags, tags_unread, created_at, stale_since, parts, ownership,
        attributes,
    }
    Environment { account, name, state }
    Ownership { state, team, rule, evidence }
    Evidence { rule, field, raw, team, won, found_on, source, part, read_at }: ONLY_WHOLE
}

/// Writes when something came, and when it was changed last.
pub(crate) fn write_times((first_seen, updated_at): (Timestamp, Timestamp), to: &mut Writer<'_>) {
    first_seen.write(to);
    Some(updated_at).filter(|updated_at| *updated_at != first_seen).write(to);
}

/// Reads what [`write_times`] wrote.
pub(crate) fn read_times(from: &mut Reader<'_>) -> (Timestamp, Timestamp) {
    let first_seen = Timestamp::read(from);
    (first_seen, Option::read(from).unwrap_or(first_seen))
}

/// Writes what an entity is made of; of which type it is has to stand before.
pub(crate) fn write_entity(entity: &Entity, to: &mut Writer<'_>) {
    match entity {
        Entity::Product(product) => product.write(to),
        Entity::Team(team) => team.write(to),
        Entity::Service(service) => service.write(to),
        Entity::Workload(workload) => workload.write(to),
        Entity::Resource(resource) => resource.write(to),
        Entity::Environment(environment) => environment.write(to),
    }
}

/// Reads an entity of a type.
pub(crate) fn read_entity(of: EntityType, from: &mut Reader<'_>) -> Entity {
    match of {
        EntityType::Product => Entity::Product(Packed::read(from)),
        EntityType::Team => Entity::Team(Packed::read(from)),
        EntityType::Service => Entity::Service(Packed::read(from)),
        EntityType::Workload => Entity::Workload(Packed::read(from)),
        EntityType::Resource => Entity::Resource(Packed::read(from)),
        EntityType::Environment => Entity::Environment(Packed::read(from)),
    }
}

/// Reads the ref of an entity of a type; of none, one that was written by itself.
///
/// # Errors
/// Those of `to`.
pub(crate) fn identity(of: Option<EntityType>, from: &mut Reader<'_>, to: &mut impl fmt::Write) -> fmt::Result {
    let Some(of) = of else { return from.text_to(to) };
    to.write_str(of.as_str())?;
    to.write_str(":")?;
    match of {
        EntityType::Product | EntityType::Team | EntityType::Resource | EntityType::Environment => from.text_to(to),
        EntityType::Service => {
            from.text_to(to)?;
            to.write_str("/")?;
            from.text_to(to)
        }
        EntityType::Workload => {
            let (kind, arn): (Text, Option<Text>) = Packed::read(from);
            if let Some(arn) = arn {
                return to.write_str(&arn);
            }
            to.write_str("k8s/")?;
            if from.byte() == 1 {
                from.text_to(to)?;
            }
            to.write_str("/")?;
            from.text_to(to)?;
            write!(to, "/{kind}/")?;
            from.text_to(to)
        }
    }
}

/// Takes a text in pieces and says whether it was the expected one.
pub(crate) struct Same<'t> {
    /// What has to come yet.
    pub(crate) rest: &'t str,
}

impl fmt::Write for Same<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.rest = self.rest.strip_prefix(piece).ok_or(fmt::Error)?;
        Ok(())
    }
}
