//! The running operator: connects the parts, and ends them in order.
//!
//! Every operator lists the Apps and answers for suspended ones. Only the leader keeps the other watches and changes anything.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::{StreamExt, stream};
use ids::{SystemClock, SystemIds};
use kube::runtime::controller::{Config as ControllerConfig, applier};
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Client};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::app_object::AppObject;
use crate::bell::Bell;
use crate::config::Config;
use crate::context::{Context, Parts};
use crate::controller::{error_policy, reconcile};
use crate::database::{DatabaseConfigError, Databases, health};
use crate::http::{self, ListenError, Readiness};
use crate::leader::{LeaderError, Leadership};
use crate::metrics::Metrics;
use crate::watch;

/// Why the operator ended.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    #[error(transparent)]
    Databases(#[from] DatabaseConfigError),
    #[error(transparent)]
    Leader(#[from] LeaderError),
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// Another operator leads now. Whatever this one still had in hand is dropped; a new start joins the election again.
    #[error("the lease was lost; another operator may lead now")]
    LeaseLost,
    /// Without it the operator would go on with what it knew until then. A new start has it again.
    #[error("a part of the operator that runs as long as it does has ended: {0}")]
    Part(String),
}

/// One operator, ready to run.
pub struct Operator {
    pub client: Client,
    pub config: Arc<Config>,
    pub metrics: Arc<Metrics>,
    /// Name of this process in the election.
    pub identity: String,
}

impl Operator {
    /// Works until `stop` is cancelled or something ends it.
    pub async fn run(self, stop: CancellationToken) -> Result<(), OperatorError> {
        let bell = Arc::new(Bell::default());
        let mut tasks = JoinSet::new();
        let apps = self.list_apps(bell.clone(), &mut tasks);
        let ready = Readiness::default();
        self.serve(&apps, &ready, &mut tasks)?;
        let databases = Databases::open(&self.config.databases).await?;
        let mut leadership = Leadership::join(self.client.clone(), &self.config, &self.identity).await?;
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            error = ended(&mut tasks) => return Err(error),
            _ = apps.wait_until_ready() => ready.store(true, Ordering::Relaxed),
        }
        let result = tokio::select! {
            () = stop.cancelled() => Ok(()),
            error = ended(&mut tasks) => Err(error),
            () = leadership.won() => {
                let context = self.context(apps, databases, bell);
                self.lead(context, &leadership, &stop, &mut tasks).await
            }
        };
        self.metrics.leader.set(0);
        leadership.release().await;
        result
    }

    /// The list of Apps, kept by a watch of its own.
    fn list_apps(&self, bell: Arc<Bell>, tasks: &mut JoinSet<()>) -> Store<AppObject> {
        let api: Api<AppObject> = Api::namespaced(self.client.clone(), &self.config.namespace);
        let (reader, writer) = reflector::store();
        let list = watcher(api, watcher::Config::default())
            .default_backoff()
            .reflect(writer)
            .touched_objects()
            .for_each(move |change| {
                match change {
                    Ok(app) => bell.ring(ObjectRef::from_obj(&app)),
                    Err(error) => {
                        tracing::warn!(%error, "the watch of Apps was interrupted and starts again")
                    }
                }
                std::future::ready(())
            });
        tasks.spawn(list);
        reader
    }

    fn serve(
        &self,
        apps: &Store<AppObject>,
        ready: &Readiness,
        tasks: &mut JoinSet<()>,
    ) -> Result<(), ListenError> {
        let listen = &self.config.listen;
        let metrics = http::metrics(listen, self.metrics.clone(), apps.clone(), ready.clone())?;
        let suspended = http::suspended(listen, apps.clone())?;
        for server in [metrics, suspended] {
            tasks.spawn(async move { drop(server.await) });
        }
        Ok(())
    }

    fn context(&self, apps: Store<AppObject>, databases: Databases, bell: Arc<Bell>) -> Arc<Context> {
        Arc::new(Context::new(Parts {
            client: self.client.clone(),
            config: self.config.clone(),
            apps,
            databases,
            metrics: self.metrics.clone(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
            bell,
        }))
    }

    async fn lead(
        &self,
        context: Arc<Context>,
        leadership: &Leadership,
        stop: &CancellationToken,
        tasks: &mut JoinSet<()>,
    ) -> Result<(), OperatorError> {
        tracing::info!(identity = self.identity, "this operator leads");
        self.metrics.leader.set(1);
        let mut lost = pin!(leadership.lost());
        let changes = context.changes();
        let listed = watch::start(&context, tasks);
        tasks.spawn(health::watch(context.clone()));
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = &mut lost => return Err(OperatorError::LeaseLost),
            error = ended(tasks) => return Err(error),
            () = listed => {}
        }
        tracing::info!(apps = context.apps.len(), "all that exists is known; work begins");
        for app in context.apps.state() {
            context.wake(app.name());
        }
        tokio::select! {
            () = control(context, changes, stop) => Ok(()),
            // What is under way is dropped where it stands: it may be repeated by whoever leads next.
            () = &mut lost => Err(OperatorError::LeaseLost),
            error = ended(tasks) => Err(error),
        }
    }
}

/// Resolves when one of them has ended, which none does by itself.
async fn ended(tasks: &mut JoinSet<()>) -> OperatorError {
    let how = match tasks.join_next().await {
        Some(Err(error)) => error.to_string(),
        _ => "it returned".to_owned(),
    };
    OperatorError::Part(how)
}

/// Looks at every App that is named, until told to stop; what is under way then is finished.
async fn control(
    context: Arc<Context>,
    mut changes: UnboundedReceiver<ObjectRef<AppObject>>,
    stop: &CancellationToken,
) {
    let changes = stream::poll_fn(move |task| changes.poll_recv(task))
        .take_until(stop.clone().cancelled_owned())
        .map(Ok::<_, Infallible>);
    let config = ControllerConfig::default().concurrency(context.config.concurrency);
    let apps = context.apps.clone();
    applier(
        |app, context| Box::pin(reconcile(app, context)),
        error_policy,
        context,
        apps,
        changes,
        config,
    )
    .for_each(|_| std::future::ready(()))
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_that_panics_is_noticed_and_said_to_have() {
        let mut tasks = JoinSet::new();
        tasks.spawn(std::future::pending());
        tasks.spawn(async { panic!("no such index") });
        let error = ended(&mut tasks).await.to_string();
        assert!(error.contains("no such index"), "{error}");
    }
}
