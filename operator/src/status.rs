//! The status of an App from what one look found out. Pure but for the time, which the context tells.

use std::time::Duration;

use app_crd::names::{self, label};
use app_crd::{AppSpec, AppStatus, DatabaseStatus};

use crate::app_object::AppObject;
use crate::conditions::{Finding, Findings, Stop, suspended_for};
use crate::context::Context;
use crate::observe::{self, Phase};
use crate::validate::Invalid;

/// The status of a tenant; `applied`: all of the spec has been applied.
pub fn of_tenant(
    context: &Context,
    app: &AppObject,
    spec: &AppSpec,
    findings: &Findings,
    applied: bool,
) -> AppStatus {
    let before = context.known_status(app);
    let facts = context
        .cache
        .workloads
        .of(app.name())
        .deployment
        .unwrap_or_default();
    let placement = context.cache.passwords.of(app.name());
    let complete = applied && spec.suspended.is_none() && facts.is_complete() && facts.available > 0;
    AppStatus {
        conditions: findings.conditions(app.generation(), applied, &before.conditions, &context.now()),
        observed_generation: if applied {
            Some(app.generation())
        } else {
            before.observed_generation
        },
        url: spec.hosts.first().map(|host| context.config.ingress.url(host)),
        namespace: match &findings.namespace {
            Some(finding) => finding.truth.then(|| app.name().to_owned()),
            None => before.namespace,
        },
        version: if complete {
            Some(spec.runtime_version.clone())
        } else {
            before.version
        },
        replicas: facts.replicas,
        ready_replicas: facts.ready,
        selector: Some(selector(app.name())),
        database: placement
            .map(|placement| DatabaseStatus {
                cluster: placement.cluster,
                name: placement.database,
            })
            .or(before.database),
        teardown: Vec::new(),
    }
}

/// The status of an App whose spec cannot be applied: what was before, what is wrong, and how its replicas are.
pub fn failed_spec(
    context: &Context,
    app: &AppObject,
    mut findings: Findings,
    invalid: &Invalid,
) -> AppStatus {
    findings.degraded = Some(Finding::yes(invalid.reason(), invalid.to_string()));
    if app.suspension().is_none() {
        findings.stop = known_stop(context, app);
    }
    unapplied(context, app, findings)
}

/// The status of an App that is left alone.
pub fn paused(context: &Context, app: &AppObject) -> AppStatus {
    let findings = Findings {
        paused: true,
        stop: known_stop(context, app),
        ..Findings::default()
    };
    unapplied(context, app, findings)
}

/// Nothing of the spec is applied, but its replicas come and go all the same.
fn unapplied(context: &Context, app: &AppObject, mut findings: Findings) -> AppStatus {
    let mut status = context.known_status(app);
    let workload = context.cache.workloads.of(app.name());
    if workload.deployment.is_some() || status.version.is_some() {
        let phase = match findings.stop {
            Stop::NotAsked => phase(context, app),
            Stop::Asked(_) | Stop::Done(_) => Phase::Suspended,
        };
        findings.workload = Some(observe::workload(phase, &workload));
        let facts = workload.deployment.unwrap_or_default();
        (status.replicas, status.ready_replicas) = (facts.replicas, facts.ready);
    }
    status.conditions = findings.conditions(app.generation(), false, &status.conditions, &context.now());
    status
}

/// What replicas of the App that do not answer are on their way to.
pub fn phase(context: &Context, app: &AppObject) -> Phase {
    let before = context.known_status(app);
    let suspended = app.suspension().is_some();
    observe::phase(suspended, &before, &context.now(), patience(context))
}

/// How long an app may take to start.
pub fn patience(context: &Context) -> Duration {
    Duration::from_secs(context.config.workload.progress_deadline_seconds.into())
}

/// An App that was suspended before stays so while nobody touches it, whatever its spec says.
fn known_stop(context: &Context, app: &AppObject) -> Stop {
    let done = suspended_for(&context.known_status(app).conditions);
    match (app.suspension(), done) {
        (_, Some(reason)) if context.cache.workloads.of(app.name()).is_stopped() => Stop::Done(reason),
        (Some(reason), _) => Stop::Asked(reason),
        (None, _) => Stop::NotAsked,
    }
}

/// Selects the tenant's pods, for `kubectl scale` and autoscalers.
fn selector(app: &str) -> String {
    format!("{}={app},app.kubernetes.io/name={}", label::APP, names::RUNTIME)
}
