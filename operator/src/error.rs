//! What can keep one look at one App from getting to its end, and how soon another look may help.

use std::time::Duration;

/// Why a reconcile stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API server refused a request, or was not there.
    #[error("{what}: {source}")]
    Api { what: String, source: Box<kube::Error> },
    /// A database cluster refused a command, or was not there.
    #[error("the database cluster {cluster}: {source}")]
    Database {
        cluster: String,
        source: Box<mongodb::error::Error>,
    },
    /// Somebody has to do something first; the finding in the status says what.
    #[error("{0}")]
    Blocked(String),
    /// The look took too long and was given up.
    #[error("not done after {} s", .0.as_secs())]
    Timeout(Duration),
}

/// What another attempt needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Only a moment: somebody was faster, or the server is busy.
    Soon,
    /// Somebody's work: each attempt comes later than the one before, up to minutes.
    Later,
}

impl Error {
    /// For `map_err` of a request about `what`.
    pub fn api(what: impl Into<String>) -> impl FnOnce(kube::Error) -> Self {
        let what = what.into();
        move |source| Self::Api {
            what,
            source: Box::new(source),
        }
    }

    /// For `map_err` of a command to `cluster`.
    pub fn database(cluster: &str) -> impl FnOnce(mongodb::error::Error) -> Self {
        move |source| Self::Database {
            cluster: cluster.to_owned(),
            source: Box::new(source),
        }
    }

    /// HTTP status of the API server's answer; none when there was no answer.
    pub fn code(&self) -> Option<u16> {
        match self {
            Self::Api { source, .. } => code(source),
            _ => None,
        }
    }

    /// How soon another attempt may help.
    pub fn retry(&self) -> Retry {
        match (self, self.code()) {
            (Self::Api { .. }, Some(400 | 403 | 404 | 422)) | (Self::Blocked(_), _) => Retry::Later,
            _ => Retry::Soon,
        }
    }

    /// One word for a condition's reason.
    pub fn reason(&self) -> &'static str {
        match (self, self.code()) {
            (Self::Api { .. }, Some(403)) if self.to_string().contains("exceeded quota") => "QuotaExceeded",
            (Self::Api { .. }, Some(403)) => "Forbidden",
            (Self::Api { .. }, Some(400 | 422)) => "Rejected",
            (Self::Api { .. }, Some(404)) => "NotFound",
            (Self::Api { .. }, Some(409)) => "Conflict",
            (Self::Api { .. }, _) => "ApiServerUnavailable",
            (Self::Database { .. }, _) => "DatabaseUnavailable",
            (Self::Blocked(_), _) => "Blocked",
            (Self::Timeout(_), _) => "TimedOut",
        }
    }

    /// Label of the metric of failures.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Api { .. } => "api",
            Self::Database { .. } => "database",
            Self::Blocked(_) => "blocked",
            Self::Timeout(_) => "timeout",
        }
    }
}

/// HTTP status of the API server's answer.
pub fn code(error: &kube::Error) -> Option<u16> {
    match error {
        kube::Error::Api(status) => Some(status.code),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kube::core::Status;

    fn api(code: u16, message: &str) -> Error {
        let status = Status {
            code,
            message: message.to_owned(),
            ..Status::default()
        };
        Error::api("Deployment runtime")(kube::Error::Api(Box::new(status)))
    }

    #[test]
    fn what_another_attempt_may_change_is_tried_again_soon() {
        for code in [409, 429, 500, 503, 504] {
            assert_eq!(api(code, "").retry(), Retry::Soon, "{code}");
        }
        for code in [400, 403, 404, 422] {
            assert_eq!(api(code, "").retry(), Retry::Later, "{code}");
        }
    }

    #[test]
    fn a_full_quota_is_told_from_a_missing_permission() {
        assert_eq!(api(403, "exceeded quota: tenant").reason(), "QuotaExceeded");
        assert_eq!(api(403, "cannot patch").reason(), "Forbidden");
    }
}
