//! What an app runs on: the engine of a replica and how many replicas there are.
//!
//! The words here are those of the API and the database; [`Engine::crd`] and [`Sizing::crd_replicas`] are the same
//! in the words of the `App` resource, whose rules hold for every region alike.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The size of one replica; the price book has CPU, memory and price of each.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    #[default]
    Dev,
    S,
    M,
    L,
    Xl,
}

impl Engine {
    /// From the smallest to the largest.
    pub const ALL: [Self; 5] = [Self::Dev, Self::S, Self::M, Self::L, Self::Xl];

    /// The id in URLs, rows, settings and the price book.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::S => "s",
            Self::M => "m",
            Self::L => "l",
            Self::Xl => "xl",
        }
    }

    /// The same in the `App` resource.
    pub fn crd(self) -> app_crd::Engine {
        match self {
            Self::Dev => app_crd::Engine::Dev,
            Self::S => app_crd::Engine::S,
            Self::M => app_crd::Engine::M,
            Self::L => app_crd::Engine::L,
            Self::Xl => app_crd::Engine::Xl,
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An engine nobody sells.
#[derive(Debug, thiserror::Error)]
#[error("unknown engine `{0}`; choose one of: dev, s, m, l, xl")]
pub struct UnknownEngine(String);

impl FromStr for Engine {
    type Err = UnknownEngine;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|engine| engine.as_str() == text)
            .ok_or_else(|| UnknownEngine(text.to_owned()))
    }
}

/// Replicas of an app with high availability run at least so many, each in another zone where there are as many.
pub const HIGH_AVAILABILITY_REPLICAS: i32 = 3;

/// What an app runs on. `replicas_min` is at least [`HIGH_AVAILABILITY_REPLICAS`] with high availability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizing {
    pub engine: Engine,
    pub replicas_min: i32,
    /// Replicas at the highest load; `None`: always `replicas_min`.
    pub replicas_max: Option<i32>,
    pub high_availability: bool,
}

impl Default for Sizing {
    fn default() -> Self {
        Self {
            engine: Engine::Dev,
            replicas_min: 1,
            replicas_max: None,
            high_availability: false,
        }
    }
}

impl Sizing {
    /// The replicas in the `App` resource.
    pub fn crd_replicas(&self) -> app_crd::Replicas {
        app_crd::Replicas {
            min: self.replicas_min,
            max: self.replicas_max,
        }
    }

    /// The most replicas that ever run.
    pub fn most_replicas(&self) -> i32 {
        self.replicas_max.unwrap_or(self.replicas_min)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_is_spelled_alike_here_and_in_the_cluster() {
        for engine in Engine::ALL {
            let cluster = serde_json::to_value(engine.crd()).unwrap();
            assert_eq!(cluster, engine.as_str());
            assert_eq!(serde_json::to_value(engine).unwrap(), cluster);
            assert_eq!(engine.as_str().parse::<Engine>().unwrap(), engine);
        }
        assert!("xxl".parse::<Engine>().unwrap_err().to_string().contains("xxl"));
    }
}
