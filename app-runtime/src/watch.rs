//! Keeps what is held in memory true: follows the change stream of the app's database and has classes read again, and
//! sessions and roles forgotten, when anybody changes them: another replica, or somebody at the database itself.
//!
//! When the stream is lost or falls silent, memory is cleared at the moment it is back, since nobody knows what happened
//! between. Until then classes are read every few seconds, as in an app whose database is no replica set and has no such
//! stream.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::objects::schema::SchemaCache;
use crate::pulse::Pulse;
use crate::storage::{Event, Heard, Storage, StorageError, StorageResult};
use crate::users::memory::AccountMemory;

/// How long to wait before the change stream is followed again after losing it.
const RETRY: Duration = Duration::from_secs(1);

/// The watching task; ends when this is dropped.
pub struct Watcher(JoinHandle<()>);

struct Watch {
    storage: Storage,
    schemas: SchemaCache,
    accounts: Arc<AccountMemory>,
    pulse: Arc<Pulse>,
}

impl Watcher {
    /// Starts watching on the current runtime.
    pub fn start(
        storage: Storage,
        schemas: SchemaCache,
        accounts: Arc<AccountMemory>,
        pulse: Arc<Pulse>,
    ) -> Self {
        let watch = Watch {
            storage,
            schemas,
            accounts,
            pulse,
        };
        Self(tokio::spawn(watch.run()))
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Watch {
    async fn run(self) {
        loop {
            if let Err(error) = self.follow().await {
                self.pulse.stop();
                tracing::info!(
                    error = &error as &dyn std::error::Error,
                    "the database's changes cannot be followed; trying again"
                );
                if let Err(error) = self.schemas.reload().await {
                    tracing::info!(
                        error = &error as &dyn std::error::Error,
                        "nor can the classes be read"
                    );
                }
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn follow(&self) -> StorageResult<()> {
        let mut events = in_time(self.storage.events()).await?;
        self.apply(Event::Everything).await?;
        let mut classes_changed = false;
        loop {
            match in_time(events.next()).await? {
                // One reading serves for all that were changed together.
                Heard::One(Event::Classes) => classes_changed = true,
                Heard::One(event) => self.apply(event).await?,
                Heard::All(until) => {
                    if std::mem::take(&mut classes_changed) {
                        self.apply(Event::Classes).await?;
                    }
                    self.pulse.beat(until);
                }
            }
        }
    }

    async fn apply(&self, event: Event) -> StorageResult<()> {
        match event {
            Event::Session(id) => self.accounts.forget_session(&id).await,
            Event::RolesOf(user) => self.accounts.forget_roles_of(&user).await,
            Event::Roles => self.accounts.forget_roles(),
            Event::Accounts => self.accounts.clear(),
            Event::Classes => self.schemas.reload().await?,
            Event::Everything => {
                self.accounts.clear();
                self.schemas.reload().await?;
            }
        }
        Ok(())
    }
}

/// A connection may be dead without either end being told.
async fn in_time<T>(asked: impl Future<Output = StorageResult<T>>) -> StorageResult<T> {
    let answer = tokio::time::timeout(Pulse::LASTS, asked).await;
    answer.unwrap_or(Err(StorageError::Silent))
}
