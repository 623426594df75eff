//! The parts of a spec, each with the rules about itself.
//!
//! Optional values have the schema of the plain type: nothing is nullable, so that a rule need only ask `has()`.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where an app lives; each region is a cluster of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Region {
    Eu,
    Na,
}

impl Region {
    /// The name in a spec, in labels and in the operator's settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Region::Eu => "eu",
            Region::Na => "na",
        }
    }
}

/// How many replicas run: always `min`, or between `min` and `max` as the load asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[x_kube(
    validation = Rule::new("!has(self.max) || self.min <= self.max")
        .message("replicas.min must not be greater than replicas.max")
)]
#[serde(rename_all = "camelCase")]
pub struct Replicas {
    /// Replicas that always run. `kubectl scale` sets it.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 20))]
    pub min: i32,

    /// Replicas at the highest load; none: the app is not scaled by load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i32", range(min = 1, max = 20))]
    pub max: Option<i32>,
}

impl Default for Replicas {
    fn default() -> Self {
        Self {
            min: one(),
            max: None,
        }
    }
}

/// One deployed version of an app's functions, content-addressed in object storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FunctionBundle {
    /// Counts the deployments of this app; a rollback is the number of an earlier one.
    #[schemars(range(min = 1))]
    pub version: i64,

    /// Where the tar archive is fetched from.
    #[schemars(length(max = 2048), regex(pattern = "^(https|s3)://.+$"))]
    pub url: String,

    /// SHA-256 of the archive, in hexadecimal. An archive with another sum is not run.
    #[schemars(length(min = 64, max = 64), regex(pattern = "^[0-9a-f]{64}$"))]
    pub sha256: String,
}

/// What the runtime allows the app's clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Background jobs the app may define. Reserved for the release that runs functions: stored and not used by this one.
    #[serde(default = "one")]
    #[schemars(range(min = 0, max = 1000))]
    pub background_jobs: i32,

    /// Largest request body and file, in MiB.
    #[serde(default = "twenty")]
    #[schemars(range(min = 1, max = 1024))]
    pub max_upload_mib: i32,

    /// Requests all clients together may make in a second; none: as many as the engine can serve. Reserved: stored and not
    /// enforced by this release, where the settings' `rateLimit` limits requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i32", range(min = 1, max = 1_000_000))]
    pub requests_per_second: Option<i32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            background_jobs: one(),
            max_upload_mib: twenty(),
            requests_per_second: None,
        }
    }
}

/// Why an app does not serve. The control plane decides it; the operator only obeys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Suspension {
    pub reason: SuspensionReason,
}

/// The cause of a suspension; also the reason of the condition `Suspended`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum SuspensionReason {
    TrialExpired,
    PaymentOverdue,
    SpendCapReached,
    UserRequested,
    AbuseHold,
    /// Somebody of the platform's operations stopped it by hand; see [`crate::names::annotation::SUSPENDED_BY_OPS`].
    OpsHold,
}

impl SuspensionReason {
    /// The name in a spec and in the condition `Suspended`.
    pub const fn as_str(self) -> &'static str {
        match self {
            SuspensionReason::TrialExpired => "TrialExpired",
            SuspensionReason::PaymentOverdue => "PaymentOverdue",
            SuspensionReason::SpendCapReached => "SpendCapReached",
            SuspensionReason::UserRequested => "UserRequested",
            SuspensionReason::AbuseHold => "AbuseHold",
            SuspensionReason::OpsHold => "OpsHold",
        }
    }

    /// What whoever calls the app is told, and what ends it.
    pub const fn sentence(self) -> &'static str {
        match self {
            SuspensionReason::TrialExpired => {
                "This app is suspended: its trial has ended. Its owner can add a card in the console to resume it; all data are kept."
            }
            SuspensionReason::PaymentOverdue => {
                "This app is suspended: a payment is overdue. Its owner can pay in the console to resume it; all data are kept."
            }
            SuspensionReason::SpendCapReached => {
                "This app is suspended: its spend cap is reached. Its owner can raise the cap in the console to resume it; all data are kept."
            }
            SuspensionReason::UserRequested => {
                "This app is paused by its owner, who can resume it in the console; all data are kept."
            }
            SuspensionReason::AbuseHold => {
                "This app is suspended because of a report of abuse. Its owner can write to support; all data are kept."
            }
            SuspensionReason::OpsHold => {
                "This app is suspended by the operators of this platform. Its owner can write to support; all data are kept."
            }
        }
    }
}

fn one() -> i32 {
    1
}

fn twenty() -> i32 {
    20
}
