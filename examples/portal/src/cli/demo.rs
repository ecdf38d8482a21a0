//! `demo`: the whole way from an estate to answers, without any account.

use portal_core::Catalog;

use super::args::{DemoArguments, Output};
use super::context::Context;
use super::exit::Exit;
use super::{collect, ingest, output, protect, serve};
use crate::demo;

pub(super) async fn run(context: &Context, arguments: &DemoArguments) -> anyhow::Result<Exit> {
    if !arguments.no_serve {
        protect::check_demo(arguments)?;
    }
    let rules = demo::rules();
    let lake = context.lake().await?;
    let store = context.store().await?;
    let sources = demo::sources();
    let collected = collect::into_lake(&sources, lake.as_ref(), &collect::options(&rules)).await?;
    let ingested = portal_core::ingest(lake.as_ref(), store.as_ref(), &rules).await?;
    let catalog = Catalog::load(store.as_ref()).await?;
    if context.output == Output::Json {
        let owners: Vec<_> = questions().iter().filter_map(|entity| catalog.owner(entity).ok()).collect();
        output::json(&serde_json::json!({ "collect": collected, "ingest": ingested, "owners": owners }))?;
        return if arguments.no_serve { Ok(Exit::Done) } else { serve::demo(context, arguments).await };
    }
    let mut text = format!("$ portal collect      # into {}\n{}\n", lake.location(), collect::text(&collected));
    text.push_str(&format!("$ portal ingest       # into {}\n{}\n", store.location(), ingest::text(&ingested)));
    for entity in questions() {
        text.push_str(&format!("$ portal owner {entity}\n{}\n", catalog.owner(&entity)?));
    }
    let why: portal_core::Ref = demo::WHY.parse()?;
    text.push_str(&format!("$ portal why {why}\n{}\n", catalog.why(&why)?));
    text.push_str(&format!(
        "Now ask yourself:\n  portal --store {0} list resources --ownership unowned\n  portal --store {0} list services --team payments\n  \
         portal --store {0} sources\n",
        context.store_url
    ));
    output::text_out(&text)?;
    if arguments.no_serve { Ok(Exit::Done) } else { serve::demo(context, arguments).await }
}

fn questions() -> Vec<portal_core::Ref> {
    demo::QUESTIONS.iter().filter_map(|text| text.parse().ok()).collect()
}
