//! `serve`: the API, until the process is told to stop.

use std::sync::Arc;

use anyhow::Context as _;
use portal_store::SqlStore;

use super::args::ServeArguments;
use super::context::Context;
use super::exit::Exit;
use crate::serve::{self, Options, Portal};

pub(super) async fn run(context: &Context, arguments: &ServeArguments) -> anyhow::Result<Exit> {
    let store = Arc::new(SqlStore::open(&context.store_url).await?);
    let portal = Portal::new(store, Options::default());
    let background = portal.start();
    let listen = arguments.listen;
    serve::run(portal, listen, background).await.with_context(|| format!("cannot listen on {listen}"))?;
    Ok(Exit::Done)
}
