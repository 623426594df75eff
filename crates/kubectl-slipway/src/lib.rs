//! The plugin as a library, so that tests call what the binary runs.
//!
//! One file for each command. What a command shows is made by functions without a client (`table`, `objects`, `changes`,
//! `foreign`, `redact`), so that it can be tested without a cluster. No command reads the content of a Secret.

mod changes;
pub mod cli;
mod client;
mod diff;
mod error;
mod find;
mod foreign;
mod logs;
mod objects;
mod patch;
mod redact;
mod report;
mod restart;
mod status;
mod suspend;
mod table;
mod wait;

use std::io::Write;

pub use error::Error;

use cli::{Cli, Command};
use client::Cluster;

/// Runs one command and writes what it has to say to `output`. A reader that went away, as in `| head`, is no error.
pub async fn run(cli: Cli, output: &mut impl Write) -> Result<(), Error> {
    let cluster = Cluster::connect(&cli.connection).await?;
    let done = match cli.command {
        Command::Status { app } => status::run(&cluster, app.as_deref(), output).await,
        Command::Suspend { app, reason, no_wait } => {
            suspend::suspend(&cluster, &app, &reason, !no_wait, output).await
        }
        Command::Resume { app, no_wait } => suspend::resume(&cluster, &app, !no_wait, output).await,
        Command::Restart { app, no_wait } => restart::run(&cluster, &app, !no_wait, output).await,
        Command::Logs(options) => logs::run(&cluster, &options, output).await,
        Command::Diff { app } => diff::run(&cluster, &app, output).await,
        Command::Report { app, output: folder } => report::run(&cluster, &app, folder, output).await,
    };
    match done {
        Err(Error::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}
