//! The binary `slipway`: reads the arguments and starts one of serve, dev, migrate, openapi, config-check.

use std::process::ExitCode;

use clap::Parser;
use control_plane::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    telemetry::install_crypto_provider();
    Cli::parse().run().await
}
