//! How the portal came to know: what sources could read, and what the resolver found.

use std::collections::BTreeMap;

use axum::response::Response;
use portal_core::Text;
use portal_core::resolve::FindingKind;
use utoipa::IntoParams;

use crate::serve::extract::{Parameters, Query};
use crate::serve::lists::{PageParameters, Slice};
use crate::serve::reader::Reader;
use crate::serve::{Asked, Problem, lookup};
use crate::views::words::FindingWord;
use crate::views::{FindingView, List, ScopeView};

/// Which findings.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it describes the parameters")]
pub(in crate::serve) struct FindingParameters {
    /// Only of this kind.
    #[param(required = false, value_type = Vec<FindingWord>, inline)]
    kind: Vec<FindingWord>,
    /// Only about this: a ref, an ARN, an id, or a name that only one thing has.
    #[param(required = false, nullable = false, rename = "ref")]
    entity: Option<String>,
}

/// Which findings.
#[derive(Debug)]
pub(in crate::serve) struct FindingsAsked {
    kinds: Vec<FindingKind>,
    entity: Option<String>,
    slice: Slice,
}

impl Parameters for FindingsAsked {
    const NAMES: &'static [&'static str] = &["kind", "ref", "limit", "cursor"];

    fn read(query: &mut Query<'_>) -> FindingsAsked {
        FindingsAsked {
            kinds: query.choices("kind", &FINDINGS.map(|kind| (kind.as_str(), kind))),
            entity: query.one("ref"),
            slice: Slice::read(query),
        }
    }
}

/// Every kind of finding.
pub(crate) const FINDINGS: [FindingKind; 11] = [
    FindingKind::UnknownTeam,
    FindingKind::Conflict,
    FindingKind::EmptyClaim,
    FindingKind::AmbiguousTeam,
    FindingKind::TeamNameClash,
    FindingKind::AmbiguousProduct,
    FindingKind::UnresolvedReference,
    FindingKind::AmbiguousReference,
    FindingKind::SameCluster,
    FindingKind::ClusterNameClash,
    FindingKind::SetAside,
];

/// What a person should look at: unknown teams, conflicts, name clashes.
#[utoipa::path(
    get,
    operation_id = "list_findings",
    path = "/api/v1alpha/findings",
    tag = "collection",
    params(FindingParameters, PageParameters),
    responses((status = 200, description = "A page", body = List<FindingView>))
)]
pub(in crate::serve) async fn findings(
    reader: Reader,
    Asked(asked): Asked<FindingsAsked>,
) -> Result<Response, Problem> {
    reader.answer(|catalog| {
        let about = asked.entity.as_deref().map(|text| lookup::entity(catalog, text)).transpose()?;
        let fits = |finding: &&portal_core::resolve::Finding| {
            (asked.kinds.is_empty() || asked.kinds.contains(&finding.kind))
                && (about.is_none() || finding.subject == about)
        };
        let list = format!("findings {:?} {about:?}", asked.kinds);
        let page = asked.slice.cut(&list, catalog.findings().iter().filter(fits).collect())?;
        Ok(page.map(|finding| FindingView::from(finding.clone())))
    })
}

/// Which sources.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it describes the parameters")]
pub(in crate::serve) struct SourceParameters {
    /// Only this source.
    #[param(required = false)]
    source: Vec<String>,
}

/// Which sources.
#[derive(Debug)]
pub(in crate::serve) struct SourcesAsked {
    sources: Vec<String>,
    slice: Slice,
}

impl Parameters for SourcesAsked {
    const NAMES: &'static [&'static str] = &["source", "limit", "cursor"];

    fn read(query: &mut Query<'_>) -> SourcesAsked {
        SourcesAsked { sources: query.many("source"), slice: Slice::read(query) }
    }
}

/// What each source could read of each scope, and what not.
#[utoipa::path(
    get,
    operation_id = "list_sources",
    path = "/api/v1alpha/sources",
    tag = "collection",
    params(SourceParameters, PageParameters),
    responses((status = 200, description = "A page of scopes", body = List<ScopeView>))
)]
pub(in crate::serve) async fn sources(reader: Reader, Asked(asked): Asked<SourcesAsked>) -> Result<Response, Problem> {
    reader.answer(|catalog| {
        let mut scopes: BTreeMap<&str, Vec<&portal_core::part::Part>> = BTreeMap::new();
        let mut names: Vec<&Text> = Vec::new();
        for part in catalog.parts() {
            names.push(&part.source);
            if asked.sources.is_empty() || asked.sources.iter().any(|source| *source == part.source) {
                scopes.entry(part.folder()).or_default().push(part);
            }
        }
        if let Some(unknown) = asked.sources.iter().find(|source| !names.iter().any(|name| *name == source.as_str())) {
            names.sort_unstable();
            names.dedup();
            let what = crate::serve::extract::not_among(unknown, names.iter().map(|name| name.as_str()));
            return Err(crate::serve::extract::wrong("source", &what));
        }
        let list = format!("sources {:?}", asked.sources);
        let page = asked.slice.cut(&list, scopes.into_values().collect())?;
        Ok(page.map(|parts| ScopeView::of_parts(&parts)))
    })
}
