//! What people said about an entity, as users see it.

use jiff::Timestamp;
use portal_core::{Catalog, Curated, CuratedRecord, Ref, Text};
use serde::Serialize;
use utoipa::ToSchema;

/// A link with the words to show.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Link)]
pub struct LinkView {
    /// The words.
    #[schema(value_type = String)]
    pub title: Text,
    /// `http` or `https`.
    #[schema(value_type = String)]
    pub url: Text,
}

/// Who took something out of the lists, when, and why.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hidden)]
pub struct HiddenView {
    /// The person or key.
    #[schema(value_type = String)]
    pub by: Text,
    /// When.
    pub at: Timestamp,
    /// The reason that was given.
    #[schema(value_type = Option<String>, required)]
    pub why: Option<Text>,
}

/// What people said about one entity.
pub(super) struct Said<'c>(Option<&'c CuratedRecord>);

impl<'c> Said<'c> {
    pub(super) fn of(catalog: &'c Catalog, entity: &Ref) -> Said<'c> {
        Said(catalog.curated(entity))
    }

    pub(super) fn curated(&self) -> Option<&'c Curated> {
        self.0.map(|record| &record.curated)
    }

    pub(super) fn display_name(&self, name: &Text) -> Text {
        self.curated().and_then(|said| said.display_name.clone()).unwrap_or_else(|| name.clone())
    }

    pub(super) fn links(&self) -> Vec<LinkView> {
        let links = self.curated().and_then(|said| said.links.as_deref()).unwrap_or_default();
        links.iter().map(|link| LinkView { title: link.title.clone(), url: link.url.clone() }).collect()
    }

    pub(super) fn hidden(&self) -> Option<HiddenView> {
        let hidden = self.curated()?.hidden.as_ref()?;
        Some(HiddenView { by: hidden.by.clone(), at: hidden.at, why: hidden.why.clone() })
    }
}
