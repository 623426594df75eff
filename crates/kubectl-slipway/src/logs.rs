//! `logs`: of all pods of an app at once.

use std::collections::HashSet;
use std::io::Write;
use std::time::Duration;

use futures_util::{AsyncBufRead, AsyncBufReadExt, TryStreamExt};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, ListParams, LogParams};
use slipway_operator::app_object::AppObject;
use tokio::sync::mpsc;

use crate::cli::LogsOptions;
use crate::client::Cluster;
use crate::error::Error;
use crate::find;

/// How often new pods are looked for while following.
const LOOK_EVERY: Duration = Duration::from_secs(2);

pub async fn run(cluster: &Cluster, options: &LogsOptions, output: &mut impl Write) -> Result<(), Error> {
    let app = find::app(cluster, &options.app).await?;
    let pods: Api<Pod> = Api::namespaced(cluster.client.clone(), app.name());
    if options.follow {
        return follow(&pods, options, output).await;
    }
    let names = names(&pods).await?;
    if names.is_empty() {
        return Err(Error::Refused(no_pods(&app)));
    }
    let mut failure = None;
    for name in &names {
        let prefix = prefix(name, names.len() > 1);
        match of_pod(&pods, name, options.tail, options.previous).await {
            Ok(text) => {
                for line in text.lines() {
                    writeln!(output, "{prefix}{line}")?;
                }
            }
            // A pod that has not started yet has no log; the others have.
            Err(error) => {
                writeln!(output, "{prefix}({error})")?;
                failure = Some(error);
            }
        }
    }
    failure.map_or(Ok(()), Err)
}

/// The last lines of one pod.
pub async fn of_pod(pods: &Api<Pod>, name: &str, tail: i64, previous: bool) -> Result<String, Error> {
    let params = LogParams {
        tail_lines: Some(tail),
        previous,
        ..LogParams::default()
    };
    let text = pods.logs(name, &params).await;
    text.map_err(Error::cluster(format!("reading the log of {name}")))
}

/// The pods, by name.
pub async fn names(pods: &Api<Pod>) -> Result<Vec<String>, Error> {
    let found = pods.list(&ListParams::default()).await;
    let found = found.map_err(Error::cluster("listing the pods"))?;
    let mut names: Vec<String> = found
        .items
        .into_iter()
        .filter_map(|pod| pod.metadata.name)
        .collect();
    names.sort();
    Ok(names)
}

/// Prints lines as they come, until the reader has enough. A pod that starts later joins in.
async fn follow(pods: &Api<Pod>, options: &LogsOptions, output: &mut impl Write) -> Result<(), Error> {
    let (lines, mut printed) = mpsc::channel::<String>(256);
    let mut known = HashSet::new();
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            _ = look.tick() => {
                for name in names(pods).await? {
                    if !known.contains(&name) && stream(pods, &name, options.tail, &lines).await {
                        known.insert(name);
                    }
                }
            }
            line = printed.recv() => match line {
                Some(line) => {
                    writeln!(output, "{line}")?;
                    output.flush()?;
                }
                None => return Ok(()),
            },
        }
    }
}

/// Starts to read one pod's log; false when it has none yet.
async fn stream(pods: &Api<Pod>, name: &str, tail: i64, lines: &mpsc::Sender<String>) -> bool {
    let params = LogParams {
        follow: true,
        tail_lines: Some(tail),
        ..LogParams::default()
    };
    match pods.log_stream(name, &params).await {
        Ok(log) => {
            tokio::spawn(forward(log, prefix(name, true), lines.clone()));
            true
        }
        Err(_) => false,
    }
}

async fn forward(log: impl AsyncBufRead + Unpin, prefix: String, lines: mpsc::Sender<String>) {
    let mut log = log.lines();
    while let Ok(Some(line)) = log.try_next().await {
        if lines.send(format!("{prefix}{line}")).await.is_err() {
            return;
        }
    }
}

fn prefix(pod: &str, wanted: bool) -> String {
    if wanted { format!("{pod}: ") } else { String::new() }
}

fn no_pods(app: &AppObject) -> String {
    format!(
        "{} has no pods; `kubectl slipway status {}` says why",
        app.name(),
        app.name()
    )
}
