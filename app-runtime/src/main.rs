//! `slipway-runtime`: see `slipway-runtime --help`.

use std::process::ExitCode;

use app_runtime::cli::Cli;
use clap::Parser;
use mimalloc::MiMalloc;

/// Gives memory back to the machine after a load; glibc's keeps what each thread once used.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    telemetry::install_crypto_provider();
    Cli::parse().run()
}
