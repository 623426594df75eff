//! The end of an App, step by step: each is safe to repeat, and recorded in the status when it is done.

use app_crd::names::RUNTIME;
use app_crd::{AppStatus, TeardownStep, TeardownStepStatus};
use kube::api::DeleteParams;

use crate::app_object::AppObject;
use crate::build::{ChildId, Kind, Route, ingress_id};
use crate::conditions::{Finding, Findings};
use crate::context::Context;
use crate::error::Error;
use crate::update_status::update_status;
use crate::{apply, finalizer};

const STEPS: [TeardownStep; 5] = [
    TeardownStep::Route,
    TeardownStep::Workload,
    TeardownStep::Database,
    TeardownStep::Namespace,
    TeardownStep::Gone,
];

/// Goes as far as it can; returns whether the App has gone. A step that has to wait for the cluster is looked at again
/// when its objects change.
pub async fn advance(context: &Context, app: &AppObject) -> Result<bool, Error> {
    if !app.has_finalizer() {
        return Ok(true);
    }
    for step in STEPS {
        if is_done(&context.known_status(app), step) {
            continue;
        }
        match take(context, app, step).await {
            Ok(true) => record(context, app, step, true, None).await?,
            Ok(false) => {
                record(context, app, step, false, None).await?;
                return Ok(false);
            }
            Err(error) => {
                record(context, app, step, false, Some(&error)).await?;
                return Err(error);
            }
        }
    }
    finalizer::release(context, app).await?;
    let deleted = app.metadata.deletion_timestamp.as_ref();
    let took = deleted.map(|deleted| context.now().0.as_second() - deleted.0.as_second());
    context
        .metrics
        .teardown_seconds
        .observe(took.unwrap_or_default() as f64);
    context.forget(app);
    Ok(true)
}

/// Returns whether the step is done.
async fn take(context: &Context, app: &AppObject, step: TeardownStep) -> Result<bool, Error> {
    match step {
        TeardownStep::Route => route(context, app).await.map(|()| true),
        TeardownStep::Workload => workload(context, app).await,
        TeardownStep::Database => database(context, app).await.map(|()| true),
        TeardownStep::Namespace => apply::delete_namespace(context, app).await.map(|_| true),
        TeardownStep::Gone => apply::delete_namespace(context, app).await,
    }
}

async fn route(context: &Context, app: &AppObject) -> Result<(), Error> {
    let mut ingresses = context.cache.children.of(app.name());
    ingresses.retain(|id| id.kind == Kind::Ingress);
    ingresses.extend(
        [Route::Suspended, Route::Tenant].map(|route| ingress_id(app.name(), &context.config, route)),
    );
    ingresses.sort();
    ingresses.dedup();
    for id in ingresses {
        apply::delete(context, app.name(), &id, DeleteParams::background()).await?;
    }
    Ok(())
}

/// Waits for the pods to go, but not forever: a node that died keeps its pods in the list until somebody removes it.
async fn workload(context: &Context, app: &AppObject) -> Result<bool, Error> {
    let name = app.name();
    let known = context.cache.workloads.of(name);
    for kind in [Kind::HorizontalPodAutoscaler, Kind::Deployment] {
        let id = tenants(app, kind);
        apply::delete(context, name, &id, DeleteParams::background()).await?;
    }
    if known.deployment.is_none() && known.pods.is_empty() {
        return Ok(true);
    }
    let started =
        entry(&context.known_status(app), TeardownStep::Workload).map(|entry| entry.started_at.0.as_second());
    let waited = started.map_or(0, |started| context.now().0.as_second() - started);
    Ok(waited > i64::try_from(context.config.teardown.workload_timeout).unwrap_or(i64::MAX))
}

async fn database(context: &Context, app: &AppObject) -> Result<(), Error> {
    let recorded = context
        .known_status(app)
        .database
        .map(|database| (database.cluster, database.name));
    let placed = context
        .cache
        .passwords
        .of(app.name())
        .map(|placement| (placement.cluster, placement.database));
    let Some((cluster, database)) = placed.or(recorded) else {
        return Ok(());
    };
    let Some(cluster) = context.databases.get(&cluster) else {
        return Err(Error::Blocked(format!(
            "The app's data are in the database cluster {cluster}, which the operator's settings do not have. Add it again to have them dropped."
        )));
    };
    // Whoever can write the Secret could have another app's database dropped.
    if database != app.database() {
        return Err(Error::Blocked(foreign_database(app, &database)));
    }
    cluster.drop_all(&database).await
}

/// What to do about a Secret `database` that names the database of somebody else.
pub fn foreign_database(app: &AppObject, named: &str) -> String {
    format!(
        "The Secret `database` of the tenant names the database {named}, but the app's is {}. Nothing is done with either; correct the Secret.",
        app.database(),
    )
}

fn tenants(app: &AppObject, kind: Kind) -> ChildId {
    ChildId {
        kind,
        namespace: Some(app.name().to_owned()),
        name: RUNTIME.to_owned(),
    }
}

async fn record(
    context: &Context,
    app: &AppObject,
    step: TeardownStep,
    done: bool,
    error: Option<&Error>,
) -> Result<(), Error> {
    let mut status = context.known_status(app);
    let now = context.now();
    if entry(&status, step).is_none() {
        status.teardown.push(TeardownStepStatus {
            step,
            started_at: now.clone(),
            done_at: None,
        });
    }
    let written = status.teardown.iter_mut().find(|entry| entry.step == step);
    if let Some(written) = written.filter(|_| done) {
        written.done_at = Some(now.clone());
    }
    let findings = findings(step, error);
    status.conditions = findings.conditions(app.generation(), true, &status.conditions, &now);
    update_status(context, app, status).await
}

fn findings(step: TeardownStep, error: Option<&Error>) -> Findings {
    let degraded = match error {
        Some(error) => Finding::yes(
            "TeardownBlocked",
            format!("The step {step:?} of the removal fails: {error}. It is tried again."),
        ),
        None => Finding::no("AsExpected", "Nothing needs a person."),
    };
    Findings {
        route: Some(Finding::no("Deleting", "The app is being deleted.")),
        workload: Some(Finding::no("Deleting", "The app is being deleted.")),
        progressing: Some(Finding::yes(
            "Deleting",
            format!("The removal is at its step {step:?}."),
        )),
        degraded: Some(degraded),
        ..Findings::default()
    }
}

fn entry(status: &AppStatus, step: TeardownStep) -> Option<&TeardownStepStatus> {
    status.teardown.iter().find(|entry| entry.step == step)
}

fn is_done(status: &AppStatus, step: TeardownStep) -> bool {
    entry(status, step).is_some_and(|entry| entry.done_at.is_some())
}
