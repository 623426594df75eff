//! Arguments of the binary.

use clap::{Parser, Subcommand};

/// The Kubernetes operator of Slipway: keeps one isolated backend running for every `App` resource.
#[derive(Debug, Parser)]
#[command(name = "slipway-operator", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the CustomResourceDefinition of `App` as YAML
    #[command(after_help = "Install it before the operator, and upgrade it first:\n\n  \
        slipway-operator crd | kubectl apply --server-side -f -")]
    Crd,
}
