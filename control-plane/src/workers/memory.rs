//! What a reconciler remembers of one app: when to look again, and what it last wrote down. Pure.

use std::time::Duration;

use tokio::time::Instant;

use crate::regions::backoff::Backoff;
use crate::regions::{DesiredApp, DesiredState, ObservedApp, ObservedState, RegionError};

/// An app on its way is looked at this often at first, then ever less often.
const UNSETTLED_FIRST: Duration = Duration::from_millis(50);
const UNSETTLED_LONGEST: Duration = Duration::from_secs(1);
/// So many errors in a row are told to the owner as failing.
const FAILING_AFTER: u32 = 3;

/// When an app is worked on again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Now,
    At(Instant),
    /// It is settled: with the next regular look, or when something changed.
    WithNextLook,
}

/// One app between two looks.
#[derive(Debug)]
pub struct Memory {
    /// A step of it is under way.
    pub busy: bool,
    /// What the database was told last.
    pub recorded: Option<ObservedApp>,
    /// The owner was told that the region is away.
    away: bool,
    looks: Backoff,
    errors: Backoff,
    next: Next,
    generation: i64,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            busy: false,
            recorded: None,
            away: false,
            looks: Backoff::new(UNSETTLED_FIRST, UNSETTLED_LONGEST),
            errors: Backoff::new(Duration::from_millis(250), Duration::from_secs(30)),
            next: Next::Now,
            generation: 0,
        }
    }
}

impl Memory {
    /// Takes in what a look found. Something new is due at once, whatever failed before.
    pub fn desire(&mut self, app: &DesiredApp) {
        if app.generation != self.generation {
            self.generation = app.generation;
            self.errors.reset();
            self.looks.reset();
            self.next = Next::Now;
        }
        if self.next == Next::WithNextLook {
            self.next = Next::Now;
        }
    }

    pub fn is_due(&self, now: Instant) -> bool {
        !self.busy
            && match self.next {
                Next::Now => true,
                Next::At(due) => now >= due,
                Next::WithNextLook => false,
            }
    }

    /// When it has to be worked on between two looks.
    pub fn due(&self) -> Option<Instant> {
        match self.next {
            Next::At(due) if !self.busy => Some(due),
            _ => None,
        }
    }

    /// Books a step that worked.
    pub fn succeeded(&mut self, state: ObservedState, now: Instant) {
        self.errors.reset();
        self.away = false;
        let settled = matches!(
            state,
            ObservedState::Ready | ObservedState::Stopped | ObservedState::Purged
        );
        self.next = if settled {
            self.looks.reset();
            Next::WithNextLook
        } else {
            Next::At(now + self.looks.next_delay())
        };
    }

    /// Books a step that found something else desired than it was started for: the next look says what.
    pub fn overtaken(&mut self) {
        self.next = Next::WithNextLook;
    }

    /// Books that the region is away. The driver answers that from memory, so the next look may ask again.
    pub fn region_is_away(&mut self) -> bool {
        let news = !self.away;
        self.away = true;
        self.recorded = None;
        self.next = Next::WithNextLook;
        news
    }

    /// Books a step that did not work, with what the region says of whether the app `serves` all the same; returns what
    /// to tell the owner, if anything.
    pub fn failed(
        &mut self,
        app: &DesiredApp,
        error: &RegionError,
        serves: Option<bool>,
        now: Instant,
    ) -> Option<ObservedApp> {
        self.next = Next::At(now + self.errors.next_delay());
        if app.state != DesiredState::Running {
            return None;
        }
        let state = match self.errors.failures() {
            FAILING_AFTER.. => ObservedState::Failing,
            _ if app.observed_generation > 0 => ObservedState::Restarting,
            _ => ObservedState::Provisioning,
        };
        let generation = app.observed_generation;
        Some(ObservedApp {
            id: app.id,
            generation,
            state,
            serves,
            url: None,
            message: Some(error.to_string()),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::regions::{AppKeys, Region};

    fn app(generation: i64, state: DesiredState) -> DesiredApp {
        DesiredApp {
            id: "app_01jd4y0w7qk3v5x8z9a2b4c6de".parse().unwrap(),
            region: Region::Na,
            application_id: "notes-x7k2m9".into(),
            name: "Notes".into(),
            generation,
            observed_generation: 0,
            state,
            keys: AppKeys {
                client: "c".into(),
                javascript: "j".into(),
                rest: "r".into(),
                master: "m".into(),
            },
            database_password: "p".into(),
            usage_token: "u".into(),
            stage: "building".into(),
            settings: crate::regions::OwnerSettings::default(),
            sizing: crate::regions::Sizing::default(),
            suspended: None,
        }
    }

    fn error() -> RegionError {
        RegionError::NotReady("MongoDB is away".into())
    }

    #[tokio::test]
    async fn settled_app_waits_for_the_next_look() {
        let (mut memory, now) = (Memory::default(), Instant::now());
        memory.desire(&app(1, DesiredState::Running));
        assert!(memory.is_due(now));
        memory.succeeded(ObservedState::Ready, now);
        assert!(!memory.is_due(now + Duration::from_secs(60)));
        assert_eq!(memory.due(), None);
        memory.desire(&app(1, DesiredState::Running));
        assert!(memory.is_due(now));
    }

    #[tokio::test]
    async fn app_on_its_way_is_looked_at_between_the_regular_looks() {
        let (mut memory, now) = (Memory::default(), Instant::now());
        memory.succeeded(ObservedState::Provisioning, now);
        assert!(!memory.is_due(now));
        assert!(memory.is_due(now + UNSETTLED_FIRST));
        memory.busy = true;
        assert!(!memory.is_due(now + UNSETTLED_FIRST));
    }

    #[tokio::test]
    async fn errors_wait_longer_and_then_count_as_failing() {
        let (mut memory, now) = (Memory::default(), Instant::now());
        let desired = app(1, DesiredState::Running);
        memory.desire(&desired);
        let states: Vec<_> = (0..3)
            .map(|_| memory.failed(&desired, &error(), None, now).unwrap().state)
            .collect();
        use ObservedState::{Failing, Provisioning};
        assert_eq!(states, [Provisioning, Provisioning, Failing]);
        memory.desire(&desired);
        assert!(
            !memory.is_due(now + Duration::from_millis(500)),
            "a look does not cut the wait short"
        );
        memory.desire(&app(2, DesiredState::Running));
        assert!(memory.is_due(now), "a change does");
    }

    #[tokio::test]
    async fn deleted_app_is_never_reported_as_failing() {
        let deleted = app(2, DesiredState::Deleted);
        let told = Memory::default().failed(&deleted, &error(), Some(true), Instant::now());
        assert_eq!(told, None);
    }
}
