//! The operator as a library, so that tests can call what the binary runs.

pub mod cli;
mod crd;

use std::io::{self, Write};

use cli::{Cli, Command};

pub use crd::{CrdError, crd_yaml};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Crd(#[from] CrdError),
    #[error("the output could not be written: {0}")]
    Output(#[from] io::Error),
}

/// Runs one command and writes its result to `output`. A reader that went away, as in `| head`, is no error.
pub fn run(cli: &Cli, output: &mut impl Write) -> Result<(), Error> {
    let text = match cli.command {
        Command::Crd => crd_yaml()?,
    };
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
