//! What can be said about services and resources alike.

use portal_core::curated::{Curated, Link};
use portal_core::model::ServiceKind;
use portal_core::{Text, slug};
use utoipa::ToSchema;

use crate::serve::body::{Change, Fields};
use crate::serve::texts::{HTTP_URL, HttpUrl, LINE, Line, PARAGRAPH, TAG, WRITTEN};

/// The most links, and the most tags.
const MOST: usize = 100;

/// A link with the words to show.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "it describes the body; `links_of` reads it")]
pub(super) struct NewLink {
    /// The words.
    title: Line,
    /// Where it leads.
    url: HttpUrl,
}

/// How a service runs.
#[derive(Debug, ToSchema)]
#[schema(as = ServiceKind, rename_all = "kebab-case")]
#[allow(dead_code, reason = "it describes the body")]
pub(super) enum KindWord {
    /// It stays up and answers.
    HttpService,
    /// It runs at times.
    ScheduledJob,
    /// It runs when called.
    Function,
}

/// How an added service can run.
pub(super) const ADDED_KINDS: [(&str, ServiceKind); 3] = [
    ("http-service", ServiceKind::HttpService),
    ("scheduled-job", ServiceKind::ScheduledJob),
    ("function", ServiceKind::Function),
];

/// What can be said about anything.
#[derive(Clone, Debug, Default)]
pub(in crate::serve) struct Words {
    pub(in crate::serve) display_name: Change<Text>,
    pub(in crate::serve) description: Change<Text>,
    pub(in crate::serve) docs_url: Change<Text>,
    pub(in crate::serve) github_url: Change<Text>,
    pub(in crate::serve) dashboard_url: Change<Text>,
    pub(in crate::serve) status_url: Change<Text>,
    pub(in crate::serve) links: Change<Vec<Link>>,
    pub(in crate::serve) tags: Change<Vec<Text>>,
    pub(in crate::serve) team: Change<Text>,
}

impl Words {
    pub(in crate::serve) fn read(fields: &mut Fields) -> Words {
        Words {
            display_name: fields.text("display_name", &LINE),
            description: fields.text("description", &PARAGRAPH),
            docs_url: fields.text("docs_url", &HTTP_URL),
            github_url: fields.text("github_url", &HTTP_URL),
            dashboard_url: fields.text("dashboard_url", &HTTP_URL),
            status_url: fields.text("status_url", &HTTP_URL),
            links: links_of(fields),
            tags: tags_of(fields),
            team: fields.text("team", &WRITTEN),
        }
    }

    /// The same of a body that says everything.
    pub(super) fn whole(self) -> Words {
        Words {
            display_name: self.display_name.or_take_back(),
            description: self.description.or_take_back(),
            docs_url: self.docs_url.or_take_back(),
            github_url: self.github_url.or_take_back(),
            dashboard_url: self.dashboard_url.or_take_back(),
            status_url: self.status_url.or_take_back(),
            links: self.links.or_take_back(),
            tags: self.tags.or_take_back(),
            team: self.team.or_take_back(),
        }
    }

    pub(in crate::serve) fn apply(&self, curated: &mut Curated) {
        self.display_name.apply(&mut curated.display_name);
        self.description.apply(&mut curated.description);
        self.docs_url.apply(&mut curated.docs_url);
        self.github_url.apply(&mut curated.github_url);
        self.dashboard_url.apply(&mut curated.dashboard_url);
        self.status_url.apply(&mut curated.status_url);
        self.links.apply(&mut curated.links);
        self.tags.apply(&mut curated.tags);
        self.team.apply(&mut curated.owner);
    }
}

/// The field `links`.
fn links_of(fields: &mut Fields) -> Change<Vec<Link>> {
    fields.list("links", MOST, |fields, at, value| {
        fields.object(at, value, &["title", "url"], |link| Link {
            title: link.needed_text("title", &LINE),
            url: link.needed_text("url", &HTTP_URL),
        })
    })
}

/// The field `tags`, each once.
fn tags_of(fields: &mut Fields) -> Change<Vec<Text>> {
    let tags = fields.list("tags", MOST, |fields, at, value| fields.as_text(at, &value, &TAG));
    let Change::Say(mut tags) = tags else { return tags };
    let mut seen = std::collections::HashSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
    Change::Say(tags)
}

/// The field `product`, as the slug that it is kept as.
pub(super) fn product_of(fields: &mut Fields) -> Change<Text> {
    match fields.text("product", &WRITTEN) {
        Change::Say(product) => Change::Say(slug(&product)),
        other => other,
    }
}
