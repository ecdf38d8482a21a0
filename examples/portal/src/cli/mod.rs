//! The command line: arguments in, tables or JSON out, and an exit code that a script can act on.

mod args;
mod ask;
mod collect;
mod context;
mod demo;
mod error;
mod exit;
mod holds;
mod ingest;
mod keys;
mod list;
mod logging;
mod migrate;
mod output;
mod permissions;
mod protect;
mod serve;
mod sources;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use context::Context;
use exit::Exit;

/// Runs the program and says how it went.
pub async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let serves = match &arguments.command {
        Command::Serve(_) => true,
        Command::Demo(demo) => !demo.no_serve,
        _ => false,
    };
    // The last lines of a server's log are written when this is dropped, after all else.
    let _lines = if serves {
        Some(logging::server(arguments.verbose))
    } else {
        logging::command(arguments.verbose);
        None
    };
    match run(arguments).await {
        Ok(exit) => exit.into(),
        Err(error) => error::report(&error).into(),
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let context = Context::new(&arguments)?;
    match arguments.command {
        Command::Demo(demo) => demo::run(&context, &demo).await,
        Command::Collect(what) => collect::run(&context, &what).await,
        Command::Ingest => ingest::run(&context).await,
        Command::Serve(serve) => serve::run(&context, &serve).await,
        Command::Owner { entity } => ask::owner(&context, &entity).await,
        Command::Why { entity } => ask::why(&context, &entity).await,
        Command::Show { entity } => ask::show(&context, &entity).await,
        Command::List(list) => list::run(&context, &list).await,
        Command::Sources { command: None } => sources::run(&context).await,
        Command::Sources { command: Some(args::SourcesCommand::Permissions) } => permissions::run(&context),
        Command::Holds { command: None } => holds::list(&context).await,
        Command::Holds { command: Some(args::HoldsCommand::Release { id }) } => holds::release(&context, &id).await,
        Command::Keys(args::KeysCommand::Create { name, scope, expires }) => {
            keys::create(&context, &name, scope, expires.as_deref()).await
        }
        Command::Keys(args::KeysCommand::List) => keys::list(&context).await,
        Command::Keys(args::KeysCommand::Revoke { id }) => keys::revoke(&context, &id).await,
        Command::Migrate => migrate::run(&context).await,
    }
}
