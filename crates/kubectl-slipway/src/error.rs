//! What can go wrong, each as a sentence for the person at the terminal.

use std::path::PathBuf;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the kubeconfig cannot be used: {0}")]
    Kubeconfig(#[from] kube::config::KubeconfigError),
    #[error("{what}: {}", said(.source))]
    Cluster { what: String, source: kube::Error },
    #[error(
        "the cluster has no Apps: install the definitions (charts/crds), or choose another cluster with --context"
    )]
    NoDefinition,
    #[error("no App is called {name}{hint}")]
    NotFound { name: String, hint: String },
    #[error("{name} can be any of {candidates}: give the App's name")]
    Ambiguous { name: String, candidates: String },
    #[error("{0}")]
    Refused(String),
    #[error("gave up after {seconds} s: {state}. It goes on by itself; see `kubectl slipway status {app}`")]
    TimedOut {
        app: String,
        seconds: u64,
        state: String,
    },
    #[error("the objects differ")]
    Differs,
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("the output could not be written: {0}")]
    Output(#[from] std::io::Error),
}

impl Error {
    /// Names what was asked of the API server; for `map_err`.
    pub fn cluster(what: impl Into<String>) -> impl FnOnce(kube::Error) -> Self {
        let what = what.into();
        move |source| Self::Cluster { what, source }
    }

    /// Names the file; for `map_err`.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}

/// The API server's own sentence where there is one.
fn said(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => status.message.clone(),
        kube::Error::Service(error) => format!("the API server cannot be reached ({error})"),
        kube::Error::HyperError(error) => format!("the API server cannot be reached ({error})"),
        other => other.to_string(),
    }
}
