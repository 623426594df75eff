//! `slipway-operator`: turns `App` resources into running tenants.

use std::process::ExitCode;

use clap::Parser;
use slipway_operator::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    telemetry::install_crypto_provider();
    match slipway_operator::run(&Cli::parse(), &mut std::io::stdout().lock()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("slipway-operator: {error}");
            ExitCode::FAILURE
        }
    }
}
