//! What the driver remembers of one app between two looks. Lost at a restart without harm.

use std::time::Duration;

use tokio::time::Instant;

use super::runtime::Runtime;
use crate::regions::backoff::Backoff;
use crate::regions::{DesiredApp, ObservedApp, ObservedState};

/// A runtime that served this long is well again: the next failure starts with a short wait.
const STABLE: Duration = Duration::from_secs(30);
/// So many failures in a row are no hiccup any more.
const FAILING_AFTER: u32 = 3;

/// The driver's memory of one app.
#[derive(Debug)]
pub struct Slot {
    pub runtime: Option<Runtime>,
    /// A runtime left by an earlier control plane was looked for.
    pub searched: bool,
    /// Generation whose database user was made.
    pub database_generation: Option<i64>,
    /// It served before, so what happens now is a restart.
    pub was_ready: bool,
    /// Why it went away last time.
    pub cause: Option<String>,
    backoff: Backoff,
    not_before: Option<Instant>,
}

impl Default for Slot {
    fn default() -> Self {
        Self {
            runtime: None,
            searched: false,
            database_generation: None,
            was_ready: false,
            cause: None,
            backoff: Backoff::new(Duration::from_millis(100), Duration::from_secs(30)),
            not_before: None,
        }
    }
}

impl Slot {
    /// The runtime went away unasked.
    pub fn failed(&mut self, cause: String, now: Instant) {
        if self
            .runtime
            .take()
            .is_some_and(|runtime| runtime.served_for(now) >= STABLE)
        {
            self.backoff.reset();
        }
        self.not_before = Some(now + self.backoff.next_delay());
        self.cause = Some(cause);
    }

    /// Whether the wait after the last failure is over.
    pub fn may_start(&self, now: Instant) -> bool {
        self.not_before.is_none_or(|instant| now >= instant)
    }

    /// The owner asked for something new: start without waiting.
    pub fn forget_failures(&mut self) {
        self.backoff.reset();
        self.not_before = None;
        self.cause = None;
    }

    /// How an app that does not serve right now stands.
    pub fn down(&self, desired: &DesiredApp) -> ObservedApp {
        let before = self.was_ready || desired.observed_generation > 0;
        let state = match self.backoff.failures() {
            FAILING_AFTER.. => ObservedState::Failing,
            _ if before => ObservedState::Restarting,
            _ => ObservedState::Provisioning,
        };
        observed(desired, state, false, None, self.cause.clone())
    }
}

/// An observation of `desired`.
pub fn observed(
    desired: &DesiredApp,
    state: ObservedState,
    serves: bool,
    url: Option<String>,
    message: Option<String>,
) -> ObservedApp {
    ObservedApp {
        id: desired.id,
        generation: desired.generation,
        state,
        serves: Some(serves),
        url,
        message,
    }
}
