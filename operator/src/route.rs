//! Where the hosts of an App lead: to its pods, or to the operator's answer while it is suspended.

use kube::api::DeleteParams;

use crate::app_object::AppObject;
use crate::apply;
use crate::build::{Child, ChildId, Route, Stage, ingress_id};
use crate::conditions::{Finding, Findings};
use crate::context::Context;
use crate::dereference::References;
use crate::error::Error;
use crate::provision::note;

/// After a suspension the hosts lead to the pods as soon as one of them answers, and until then to a polite refusal.
pub fn choose(context: &Context, app: &AppObject, references: &References) -> Route {
    let answers = references
        .workload
        .deployment
        .as_ref()
        .is_some_and(|facts| facts.available > 0);
    let suspended = ingress_id(app.name(), &context.config, Route::Suspended);
    let resumes = !answers && context.cache.children.contains(app.name(), &suspended);
    if app.suspension().is_some() || resumes {
        Route::Suspended
    } else {
        Route::Tenant
    }
}

/// The hosts that no older App has.
pub fn free_hosts(app: &AppObject, references: &References) -> Vec<String> {
    let is_taken = |host: &String| references.taken.iter().any(|(taken, _)| taken == host);
    app.hosts()
        .iter()
        .filter(|host| !is_taken(host))
        .cloned()
        .collect()
}

/// Makes the hosts lead where the Ingress among `children` leads, which is `route`, and says so.
pub async fn lead(
    context: &Context,
    app: &AppObject,
    children: &[Child],
    references: &References,
    route: Route,
    findings: &mut Findings,
) -> Result<(), Error> {
    let applied = switch(context, app, children).await;
    findings.route = Some(match references.taken.first() {
        Some((host, owner)) => Finding::no(
            "HostTaken",
            format!("The host {host} belongs to {owner}, which had it first. Remove it here or there."),
        ),
        None if app.hosts().is_empty() => Finding::yes(
            "NoHosts",
            "spec.hosts is empty: the app is reached inside the cluster only.",
        ),
        None => routed(route, app.suspension().is_some()),
    });
    applied.inspect_err(|error| note(&mut findings.route, error))
}

fn routed(route: Route, suspended: bool) -> Finding {
    match route {
        Route::Tenant => Finding::yes("Routed", "All hosts lead to the app."),
        Route::Suspended if suspended => {
            Finding::no("Suspended", "The hosts lead to the reason of the suspension.")
        }
        Route::Suspended => Finding::no(
            "Starting",
            "The hosts lead to a polite refusal until the first replica answers.",
        ),
    }
}

/// The other Ingress goes before this one comes: ingress-nginx refuses one whose host another has.
async fn switch(context: &Context, app: &AppObject, children: &[Child]) -> Result<(), Error> {
    for route in [Route::Tenant, Route::Suspended] {
        let id = ingress_id(app.name(), &context.config, route);
        let is_wanted = children.iter().any(|child| child.id == id);
        if !is_wanted && exists(context, app, &id) {
            apply::delete(context, app.name(), &id, DeleteParams::background()).await?;
        }
    }
    apply::stage(context, app.name(), children, Stage::Route).await
}

fn exists(context: &Context, app: &AppObject, id: &ChildId) -> bool {
    context.cache.children.contains(app.name(), id) || context.cache.strangers.contains(app.name(), id)
}
