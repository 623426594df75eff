//! `slipway-runtime`: see `slipway-runtime --help`.

use std::process::ExitCode;

use app_runtime::cli::Cli;
use clap::Parser;

fn main() -> ExitCode {
    telemetry::install_crypto_provider();
    Cli::parse().run()
}
