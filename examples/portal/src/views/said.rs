//! What people said about an entity, as users see it.

use jiff::Timestamp;
use portal_core::curated::Link;
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

/// What people said about something: fields that are null were left to what is collected.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Curated)]
pub struct CuratedView {
    /// Who said the newest of it.
    #[schema(value_type = String)]
    pub by: Text,
    /// When.
    pub edited_at: Timestamp,
    /// How an added service runs.
    #[schema(value_type = Option<String>, required)]
    pub kind: Option<&'static str>,
    /// Slug of an added service's product.
    #[schema(value_type = Option<String>, required)]
    pub product: Option<Text>,
    /// The name to show.
    #[schema(value_type = Option<String>, required)]
    pub display_name: Option<Text>,
    /// What it is for.
    #[schema(value_type = Option<String>, required)]
    pub description: Option<Text>,
    /// Its owner as it was written, a known team or not.
    #[schema(value_type = Option<String>, required)]
    pub team: Option<Text>,
    /// Its documentation.
    #[schema(value_type = Option<String>, required)]
    pub docs_url: Option<Text>,
    /// Its code.
    #[schema(value_type = Option<String>, required)]
    pub github_url: Option<Text>,
    /// Its dashboards.
    #[schema(value_type = Option<String>, required)]
    pub dashboard_url: Option<Text>,
    /// Where health checks ask.
    #[schema(value_type = Option<String>, required)]
    pub status_url: Option<Text>,
    /// More links.
    #[schema(required)]
    pub links: Option<Vec<LinkView>>,
    /// Tags instead of the collected ones.
    #[schema(value_type = Option<Vec<String>>, required)]
    pub tags: Option<Vec<Text>>,
    /// Slugs of teams that were suggested as owners, and are not suggested again.
    #[schema(value_type = Vec<String>)]
    pub rejected: Vec<Text>,
}

impl CuratedView {
    fn of(record: &CuratedRecord) -> CuratedView {
        let said = &record.curated;
        CuratedView {
            by: record.by.clone(),
            edited_at: record.edited_at,
            kind: said.added.as_ref().map(|added| added.kind.as_str()),
            product: said.added.as_ref().and_then(|added| added.product.clone()),
            display_name: said.display_name.clone(),
            description: said.description.clone(),
            team: said.owner.clone(),
            docs_url: said.docs_url.clone(),
            github_url: said.github_url.clone(),
            dashboard_url: said.dashboard_url.clone(),
            status_url: said.status_url.clone(),
            links: said.links.as_ref().map(|links| links.iter().map(LinkView::of).collect()),
            tags: said.tags.clone(),
            rejected: said.rejected.clone(),
        }
    }
}

impl LinkView {
    fn of(link: &Link) -> LinkView {
        LinkView { title: link.title.clone(), url: link.url.clone() }
    }
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
        links.iter().map(LinkView::of).collect()
    }

    pub(super) fn whole(&self) -> Option<CuratedView> {
        self.0.map(CuratedView::of)
    }

    pub(super) fn hidden(&self) -> Option<HiddenView> {
        let hidden = self.curated()?.hidden.as_ref()?;
        Some(HiddenView { by: hidden.by.clone(), at: hidden.at, why: hidden.why.clone() })
    }
}
