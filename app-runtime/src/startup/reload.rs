//! Follows the settings file while the server runs: at SIGHUP, and whenever the file is another one than a second ago (a
//! Kubernetes secret changes by a symbolic link that leads somewhere else).
//!
//! A good file is in force for the next request. One with a mistake changes nothing; the log and the health check name the
//! option. Options that wait for a restart stay as they are and are named, too.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use actix_web::web;
use tokio::signal::unix::Signal;
use tokio_util::sync::CancellationToken;

use crate::app::AppState;
use crate::live::{Live, Refused, SettingsReport};
use crate::objects::schema::definitions;
use crate::settings::{self, Change, Loaded, Problem, SettingsError};

const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The settings file of a running server.
pub struct SettingsFile {
    path: PathBuf,
    /// What is in force.
    running: Loaded,
    /// The file as it was when it was last taken up or refused.
    seen: Option<Stamp>,
    hangup: Signal,
}

/// Tells one state of a file from another without reading it.
#[derive(Clone, Copy, PartialEq)]
struct Stamp {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let file = std::fs::metadata(path).ok()?;
        Some(Self {
            device: file.dev(),
            inode: file.ino(),
            bytes: file.size(),
            modified: (file.mtime(), file.mtime_nsec()),
        })
    }
}

impl SettingsFile {
    /// The file that `running` was read from. `hangup` yields SIGHUP, which must never end the process from its start on.
    #[must_use]
    pub fn new(path: PathBuf, running: Loaded, hangup: Signal) -> Self {
        Self {
            path,
            running,
            seen: None,
            hangup,
        }
    }

    /// Names the file in force.
    #[must_use]
    pub fn hash(&self) -> Option<String> {
        self.running.hash.clone()
    }

    /// Keeps the app as its file says until `stop`.
    pub async fn follow(mut self, live: web::Data<Live>, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let asked = tokio::select! {
                () = stop.cancelled() => return,
                Some(()) = self.hangup.recv() => true,
                _ = ticks.tick() => false,
            };
            let stamp = Stamp::of(&self.path);
            if asked || stamp.is_none() || stamp != self.seen {
                let settled = self.look(&live).await;
                self.seen = stamp.filter(|_| settled);
            }
        }
    }

    /// `false` if the file is to be looked at again although it has not changed.
    async fn look(&mut self, live: &Live) -> bool {
        match self.read().await {
            Ok(change) => self.take_up(live, change).await,
            Err((error, hash)) => {
                refuse(live, &error, hash);
                true
            }
        }
    }

    async fn read(&self) -> Result<Change, (SettingsError, Option<String>)> {
        let path = self.path.clone();
        let document = tokio::fs::read(&path).await.map_err(|error| {
            let problem = Problem::Unreadable {
                path: path.display().to_string(),
                reason: error.to_string(),
            };
            (SettingsError(vec![problem]), None)
        })?;
        let hash = settings::document_hash(&document);
        // Own pages may be many files.
        let read = move || settings::load_document(&document, |name| std::env::var(name).ok());
        let loaded = tokio::task::spawn_blocking(read).await.unwrap_or_else(|_| {
            let reason = "reading it failed".to_owned();
            let path = path.display().to_string();
            Err(SettingsError(vec![Problem::Malformed { path, reason }]))
        });
        loaded
            .and_then(|next| self.running.succeed_by(next))
            .map_err(|error| (error, Some(hash)))
    }

    async fn take_up(&mut self, live: &Live, change: Change) -> bool {
        if change.changed.names().next().is_some() {
            match next_generation(&live.current(), &change).await {
                Ok(next) => live.replace(next),
                Err(delay) => return delay.tell(live, &change),
            }
        }
        let news = live.tell(SettingsReport {
            hash: change.next.hash.clone(),
            needs_restart: change.needs_restart.clone(),
            refused: None,
        });
        if news {
            let changed = change.changed.names().collect::<Vec<_>>().join(", ");
            tracing::info!(changed, "new settings are in force");
            for option in &change.needs_restart {
                let reason = settings::waits_for_restart(option).unwrap_or_default();
                tracing::warn!("{option} is different in the settings file and needs a restart: {reason}");
            }
        }
        for warning in change
            .next
            .warnings
            .iter()
            .filter(|warning| !self.running.warnings.contains(warning))
        {
            tracing::warn!("{warning}");
        }
        self.running = change.next;
        true
    }
}

/// Why good settings are not in force yet; both are tried again.
enum Delay {
    Database(crate::storage::StorageError),
    Classes(crate::protocol::error::ParseError),
}

impl Delay {
    fn tell(self, live: &Live, change: &Change) -> bool {
        let options = match &self {
            Self::Database(_) => Vec::new(),
            Self::Classes(_) => vec!["schema".to_owned()],
        };
        let refused = Refused {
            hash: change.next.hash.clone(),
            options,
        };
        if live.tell(SettingsReport {
            refused: Some(refused),
            ..SettingsReport::clone(&live.report())
        }) {
            match &self {
                Self::Database(error) => {
                    tracing::warn!(%error, "new settings wait for the database; trying again until it answers");
                }
                Self::Classes(error) => {
                    tracing::error!(%error, "new settings are not in force: their classes cannot be applied");
                }
            }
        }
        false
    }
}

/// The app with other settings, not yet serving.
async fn next_generation(app: &AppState, change: &Change) -> Result<AppState, Delay> {
    let mut settings = change.next.settings.clone();
    // The one that is listened on, which the file may leave to the system.
    settings.port = app.settings.port;
    let next = app
        .with_settings(settings, &change.changed)
        .await
        .map_err(Delay::Database)?;
    if change.changed.any(&["schema"])
        && let Err(error) = definitions::apply(&next).await
    {
        if next.settings.schema.as_ref().is_some_and(|schema| schema.strict) {
            return Err(Delay::Classes(error));
        }
        tracing::error!(%error, "the classes of the settings cannot be applied");
    }
    Ok(next)
}

fn refuse(live: &Live, error: &SettingsError, hash: Option<String>) {
    let options = error.0.iter().filter_map(Problem::option);
    let refused = Refused {
        hash,
        options: options.map(str::to_owned).collect(),
    };
    let report = SettingsReport {
        refused: Some(refused),
        ..SettingsReport::clone(&live.report())
    };
    if live.tell(report) {
        tracing::error!("the settings file has changed but stays without effect: {error}");
    }
}
