//! One look at one App: dereference, validate, build, apply, update_status.
//!
//! A look starts from what is, never from what happened, so it may come at any time, be repeated, or end in the middle.

use std::sync::Arc;
use std::time::Duration;

use ids::Clock;
use kube::runtime::controller::Action;
use tokio::time::{Instant, timeout};

use crate::app_object::AppObject;
use crate::conditions::{Finding, Findings};
use crate::context::Context;
use crate::dereference::{References, dereference};
use crate::error::Error;
use crate::provision::{fence, provision};
use crate::status::{self, failed_spec, of_tenant, patience};
use crate::suspend::suspend;
use crate::update_status::update_status;
use crate::validate::{Invalid, validate};
use crate::{finalizer, teardown};

/// A removal that waits is looked at again after this time, though nothing has changed: the wait may be over.
const TEARDOWN_AGAIN: Duration = Duration::from_secs(20);

/// An App that waits for a host looks again after this time, whether the older one has given it up.
const HOST_AGAIN: Duration = Duration::from_secs(15);

/// Looks at one App; the controller calls it for every change that concerns it.
pub async fn reconcile(app: Arc<AppObject>, context: Arc<Context>) -> Result<Action, Error> {
    let start = Instant::now();
    let limit = context.config.reconcile_timeout();
    let result = timeout(limit, look(&context, &app))
        .await
        .unwrap_or(Err(Error::Timeout(limit)));
    let outcome = result.as_ref().map_or_else(Error::kind, |_| "ok");
    context.metrics.reconciled(outcome, start.elapsed());
    context
        .metrics
        .last_reconcile
        .set(context.clock.now().timestamp() as f64);
    if result.is_ok() {
        context.backoffs.reset(app.name());
    }
    result
}

/// When to try again after a failure.
pub fn error_policy(app: Arc<AppObject>, error: &Error, context: Arc<Context>) -> Action {
    let wait = context.backoffs.after_failure(app.name(), error.retry());
    tracing::warn!(app = app.name(), %error, retry_in_ms = wait.as_millis(), "an app could not be brought to its spec");
    Action::requeue(wait)
}

async fn look(context: &Context, app: &AppObject) -> Result<Action, Error> {
    if app.is_paused() {
        return paused(context, app).await;
    }
    if app.is_deleted() {
        return Ok(match teardown::advance(context, app).await? {
            true => Action::await_change(),
            false => Action::requeue(TEARDOWN_AGAIN),
        });
    }
    let references = dereference(context, app);
    let spec = match validate(app, context.config.region, context.is_known_valid(app)) {
        Ok(spec) => spec,
        Err(invalid) => return invalid_spec(context, app, &references, &invalid).await,
    };
    context.remember_valid(app);
    finalizer::ensure(context, app).await?;
    let provisioned = provision(context, app, spec, &references).await;
    let findings = &provisioned.findings;
    let status = of_tenant(context, app, spec, findings, provisioned.applied);
    update_status(context, app, status).await?;
    provisioned.result?;
    let starts = findings
        .workload
        .as_ref()
        .is_some_and(|workload| workload.reason == "Starting");
    Ok(Action::requeue(if !references.taken.is_empty() {
        HOST_AGAIN
    } else if starts {
        // No event tells that it takes too long.
        patience(context) + Duration::from_secs(2)
    } else {
        resync(context)
    }))
}

/// What takes nothing of the spec is done all the same; the rest stays as it is.
async fn invalid_spec(
    context: &Context,
    app: &AppObject,
    references: &References,
    invalid: &Invalid,
) -> Result<Action, Error> {
    let mut findings = Findings::default();
    // Without the mark nothing was made that could run, and nothing may be made.
    let is_tenant = matches!(invalid, Invalid::Spec(_)) && app.has_finalizer();
    let result = if is_tenant {
        let stopped = suspend(context, app, references, &mut findings).await;
        let fenced = fence(context, app, references, &mut findings).await;
        stopped.and(fenced.and_then(|rest| rest))
    } else {
        Ok(())
    };
    let status = failed_spec(context, app, findings, invalid);
    update_status(context, app, status).await?;
    result?;
    let waits_for_host = is_tenant && app.suspension().is_some() && !references.taken.is_empty();
    Ok(if waits_for_host {
        Action::requeue(HOST_AGAIN)
    } else {
        Action::await_change()
    })
}

/// Nothing is touched, not even when the App was deleted; the condition says so.
async fn paused(context: &Context, app: &AppObject) -> Result<Action, Error> {
    update_status(context, app, status::paused(context, app)).await?;
    Ok(Action::await_change())
}

/// Not all Apps at once.
fn resync(context: &Context) -> Duration {
    context
        .config
        .resync_interval()
        .mul_f64(rand::random_range(0.8..=1.2))
}

/// For the status of an App that fails: what else is known about the failure.
pub(crate) fn explain(findings: &mut Findings, error: &Error) {
    use crate::error::Retry;
    match (error, error.retry()) {
        (Error::Blocked(_), _) => {}
        (_, Retry::Later) => {
            findings.degraded = Some(Finding::yes(
                error.reason(),
                format!("{error}. It is tried again."),
            ))
        }
        (_, Retry::Soon) => {
            findings.progressing = Some(Finding::yes("Retrying", format!("{error}. It is tried again.")))
        }
    }
}
