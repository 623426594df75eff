//! Which database users are known to be right, so that a look at an App need not ask. Nobody tells when one is lost, as
//! with a restored backup: so this is believed for a while only, and not beyond a cluster's absence.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::fingerprint;
use crate::build::Placement;

/// Users by App.
#[derive(Debug, Default)]
pub struct KnownUsers(Mutex<HashMap<String, Known>>);

#[derive(Debug)]
struct Known {
    cluster: String,
    fingerprint: String,
    since: DateTime<Utc>,
}

impl KnownUsers {
    /// Whether the user was found to be as the placement says, and at most `validity` before `now`.
    pub fn is_current(
        &self,
        app: &str,
        placement: &Placement,
        now: DateTime<Utc>,
        validity: TimeDelta,
    ) -> bool {
        self.lock().get(app).is_some_and(|known| {
            known.cluster == placement.cluster
                && known.fingerprint == fingerprint(placement)
                && now - known.since <= validity
        })
    }

    pub fn remember(&self, app: &str, placement: &Placement, now: DateTime<Utc>) {
        let known = Known {
            cluster: placement.cluster.clone(),
            fingerprint: fingerprint(placement),
            since: now,
        };
        self.lock().insert(app.to_owned(), known);
    }

    /// Takes in that a cluster was away: what came back may be an older copy of it.
    pub fn forget_cluster(&self, cluster: &str) {
        self.lock().retain(|_, known| known.cluster != cluster);
    }

    pub fn forget(&self, app: &str) {
        self.lock().remove(app);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placement(cluster: &str, password: &str) -> Placement {
        Placement {
            cluster: cluster.to_owned(),
            database: "app_1".to_owned(),
            password: password.to_owned(),
        }
    }

    #[test]
    fn a_user_is_believed_for_a_while_and_not_beyond_an_absence_of_its_cluster() {
        let users = KnownUsers::default();
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        let knows = |app: &str, placement: &Placement, second| {
            users.is_current(app, placement, at(second), TimeDelta::seconds(60))
        };
        let (one, two) = (placement("one", "a"), placement("two", "b"));
        users.remember("app-1", &one, at(100));
        users.remember("app-2", &two, at(100));
        assert!(knows("app-1", &one, 160) && !knows("app-1", &one, 161));
        assert!(!knows("app-1", &placement("one", "new"), 101));
        users.forget_cluster("one");
        assert!(!knows("app-1", &one, 101) && knows("app-2", &two, 101));
    }
}
