//! Arguments of the binary.

use std::path::PathBuf;

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
    /// Turn Apps into running tenants until SIGTERM or SIGINT
    #[command(
        after_help = "The API server is the one of the pod's service account, else of KUBECONFIG.\n\
        Settings are YAML; each can be set by the environment too, as SLIPWAY_OPERATOR_<SECTION>__<KEY>."
    )]
    Run {
        /// Settings, laid over the defaults
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Print the CustomResourceDefinition of `App` as YAML
    #[command(after_help = "Install it before the operator, and upgrade it first:\n\n  \
        slipway-operator crd | kubectl apply --server-side -f -")]
    Crd,
}
