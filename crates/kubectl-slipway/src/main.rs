//! `kubectl slipway`: what people do to apps by hand, on top of `kubectl`.

use std::process::ExitCode;

use clap::Parser;
use kubectl_slipway::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    telemetry::install_crypto_provider();
    match kubectl_slipway::run(Cli::parse(), &mut std::io::stdout()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kubectl slipway: {error}");
            ExitCode::FAILURE
        }
    }
}
