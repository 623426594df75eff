//! Arguments of the plugin.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Look after Slipway's apps on a region's cluster.
#[derive(Debug, Parser)]
#[command(
    name = "kubectl-slipway",
    bin_name = "kubectl slipway",
    version,
    arg_required_else_help = true,
    after_help = "APP is an App's name (app-01k…), the app's id (app_01k…), its application id (shop-x7k2p9) or one of \
        its hosts (shop-x7k2p9.eu.apps.example.com), also as a URL."
)]
pub struct Cli {
    #[command(flatten)]
    pub connection: Connection,
    #[command(subcommand)]
    pub command: Command,
}

/// Which cluster, and where on it.
#[derive(Debug, Args)]
pub struct Connection {
    /// The control namespace; without it Apps of all namespaces are looked at
    #[arg(
        long,
        short,
        global = true,
        env = "SLIPWAY_NAMESPACE",
        value_name = "NAMESPACE"
    )]
    pub namespace: Option<String>,
    /// The context of the kubeconfig
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,
    /// The kubeconfig; without it $KUBECONFIG or ~/.kube/config
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show one app with its objects, conditions and events, or a table of all apps
    Status {
        /// The app; none: all of them
        app: Option<String>,
    },
    /// Stop an app's processes and answer 402 at its hosts, whatever the control plane says
    #[command(
        after_help = "The reason is kept on the App as the annotation apps.slipway.dev/suspended-by-ops, which the \
        control plane neither sets nor removes: an app stays suspended until `kubectl slipway resume`. Its data are kept. \
        Visitors are not shown the reason."
    )]
    Suspend {
        app: String,
        /// Why, for colleagues: it is shown by `status` and recorded in the App
        #[arg(long, value_name = "SENTENCE", value_parser = reason)]
        reason: String,
        /// Return at once instead of waiting until the operator has done it
        #[arg(long)]
        no_wait: bool,
    },
    /// Lift what `suspend` did
    #[command(
        after_help = "An app that the control plane has suspended too (an unpaid bill, a trial that has ended) stays \
        suspended for that reason."
    )]
    Resume {
        app: String,
        /// Return at once instead of waiting until the app serves
        #[arg(long)]
        no_wait: bool,
    },
    /// Replace an app's pods one after the other, without a failed request
    Restart {
        app: String,
        /// Return at once instead of waiting until all pods are new
        #[arg(long)]
        no_wait: bool,
    },
    /// Print the logs of all pods of an app
    Logs(LogsOptions),
    /// Compare an app's objects with what the operator would make of the App
    #[command(
        after_help = "The API server is asked what would change (server-side apply as a dry run, with the operator's \
        field manager); nothing is changed. Fields and objects that somebody else has added are listed, too. Secrets are not \
        compared. Ends with 1 when there is a difference."
    )]
    Diff { app: String },
    /// Collect everything about an app in a folder to hand to somebody else
    #[command(
        after_help = "Contains the App, its objects, events and logs, and the operator's log lines about it. Secrets are \
        listed by name only, and what looks like a key, token or password in other places is blotted out."
    )]
    Report {
        app: String,
        /// A new folder; without it slipway-report-<app>
        #[arg(long, short, value_name = "FOLDER")]
        output: Option<PathBuf>,
    },
}

/// Options of `logs`.
#[derive(Debug, Args)]
pub struct LogsOptions {
    pub app: String,
    /// Go on with new lines, also of pods that start later
    #[arg(long, short)]
    pub follow: bool,
    /// Lines of each pod to begin with
    #[arg(long, default_value_t = 200, value_name = "LINES")]
    pub tail: i64,
    /// The last run of containers that were started again
    #[arg(long, conflicts_with = "follow")]
    pub previous: bool,
}

fn reason(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("say why, for whoever wonders next week".to_owned()),
        text if text.chars().count() > 300 => Err("must have at most 300 characters".to_owned()),
        text => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_suspension_without_a_reason_is_refused() {
        for wrong in [
            &["kubectl-slipway", "suspend", "app"][..],
            &["kubectl-slipway", "suspend", "app", "--reason", "  "],
        ] {
            assert!(Cli::try_parse_from(wrong).is_err(), "{wrong:?}");
        }
        assert!(Cli::try_parse_from(["kubectl-slipway", "suspend", "app", "--reason", "abuse"]).is_ok());
    }

    #[test]
    fn every_command_and_option_has_a_help_text() {
        for command in Cli::command().get_subcommands() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command
                .get_arguments()
                .filter(|argument| argument.get_long().is_some())
            {
                assert!(
                    argument.get_help().is_some(),
                    "{} {}",
                    command.get_name(),
                    argument.get_id()
                );
            }
        }
    }
}
