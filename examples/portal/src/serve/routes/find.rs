//! Finding: how many there are of each value, and what a few words mean.

use axum::response::Response;
use portal_core::EntityType;
use utoipa::{IntoParams, ToSchema};

use crate::serve::extract::{Parameters, Query};
use crate::serve::lists::{FilterParameters, Narrowed};
use crate::serve::reader::Reader;
use crate::serve::{Asked, Basis, Problem};
use crate::views::words::EntityTypeWord;
use crate::views::{FacetsView, FoundView, HitView};

const LISTS: [(&str, EntityType); 5] = [
    ("products", EntityType::Product),
    ("teams", EntityType::Team),
    ("services", EntityType::Service),
    ("resources", EntityType::Resource),
    ("environments", EntityType::Environment),
];

/// What is counted.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it describes the parameter")]
pub(in crate::serve) struct CountedParameters {
    /// The list that is counted.
    #[param(inline)]
    of: ListWord,
}

/// A list.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "lowercase")]
#[allow(dead_code, missing_docs, reason = "it describes the parameter")]
enum ListWord {
    Products,
    Teams,
    Services,
    Resources,
    Environments,
}

/// What is counted.
#[derive(Debug)]
pub(in crate::serve) struct Counted {
    of: EntityType,
    narrowed: Narrowed,
}

impl Parameters for Counted {
    const NAMES: &'static [&'static str] = &[
        "of",
        "team",
        "product",
        "type",
        "environment",
        "region",
        "account",
        "status",
        "tag",
        "ownership",
        "q",
        "hidden",
    ];

    fn read(query: &mut Query<'_>) -> Counted {
        query.needed("of");
        Counted { of: query.choice("of", &LISTS).unwrap_or(EntityType::Service), narrowed: Narrowed::read(query) }
    }
}

/// How many of a list have each value. Each field is counted as if the filter did not name it.
#[utoipa::path(
    get,
    operation_id = "get_facets",
    path = "/api/v1alpha/facets",
    tag = "questions",
    params(CountedParameters, FilterParameters),
    responses((status = 200, description = "The counts, most frequent values first", body = FacetsView))
)]
pub(in crate::serve) async fn facets(reader: Reader, Asked(counted): Asked<Counted>) -> Result<Response, Problem> {
    let Counted { of, narrowed } = counted;
    reader.answer_from(Basis::of(of), |catalog| {
        let filter = narrowed.filter(catalog, of)?;
        let word = LISTS.iter().find(|(_, known)| *known == of).map_or("", |(word, _)| *word);
        Ok(FacetsView::of(word, catalog.facets(of, &filter)))
    })
}

/// What is looked for.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::serve) struct Sought {
    /// Words, each a part of a name, the ref, a tag or the description; compared without case.
    #[param(max_length = 1024)]
    q: String,
    /// Only things of these types.
    #[param(required = false, rename = "type", value_type = Vec<EntityTypeWord>, inline)]
    types: Types,
    /// At most so many.
    #[param(required = false, minimum = 1, maximum = 100, default = 20)]
    limit: usize,
}

#[derive(Debug)]
struct Types(Vec<EntityType>);

impl Parameters for Sought {
    const NAMES: &'static [&'static str] = &["q", "type", "limit"];

    fn read(query: &mut Query<'_>) -> Sought {
        Sought {
            q: query.sought_needed("q"),
            types: Types(query.choices("type", &EntityType::ALL.map(|one| (one.as_str(), one)))),
            limit: query.number("limit", 1..=100).unwrap_or(20),
        }
    }
}

/// What a few words most likely mean, best first.
#[utoipa::path(
    get,
    operation_id = "search",
    path = "/api/v1alpha/search",
    tag = "questions",
    params(Sought),
    responses((status = 200, description = "What was found", body = FoundView))
)]
pub(in crate::serve) async fn search(reader: Reader, Asked(sought): Asked<Sought>) -> Result<Response, Problem> {
    reader.answer(|catalog| {
        let hits = catalog.search(&sought.q, &sought.types.0, sought.limit);
        Ok(FoundView { items: hits.into_iter().map(HitView::from).collect() })
    })
}
