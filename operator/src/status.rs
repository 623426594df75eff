//! The status of an App from what one look found out. Pure but for the time, which the context tells.

use app_crd::names::{self, label};
use app_crd::{AppSpec, AppStatus, DatabaseStatus};

use crate::app_object::AppObject;
use crate::conditions::{Finding, Findings};
use crate::context::Context;
use crate::dereference::References;
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
        conditions: findings.conditions(app.generation(), &before.conditions, &context.now()),
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

/// The status of an App whose spec cannot be applied: what was before, and what is wrong.
pub fn failed_spec(
    context: &Context,
    app: &AppObject,
    references: &References,
    invalid: &Invalid,
) -> AppStatus {
    let mut status = references.status.clone();
    let degraded = Some(Finding::yes(invalid.reason(), invalid.to_string()));
    let suspended = app.spec.as_ref().ok().and_then(|spec| spec.suspended.as_ref());
    let findings = Findings {
        degraded,
        suspended: suspended.map(|suspended| suspended.reason),
        ..Findings::default()
    };
    status.conditions = findings.conditions(app.generation(), &status.conditions, &context.now());
    if let Some(facts) = &references.workload.deployment {
        (status.replicas, status.ready_replicas) = (facts.replicas, facts.ready);
    }
    status
}

/// Selects the tenant's pods, for `kubectl scale` and autoscalers.
fn selector(app: &str) -> String {
    format!("{}={app},app.kubernetes.io/name={}", label::APP, names::RUNTIME)
}
