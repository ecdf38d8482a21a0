//! Both databases say the same: in what a store loads, in the views for people, and in the queries of SQL.md.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection};
use portal_core::model::{Entity, Team};
use portal_core::store::Change;
use portal_core::testing::estate::{
    bucket, change, environment, generate, owned_bucket, part, product, scope_state, service, team, workload,
};
use portal_core::{Ref, RelationType, Store as _};
use portal_store::SqlStore;
use tokio_postgres::SimpleQueryMessage;

use super::{InPostgres, commit};

const PAGE: &str = include_str!("../../../SQL.md");
const VIEWS: [&str; 9] = [
    "product",
    "team",
    "service",
    "workload",
    "resource",
    "environment",
    "ownership_evidence",
    "relation_now",
    "entity_history",
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
        entities.extend([product("shop"), environment(), Entity::Team(child), bucket("Größe"), service("ä", "Ö", "z")]);
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

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_load_the_same_in_the_same_order() {
    let both = Both::with_an_estate().await;
    let refs = [Ref::team("team-1"), Ref::service("namespace-1", "service-1"), environment().entity_ref()];
    for at in [Some(0), Some(1), None] {
        let (one, two) = (both.postgres.load(at).await.expect("a state"), both.sqlite.load(at).await.expect("a state"));
        let entities = |loaded: &portal_core::store::Loaded| {
            loaded.entities.iter().map(|record| record.entity.clone()).collect::<Vec<_>>()
        };
        assert_eq!(entities(&one), entities(&two));
        assert_eq!((&one.relations, &one.parts, &one.findings), (&two.relations, &two.parts, &two.findings));
    }
    let around = [both.postgres.around(&refs).await, both.sqlite.around(&refs).await].map(|loaded| {
        let loaded = loaded.expect("a state");
        let entities: Vec<Entity> = loaded.entities.into_iter().map(|record| record.entity).collect();
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
    let both = Both::with_an_estate().await;
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
    let both = Both::with_an_estate().await;
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
    let entities: Vec<Entity> = loaded.entities.into_iter().map(|record| record.entity).collect();
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
