//! `slipway-operator`: turns `App` resources into running tenants. For now it knows its resource and prints it.

use std::process::ExitCode;

use clap::Parser;
use slipway_operator::cli::Cli;

fn main() -> ExitCode {
    match slipway_operator::run(&Cli::parse(), &mut std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("slipway-operator: {error}");
            ExitCode::FAILURE
        }
    }
}
