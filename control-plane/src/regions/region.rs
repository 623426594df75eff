//! The name of a region, as the API, the database and the settings spell it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where an app and all its data live; chosen once, at creation.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Region {
    Eu,
    Na,
}

impl Region {
    pub const ALL: [Self; 2] = [Self::Eu, Self::Na];

    /// The id in URLs, rows and settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eu => "eu",
            Self::Na => "na",
        }
    }

    /// The name people read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Eu => "Europe",
            Self::Na => "North America",
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A region id nobody serves.
#[derive(Debug, thiserror::Error)]
#[error("unknown region `{0}`; choose one of: eu, na")]
pub struct UnknownRegion(String);

impl FromStr for Region {
    type Err = UnknownRegion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|region| region.as_str() == text)
            .ok_or_else(|| UnknownRegion(text.to_owned()))
    }
}
