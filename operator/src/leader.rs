//! Which of several operators works. The others stand by.
//!
//! `kube_lease_manager` keeps the lease, but goes on leading for as long as it cannot read that another holds it. So
//! whoever leads also watches its own lease, and stops before it ends unless it was seen renewed.

use std::future::Future;
use std::time::Duration;

use ids::{Clock, SystemClock};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::jiff::Timestamp;
use kube::{Api, Client};
use kube_lease_manager::{LeaseManagerBuilder, LeaseManagerError};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::config::{Config, LeaderElectionConfig};

/// How long giving the lease back may take; it ends by itself all the same.
const RELEASE: Duration = Duration::from_secs(3);

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
    elected: Option<Elected>,
}

struct Elected {
    keeper: JoinHandle<kube_lease_manager::Result<kube_lease_manager::LeaseManager>>,
    term: Term,
}

/// One operator's hold on the lease.
#[derive(Clone)]
struct Term {
    leases: Api<Lease>,
    lease: String,
    identity: String,
    duration: Duration,
    renew_before: Duration,
}

impl Leadership {
    /// Joins the election, or leads at once where there is none.
    pub async fn join(client: Client, config: &Config, identity: &str) -> Result<Self, LeaderError> {
        let election = &config.leader_election;
        if !election.enabled {
            return Ok(Self {
                state: watch::channel(true).1,
                elected: None,
            });
        }
        let manager = manager(client.clone(), config, election, identity)
            .await
            .map_err(|source| LeaderError {
                lease: election.lease_name.clone(),
                source,
            })?;
        let (state, keeper) = manager.watch().await;
        let term = Term {
            leases: Api::namespaced(client, &config.namespace),
            lease: election.lease_name.clone(),
            identity: identity.to_owned(),
            duration: Duration::from_secs(election.lease_duration),
            renew_before: Duration::from_secs(election.renew_before),
        };
        Ok(Self {
            state,
            elected: Some(Elected { keeper, term }),
        })
    }

    /// Resolves as soon as this operator leads.
    pub async fn won(&mut self) {
        wait(&mut self.state, true).await;
    }

    /// Resolves when this operator leads no more, and before another may. Without an election that is never.
    pub fn lost(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut state = self.state.clone();
        let term = self.elected.as_ref().map(|elected| elected.term.clone());
        async move {
            let Some(term) = term else {
                return std::future::pending().await;
            };
            tokio::select! {
                () = wait(&mut state, false) => {}
                () = term.ends() => {}
            }
        }
    }

    /// Gives the lease back, so that another need not wait for its end.
    pub async fn release(self) {
        drop(self.state);
        if let Some(Elected { mut keeper, .. }) = self.elected {
            // Whatever went wrong, the lease ends by itself.
            if timeout(RELEASE, &mut keeper).await.is_err() {
                keeper.abort();
            }
        }
    }
}

impl Term {
    /// Resolves when another holds the lease, or half of `renew_before` ahead of its end when nobody was seen to renew it.
    async fn ends(&self) {
        let limit = self.duration - self.renew_before / 2;
        let pause = self.renew_before / 8;
        let mut renewed = Instant::now();
        // The first one is that of the election, whatever it says: only another one after it is a renewal.
        let mut known = None;
        loop {
            let left = limit.saturating_sub(renewed.elapsed());
            if left.is_zero() {
                tracing::warn!(lease = self.lease, "the lease was not renewed in time");
                return;
            }
            let asked = Instant::now();
            match timeout(left, self.leases.get(&self.lease)).await {
                Ok(Ok(lease)) if !self.is_holder(&lease) => return,
                Ok(Ok(lease)) => {
                    let time = renew_time(&lease);
                    if known.replace(time).is_some_and(|known| known != time) {
                        renewed = renewed_at(time, asked).max(renewed);
                    }
                }
                // Not to be known is not to be renewed: the time goes on.
                _ => {}
            }
            let due = (self.duration - self.renew_before).saturating_sub(renewed.elapsed());
            let next = if known.is_some() { due + pause } else { pause };
            sleep(next.min(limit.saturating_sub(renewed.elapsed()))).await;
        }
    }

    fn is_holder(&self, lease: &Lease) -> bool {
        let spec = lease.spec.as_ref();
        spec.and_then(|spec| spec.holder_identity.as_ref()) == Some(&self.identity)
    }
}

fn renew_time(lease: &Lease) -> Option<Timestamp> {
    Some(lease.spec.as_ref()?.renew_time.as_ref()?.0)
}

/// When this process renewed the lease: by the clock that it wrote into it, which may have been set back since, but not later
/// than somebody asked for what was found.
fn renewed_at(time: Option<Timestamp>, asked: Instant) -> Instant {
    let now = SystemClock.now().timestamp_micros();
    let age = time.map_or(0, |time| now.saturating_sub(time.as_microsecond()));
    let age = Duration::from_micros(age.max(0).unsigned_abs()).saturating_sub(asked.elapsed());
    asked.checked_sub(age).unwrap_or(asked)
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
