//! Why an app does not serve although it exists.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The cause of a suspension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuspensionReason {
    /// A person paused it, and may resume it.
    UserRequested,
    TrialExpired,
    PaymentOverdue,
    SpendCapReached,
    AbuseHold,
}

impl SuspensionReason {
    const ALL: [Self; 5] = [
        Self::UserRequested,
        Self::TrialExpired,
        Self::PaymentOverdue,
        Self::SpendCapReached,
        Self::AbuseHold,
    ];

    /// The word in the API and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserRequested => "user_requested",
            Self::TrialExpired => "trial_expired",
            Self::PaymentOverdue => "payment_overdue",
            Self::SpendCapReached => "spend_cap_reached",
            Self::AbuseHold => "abuse_hold",
        }
    }

    /// The same in the `App` resource.
    pub fn crd(self) -> app_crd::SuspensionReason {
        match self {
            Self::UserRequested => app_crd::SuspensionReason::UserRequested,
            Self::TrialExpired => app_crd::SuspensionReason::TrialExpired,
            Self::PaymentOverdue => app_crd::SuspensionReason::PaymentOverdue,
            Self::SpendCapReached => app_crd::SuspensionReason::SpendCapReached,
            Self::AbuseHold => app_crd::SuspensionReason::AbuseHold,
        }
    }

    /// What whoever calls the app is told, and what ends it.
    pub fn sentence(self) -> &'static str {
        self.crd().sentence()
    }
}

impl fmt::Display for SuspensionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no cause.
#[derive(Debug, thiserror::Error)]
#[error("unknown suspension reason `{0}`")]
pub struct UnknownReason(String);

impl FromStr for SuspensionReason {
    type Err = UnknownReason;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|reason| reason.as_str() == text)
            .ok_or_else(|| UnknownReason(text.to_owned()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_read_as_it_is_written() {
        for reason in SuspensionReason::ALL {
            assert_eq!(reason.as_str().parse::<SuspensionReason>().unwrap(), reason);
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
            assert!(reason.sentence().ends_with('.'));
        }
    }
}
