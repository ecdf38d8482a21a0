//! What can be said about resources.

use std::borrow::Cow;

use portal_core::curated::Curated;
use portal_core::{Catalog, Ref, Text, slug};
use utoipa::openapi::schema::{OneOfBuilder, Schema};
use utoipa::openapi::{Ref as Reference, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::Now;
use super::service::{Hide, hide, take_out};
use super::words::{NewLink, Words};
use crate::serve::body::{Body, Change, Fields};
use crate::serve::problem::{Kind, Problem};
use crate::serve::texts::{HttpUrl, LINE, Line, Paragraph, Tag, WRITTEN, Written};

/// A change of what people say about a resource. What is left out stays; null takes a word back, so that what was
/// collected shows again.
#[derive(Debug, ToSchema)]
#[schema(as = ResourceEdit)]
#[allow(dead_code, reason = "it describes the body; `ResourceEdit::read` reads it")]
pub(in crate::serve) struct ResourceEditBody {
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
    /// The code that makes it.
    #[schema(required = false)]
    github_url: Option<HttpUrl>,
    /// Its dashboards.
    #[schema(required = false)]
    dashboard_url: Option<HttpUrl>,
    /// Where its status can be seen. Health checks ask services only.
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

/// A change of what people say about a resource.
#[derive(Clone, Debug)]
pub(in crate::serve) struct ResourceEdit {
    words: Words,
    hidden: Change<Option<Text>>,
}

impl Body for ResourceEdit {
    const NAMES: &'static [&'static str] = &[
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

    fn read(fields: &mut Fields) -> ResourceEdit {
        ResourceEdit { words: Words::read(fields), hidden: hide(fields) }
    }
}

impl ResourceEdit {
    /// What is said from now on.
    pub(in crate::serve) fn apply(&self, now: &Now<'_>) -> Curated {
        let mut curated = now.curated();
        self.words.apply(&mut curated);
        take_out(&self.hidden, &mut curated, now);
        curated
    }
}

/// What a person thinks of who owns a resource.
#[derive(Debug)]
pub(in crate::serve) enum FeedbackBody {}

impl PartialSchema for FeedbackBody {
    fn schema() -> RefOr<Schema> {
        let one_of = |name: Cow<'_, str>| RefOr::Ref(Reference::from_schema_name(name));
        OneOfBuilder::new().item(one_of(AssignmentBody::name())).item(one_of(OpinionBody::name())).into()
    }
}

impl ToSchema for FeedbackBody {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("OwnershipFeedback")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        for (name, schema) in
            [(AssignmentBody::name(), AssignmentBody::schema()), (OpinionBody::name(), OpinionBody::schema())]
        {
            schemas.push((name.into_owned(), schema));
        }
        AssignmentBody::schemas(schemas);
        OpinionBody::schemas(schemas);
    }
}

/// The team is the owner.
#[derive(Debug, ToSchema)]
#[schema(as = OwnershipAssignment)]
#[allow(dead_code, reason = "it describes the body; `Feedback::read` reads it")]
pub(in crate::serve) struct AssignmentBody {
    /// What to do.
    action: AssignWord,
    /// The owner, a known team or not.
    team: Written,
    /// The `ETag` of the resource as it was seen, or `*`.
    etag: Line,
}

/// What a person thinks of a suggested owner.
#[derive(Debug, ToSchema)]
#[schema(as = OwnershipOpinion)]
#[allow(dead_code, reason = "it describes the body; `Feedback::read` reads it")]
pub(in crate::serve) struct OpinionBody {
    /// What to do.
    action: OpinionWord,
    /// The team that is meant; the suggested one where it is left out.
    #[schema(required = false)]
    team: Option<Written>,
    /// The `ETag` of the resource as it was seen, or `*`.
    etag: Line,
}

/// What an assignment does.
#[derive(Debug, ToSchema)]
#[schema(as = AssignmentAction, rename_all = "lowercase")]
#[allow(dead_code, reason = "it describes the body")]
enum AssignWord {
    /// Names the owner.
    Assign,
}

/// What an opinion does.
#[derive(Debug, ToSchema)]
#[schema(as = OpinionAction, rename_all = "lowercase")]
#[allow(dead_code, reason = "it describes the body")]
enum OpinionWord {
    /// The suggested team is the owner.
    Confirm,
    /// The team is not the owner, and is not suggested again.
    Reject,
}

/// What to do about an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    /// The suggested team is the owner.
    Confirm,
    /// The team is not the owner, and is not suggested again.
    Reject,
    /// The team is the owner.
    Assign,
}

/// What a person thinks of who owns a resource.
#[derive(Clone, Debug)]
pub(in crate::serve) struct Feedback {
    action: Action,
    team: Option<Text>,
    /// The version that was seen.
    pub(in crate::serve) etag: String,
}

impl Body for Feedback {
    const NAMES: &'static [&'static str] = &["action", "team", "etag"];

    fn read(fields: &mut Fields) -> Feedback {
        let words = [("confirm", Action::Confirm), ("reject", Action::Reject), ("assign", Action::Assign)];
        let action = fields.needed_choice("action", &words);
        let team = if action == Some(Action::Assign) {
            Some(fields.needed_text("team", &WRITTEN))
        } else {
            fields.text("team", &WRITTEN).said().cloned()
        };
        Feedback { action: action.unwrap_or(Action::Reject), team, etag: fields.needed_text("etag", &LINE).to_string() }
    }
}

impl Feedback {
    /// What is said from now on.
    ///
    /// # Errors
    /// 409 if it is about a suggestion that there is none of, or another one.
    pub(in crate::serve) fn apply(&self, now: &Now<'_>, entity_ref: &Ref) -> Result<Curated, Problem> {
        let mut curated = now.curated();
        let suggested = now.catalog.suggestion(entity_ref).map(|suggestion| suggestion.team);
        let meant = self.team.as_deref().map(|team| named(now.catalog, team));
        match self.action {
            Action::Assign => own(&mut curated, self.team.clone().unwrap_or_default(), meant.as_ref()),
            Action::Confirm => match suggested {
                Some(team) if meant.as_ref().is_none_or(|meant| *meant == team) => {
                    own(&mut curated, team.clone(), Some(&team));
                }
                suggested => return Err(none_such(entity_ref, suggested.as_ref())),
            },
            Action::Reject => {
                let Some(team) = meant.or(suggested) else { return Err(none_such(entity_ref, None)) };
                if let Err(place) = curated.rejected.binary_search(&team) {
                    curated.rejected.insert(place, team);
                }
            }
        }
        Ok(curated)
    }
}

/// Names the owner, who is not rejected any more.
fn own(curated: &mut Curated, team: Text, slug: Option<&Text>) {
    curated.rejected.retain(|rejected| Some(rejected) != slug);
    curated.owner = Some(team);
}

/// The slug of the team that a name means.
fn named(catalog: &Catalog, name: &str) -> Text {
    match catalog.teams_named(name).as_slice() {
        [one] => one.clone(),
        _ => slug(name),
    }
}

fn none_such(entity_ref: &Ref, suggested: Option<&Text>) -> Problem {
    let detail = match suggested {
        Some(team) => format!("it is `{team}` who is suggested as the owner of {entity_ref}; read it again"),
        None => format!("nobody is suggested as the owner of {entity_ref}; `assign` names one"),
    };
    Problem::new(Kind::CONFLICT, detail).at("#/team", "is not the suggested one")
}
