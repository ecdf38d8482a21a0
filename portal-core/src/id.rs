//! Identities: refs of entities, ARNs, and the slug that names are compared by.
//!
//! Nothing here knows what an entity holds; see [`crate::model`].

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// A short string that is cheap to clone. Most names fit in it without a heap allocation.
pub type Text = smol_str::SmolStr;

/// What an entity is; the part of a [`Ref`] before the first colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntityType {
    /// What a business sells or runs.
    Product,
    /// The lowest unit of ownership.
    Team,
    /// One logical thing that engineers deploy and maintain.
    Service,
    /// One running copy of a service in one environment.
    Workload,
    /// A piece of infrastructure.
    Resource,
    /// An AWS account, with the name that people use for it.
    Environment,
}

impl EntityType {
    /// Every entity type, in the order in which lists show them.
    pub const ALL: [EntityType; 6] = [
        EntityType::Product,
        EntityType::Team,
        EntityType::Service,
        EntityType::Workload,
        EntityType::Resource,
        EntityType::Environment,
    ];

    /// The word as it stands in a ref.
    pub fn as_str(self) -> &'static str {
        match self {
            EntityType::Product => "product",
            EntityType::Team => "team",
            EntityType::Service => "service",
            EntityType::Workload => "workload",
            EntityType::Resource => "resource",
            EntityType::Environment => "environment",
        }
    }
}

impl fmt::Display for EntityType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The identity of an entity, such as `service:payments/orders-api`.
///
/// A name is never an identity by itself: names repeat over accounts, clusters and namespaces.
///
/// ```
/// use portal_core::{EntityType, Ref};
/// let bucket: Ref = "arn:aws:s3:::invoices".parse().expect("an ARN is a ref of a resource");
/// assert_eq!(bucket.as_str(), "resource:arn:aws:s3:::invoices");
/// assert_eq!(bucket.entity_type(), EntityType::Resource);
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Text", into = "Text")]
pub struct Ref(Text);

impl Ref {
    /// The ref of a product, by its slug.
    pub fn product(name: &str) -> Ref {
        Ref::join(EntityType::Product, name)
    }

    /// The ref of a team, by its slug.
    pub fn team(name: &str) -> Ref {
        Ref::join(EntityType::Team, name)
    }

    /// The ref of a service, grouped by namespace and name.
    pub fn service(namespace: &str, name: &str) -> Ref {
        Ref(Text::from(format!("service:{namespace}/{name}")))
    }

    /// The ref of a workload in Kubernetes; `kind` in lower case and singular, as `deployment`.
    pub fn kubernetes_workload(cluster: &str, namespace: &str, kind: &str, name: &str) -> Ref {
        Ref(Text::from(format!("workload:k8s/{cluster}/{namespace}/{kind}/{name}")))
    }

    /// The ref of a function's workload, by the function's ARN.
    pub fn function_workload(arn: &str) -> Ref {
        Ref::join(EntityType::Workload, arn)
    }

    /// The ref of a resource, by its ARN or, where a provider has none, by the provider's unique id.
    pub fn resource(id: &str) -> Ref {
        Ref::join(EntityType::Resource, id)
    }

    /// The ref of an environment, by account id.
    pub fn environment(account: &str) -> Ref {
        Ref::join(EntityType::Environment, account)
    }

    /// The whole ref.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the ref names.
    pub fn entity_type(&self) -> EntityType {
        let word = self.0.split(':').next().unwrap_or_default();
        *EntityType::ALL.iter().find(|t| t.as_str() == word).expect("a ref is only made with a known type in front")
    }

    /// The part after the type: a slug, `namespace/name`, an ARN, an account id.
    pub fn local(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, local)| local)
    }

    /// The ref of which this is the whole text.
    pub(crate) fn of_known(text: Text) -> Ref {
        Ref(text)
    }

    fn join(entity_type: EntityType, local: &str) -> Ref {
        let mut text = String::with_capacity(entity_type.as_str().len() + 1 + local.len());
        text.push_str(entity_type.as_str());
        text.push(':');
        text.push_str(local);
        Ref(Text::from(text.as_str()))
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl From<Ref> for Text {
    fn from(r: Ref) -> Text {
        r.0
    }
}

impl TryFrom<Text> for Ref {
    type Error = InvalidRef;

    fn try_from(text: Text) -> Result<Ref, InvalidRef> {
        text.parse()
    }
}

/// The text is no ref and no ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no ref; write TYPE:NAME (such as team:payments or service:shop/cart) or an ARN")]
pub struct InvalidRef(pub String);

impl FromStr for Ref {
    type Err = InvalidRef;

    fn from_str(text: &str) -> Result<Ref, InvalidRef> {
        if text.starts_with("arn:") && text.split(':').count() >= 6 {
            return Ok(Ref::resource(text));
        }
        let known = text
            .split_once(':')
            .is_some_and(|(word, local)| !local.is_empty() && EntityType::ALL.iter().any(|t| t.as_str() == word));
        if known { Ok(Ref(Text::from(text))) } else { Err(InvalidRef(text.to_owned())) }
    }
}

/// The parts of an Amazon Resource Name, borrowed from its text.
///
/// The partition is kept: China and GovCloud do not say `aws`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: &'a str,
    /// Such as `rds`.
    pub service: &'a str,
    /// Empty for global services.
    pub region: &'a str,
    /// Empty for S3 buckets; keeps leading zeros.
    pub account: &'a str,
    /// All after the fifth colon, such as `db:orders`.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Splits an ARN; `None` if the text has not the form of one.
    pub fn parse(text: &'a str) -> Option<Arn<'a>> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        let arn = Arn {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        };
        let whole = arn.partition.starts_with("aws") && !arn.service.is_empty() && !arn.resource.is_empty();
        whole.then_some(arn)
    }

    /// The type word in the resource part (`table` in `table/orders`), if there is one.
    pub fn resource_type(&self) -> Option<&'a str> {
        self.resource.split_once(['/', ':']).map(|(word, _)| word).filter(|word| !word.is_empty())
    }

    /// The last part of the resource: the name that people use.
    pub fn resource_name(&self) -> &'a str {
        match self.service {
            // A stack's ARN ends in a uuid; its name stands before it.
            "cloudformation" => self.resource.split('/').nth(1).unwrap_or(self.resource),
            _ => self.resource.split_once([':', '/']).map_or(self.resource, |(_, name)| name),
        }
    }
}

/// The form by which names of teams, products and aliases are compared:
/// NFC, lower case, every run of other characters than letters and digits one `-`.
///
/// ```
/// assert_eq!(portal_core::slug(" Payments  Squad_2 "), "payments-squad-2");
/// ```
pub fn slug(name: &str) -> Text {
    let mut out = String::with_capacity(name.len());
    for c in name.nfc().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    while out.ends_with('-') {
        out.pop();
    }
    Text::from(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ref_keeps_what_stands_after_its_type() {
        let r: Ref = "service:payments/orders-api".parse().expect("a ref");
        assert_eq!(r.entity_type(), EntityType::Service);
        assert_eq!(r.local(), "payments/orders-api");
        assert!("payments".parse::<Ref>().is_err());
        assert!("team:".parse::<Ref>().is_err());
    }

    #[test]
    fn an_arn_of_another_partition_keeps_leading_zeros() {
        let arn = Arn::parse("arn:aws-cn:rds:cn-north-1:000123456789:db:orders").expect("an ARN");
        assert_eq!(arn.account, "000123456789");
        assert_eq!((arn.resource_type(), arn.resource_name()), (Some("db"), "orders"));
        assert!(Arn::parse("arn:notaws:rds").is_none());
    }

    #[test]
    fn slugs_fold_case_space_and_unicode_form() {
        assert_eq!(slug("  Zahlungen–Öst "), "zahlungen-öst");
        assert_eq!(slug("Zahlungen O\u{308}st"), "zahlungen-öst");
        assert_eq!(slug("--"), "");
    }
}
