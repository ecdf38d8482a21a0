//! Both databases say the same: in what a store loads, in the views for people, and in the queries of SQL.md.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection};
use portal_core::curated::{Added, Curated, Edit, Hidden};
use portal_core::model::{Entity, ServiceKind, Team};
use portal_core::store::{Change, Head, HistoryQuery, Step};
use portal_core::testing::estate::{
    bucket, change, environment, generate, owned_bucket, part, product, scope_state, service, team, time, workload,
};
use portal_core::{Ref, RelationType, Store as _};
use portal_store::SqlStore;
use tokio_postgres::SimpleQueryMessage;

use super::{InPostgres, commit};

const PAGE: &str = include_str!("../../../SQL.md");
const VIEWS: [&str; 12] = [
    "product",
    "team",
    "service",
    "workload",
    "resource",
    "environment",
    "ownership_evidence",
    "relation_now",
    "entity_history",
    "curated_now",
    "owner_override",
    "curated_history",
];

/// The same estate in both databases.
struct Both {
    place: InPostgres,
    postgres: SqlStore,
    folder: tempfile::TempDir,
    sqlite: SqlStore,
}

impl Both {
    async fn with_an_estate() -> Both {
        let place = InPostgres::new();
        let folder = tempfile::tempdir().expect("a folder");
        let sqlite = SqlStore::open(&format!("sqlite:{}", folder.path().join("portal.db").display())).await;
        let both = Both { postgres: place.store().await, place, folder, sqlite: sqlite.expect("a store") };
        let (mut entities, relations) = generate(200, 300);
        let child = Team {
            name: "child".into(),
            parents: vec!["team-1".into()],
            product: Some("shop".into()),
            ..Team::default()
        };
        let first = Team { name: "first".into(), aliases: vec!["The First_Team".into()], ..Team::default() };
        entities.extend([
            Entity::Team(first),
            product("shop"),
            environment(),
            Entity::Team(child),
            bucket("Größe"),
            service("ä", "Ö", "z"),
        ]);
        let first = Change {
            scopes: vec![scope_state(1)],
            parts: vec![(part("s3", 1, 60), Some([].into())), (part("rds", 1, 0), None)],
            ..change(entities, relations)
        };
        let second = Change {
            retired_entities: vec![bucket("bucket-3").entity_ref()],
            ..change([owned_bucket("bucket-1", "team-2"), team("late"), workload("x", "y", None)], [])
        };
        for change in [first, second] {
            for store in [&both.postgres, &both.sqlite] {
                commit(store, &change).await;
            }
        }
        both
    }

    /// The same, and what people say about it.
    async fn with_an_edited_estate() -> Both {
        let both = Both::with_an_estate().await;
        for store in [&both.postgres, &both.sqlite] {
            store.edit("ann", &edits()).await.unwrap_or_else(|e| panic!("{}", portal_core::error::chain(&e)));
            let again = Curated { description: Some("second".into()), ..edits()[0].curated.clone().expect("words") };
            let again = Edit { entity: edits()[0].entity.clone(), seen: 3, curated: Some(again) };
            store.edit("bob", &[again]).await.expect("an edit");
        }
        both
    }

    /// The answers of both, row by row, as text.
    async fn ask(&self, query: &str) -> [Vec<Vec<String>>; 2] {
        let answers = self.place.database().await.simple_query(query).await;
        let answers = answers.unwrap_or_else(|error| panic!("{query}\n{}", portal_core::error::chain(&error)));
        let rows = answers.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|at| row.get(at).unwrap_or("-").to_owned()).collect())
            }
            _ => None,
        });
        [rows.collect(), self.ask_sqlite(query)]
    }

    /// SQLite's driver wants to know the columns: they are made one JSON text.
    fn ask_sqlite(&self, query: &str) -> Vec<Vec<String>> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            line: String,
        }
        let mut database = self.sqlite_database();
        let query = query.trim().trim_end_matches(';');
        database
            .batch_execute(&format!("CREATE TEMP TABLE answer AS {query}"))
            .unwrap_or_else(|e| panic!("{query}\n{e}"));
        let columns: Vec<Row> = diesel::sql_query("SELECT name AS line FROM pragma_table_info('answer') ORDER BY cid")
            .load(&mut database)
            .expect("columns");
        let list: Vec<String> =
            columns.iter().map(|row| format!("coalesce(CAST({} AS TEXT), '-')", row.line)).collect();
        let lines = format!("SELECT json_array({}) AS line FROM answer ORDER BY rowid", list.join(", "));
        let lines: Vec<Row> = diesel::sql_query(lines).load(&mut database).expect("rows");
        lines.iter().map(|row| serde_json::from_str(&row.line).expect("texts")).collect()
    }

    fn sqlite_database(&self) -> SqliteConnection {
        let file = self.folder.path().join("portal.db");
        SqliteConnection::establish(file.to_str().expect("UTF-8")).expect("a connection")
    }
}

/// People say something of every kind.
fn edits() -> Vec<Edit> {
    let text = |text: &str| Some(text.into());
    let said = |entity: Ref, curated: Curated| Edit { entity, seen: 0, curated: Some(curated) };
    let hidden = Hidden { by: "ann".into(), at: time(1), why: text("a test") };
    let by_hand = Curated {
        added: Some(Added { kind: ServiceKind::HttpService, product: text("shop") }),
        docs_url: text("https://wiki.example"),
        owner: text("Nobody Knows"),
        tags: Some(vec!["critical".into(), "tier=1=x".into()]),
        ..Curated::default()
    };
    vec![
        said(bucket("bucket-4").entity_ref(), Curated { description: text("first"), ..Curated::default() }),
        said(bucket("bucket-5").entity_ref(), Curated { owner: text("Team 1"), ..Curated::default() }),
        said(bucket("bucket-6").entity_ref(), Curated { hidden: Some(hidden.clone()), ..Curated::default() }),
        said(Ref::service("by-hand", "wiki/x"), by_hand),
        said(Ref::service("namespace-2", "service-2"), Curated { owner: text("The_First Team"), ..Curated::default() }),
        said(Ref::service("namespace-3", "service-3"), Curated { hidden: Some(hidden), ..Curated::default() }),
        said(Ref::service("namespace-4", "service-4"), Curated { tags: Some(vec![]), ..Curated::default() }),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn views_show_what_people_say_over_what_was_collected() {
    let both = Both::with_an_edited_estate().await;
    let refs = "('service:by-hand/wiki/x', 'service:namespace-2/service-2', 'service:namespace-3/service-3', \
                'service:namespace-4/service-4', 'service:namespace-5/service-5')";
    let services = format!(
        "SELECT ref, namespace, name, type, kind, ownership, coalesce(team, '-') AS team, coalesce(rule, '-') AS rule, \
         coalesce(product, '-') AS product, origin, coalesce(tags->>'tier', '-') AS tier, \
         coalesce(tags->>'critical', '-') AS critical, coalesce(tags->>'team', '-') AS tag FROM service \
         WHERE ref IN {refs} ORDER BY ref"
    );
    let expected: Vec<Vec<&str>> = [
        "service:by-hand/wiki/x by-hand wiki/x other http-service unregistered - override shop added 1=x  -",
        "service:namespace-2/service-2 namespace-2 service-2 kubernetes http-service owned first override - collected - - team-2",
        "service:namespace-4/service-4 namespace-4 service-4 kubernetes http-service owned team-4 tag - collected - - -",
        "service:namespace-5/service-5 namespace-5 service-5 kubernetes http-service owned team-5 tag - collected - - team-5",
    ]
    .iter()
    .map(|line| line.split(' ').collect())
    .collect();
    for rows in both.ask(&services).await {
        assert_eq!(rows, expected);
    }
    let resources = "SELECT name, ownership, coalesce(team, '-') AS team, coalesce(rule, '-') AS rule, \
                     coalesce(description, '-') AS description FROM resource \
                     WHERE name IN ('bucket-4', 'bucket-5', 'bucket-6', 'bucket-7') ORDER BY name";
    for rows in both.ask(resources).await {
        assert_eq!(
            rows,
            [
                ["bucket-4", "owned", "team-4", "tag", "second"],
                ["bucket-5", "owned", "team-1", "override", "-"],
                ["bucket-7", "owned", "team-7", "tag", "-"]
            ]
        );
    }
    let owners = "SELECT to_ref, rule FROM relation_now WHERE type = 'owned_by' \
                  AND from_ref = 'resource:arn:aws:s3:::bucket-5' ORDER BY to_ref";
    for rows in both.ask(owners).await {
        assert_eq!(rows, [["team:team-1", "override"]]);
    }
    let why = "SELECT place, rule, field, raw, team, won FROM ownership_evidence \
               WHERE ref = 'resource:arn:aws:s3:::bucket-5' ORDER BY place";
    for rows in both.ask(why).await {
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|word| truth_of(word)).collect()).collect();
        let expected = [
            ["1", "override", "owner set by ann", "Team 1", "team-1", "1"],
            ["2", "tag", "tag team", "team-5", "team-5", "0"],
        ];
        assert_eq!(rows, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_tell_the_same_history_and_difference() {
    let both = Both::with_an_edited_estate().await;
    for team in [None, Some("team-1".into()), Some("team-2".into()), Some("first".into())] {
        let asked = HistoryQuery { team, limit: 1_000, ..HistoryQuery::default() };
        let [one, two] = [&both.postgres, &both.sqlite].map(|store| async { store.history(&asked).await });
        let timeless = |steps: Vec<Step>| -> Vec<Step> {
            steps.into_iter().map(|step| Step { made_at: time(0), ..step }).collect()
        };
        let (one, two) = (timeless(one.await.expect("steps")), timeless(two.await.expect("steps")));
        assert_eq!(one, two);
        assert!(!one.is_empty(), "{asked:?}");
    }
    let then = Head { revision: 1, generation: 1, rules: None };
    let deltas = [both.postgres.since(&then).await, both.sqlite.since(&then).await].map(|delta| {
        let delta = delta.expect("a difference");
        let refs: Vec<Ref> = delta.entities.iter().map(|record| record.entity.entity_ref()).collect();
        let said: Vec<_> = delta.curated.into_iter().map(|said| (said.entity, said.curated, said.version)).collect();
        (delta.head, refs, delta.gone, delta.relations, delta.gone_relations, delta.live, delta.parts, said)
    });
    assert_eq!(deltas[0], deltas[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_load_the_same_in_the_same_order() {
    let both = Both::with_an_edited_estate().await;
    let refs = [Ref::team("team-1"), Ref::service("namespace-1", "service-1"), environment().entity_ref()];
    for at in [Some(0), Some(1), None] {
        let (one, two) = (both.postgres.load(at).await.expect("a state"), both.sqlite.load(at).await.expect("a state"));
        let entities = |loaded: &portal_core::store::Loaded| {
            loaded.entities.iter().map(|record| record.entity).collect::<Vec<_>>()
        };
        assert_eq!(entities(&one), entities(&two));
        assert_eq!((&one.relations, &one.parts, &one.findings), (&two.relations, &two.parts, &two.findings));
        let said = |loaded: portal_core::store::Loaded| {
            loaded.curated.into_iter().map(|it| (it.entity, it.curated, it.version, it.by)).collect::<Vec<_>>()
        };
        assert_eq!(said(one), said(two));
    }
    let around = [both.postgres.around(&refs).await, both.sqlite.around(&refs).await].map(|loaded| {
        let loaded = loaded.expect("a state");
        let entities: Vec<Entity> = loaded.entities.iter().map(|record| record.entity).collect();
        (entities, loaded.relations, loaded.parts)
    });
    assert_eq!(around[0], around[1]);
    assert_eq!(both.postgres.counts().await.expect("counts"), both.sqlite.counts().await.expect("counts"));
    for name in ["größe", "ö", "SERVICE-1", "nobody"] {
        assert_eq!(
            both.postgres.named(name, 9).await.expect("names"),
            both.sqlite.named(name, 9).await.expect("names")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_of_the_page_runs_and_both_databases_answer_it_alike() {
    let both = Both::with_an_edited_estate().await;
    let queries: Vec<&str> =
        PAGE.split("```sql\n").skip(1).map(|rest| rest.split("```").next().expect("a query")).collect();
    assert!(queries.len() >= 8, "{} queries", queries.len());
    for query in queries {
        let [postgres, sqlite] = both.ask(query).await;
        let is_about_times = query.contains("made_at") || query.contains("_time") || query.contains("good_at");
        if is_about_times {
            assert_eq!(postgres.len(), sqlite.len(), "{query}");
        } else {
            let truth = |row: &Vec<String>| row.iter().map(|word| truth_of(word)).collect::<Vec<_>>();
            assert_eq!(
                postgres.iter().map(truth).collect::<Vec<_>>(),
                sqlite.iter().map(truth).collect::<Vec<_>>(),
                "{query}"
            );
        }
        assert!(!postgres.is_empty() || query.contains("coverage NOT IN"), "no row answers {query}");
    }
}

/// A boolean is a number in SQLite.
fn truth_of(word: &str) -> String {
    match word {
        "t" => "1".to_owned(),
        "f" => "0".to_owned(),
        word => word.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_have_the_same_views_and_the_page_names_every_column() {
    let both = Both::with_an_edited_estate().await;
    let database = both.place.database().await;
    for view in VIEWS {
        let columns = database.prepare(&format!("SELECT * FROM {view}")).await.expect("a view");
        let postgres: Vec<String> = columns.columns().iter().map(|column| column.name().to_owned()).collect();
        let sqlite = both.ask_sqlite(&format!("SELECT name FROM pragma_table_info('{view}') ORDER BY cid"));
        assert_eq!(postgres, sqlite.concat(), "{view}");
        for column in postgres {
            assert!(PAGE.contains(&format!("`{column}`")), "SQL.md says nothing of {view}.{column}");
        }
        assert!(PAGE.contains(&format!("`{view}`")), "SQL.md says nothing of {view}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn relations_in_the_views_are_those_of_the_graph() {
    let both = Both::with_an_estate().await;
    let loaded = both.postgres.load(None).await.expect("a state");
    let entities: Vec<Entity> = loaded.entities.iter().map(|record| record.entity).collect();
    let graph = portal_core::OwnershipGraph::new(entities.clone(), loaded.relations);
    // The graph leaves out what leads to nothing that is known.
    let known: BTreeSet<String> = entities.iter().map(|entity| entity.entity_ref().to_string()).collect();
    let expected: BTreeSet<Vec<String>> = entities
        .iter()
        .flat_map(|entity| graph.relations_from(&entity.entity_ref()))
        .map(|r| vec![r.from.to_string(), r.relation.as_str().to_owned(), r.to.to_string()])
        .filter(|relation| known.contains(&relation[2]))
        .collect();
    for kind in [RelationType::OwnedBy, RelationType::PartOf, RelationType::In, RelationType::RunsAs] {
        assert!(expected.iter().any(|relation| relation[1] == kind.as_str()), "no {kind:?}");
    }
    for rows in both.ask("SELECT from_ref, type, to_ref FROM relation_now").await {
        let found: BTreeSet<Vec<String>> = rows.into_iter().filter(|relation| known.contains(&relation[2])).collect();
        assert_eq!(found, expected);
    }
}
