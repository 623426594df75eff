//! What is wrong with settings: every problem at once, each naming its option and what to write instead.

use std::fmt;

/// All that must be corrected before the server can start.
#[derive(Debug, PartialEq, Eq)]
pub struct SettingsError(pub Vec<Problem>);

/// One thing to correct.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("cannot read {path}: {reason}")]
    Unreadable { path: String, reason: String },
    #[error("{path} is not a JSON object of options: {reason}")]
    Malformed { path: String, reason: String },
    #[error("unknown option {name:?}{}", suggestion(.nearest))]
    Unknown {
        name: String,
        nearest: Option<&'static str>,
    },
    /// The value is not shown: it may be a secret in the wrong place.
    #[error("{name} must be {expected}{}", origin(.env))]
    WrongType {
        name: &'static str,
        expected: String,
        env: Option<&'static str>,
    },
    #[error("{name} is required; write it into the settings file or set {env}")]
    Missing { name: &'static str, env: &'static str },
    #[error("{name} {reason}")]
    Invalid { name: &'static str, reason: String },
    /// An option that somebody else sets.
    #[error("{name} {reason}")]
    Foreign { name: String, reason: String },
}

fn suggestion(nearest: &Option<&'static str>) -> String {
    nearest.map_or_else(
        || "; `slipway-runtime serve --help` lists all options".to_owned(),
        |name| format!("; did you mean {name:?}?"),
    )
}

fn origin(env: &Option<&'static str>) -> String {
    env.map(|env| format!(" (set by the environment variable {env})"))
        .unwrap_or_default()
}

impl Problem {
    pub fn invalid(name: &'static str, reason: impl Into<String>) -> Self {
        Self::Invalid {
            name,
            reason: reason.into(),
        }
    }

    /// The option it is about; none when the file as a whole is wrong.
    #[must_use]
    pub fn option(&self) -> Option<&str> {
        match self {
            Self::Unreadable { .. } | Self::Malformed { .. } => None,
            Self::Unknown { name, .. } | Self::Foreign { name, .. } => Some(name),
            Self::WrongType { name, .. } | Self::Missing { name, .. } | Self::Invalid { name, .. } => {
                Some(name)
            }
        }
    }

    /// What is wrong, without the option's name where it comes first: "must be true or false".
    #[must_use]
    pub fn reason(&self) -> String {
        let text = self.to_string();
        let name = self.option().unwrap_or_default();
        match text.strip_prefix(name) {
            Some(reason) => reason.trim_start().to_owned(),
            None => text,
        }
    }

    /// Whether this is about the value of that option.
    pub fn names(&self, option: &str) -> bool {
        matches!(self, Self::WrongType { name, .. } | Self::Invalid { name, .. } if *name == option)
    }
}

impl std::error::Error for SettingsError {}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [only] => write!(f, "the settings have a problem: {only}"),
            several => {
                write!(f, "the settings have {} problems:", several.len())?;
                several
                    .iter()
                    .try_for_each(|problem| write!(f, "\n  - {problem}"))
            }
        }
    }
}
