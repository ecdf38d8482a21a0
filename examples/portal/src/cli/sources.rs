//! `sources`: what each source could read, and what not.

use std::collections::BTreeMap;

use portal_core::part::Part;
use portal_core::store::ScopeState;
use serde::Serialize;

use super::args::Output;
use super::context::Context;
use super::exit::Exit;
use super::output;

#[derive(Serialize)]
struct SourceList {
    items: Vec<ScopeView>,
}

#[derive(Serialize)]
struct ScopeView {
    source: String,
    scope: portal_core::Scope,
    run: u64,
    read_at: String,
    kinds: BTreeMap<String, KindView>,
}

#[derive(Serialize)]
struct KindView {
    coverage: portal_core::Coverage,
    items: u64,
    reason: Option<String>,
    permission: Option<String>,
    good_at: Option<String>,
    unread: Vec<String>,
    set_aside: Vec<String>,
    held: bool,
}

pub(super) async fn run(context: &Context) -> anyhow::Result<Exit> {
    let store = context.existing_store().await?;
    let (scopes, parts) = (store.scopes().await?, store.parts().await?);
    match context.output {
        Output::Json => {
            let items = scopes.iter().map(|scope| view(scope, &parts)).collect();
            output::json(&SourceList { items })?;
        }
        Output::Table => {
            let header = ["source", "scope", "kind", "coverage", "items", "last good read", "remark"];
            output::text_out(&output::table(&header, parts.iter().map(line)))?;
        }
    }
    Ok(Exit::Done)
}

fn view(scope: &ScopeState, parts: &[Part]) -> ScopeView {
    let kinds = parts.iter().filter(|part| part.folder() == scope.folder).map(|part| {
        let kind = KindView {
            coverage: part.outcome.coverage,
            items: part.items,
            reason: part.outcome.reason.clone(),
            permission: part.outcome.permission.clone(),
            good_at: part.good_at.map(|time| time.to_string()),
            unread: part.unread.clone(),
            set_aside: part.set_aside.clone(),
            held: part.hold.is_some(),
        };
        (part.kind.to_string(), kind)
    });
    ScopeView {
        source: scope.source.to_string(),
        scope: scope.scope.clone(),
        run: scope.run,
        read_at: scope.read_at.to_string(),
        kinds: kinds.collect(),
    }
}

fn line(part: &Part) -> Vec<String> {
    let mut remarks: Vec<String> = Vec::new();
    remarks
        .extend(part.hold.as_ref().map(|hold| format!("{} of {} missing: held as {}", hold.count, hold.of, hold.id)));
    remarks.extend(part.outcome.permission.as_ref().map(|permission| format!("needs {permission}")));
    remarks.extend(part.outcome.reason.clone());
    remarks.extend(part.set_aside.iter().take(3).cloned());
    remarks.extend(part.unread.iter().take(3).cloned());
    let good_at = part.good_at.map(|time| time.strftime("%Y-%m-%d %H:%M").to_string());
    vec![
        part.source.to_string(),
        part.scope.to_string(),
        part.kind.to_string(),
        part.outcome.coverage.as_str().to_owned(),
        part.items.to_string(),
        output::or_dash(good_at.as_deref()),
        output::or_dash(Some(&remarks.join("; "))),
    ]
}
