//! `sources`: what each source could read, and what not.

use portal_core::part::Part;
use portal_core::store::ScopeState;
use serde::Serialize;

use super::args::Output;
use super::context::Context;
use super::exit::Exit;
use super::output;
use crate::views::ScopeView;

#[derive(Serialize)]
struct SourceList {
    items: Vec<ScopeView>,
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
    let mut view = ScopeView::new(scope.source.clone(), scope.scope.clone(), scope.run, scope.read_at);
    for part in parts.iter().filter(|part| part.folder() == scope.folder) {
        view.add(part);
    }
    view
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
