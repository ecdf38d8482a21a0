//! The catalog alone, in this process: how long it is made, asked and changed, and what it takes.

use std::hint::black_box;
use std::time::{Duration, Instant};

use portal_core::catalog::{Filter, Paging, Sort, TagFilter};
use portal_core::curated::{Added, Curated, CuratedRecord};
use portal_core::health::Checked;
use portal_core::model::{Entity, Health, ServiceKind};
use portal_core::store::{Delta, Head, Loaded, Record};
use portal_core::{Catalog, CatalogError, EntityType, OwnershipState, Ref, RelationType, Text, resolve};

use crate::Failure;
use crate::estate::{self, Estate, TEAM};
use crate::measure::mebibytes;

/// How long one question is asked again and again.
const LONG: Duration = Duration::from_millis(400);

/// Resolves an estate in memory, makes a catalog of it, and asks.
pub(crate) fn catalog(resources: usize) -> Result<(), Failure> {
    let estate = Estate::new(resources);
    let empty = mebibytes("self", "VmRSS");
    let loaded = loaded(&estate)?;
    let entities = loaded.entities.len();
    println!("{resources} resources, {entities} entities, {} relations\n", loaded.relations.len());
    let full = mebibytes("self", "VmRSS");
    println!("| what | time |\n| --- | --- |");
    let (catalog, took) = timed(|| Catalog::new(loaded));
    row("load: `Catalog::new`", took);
    questions(&catalog, &estate)?;
    let catalog = changes(catalog, &estate)?;
    // With what the allocator keeps of the entities that it was made from.
    println!("\nresident: {empty} MiB before, {full} MiB as entities, {} MiB now", mebibytes("self", "VmRSS"));
    println!("{} entities at the end", catalog.len());
    Ok(())
}

fn questions(catalog: &Catalog, estate: &Estate) -> Result<(), Failure> {
    let refs = estate.refs();
    let entity = refs[refs.len() / 2].clone();
    let place = catalog.why(&entity)?.environments.first().map(|found| Text::from(found.entity.local()));
    let account = place.ok_or("a resource without an account")?;
    let team = Filter { teams: vec![TEAM.into()], ..Filter::default() };
    let of_account = Filter {
        accounts: vec![account],
        ownership: vec![OwnershipState::Owned, OwnershipState::Unowned],
        ..Filter::default()
    };
    let tables = Filter { types: vec!["table".into()], regions: vec!["eu-west-1".into()], ..Filter::default() };
    let tagged = Filter { tags: vec![TagFilter::parse("environment=prod")], ..Filter::default() };
    let words = Filter { text: Some("orders-12".into()), ..Filter::default() };
    let page = |limit: usize, sort: Sort, descending: bool| Paging { limit, sort, descending, cursor: None };
    let named = page(100, Sort::Name, false);
    let list = |of, filter: &Filter, paging: &Paging| catalog.list(of, filter, paging).map(|page| page.total);

    ask("services of a team, 50", || list(EntityType::Service, &team, &page(50, Sort::Name, false)));
    ask("page of 100 of an account, two states", || list(EntityType::Resource, &of_account, &named));
    ask("page of 100 of all", || list(EntityType::Resource, &Filter::default(), &named));
    ask("page of 100 by tag", || list(EntityType::Resource, &tagged, &named));
    let deep = catalog.list(EntityType::Resource, &tagged, &page(100_000.min(refs.len() / 5), Sort::Name, false))?;
    let deep = Paging { cursor: deep.next_cursor, ..named.clone() };
    ask("page of 100 by tag, deep inside", || list(EntityType::Resource, &tagged, &deep));
    ask("page of 100 by words", || list(EntityType::Resource, &words, &named));
    ask("page of 100 by first_seen, filtered", || {
        list(EntityType::Resource, &tables, &page(100, Sort::FirstSeen, true))
    });
    ask("page of 100 by team, filtered", || list(EntityType::Resource, &tables, &page(100, Sort::Team, false)));
    ask("facets of all resources", || Ok(catalog.facets(EntityType::Resource, &Filter::default()).total));
    ask("facets of a team", || Ok(catalog.facets(EntityType::Resource, &team).total));
    ask("facets of a type and region", || Ok(catalog.facets(EntityType::Resource, &tables).total));
    ask("counts of a team", || Ok(catalog.counts(&team).resources));
    let arn = entity.local();
    for text in
        ["orders-12", "o", "er", "dat", "worker", "eu-west-1", arn, "terraform", "cc-77", "orders team-7", "zzz"]
    {
        let shown = if text == arn { "a whole ARN" } else { text };
        ask(&format!("search: {shown}"), || Ok(catalog.search(text, &[], 20).len()));
    }
    ask("named", || Ok(catalog.named("orders-12345").len()));
    ask("one entity", || catalog.entity(&entity).map(|entity| entity.name().len()));
    ask("owner with evidence", || catalog.owner(&entity).map(|owner| owner.evidence.len()));
    ask("why", || catalog.why(&entity).map(|why| why.used_by.len()));
    let table = refs.iter().find(|it| it.local().contains(":table/")).ok_or("an estate without a table")?;
    ask("blast radius of a table", || Ok(catalog.dependents(table).len()));
    ask("neighbourhood of a table, 2 steps", || catalog.neighbourhood(table, 2, 100).map(|near| near.nodes.len()));
    let (owned, took) = timed(|| refs.iter().filter(|it| catalog.owner(it).is_ok_and(|it| it.team.is_some())).count());
    row(&format!("owner of every resource with its evidence, one by one ({owned} owned)"), took);
    let (users, took) = timed(|| refs.iter().map(|it| catalog.origins(it, RelationType::Uses).len()).sum::<usize>());
    row(&format!("users of every resource ({users})"), took);
    Ok(())
}

/// Edits, results of health checks, and an ingest of 1 %.
fn changes(catalog: Catalog, estate: &Estate) -> Result<Catalog, Failure> {
    let refs = estate.refs();
    let mut catalog = catalog;
    let services = catalog.refs(EntityType::Service, &Filter::default());
    for (what, entity, curated) in [
        ("edit: an owner", refs[5].clone(), Curated { owner: Some("team-9".into()), ..Curated::default() }),
        ("edit: another owner", refs[6].clone(), Curated { owner: Some("team-9".into()), ..Curated::default() }),
        ("edit: a name", refs[7].clone(), Curated { display_name: Some("Ledger".into()), ..Curated::default() }),
        (
            "edit: a service is added",
            Ref::service("shop", "by-hand"),
            Curated { added: Some(Added { kind: ServiceKind::HttpService, product: None }), ..Curated::default() },
        ),
        (
            "edit: a status URL",
            services[0].clone(),
            Curated { status_url: Some("https://a.example".into()), ..Curated::default() },
        ),
    ] {
        let head = Head { revision: catalog.head().revision + 1, ..catalog.head().clone() };
        let now = "2026-11-02T06:00:00Z".parse()?;
        let said =
            CuratedRecord { entity, curated, version: head.revision, by: "ann".into(), edited_at: now, first_at: now };
        let delta = Delta { head, revised_at: Some(now), curated: vec![said], ..Delta::default() };
        let (next, took) = timed(|| catalog.apply(&delta));
        row(what, took);
        let old = std::mem::replace(&mut catalog, next);
        let ((), took) = timed(|| drop(old));
        if took > Duration::from_millis(1) {
            row("… and the old picture goes", took);
        }
    }
    let now = "2026-11-02T06:00:00Z".parse()?;
    let found = |service: &Ref, status| Checked {
        service: service.clone(),
        url: "https://a.example".into(),
        status,
        newest: status,
        detail: "200 in 3 ms".into(),
        recent: vec![status],
        checked_at: now,
        since: now,
    };
    let results: Vec<Checked> = services.iter().take(2_000).map(|it| found(it, Health::Healthy)).collect();
    let (next, took) = timed(|| catalog.with_health(&results));
    row("2,000 results of health checks at once", took);
    catalog = next;
    let one = [found(&services[0], Health::Down)];
    let (next, took) = timed(|| catalog.with_health(&one));
    row("one result that changes a status", took);
    catalog = next;
    let mut moved = estate.clone();
    moved.change_owners();
    let delta = difference(&catalog, self::loaded(&moved)?);
    let what = format!("ingest: {} entities differ", delta.entities.len());
    let (next, took) = timed(|| catalog.apply(&delta));
    row(&what, took);
    Ok(next)
}

/// What a store would hold after one ingest.
fn loaded(estate: &Estate) -> Result<Loaded, Failure> {
    let parts = estate.observed()?;
    let resolution = resolve(&parts, &estate::rules());
    let (entities, relations) = resolution.graph.into_parts();
    let at = "2026-11-01T07:00:00Z".parse()?;
    let record = |entity: Entity| Record { entity, first_seen: at, updated_at: at };
    Ok(Loaded {
        head: Head { revision: 1, generation: 1, rules: None },
        revision: 1,
        revised_at: Some(at),
        entities: entities.into_iter().map(record).collect(),
        relations,
        parts: parts.into_iter().map(|content| content.part).collect(),
        findings: resolution.findings,
        curated: Vec::new(),
    })
}

/// What a store would say is different.
fn difference(catalog: &Catalog, later: Loaded) -> Delta {
    let differs = |record: &Record| catalog.entity(&record.entity.entity_ref()).ok().as_ref() != Some(&record.entity);
    let head = Head { generation: catalog.head().generation + 1, ..catalog.head().clone() };
    Delta {
        head: Head { revision: head.revision + 1, ..head },
        revised_at: later.revised_at,
        entities: later.entities.iter().filter(differs).collect(),
        parts: Some(later.parts),
        findings: Some(later.findings),
        ..Delta::default()
    }
}

/// Asks once, and then again and again: the first answer may be made anew, the others may be remembered.
fn ask(what: &str, question: impl Fn() -> Result<usize, CatalogError>) {
    let (found, first) = timed(|| question().expect("an answer"));
    let (begun, mut times) = (Instant::now(), 0_u32);
    while begun.elapsed() < LONG && times < 100_000 {
        let _ = black_box(question());
        times += 1;
    }
    let each = begun.elapsed() / times.max(1);
    println!("| {what} ({found}) | {} first, {} then |", shown(first), shown(each));
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let made = work();
    (made, begun.elapsed())
}

fn row(what: &str, took: Duration) {
    println!("| {what} | {} |", shown(took));
}

fn shown(took: Duration) -> String {
    let micros = took.as_secs_f64() * 1e6;
    match micros {
        micros if micros >= 1e6 => format!("{:.2} s", micros / 1e6),
        micros if micros >= 1e3 => format!("{:.2} ms", micros / 1e3),
        micros => format!("{micros:.2} µs"),
    }
}
