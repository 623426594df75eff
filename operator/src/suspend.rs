//! Takes an App out of service: its hosts lead to the operator's answer, then its pods go.
//!
//! This takes nothing but the App. One that is held for abuse stops also while its settings are missing, its database is
//! away or its spec cannot be read.

use app_crd::names::RUNTIME;
use kube::api::DeleteParams;

use crate::app_object::AppObject;
use crate::apply;
use crate::build::{ChildId, Kind, Route, ingress};
use crate::conditions::{Findings, Stop};
use crate::context::Context;
use crate::dereference::References;
use crate::error::Error;
use crate::route;

/// Does nothing for an App that may serve, or whose namespace is somebody else's.
pub async fn suspend(
    context: &Context,
    app: &AppObject,
    references: &References,
    findings: &mut Findings,
) -> Result<(), Error> {
    let Some(reason) = app.suspension() else {
        return Ok(());
    };
    findings.stop = Stop::Asked(reason);
    if !apply::may_use_namespace(context, app).await? {
        return Ok(());
    }
    let (hosts, route) = (route::free_hosts(app, references), Route::Suspended);
    let answer: Vec<_> = ingress(app.name(), &context.config, &hosts, route)
        .into_iter()
        .collect();
    let switched = route::lead(context, app, &answer, references, route, findings).await;
    // Also when the hosts could not be switched: the pods are what must not run.
    let stopped = pods(context, app).await;
    switched.and(stopped)?;
    if context.cache.workloads.of(app.name()).is_stopped() {
        findings.stop = Stop::Done(reason);
    }
    Ok(())
}

/// No autoscaler, no replicas; as much of it as is not so yet.
async fn pods(context: &Context, app: &AppObject) -> Result<(), Error> {
    let autoscaler = ChildId {
        kind: Kind::HorizontalPodAutoscaler,
        namespace: Some(app.name().to_owned()),
        name: RUNTIME.to_owned(),
    };
    if context.cache.children.contains(app.name(), &autoscaler) {
        apply::delete(context, app.name(), &autoscaler, DeleteParams::background()).await?;
    }
    match context.cache.workloads.of(app.name()).deployment {
        Some(facts) if facts.wanted != 0 => apply::no_replicas(context, app.name()).await,
        _ => Ok(()),
    }
}
