//! Which of several operators works. The others stand by.

use std::future::Future;

use kube::Client;
use kube_lease_manager::{LeaseManagerBuilder, LeaseManagerError};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::{Config, LeaderElectionConfig};

/// Why an operator cannot take part in the election.
#[derive(Debug, thiserror::Error)]
#[error("the lease {lease} cannot be used: {source}")]
pub struct LeaderError {
    lease: String,
    source: LeaseManagerError,
}

/// Takes part in the election until it is dropped or released.
pub struct Leadership {
    state: watch::Receiver<bool>,
    keeper: Option<JoinHandle<kube_lease_manager::Result<kube_lease_manager::LeaseManager>>>,
}

impl Leadership {
    /// Joins the election, or leads at once where there is none.
    pub async fn join(client: Client, config: &Config, identity: &str) -> Result<Self, LeaderError> {
        let election = &config.leader_election;
        if !election.enabled {
            return Ok(Self {
                state: watch::channel(true).1,
                keeper: None,
            });
        }
        let manager = manager(client, config, election, identity)
            .await
            .map_err(|source| LeaderError {
                lease: election.lease_name.clone(),
                source,
            })?;
        let (state, keeper) = manager.watch().await;
        Ok(Self {
            state,
            keeper: Some(keeper),
        })
    }

    /// Resolves as soon as this operator leads.
    pub async fn won(&mut self) {
        wait(&mut self.state, true).await;
    }

    /// Resolves when this operator leads no more. Without an election that is never.
    pub fn lost(&self) -> impl Future<Output = ()> + Send + use<> {
        let (mut state, elected) = (self.state.clone(), self.keeper.is_some());
        async move {
            if elected {
                wait(&mut state, false).await;
            } else {
                std::future::pending().await
            }
        }
    }

    /// Gives the lease back, so that another need not wait for its end.
    pub async fn release(self) {
        drop(self.state);
        if let Some(keeper) = self.keeper {
            // Whatever went wrong, the lease ends by itself.
            let _ = keeper.await;
        }
    }
}

/// A closed channel means that nobody keeps the lease any more.
async fn wait(state: &mut watch::Receiver<bool>, wanted: bool) {
    if state.wait_for(|leads| *leads == wanted).await.is_err() && wanted {
        std::future::pending().await
    }
}

async fn manager(
    client: Client,
    config: &Config,
    election: &LeaderElectionConfig,
    identity: &str,
) -> kube_lease_manager::Result<kube_lease_manager::LeaseManager> {
    LeaseManagerBuilder::new(client, &election.lease_name)
        .with_namespace(&config.namespace)
        .with_identity(identity)
        .with_duration(election.lease_duration)
        .with_grace(election.renew_before)
        .build()
        .await
}
