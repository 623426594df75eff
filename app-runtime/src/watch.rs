//! Keeps what is held in memory true: follows the change stream of the app's database and has classes read again, and
//! sessions and roles forgotten, when anybody changes them: another replica, or somebody at the database itself.
//!
//! When the stream is lost, memory is cleared at the moment it is back, since nobody knows what happened between.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::objects::schema::SchemaCache;
use crate::storage::{Event, Storage, StorageResult};
use crate::users::memory::{AccountMemory, Pulse};

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
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn follow(&self) -> StorageResult<()> {
        let mut events = self.storage.events().await?;
        self.apply(Event::Everything).await?;
        self.pulse.beat();
        loop {
            if let Some(event) = events.next().await? {
                self.apply(event).await?;
            }
            self.pulse.beat();
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
