//! The app as the next request finds it. New settings make a new generation of [`AppState`]; requests that run finish
//! with the one they began with.
//!
//! `routes` takes the present generation once per request: one atomic load, no lock, nothing copied. `startup` puts the
//! next one in its place and keeps the report that the health check shows.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use crate::app::AppState;
use crate::mail::{Outbox, Retired};

/// See the module.
pub struct Live {
    app: ArcSwap<AppState>,
    report: ArcSwap<SettingsReport>,
    /// Outboxes of earlier generations from which mails may still go out.
    retired: Mutex<Vec<Retired>>,
}

/// Where the settings of a running server stand. Names options, never their values: anybody may ask for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsReport {
    /// Names the settings file in force; see [`crate::settings::document_hash`].
    pub hash: Option<String>,
    /// Options that are different in the file and wait for a restart.
    pub needs_restart: Vec<&'static str>,
    pub refused: Option<Refused>,
}

/// A settings file that is not in force because it cannot be.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// Names the file; `None` when it cannot even be read.
    pub hash: Option<String>,
    /// Options to correct; none when the file as a whole is wrong.
    pub options: Vec<String>,
}

impl Live {
    /// The first generation.
    pub fn new(app: AppState, report: SettingsReport) -> Self {
        Self {
            app: ArcSwap::from_pointee(app),
            report: ArcSwap::from_pointee(report),
            retired: Mutex::default(),
        }
    }

    /// The present generation.
    pub fn current(&self) -> Arc<AppState> {
        self.app.load_full()
    }

    /// From now on requests begin with this generation.
    pub fn replace(&self, next: AppState) {
        let next = Arc::new(next);
        let last = self.app.swap(Arc::clone(&next));
        let stays = |outbox: &&Arc<Outbox>| next.outbox.iter().any(|next| Arc::ptr_eq(next, outbox));
        let mut retired = self.retired.lock().unwrap_or_else(PoisonError::into_inner);
        retired.retain(|outbox| !outbox.is_over());
        retired.extend(
            last.outbox
                .iter()
                .filter(|outbox| !stays(outbox))
                .map(Outbox::retire),
        );
    }

    /// Sends the mails that wait, those of earlier generations too, for at most `longest`, and takes nothing more.
    pub async fn finish_mails(&self, longest: Duration) {
        let retired = std::mem::take(&mut *self.retired.lock().unwrap_or_else(PoisonError::into_inner));
        let earlier = join_all(retired.iter().map(|outbox| outbox.finish(longest)));
        let current = self.current();
        let present = join_all(current.outbox.iter().map(|outbox| outbox.finish(longest)));
        join(earlier, present).await;
    }

    /// What the health check says about the settings.
    pub fn report(&self) -> Arc<SettingsReport> {
        self.report.load_full()
    }

    /// Changes what the health check says; `false` if it says so already.
    pub fn tell(&self, report: SettingsReport) -> bool {
        let news = *self.report.load_full() != report;
        if news {
            self.report.store(Arc::new(report));
        }
        news
    }
}

impl SettingsReport {
    /// Nothing is left to do.
    fn is_clean(&self) -> bool {
        self.needs_restart.is_empty() && self.refused.is_none()
    }

    /// The body of a good health check: Parse Server's, and more only when there is something to tell.
    #[must_use]
    pub fn health(&self) -> Value {
        let mut health = json!({ "status": "ok" });
        if !self.is_clean() {
            let refused = self.refused.as_ref();
            health["settings"] = json!({
                "needsRestart": self.needs_restart,
                "refused": refused.map(|refused| json!({ "hash": refused.hash, "options": refused.options })),
            });
        }
        health
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn health_is_parse_servers_unless_there_is_something_to_tell() {
        let mut report = SettingsReport {
            hash: Some("ab".into()),
            ..SettingsReport::default()
        };
        assert_eq!(report.health(), json!({ "status": "ok" }));
        report.needs_restart = vec!["port"];
        assert_eq!(
            report.health()["settings"],
            json!({ "needsRestart": ["port"], "refused": null })
        );
    }
}
