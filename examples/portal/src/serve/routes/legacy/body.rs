//! Bodies and queries as clients of the second article send them: an empty text says nothing, and fields that only the
//! server writes may come back from a read.

use std::collections::HashSet;

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::request::Parts;
use portal_core::Text;
use portal_core::catalog::TagFilter;
use portal_core::curated::Curated;
use portal_core::model::Health;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::invalid;
use crate::serve::Portal;
use crate::serve::body::{Body, Change, Fields, read};
use crate::serve::curate::Words;
use crate::serve::extract::{Json, Parameters, Query, parse};
use crate::serve::problem::Problem;
use crate::serve::texts::{HttpUrlOrEmpty, LINE, Line, ParagraphOrEmpty, Tag, WrittenOrEmpty};
use crate::views::LegacyServiceView;
use crate::views::words::HealthWord;

/// A service to add.
#[derive(Debug, ToSchema)]
#[schema(as = LegacyNewService)]
#[allow(dead_code, reason = "it describes the body; `LegacyNew::read` reads it")]
pub(in crate::serve) struct LegacyNewBody {
    /// Its name.
    name: Line,
    /// What it is for.
    #[schema(required = false)]
    description: Option<ParagraphOrEmpty>,
    /// Its owner, a known team or not.
    #[schema(required = false)]
    team: Option<WrittenOrEmpty>,
    /// Where health checks ask.
    #[schema(required = false)]
    status_url: Option<HttpUrlOrEmpty>,
    /// Its documentation.
    #[schema(required = false)]
    docs_url: Option<HttpUrlOrEmpty>,
    /// Its code.
    #[schema(required = false)]
    github_url: Option<HttpUrlOrEmpty>,
    /// Its dashboards.
    #[schema(required = false)]
    dashboard_url: Option<HttpUrlOrEmpty>,
    /// Tags.
    #[schema(required = false, max_items = 100)]
    tags: Option<Vec<Tag>>,
}

/// What changes of a service; what is left out stays.
#[derive(Debug, ToSchema)]
#[schema(as = LegacyServiceEdit)]
#[allow(dead_code, reason = "it describes the body; `LegacyEdit::read` reads it")]
pub(in crate::serve) struct LegacyEditBody {
    /// Its name; its id stays.
    #[schema(required = false, nullable = false)]
    name: Option<Line>,
    /// What it is for.
    #[schema(required = false)]
    description: Option<ParagraphOrEmpty>,
    /// Its owner, a known team or not.
    #[schema(required = false)]
    team: Option<WrittenOrEmpty>,
    /// Where health checks ask.
    #[schema(required = false)]
    status_url: Option<HttpUrlOrEmpty>,
    /// Its documentation.
    #[schema(required = false)]
    docs_url: Option<HttpUrlOrEmpty>,
    /// Its code.
    #[schema(required = false)]
    github_url: Option<HttpUrlOrEmpty>,
    /// Its dashboards.
    #[schema(required = false)]
    dashboard_url: Option<HttpUrlOrEmpty>,
    /// Tags.
    #[schema(required = false, max_items = 100)]
    tags: Option<Vec<Tag>>,
}

/// A service to add.
#[derive(Clone, Debug)]
pub(in crate::serve) struct LegacyNew {
    /// Its name.
    pub(super) name: Text,
    words: Words,
}

/// What changes of a service.
#[derive(Clone, Debug)]
pub(in crate::serve) struct LegacyEdit {
    /// Its name.
    pub(super) name: Change<Text>,
    words: Words,
}

const NAMES: &[&str] =
    &["name", "description", "team", "status_url", "docs_url", "github_url", "dashboard_url", "tags"];

impl Body for LegacyNew {
    const NAMES: &'static [&'static str] = NAMES;

    fn read(fields: &mut Fields) -> LegacyNew {
        let new = LegacyNew { name: fields.needed_text("name", &LINE), words: Words::read(fields) };
        fields.ignore_others();
        new
    }
}

impl Body for LegacyEdit {
    const NAMES: &'static [&'static str] = NAMES;

    fn read(fields: &mut Fields) -> LegacyEdit {
        let name = fields.text("name", &LINE);
        fields.not_null("name", &name);
        let edit = LegacyEdit { name, words: Words::read(fields) };
        fields.ignore_others();
        edit
    }
}

impl LegacyNew {
    /// Says it about a service of this name.
    pub(super) fn apply(&self, curated: &mut Curated, name: &str) {
        self.words.apply(curated);
        curated.display_name = Some(self.name.clone()).filter(|shown| shown != name);
    }
}

impl LegacyEdit {
    /// Says it about a service of this name, which is shown like this. What is shown already is not said: who sends back
    /// what was collected does not take it over from the source.
    pub(super) fn apply(&self, curated: &mut Curated, name: &str, shown: &LegacyServiceView) {
        let mut words = self.words.clone();
        let texts = [
            (&mut words.description, &shown.description),
            (&mut words.team, &shown.team),
            (&mut words.status_url, &shown.status_url),
            (&mut words.docs_url, &shown.docs_url),
            (&mut words.github_url, &shown.github_url),
            (&mut words.dashboard_url, &shown.dashboard_url),
        ];
        for (said, shown) in texts {
            if said.said() == shown.as_ref() {
                *said = Change::Keep;
            }
        }
        if let Change::Say(tags) = &words.tags {
            // Tags are shown in the order of their keys, whoever said them in which.
            let (said, shown): (HashSet<Text>, HashSet<Text>) =
                (tags.iter().cloned().collect(), shown.tags.texts().collect());
            if said == shown {
                words.tags = Change::Keep;
            }
        }
        words.apply(curated);
        if let Change::Say(said) = &self.name {
            curated.display_name = Some(said.clone()).filter(|shown| shown != name);
        }
    }
}

/// A body.
#[derive(Clone, Debug)]
pub(in crate::serve) struct LegacySent<B>(pub(super) B);

impl<B: Body> FromRequest<Portal> for LegacySent<B> {
    type Rejection = Problem;

    async fn from_request(request: Request, portal: &Portal) -> Result<LegacySent<B>, Problem> {
        let Json(mut map) = Json::<Map<String, Value>>::from_request(request, portal).await.map_err(invalid)?;
        for (name, value) in &mut map {
            if name != "name" && value.as_str() == Some("") {
                *value = Value::Null;
            }
        }
        read(map).map(LegacySent)
    }
}

/// What the list is narrowed to. Repeated parameters mean any of their values, different ones all of them; an empty one
/// narrows nothing.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it describes the parameters; `Narrowed` holds them")]
pub(in crate::serve) struct LegacyFilter {
    /// With these words, each a part of the name or the description; compared without case.
    #[param(required = false, nullable = false, max_length = 1024)]
    q: Option<String>,
    /// Owned by this team, as it was written or by its name.
    #[param(required = false)]
    team: Vec<String>,
    /// Found to be so.
    #[param(required = false, value_type = Vec<HealthWord>, inline)]
    status: Vec<HealthWord>,
    /// With this tag: `key=value`, or a single word.
    #[param(required = false)]
    tag: Vec<String>,
}

/// What the list is narrowed to.
#[derive(Debug)]
pub(in crate::serve) struct Narrowed {
    pub(in crate::serve) text: Option<String>,
    pub(in crate::serve) teams: Vec<String>,
    pub(in crate::serve) statuses: Vec<Health>,
    pub(in crate::serve) tags: Vec<TagFilter>,
}

/// The parameters of a query.
#[derive(Debug)]
pub(in crate::serve) struct LegacyAsked<P>(pub(super) P);

impl Parameters for Narrowed {
    const NAMES: &'static [&'static str] = &["q", "team", "status", "tag"];

    fn read(query: &mut Query<'_>) -> Narrowed {
        Narrowed {
            text: query.sought("q"),
            teams: query.many("team"),
            statuses: query.choices("status", &Health::ALL.map(|health| (health.as_str(), health))),
            tags: query.many("tag").iter().map(|tag| TagFilter::parse(tag)).collect(),
        }
    }
}

impl<P: Parameters> FromRequestParts<Portal> for LegacyAsked<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Portal) -> Result<LegacyAsked<P>, Problem> {
        let pairs = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let filled = pairs.filter(|(_, value)| !value.is_empty());
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(filled).finish();
        parse(&query).map(LegacyAsked).map_err(invalid)
    }
}
