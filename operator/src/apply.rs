//! Fourth step: makes the cluster as it was built. Every part may be repeated at any time.
//!
//! An object that is known to be just what its manifest makes it is not sent again. What belongs to the tenant but was not
//! built any more is deleted.

use app_crd::names::{FIELD_MANAGER, RUNTIME, SCALE_MANAGER, annotation};
use futures_util::future::join_all;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Namespace, Secret};
use kube::Api;
use kube::api::{
    DeleteParams, DynamicObject, Patch, PatchParams, PostParams, Preconditions, ValidationDirective,
};
use serde_json::json;

use crate::app_object::AppObject;
use crate::build::{self, Child, ChildId, Kind, Placement, Stage};
use crate::context::Context;
use crate::error::{Error, code};

/// A namespace of the tenant's name that is not the tenant's.
#[derive(Debug, PartialEq, Eq)]
pub enum NamespaceState {
    Ours,
    Foreign,
    /// It is on its way out, and must have gone before the tenant can have a new one.
    Terminating,
}

/// Makes the namespace, unless somebody else's has its name.
pub async fn namespace(context: &Context, app: &AppObject) -> Result<NamespaceState, Error> {
    let child = build::namespace(app.name(), app.uid(), &context.config);
    if context.cache.children.is_current(app.name(), &child) {
        return Ok(NamespaceState::Ours);
    }
    let api: Api<Namespace> = Api::all(context.client.clone());
    let found = api
        .get_opt(app.name())
        .await
        .map_err(Error::api("the namespace"))?;
    match found {
        Some(found) if !is_ours(&found, app.uid()) => return Ok(NamespaceState::Foreign),
        Some(found) if found.metadata.deletion_timestamp.is_some() => return Ok(NamespaceState::Terminating),
        Some(_) => {}
        // Not by apply: that would take over a namespace which somebody made in this very moment.
        None => {
            let namespace =
                serde_json::from_value(json!({ "metadata": child.body["metadata"] })).unwrap_or_default();
            let create = PostParams {
                field_manager: Some(FIELD_MANAGER.to_owned()),
                ..PostParams::default()
            };
            api.create(&create, &namespace)
                .await
                .map_err(Error::api("the namespace"))?;
        }
    }
    patch(context, app.name(), &child).await?;
    Ok(NamespaceState::Ours)
}

/// Whether a namespace belongs to the App of this uid.
pub fn is_ours(namespace: &Namespace, uid: &str) -> bool {
    let annotations = namespace.metadata.annotations.as_ref();
    annotations
        .and_then(|annotations| annotations.get(annotation::APP_UID))
        .is_some_and(|owner| owner == uid)
}

/// Whether the namespace of the App's name is the App's, or nobody's.
pub async fn may_use_namespace(context: &Context, app: &AppObject) -> Result<bool, Error> {
    let child = build::namespace(app.name(), app.uid(), &context.config);
    if context.cache.children.is_current(app.name(), &child) {
        return Ok(true);
    }
    let api: Api<Namespace> = Api::all(context.client.clone());
    let found = api
        .get_opt(app.name())
        .await
        .map_err(Error::api("the namespace"))?;
    Ok(found.is_none_or(|found| is_ours(&found, app.uid())))
}

/// Makes the Secret that holds placement and password, and returns what it holds: an older one wins over `placement`.
pub async fn database_secret(
    context: &Context,
    app: &AppObject,
    placement: &Placement,
) -> Result<Placement, Error> {
    let api: Api<Secret> = Api::namespaced(context.client.clone(), app.name());
    let secret = build::database_secret(app.name(), &context.config, placement);
    let create = PostParams {
        field_manager: Some(FIELD_MANAGER.to_owned()),
        ..PostParams::default()
    };
    let stored = match api.create(&create, &secret).await {
        Err(error) if code(&error) == Some(409) => api.get(app_crd::names::DATABASE_SECRET).await,
        created => created,
    };
    let stored = stored.map_err(Error::api("the Secret database"))?;
    context.cache.passwords.seen(&stored);
    Placement::of_secret(&stored).ok_or_else(|| {
        Error::Blocked(
            "The Secret `database` of the tenant is incomplete. Delete it to have a new password made."
                .to_owned(),
        )
    })
}

/// Applies those children of a stage that are not known to be current, all at once.
pub async fn stage(context: &Context, app: &str, children: &[Child], stage: Stage) -> Result<(), Error> {
    let due = children
        .iter()
        .filter(|child| child.id.kind.stage() == stage && !context.cache.children.is_current(app, child));
    let least = least_replicas(children);
    let send = async |child: &Child| match child.id.kind {
        Kind::Deployment => deployment(context, app, child, least).await,
        _ => patch(context, app, child).await.map(drop),
    };
    // Not to be broken off at the first failure: what was done then would have to be done again.
    join_all(due.map(send)).await.into_iter().collect()
}

/// The replicas below which the autoscaler does not go; none without one.
fn least_replicas(children: &[Child]) -> Option<i64> {
    let autoscaler = children
        .iter()
        .find(|child| child.id.kind == Kind::HorizontalPodAutoscaler)?;
    autoscaler.body.pointer("/spec/minReplicas")?.as_i64()
}

/// With an autoscaler, somebody else has to own the number of replicas before we let go of it, and it begins at the least.
async fn deployment(context: &Context, app: &str, child: &Child, least: Option<i64>) -> Result<(), Error> {
    let before = context.cache.workloads.of(app).deployment;
    if let (Some(least), Some(facts)) = (least, before.as_ref().filter(|facts| facts.owns_replicas)) {
        hand_over(context, app, least.max(facts.wanted.into())).await?;
    }
    let answer = patch(context, app, child).await?;
    if let Ok(deployment) = answer.try_parse::<Deployment>() {
        context.cache.workloads.deployment(&deployment);
    }
    match least.filter(|_| before.is_none()) {
        Some(least) => hand_over(context, app, least).await,
        None => Ok(()),
    }
}

async fn hand_over(context: &Context, app: &str, replicas: i64) -> Result<(), Error> {
    let body = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": RUNTIME },
        "spec": { "replicas": replicas },
    });
    let api: Api<Deployment> = Api::namespaced(context.client.clone(), app);
    let params = PatchParams::apply(SCALE_MANAGER).force();
    let patched = api.patch(RUNTIME, &params, &Patch::Apply(&body)).await;
    patched
        .map(drop)
        .map_err(Error::api("the replicas of Deployment runtime"))
}

/// Ends all pods, without knowing the manifest of the Deployment. The field is ours also afterwards.
pub async fn no_replicas(context: &Context, app: &str) -> Result<(), Error> {
    let id = ChildId {
        kind: Kind::Deployment,
        namespace: Some(app.to_owned()),
        name: RUNTIME.to_owned(),
    };
    context.cache.children.give_up(app, &id);
    let params = PatchParams {
        field_manager: Some(FIELD_MANAGER.to_owned()),
        ..PatchParams::default()
    };
    let api: Api<Deployment> = Api::namespaced(context.client.clone(), app);
    let patch = Patch::Merge(json!({ "spec": { "replicas": 0 } }));
    match api.patch(RUNTIME, &params, &patch).await {
        Err(error) if code(&error) != Some(404) => Err(Error::api(describe(&id))(error)),
        patched => {
            if let Ok(deployment) = patched {
                context.cache.workloads.deployment(&deployment);
            }
            context.backoffs.reset(app);
            Ok(())
        }
    }
}

async fn patch(context: &Context, app: &str, child: &Child) -> Result<DynamicObject, Error> {
    let params = PatchParams {
        field_manager: Some(FIELD_MANAGER.to_owned()),
        field_validation: Some(ValidationDirective::Strict),
        force: true,
        dry_run: false,
    };
    let answer = api(context, &child.id)
        .patch(&child.id.name, &params, &Patch::Apply(&child.body))
        .await
        .map_err(Error::api(describe(&child.id)))?;
    context.cache.children.applied(app, child, &answer.metadata);
    // It gets on: the next failure is the first in a row again.
    context.backoffs.reset(app);
    Ok(answer)
}

/// Deletes what belongs to the tenant but is not among `children`.
pub async fn prune(context: &Context, app: &str, children: &[Child]) -> Result<(), Error> {
    let known = context.cache.children.of(app);
    let unwanted = known.into_iter().filter(|id| !is_wanted(id, children));
    for id in unwanted {
        delete(context, app, &id, DeleteParams::background()).await?;
    }
    Ok(())
}

fn is_wanted(id: &ChildId, children: &[Child]) -> bool {
    id.kind == Kind::Namespace
        || (id.kind == Kind::Secret && id.name == app_crd::names::DATABASE_SECRET)
        || children.iter().any(|child| child.id == *id)
}

/// Deletes one object; it may have gone already. Returns whether it was there.
pub async fn delete(context: &Context, app: &str, id: &ChildId, params: DeleteParams) -> Result<bool, Error> {
    context.cache.children.give_up(app, id);
    match api(context, id).delete(&id.name, &params).await {
        Err(error) if code(&error) != Some(404) => Err(Error::api(describe(id))(error)),
        deleted => {
            context.cache.children.remove(app, id);
            if deleted.is_ok() {
                // It gets on, as with a patch.
                context.backoffs.reset(app);
            }
            Ok(deleted.is_ok())
        }
    }
}

/// Deletes the namespace if it is the App's.
pub async fn delete_namespace(context: &Context, app: &AppObject) -> Result<bool, Error> {
    let api: Api<Namespace> = Api::all(context.client.clone());
    let found = api
        .get_opt(app.name())
        .await
        .map_err(Error::api("the namespace"))?;
    let Some(found) = found.filter(|found| is_ours(found, app.uid())) else {
        return Ok(true);
    };
    if found.metadata.deletion_timestamp.is_none() {
        let only_this = Preconditions {
            uid: found.metadata.uid.clone(),
            resource_version: None,
        };
        let params = DeleteParams {
            preconditions: Some(only_this),
            ..DeleteParams::default()
        };
        api.delete(app.name(), &params)
            .await
            .map_err(Error::api("the namespace"))?;
    }
    Ok(false)
}

fn api(context: &Context, id: &ChildId) -> Api<DynamicObject> {
    let resource = id.kind.resource();
    match &id.namespace {
        Some(namespace) => Api::namespaced_with(context.client.clone(), namespace, &resource),
        None => Api::all_with(context.client.clone(), &resource),
    }
}

fn describe(id: &ChildId) -> String {
    format!("{} {}", id.kind.name(), id.name)
}
