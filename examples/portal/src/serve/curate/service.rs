//! What can be said about services.

use portal_core::Text;
use portal_core::curated::{Added, Curated, Hidden};
use portal_core::model::{Entity, ServiceKind};
use utoipa::ToSchema;

use super::words::{ADDED_KINDS, KindWord, NewLink, Words, product_of};
use super::{Now, nothing};
use crate::serve::body::{Body, Change, Fields, wrong};
use crate::serve::problem::{Kind, Problem};
use crate::serve::texts::{HttpUrl, LINE, Line, NAME, Name, Paragraph, Tag, Written};

/// The namespace of an added service where nobody names one.
const NAMESPACE: &str = "manual";

/// A service that a person adds. What is left out, or null, is not said.
#[derive(Debug, ToSchema)]
#[schema(as = NewService)]
#[allow(dead_code, reason = "it describes the body; `NewService::read` reads it")]
pub(in crate::serve) struct NewServiceBody {
    /// Its name: what its ref ends in, for good.
    name: Name,
    /// What groups it; `manual` where nothing is said.
    #[schema(required = false)]
    namespace: Option<Name>,
    /// How it runs; `http-service` where nothing is said.
    #[schema(required = false)]
    kind: Option<KindWord>,
    /// Its product.
    #[schema(required = false)]
    product: Option<Written>,
    /// The name to show.
    #[schema(required = false)]
    display_name: Option<Line>,
    /// What it is for.
    #[schema(required = false)]
    description: Option<Paragraph>,
    /// Its owner, a known team or not.
    #[schema(required = false)]
    team: Option<Written>,
    /// Its documentation.
    #[schema(required = false)]
    docs_url: Option<HttpUrl>,
    /// Its code.
    #[schema(required = false)]
    github_url: Option<HttpUrl>,
    /// Its dashboards.
    #[schema(required = false)]
    dashboard_url: Option<HttpUrl>,
    /// Where health checks ask.
    #[schema(required = false)]
    status_url: Option<HttpUrl>,
    /// More links, in this order.
    #[schema(required = false, max_items = 100)]
    links: Option<Vec<NewLink>>,
    /// Tags.
    #[schema(required = false, max_items = 100)]
    tags: Option<Vec<Tag>>,
}

/// A change of what people say about a service. What is left out stays; null takes a word back, so that what was collected
/// shows again.
#[derive(Debug, ToSchema)]
#[schema(as = ServiceEdit)]
#[allow(dead_code, reason = "it describes the body; `ServiceEdit::read` reads it")]
pub(in crate::serve) struct ServiceEditBody {
    /// How it runs; only of one that a person added.
    #[schema(required = false, nullable = false)]
    kind: Option<KindWord>,
    /// Its product; only of one that a person added.
    #[schema(required = false)]
    product: Option<Written>,
    /// The name to show. The ref stays what it is.
    #[schema(required = false)]
    display_name: Option<Line>,
    /// What it is for.
    #[schema(required = false)]
    description: Option<Paragraph>,
    /// Its owner, a known team or not.
    #[schema(required = false)]
    team: Option<Written>,
    /// Its documentation.
    #[schema(required = false)]
    docs_url: Option<HttpUrl>,
    /// Its code.
    #[schema(required = false)]
    github_url: Option<HttpUrl>,
    /// Its dashboards.
    #[schema(required = false)]
    dashboard_url: Option<HttpUrl>,
    /// Where health checks ask.
    #[schema(required = false)]
    status_url: Option<HttpUrl>,
    /// More links, in this order.
    #[schema(required = false, max_items = 100)]
    links: Option<Vec<NewLink>>,
    /// Tags instead of the collected ones.
    #[schema(required = false, max_items = 100)]
    tags: Option<Vec<Tag>>,
    /// Takes it out of the lists; null puts it back.
    #[schema(required = false)]
    hidden: Option<Hide>,
}

/// All that people say about a service from now on. What is left out, or null, is not said any more.
#[derive(Debug, ToSchema)]
#[schema(as = ServiceWords)]
#[allow(dead_code, reason = "it describes the body; `ServiceWords::read` reads it")]
pub(in crate::serve) struct ServiceWordsBody {
    /// How it runs; only of one that a person added. `http-service` where nothing is said.
    #[schema(required = false)]
    kind: Option<KindWord>,
    /// Its product; only of one that a person added.
    #[schema(required = false)]
    product: Option<Written>,
    /// The name to show. The ref stays what it is.
    #[schema(required = false)]
    display_name: Option<Line>,
    /// What it is for.
    #[schema(required = false)]
    description: Option<Paragraph>,
    /// Its owner, a known team or not.
    #[schema(required = false)]
    team: Option<Written>,
    /// Its documentation.
    #[schema(required = false)]
    docs_url: Option<HttpUrl>,
    /// Its code.
    #[schema(required = false)]
    github_url: Option<HttpUrl>,
    /// Its dashboards.
    #[schema(required = false)]
    dashboard_url: Option<HttpUrl>,
    /// Where health checks ask.
    #[schema(required = false)]
    status_url: Option<HttpUrl>,
    /// More links, in this order.
    #[schema(required = false, max_items = 100)]
    links: Option<Vec<NewLink>>,
    /// Tags instead of the collected ones.
    #[schema(required = false, max_items = 100)]
    tags: Option<Vec<Tag>>,
}

/// Takes something out of the lists.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "it describes the body; `hide` reads it")]
pub(super) struct Hide {
    /// The reason.
    #[schema(required = false)]
    why: Option<Line>,
}

/// A service that a person adds.
#[derive(Clone, Debug)]
pub(in crate::serve) struct NewService {
    /// Its name.
    pub(in crate::serve) name: Text,
    /// What groups it.
    pub(in crate::serve) namespace: Text,
    added: Added,
    words: Words,
}

/// A change of what people say about a service.
#[derive(Clone, Debug)]
pub(in crate::serve) struct ServiceEdit {
    kind: Change<ServiceKind>,
    product: Change<Text>,
    words: Words,
    hidden: Change<Option<Text>>,
}

/// All that people say about a service from now on.
#[derive(Clone, Debug)]
pub(in crate::serve) struct ServiceWords {
    kind: Change<ServiceKind>,
    product: Change<Text>,
    words: Words,
}

impl Body for NewService {
    const NAMES: &'static [&'static str] = &[
        "name",
        "namespace",
        "kind",
        "product",
        "display_name",
        "description",
        "team",
        "docs_url",
        "github_url",
        "dashboard_url",
        "status_url",
        "links",
        "tags",
    ];

    fn read(fields: &mut Fields) -> NewService {
        NewService {
            name: fields.needed_text("name", &NAME),
            namespace: fields.text("namespace", &NAME).said().cloned().unwrap_or(Text::new_static(NAMESPACE)),
            added: Added {
                kind: fields.choice("kind", &ADDED_KINDS).said().copied().unwrap_or(ServiceKind::HttpService),
                product: product_of(fields).said().cloned(),
            },
            words: Words::read(fields),
        }
    }
}

impl Body for ServiceEdit {
    const NAMES: &'static [&'static str] = &[
        "kind",
        "product",
        "display_name",
        "description",
        "team",
        "docs_url",
        "github_url",
        "dashboard_url",
        "status_url",
        "links",
        "tags",
        "hidden",
    ];

    fn read(fields: &mut Fields) -> ServiceEdit {
        let kind = fields.choice("kind", &ADDED_KINDS);
        fields.not_null("kind", &kind);
        ServiceEdit { kind, product: product_of(fields), words: Words::read(fields), hidden: hide(fields) }
    }
}

impl Body for ServiceWords {
    const NAMES: &'static [&'static str] = &[
        "kind",
        "product",
        "display_name",
        "description",
        "team",
        "docs_url",
        "github_url",
        "dashboard_url",
        "status_url",
        "links",
        "tags",
    ];

    fn read(fields: &mut Fields) -> ServiceWords {
        ServiceWords {
            kind: fields.choice("kind", &ADDED_KINDS),
            product: product_of(fields),
            words: Words::read(fields).whole(),
        }
    }
}

impl NewService {
    /// What is said about it. Words about an earlier one of that name are not said again.
    pub(in crate::serve) fn curated(&self) -> Curated {
        let mut curated = Curated { added: Some(self.added.clone()), ..Curated::default() };
        self.words.apply(&mut curated);
        curated
    }
}

impl ServiceEdit {
    /// What is said from now on.
    ///
    /// # Errors
    /// 409 for what only an added service has.
    pub(in crate::serve) fn apply(&self, now: &Now<'_>) -> Result<Option<Curated>, Problem> {
        let mut curated = now.curated();
        match &mut curated.added {
            Some(added) => {
                if let Some(kind) = self.kind.said() {
                    added.kind = *kind;
                }
                self.product.apply(&mut added.product);
            }
            None => only_added(&self.kind, &self.product)?,
        }
        self.words.apply(&mut curated);
        take_out(&self.hidden, &mut curated, now);
        Ok(Some(curated))
    }
}

impl ServiceWords {
    /// What is said from now on. Whether it is in the lists stays as it is.
    ///
    /// # Errors
    /// 409 for what only an added service has.
    pub(in crate::serve) fn apply(&self, now: &Now<'_>) -> Result<Option<Curated>, Problem> {
        let mut curated = now.curated();
        match &mut curated.added {
            Some(added) => {
                added.kind = self.kind.said().copied().unwrap_or(ServiceKind::HttpService);
                added.product = self.product.said().cloned();
            }
            None => only_added(&self.kind, &self.product)?,
        }
        self.words.apply(&mut curated);
        Ok(Some(curated))
    }
}

/// The field `hidden`: [`None`] inside is no reason.
pub(super) fn hide(fields: &mut Fields) -> Change<Option<Text>> {
    fields.value("hidden", |fields, at, value| {
        fields.object(at, value, &["why"], |hidden| hidden.text("why", &LINE).said().cloned())
    })
}

/// Takes something out of the lists or puts it back. Who hid it first, and why, stays where no new reason is given.
pub(super) fn take_out(hidden: &Change<Option<Text>>, curated: &mut Curated, now: &Now<'_>) {
    match hidden {
        Change::Keep => {}
        Change::TakeBack => curated.hidden = None,
        Change::Say(why) => {
            if curated.hidden.is_none() || why.is_some() {
                curated.hidden = Some(Hidden { by: now.by.clone(), at: now.at, why: why.clone() });
            }
        }
    }
}

/// Whether a source shows a service, an added one or not.
///
/// # Errors
/// 404 for what is not there.
pub(in crate::serve) fn is_collected(now: &Now<'_>, entity_ref: &portal_core::Ref) -> Result<bool, Problem> {
    match now.entity {
        Some(Entity::Service(service)) => Ok(!service.parts.is_empty()),
        _ => Err(nothing(entity_ref)),
    }
}

fn only_added(kind: &Change<ServiceKind>, product: &Change<Text>) -> Result<(), Problem> {
    let what = "is what a source says of a service that it shows; only that of an added one can be said";
    let errors: Vec<_> = [("#/kind", kind.said().is_some()), ("#/product", product.said().is_some())]
        .into_iter()
        .filter(|(_, is_said)| *is_said)
        .map(|(at, _)| wrong(at, what))
        .collect();
    // The body is a good one, for another service.
    if errors.is_empty() { Ok(()) } else { Err(Problem::of_errors(Kind::CONFLICT, errors)) }
}
