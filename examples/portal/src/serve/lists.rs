//! Parameters of lists: what they are narrowed to, in which order, and which page.

use portal_core::catalog::{Filter, Hidden, Paging, Sort, TagFilter};
use portal_core::model::Health;
use portal_core::{Catalog, EntityType, OwnershipState, Text};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Parameters, Query, not_among, wrong};
use super::lookup;
use super::problem::Problem;
use crate::views::words::{HealthWord, OwnershipWord};

/// The most that one page holds.
pub const LIMIT: usize = 500;
/// How much one page holds where nobody says.
const PAGE: usize = 50;

/// What narrows a list. Repeated parameters mean any of their values, different ones all of them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it describes the parameters; `Narrowed` holds them")]
pub struct FilterParameters {
    /// Owned by this team: its name, an alias, or an old name.
    #[param(required = false)]
    team: Vec<String>,
    /// Part of this product.
    #[param(required = false)]
    product: Vec<String>,
    /// Of this type: `bucket`, `database`, … for resources; `kubernetes`, `http-service`, … for services.
    #[param(required = false)]
    r#type: Vec<String>,
    /// In this environment: its name or account id.
    #[param(required = false)]
    environment: Vec<String>,
    /// In this region.
    #[param(required = false)]
    region: Vec<String>,
    /// In the account of this id.
    #[param(required = false)]
    account: Vec<String>,
    /// Found to be so; only services have a status.
    #[param(required = false, value_type = Vec<HealthWord>, inline)]
    status: Vec<HealthWord>,
    /// With this tag: `key=value`, or a single word.
    #[param(required = false)]
    tag: Vec<String>,
    /// In this state of ownership.
    #[param(required = false, value_type = Vec<OwnershipWord>, inline)]
    ownership: Vec<OwnershipWord>,
    /// With these words, each a part of the name, the ref or the description; compared without case.
    #[param(required = false, nullable = false, max_length = 1024)]
    q: Option<String>,
    /// What people took out of the lists: `without` (the default), `only`, `with`.
    #[param(required = false, nullable = false, inline)]
    hidden: Option<HiddenWord>,
}

/// What narrows a list of teams, products or environments.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it describes the parameters; `Narrowed` holds them")]
pub struct OrganisationParameters {
    /// This team: its name, an alias, or an old name.
    #[param(required = false)]
    team: Vec<String>,
    /// Part of this product.
    #[param(required = false)]
    product: Vec<String>,
    /// With these words, each a part of a name or the ref; compared without case.
    #[param(required = false, nullable = false, max_length = 1024)]
    q: Option<String>,
}

/// What narrows a list of environments.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it describes the parameters; `Narrowed` holds them")]
pub struct EnvironmentParameters {
    /// This environment: its name or account id.
    #[param(required = false)]
    environment: Vec<String>,
    /// The account of this id.
    #[param(required = false)]
    account: Vec<String>,
    /// With these words, each a part of the name or ref; compared without case.
    #[param(required = false, nullable = false, max_length = 1024)]
    q: Option<String>,
}

/// Which part of a list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it describes the parameters; `Paging` holds them")]
pub struct PageParameters {
    /// At most so many.
    #[param(required = false, minimum = 1, maximum = 500, default = 50)]
    limit: usize,
    /// The `next_cursor` of the page before, with the same filters and order.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// Whether a list shows what people took out of the lists.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "lowercase")]
#[allow(dead_code, reason = "it describes the parameter")]
pub enum HiddenWord {
    /// It does not.
    Without,
    /// It shows nothing else.
    Only,
    /// It makes no difference.
    With,
}

/// The order of services; a minus turns it around.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it describes the parameter")]
pub struct ServiceSort {
    /// The order; a minus turns it around.
    #[param(required = false, nullable = false, inline)]
    sort: Option<ServiceSortWord>,
}

/// The order of resources; a minus turns it around.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it describes the parameter")]
pub struct ResourceSort {
    /// The order; a minus turns it around.
    #[param(required = false, nullable = false, inline)]
    sort: Option<ResourceSortWord>,
}

/// The order of teams, products and environments; a minus turns it around.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it describes the parameter")]
pub struct OrganisationSort {
    /// The order; a minus turns it around.
    #[param(required = false, nullable = false, inline)]
    sort: Option<NameSortWord>,
}

macro_rules! sort_words {
    ($(#[$doc:meta])* $name:ident, $table:ident: $($variant:ident $reverse:ident $word:literal $minus:literal $sort:ident),+) => {
        $(#[$doc])*
        #[derive(Debug, ToSchema)]
        #[allow(dead_code, missing_docs, reason = "it describes the parameter")]
        enum $name {
            $(#[schema(rename = $word)] $variant, #[schema(rename = $minus)] $reverse,)+
        }

        const $table: &[(&str, (Sort, bool))] = &[$(($word, (Sort::$sort, false)), ($minus, (Sort::$sort, true)),)+];
    };
}

sort_words!(ServiceSortWord, SERVICES: Name NameDown "name" "-name" Name, Type TypeDown "type" "-type" Type,
    Team TeamDown "team" "-team" Team, Status StatusDown "status" "-status" Status,
    FirstSeen FirstSeenDown "first_seen" "-first_seen" FirstSeen, UpdatedAt UpdatedAtDown "updated_at" "-updated_at" UpdatedAt);
sort_words!(ResourceSortWord, RESOURCES: Name NameDown "name" "-name" Name, Type TypeDown "type" "-type" Type,
    Team TeamDown "team" "-team" Team, CreatedAt CreatedAtDown "created_at" "-created_at" CreatedAt,
    FirstSeen FirstSeenDown "first_seen" "-first_seen" FirstSeen, UpdatedAt UpdatedAtDown "updated_at" "-updated_at" UpdatedAt);
sort_words!(NameSortWord, NAMES: Name NameDown "name" "-name" Name);

/// What a list is narrowed to, as it was asked.
#[derive(Debug, Default)]
pub struct Narrowed {
    teams: Vec<String>,
    products: Vec<String>,
    types: Vec<String>,
    environments: Vec<String>,
    accounts: Vec<String>,
    /// All that needs no catalog to be understood.
    rest: Filter,
}

/// A list of services or resources.
#[derive(Debug)]
pub struct Things<const OF: u8> {
    /// What it is narrowed to.
    pub narrowed: Narrowed,
    /// Which part of it.
    pub paging: Paging,
}

/// A list of services.
pub type ServicesAsked = Things<0>;
/// A list of resources.
pub type ResourcesAsked = Things<1>;

/// A list of teams or products.
#[derive(Debug)]
pub struct OrganisationAsked {
    /// What it is narrowed to.
    pub narrowed: Narrowed,
    /// Which part of it.
    pub paging: Paging,
}

/// A list of environments.
#[derive(Debug)]
pub struct EnvironmentsAsked {
    /// What it is narrowed to.
    pub narrowed: Narrowed,
    /// Which part of it.
    pub paging: Paging,
}

impl<const OF: u8> Parameters for Things<OF> {
    const NAMES: &'static [&'static str] = &[
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
        "limit",
        "cursor",
        "sort",
    ];

    fn read(query: &mut Query<'_>) -> Things<OF> {
        let sorts = if OF == 0 { SERVICES } else { RESOURCES };
        Things { narrowed: Narrowed::read(query), paging: paging(query, sorts) }
    }
}

impl Parameters for OrganisationAsked {
    const NAMES: &'static [&'static str] = &["team", "product", "q", "limit", "cursor", "sort"];

    fn read(query: &mut Query<'_>) -> OrganisationAsked {
        OrganisationAsked { narrowed: Narrowed::read(query), paging: paging(query, NAMES) }
    }
}

impl Parameters for EnvironmentsAsked {
    const NAMES: &'static [&'static str] = &["environment", "account", "q", "limit", "cursor", "sort"];

    fn read(query: &mut Query<'_>) -> EnvironmentsAsked {
        EnvironmentsAsked { narrowed: Narrowed::read(query), paging: paging(query, NAMES) }
    }
}

impl Narrowed {
    /// Reads every filter that there is; an endpoint that does not have one has refused it by then.
    pub fn read(query: &mut Query<'_>) -> Narrowed {
        let tags = query.many("tag");
        if tags.iter().any(|tag| tag.starts_with('=')) {
            query.wrong("tag", "has no key; write `key=value`, or a single word");
        }
        Narrowed {
            teams: query.many("team"),
            products: query.many("product"),
            types: query.many("type"),
            environments: query.many("environment"),
            accounts: query.many("account"),
            rest: Filter {
                regions: query.many("region").into_iter().map(Text::from).collect(),
                tags: tags.iter().map(|tag| TagFilter::parse(tag)).collect(),
                ownership: query.choices("ownership", &OwnershipState::ALL.map(|state| (state.as_str(), state))),
                statuses: query.choices("status", &Health::ALL.map(|health| (health.as_str(), health))),
                hidden: query
                    .choice("hidden", &[("without", Hidden::Without), ("only", Hidden::Only), ("with", Hidden::With)])
                    .unwrap_or_default(),
                text: query.sought("q"),
                ..Filter::default()
            },
        }
    }

    /// The filter, with every name looked up.
    ///
    /// # Errors
    /// 400 for a name or type that is not there.
    pub fn filter(self, catalog: &Catalog, of: EntityType) -> Result<Filter, Problem> {
        Ok(Filter {
            teams: lookup::teams(catalog, &self.teams)?,
            products: lookup::products(catalog, &self.products)?,
            environments: lookup::environments(catalog, &self.environments)?,
            accounts: lookup::accounts(catalog, &self.accounts)?,
            types: types(catalog, of, &self.types)?,
            ..self.rest
        })
    }
}

/// Types that services and resources usually have: these need no look into the catalog.
const USUAL: [(EntityType, &[&str]); 2] = [
    (EntityType::Service, &["kubernetes", "serverless", "other", "http-service", "scheduled-job", "function"]),
    (
        EntityType::Resource,
        &["bucket", "database", "database-cluster", "table", "function", "queue", "topic", "stream", "cache", "stack"],
    ),
];

fn types(catalog: &Catalog, of: EntityType, names: &[String]) -> Result<Vec<Text>, Problem> {
    let usual = USUAL.iter().find(|(known, _)| *known == of).map_or(&[][..], |(_, words)| *words);
    for name in names.iter().filter(|name| !usual.contains(&name.as_str())) {
        let all = Filter { hidden: Hidden::With, ..Filter::default() };
        let found = catalog.facets(of, &all).types;
        if !found.iter().any(|count| count.value == name.as_str()) {
            let known = usual.iter().copied().chain(found.iter().map(|count| count.value.as_str()));
            return Err(wrong("type", &not_among(name, known)));
        }
    }
    Ok(names.iter().map(|name| Text::from(name.as_str())).collect())
}

fn paging(query: &mut Query<'_>, sorts: &[(&str, (Sort, bool))]) -> Paging {
    let (sort, descending) = query.choice("sort", sorts).unwrap_or_default();
    Paging { sort, descending, cursor: query.one("cursor"), limit: query.number("limit", 1..=LIMIT).unwrap_or(PAGE) }
}

/// A part of a list that has one order and lies in memory as it is.
#[derive(Debug)]
pub struct Slice {
    limit: usize,
    cursor: Option<String>,
}

impl Slice {
    /// Reads `limit` and `cursor`.
    pub fn read(query: &mut Query<'_>) -> Slice {
        Slice { limit: query.number("limit", 1..=LIMIT).unwrap_or(PAGE), cursor: query.one("cursor") }
    }

    /// Cuts a page out of all that fit. `list` tells this list from others; a cursor goes on behind as many as were seen.
    ///
    /// # Errors
    /// 400 for a cursor of another list, or of none.
    pub fn cut<T>(&self, list: &str, all: Vec<T>) -> Result<crate::views::List<T>, Problem> {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        list.hash(&mut hasher);
        let seal = format!("{:016x}", hasher.finish());
        let start = match &self.cursor {
            None => 0,
            Some(cursor) => {
                let seen = cursor.strip_prefix(&seal).and_then(|seen| usize::from_str_radix(seen, 16).ok());
                let invalid = "does not belong to this list; ask for the first page without one, with the same filters";
                seen.filter(|seen| *seen > 0).ok_or_else(|| wrong("cursor", invalid))?
            }
        };
        let total = all.len();
        let end = start.saturating_add(self.limit).min(total);
        let next_cursor = (end < total).then(|| format!("{seal}{end:x}"));
        let items = all.into_iter().skip(start).take(self.limit).collect();
        Ok(crate::views::List { items, total, next_cursor })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::extract::parse;

    struct AnySlice(Slice);

    impl Parameters for AnySlice {
        const NAMES: &'static [&'static str] = &["limit", "cursor"];

        fn read(query: &mut Query<'_>) -> AnySlice {
            AnySlice(Slice::read(query))
        }
    }

    #[test]
    fn the_pages_of_a_slice_are_the_whole_of_it() {
        let all: Vec<u8> = (0..7).collect();
        let mut seen = Vec::new();
        let mut query = "limit=3".to_owned();
        loop {
            let AnySlice(slice) = parse(&query).expect("a query");
            let page = slice.cut("list", all.clone()).expect("a page");
            assert_eq!(page.total, 7);
            seen.extend(page.items);
            let Some(cursor) = page.next_cursor else { break };
            query = format!("limit=3&cursor={cursor}");
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let page = parse::<AnySlice>("limit=1").expect("a query").0.cut("one", vec![1, 2]).expect("a page");
        let cursor = page.next_cursor.expect("there is more");
        for cursor in [cursor.as_str(), "x", "0000000000000000", "ffffffffffffffffffffffff"] {
            let AnySlice(slice) = parse(&format!("cursor={cursor}")).expect("a query");
            assert!(slice.cut("other", vec![1, 2]).is_err(), "{cursor}");
        }
    }
}
