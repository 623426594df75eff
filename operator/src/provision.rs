//! Steps three and four for a valid App: what to build, and in which order it is applied.
//!
//! A tenant gets its fences before its secrets, those before its pods, and its pods before its hosts. A suspension comes
//! before all of that, see [`crate::suspend`].

use app_crd::names::annotation;
use app_crd::{AppSpec, Region};
use sha2::{Digest, Sha256};

use crate::app_object::AppObject;
use crate::apply::{self, NamespaceState};
use crate::build::{self, Child, Placement, Stage, Tenant, settings};
use crate::conditions::{Finding, Findings};
use crate::context::Context;
use crate::controller::explain;
use crate::database::Cluster;
use crate::dereference::References;
use crate::error::{Error, Retry};
use crate::status::phase;
use crate::suspend::suspend;
use crate::teardown::foreign_database;
use crate::{observe, route, strangers};

/// The outcome of steps: `Err` of one that could not be done, so that the spec is not applied. Within, what else went wrong and
/// is tried again.
type Steps = Result<Result<(), Error>, Error>;

/// What one look did for a tenant.
pub struct Provisioned {
    pub findings: Findings,
    /// All of the spec is applied, whatever else went wrong.
    pub applied: bool,
    pub result: Result<(), Error>,
}

/// Brings the tenant to its spec as far as possible, and says what was found on the way.
pub async fn provision(
    context: &Context,
    app: &AppObject,
    spec: &AppSpec,
    references: &References,
) -> Provisioned {
    let mut findings = Findings::default();
    let steps = steps(context, app, spec, references, &mut findings).await;
    let applied = steps.is_ok();
    let result = steps.and_then(|rest| rest);
    let workload = context.cache.workloads.of(app.name());
    let phase = phase(context, app);
    let behind = !applied && references.status.observed_generation != Some(app.generation());
    findings.workload = Some(observe::workload(phase, &workload));
    findings.progressing = Some(observe::progressing(spec, behind, &workload));
    findings.degraded = Some(observe::degraded(phase, &workload));
    match &result {
        // Nothing is on its way: it is tried again in a moment, and the findings say what fails.
        Err(error) if applied && error.retry() == Retry::Soon => {}
        Err(error) => explain(&mut findings, error),
        Ok(()) => {}
    }
    Provisioned {
        findings,
        applied,
        result,
    }
}

/// What keeps a tenant apart from all others: its namespace without what strangers added, and its policies. Nothing of the
/// spec is needed, so a tenant whose spec cannot be applied keeps it, too.
pub async fn fence(
    context: &Context,
    app: &AppObject,
    references: &References,
    findings: &mut Findings,
) -> Steps {
    namespace(context, app, findings).await?;
    let expelled = strangers::expel(context, app).await;
    let known = |placement: &&Placement| {
        placement.database == app.database() && context.databases.get(&placement.cluster).is_some()
    };
    let placement = references.placement.as_ref().filter(known);
    let cluster = placement.map(|placement| placement.cluster.as_str());
    let fences = build::fences(app.name(), &context.config, cluster);
    let fenced = apply::stage(context, app.name(), &fences, Stage::Policies).await;
    findings.namespace = Some(Finding::yes("Fenced", "The namespace has its policies."));
    fenced.inspect_err(|error| note(&mut findings.namespace, error))?;
    Ok(expelled)
}

async fn steps(
    context: &Context,
    app: &AppObject,
    spec: &AppSpec,
    references: &References,
    findings: &mut Findings,
) -> Steps {
    suspend(context, app, references, findings).await?;
    let fenced = fence(context, app, references, findings).await?;
    let Some(source) = &references.source else {
        return Err(block(
            &mut findings.secrets,
            "SecretMissing",
            format!(
                "There is no Secret {} with the key settings.json in the namespace {}. The control plane writes it; see its log.",
                app.name(),
                context.config.namespace,
            ),
        ));
    };
    if !is_meant(spec, source) {
        return Err(Error::Blocked(
            "The Secret does not hold the settings that the spec is about yet.".to_owned(),
        ));
    }
    let placement = placement(context, app, spec, references, findings).await?;
    let cluster = cluster(context, &placement, findings)?;
    let settings = settings::merge(source, spec, &context.config.ingress, cluster.uri(), &placement)
        .map_err(|error| block(&mut findings.secrets, "SettingsInvalid", error.to_string()))?;
    let hosts = route::free_hosts(app, references);
    let tenant = Tenant {
        name: app.name(),
        uid: app.uid(),
        spec,
        config: &context.config,
        settings: &settings,
        cluster: &placement.cluster,
        hosts: &hosts,
        route: route::choose(context, app, references),
        largest: references.workload.largest_engine().unwrap_or_default(),
        restarted_at: app.annotation(annotation::RESTARTED_AT),
    };
    let children = build::tenant(&tenant);
    let founded = foundations(context, app, &children, cluster, &placement, findings).await?;
    apply::stage(context, app.name(), &children, Stage::Workload).await?;
    if !tenant.suspended() {
        route::lead(context, app, &children, references, tenant.route, findings).await?;
    }
    apply::prune(context, app.name(), &children).await?;
    Ok(fenced.and(founded))
}

async fn namespace(context: &Context, app: &AppObject, findings: &mut Findings) -> Result<(), Error> {
    let state = apply::namespace(context, app).await;
    let state = state.inspect_err(|error| note(&mut findings.namespace, error))?;
    match state {
        NamespaceState::Ours => Ok(()),
        NamespaceState::Foreign => Err(block(
            &mut findings.namespace,
            "NamespaceConflict",
            format!(
                "The namespace {} exists and does not belong to this App, so it is left alone. Delete or rename what is in it.",
                app.name(),
            ),
        )),
        NamespaceState::Terminating => Err(block(
            &mut findings.namespace,
            "NamespaceTerminating",
            format!(
                "The namespace {} is being deleted; the tenant is made again when it has gone.",
                app.name(),
            ),
        )),
    }
}

/// Where the data are: as the Secret says, else as the status says, else where most room is.
async fn placement(
    context: &Context,
    app: &AppObject,
    spec: &AppSpec,
    references: &References,
    findings: &mut Findings,
) -> Result<Placement, Error> {
    if let Some(placement) = &references.placement {
        if placement.database != app.database() {
            let message = foreign_database(app, &placement.database);
            return Err(block(&mut findings.secrets, "DatabaseForeign", message));
        }
        return Ok(placement.clone());
    }
    let recorded = references
        .status
        .database
        .as_ref()
        .map(|database| database.cluster.clone());
    let Some(cluster) = recorded.or_else(|| context.place(app.name())) else {
        return Err(block(
            &mut findings.database,
            "NoDatabaseCapacity",
            full(spec.region),
        ));
    };
    let placement = Placement {
        cluster,
        database: app.database(),
        password: ids::secret(&context.ids, "", ids::secret::KEY_LENGTH),
    };
    let stored = apply::database_secret(context, app, &placement).await;
    stored.inspect_err(|error| note(&mut findings.secrets, error))
}

/// The Secret and the App are written one after the other; whoever waits for a generation waits for its settings too.
fn is_meant(spec: &AppSpec, source: &[u8]) -> bool {
    let hash = || hex::encode(Sha256::digest(source));
    spec.settings_hash.as_ref().is_none_or(|meant| *meant == hash())
}

fn full(region: Region) -> String {
    format!(
        "No database cluster of region {} that answers has room. Add one to the operator's settings, or raise a capacity.",
        region.as_str()
    )
}

fn cluster<'a>(
    context: &'a Context,
    placement: &Placement,
    findings: &mut Findings,
) -> Result<&'a Cluster, Error> {
    context.databases.get(&placement.cluster).ok_or_else(|| {
        block(&mut findings.database, "DatabaseClusterUnknown", format!(
            "The app's data are in the database cluster {}, which the operator's settings do not have. Add it again.", placement.cluster,
        ))
    })
}

/// Limits, secrets and the database user: what must be there before a pod is. They do not need each other.
async fn foundations(
    context: &Context,
    app: &AppObject,
    children: &[Child],
    cluster: &Cluster,
    placement: &Placement,
    findings: &mut Findings,
) -> Steps {
    let (limits, secrets, user) = tokio::join!(
        apply::stage(context, app.name(), children, Stage::Policies),
        apply::stage(context, app.name(), children, Stage::Secrets),
        user(context, app, cluster, placement),
    );
    findings.namespace = Some(Finding::yes(
        "Fenced",
        "The namespace has its policies, limits and quota.",
    ));
    limits.inspect_err(|error| note(&mut findings.namespace, error))?;
    findings.secrets = Some(Finding::yes(
        "Written",
        "Settings and password are in the namespace.",
    ));
    secrets.inspect_err(|error| note(&mut findings.secrets, error))?;
    findings.database = Some(database(&user, cluster, placement));
    // Pods that run already go on as soon as the database does; they may as well get a new engine or version meanwhile.
    let deployed = context.cache.workloads.of(app.name()).deployment.is_some();
    match user {
        // Of a cluster that is away: when it is back, everybody is told.
        Err(Error::Blocked(_)) if deployed => Ok(Ok(())),
        user if deployed => Ok(user),
        user => user.map(Ok),
    }
}

async fn user(
    context: &Context,
    app: &AppObject,
    cluster: &Cluster,
    placement: &Placement,
) -> Result<(), Error> {
    // Of a cluster that is away nobody asks again what was right before; when it is back, everybody does.
    let deployed = context.cache.workloads.of(app.name()).deployment.is_some();
    if let Some(reason) = context.database_down(&cluster.name).filter(|_| deployed) {
        return Err(Error::Blocked(reason));
    }
    if !context.user_is_current(app.name(), placement) {
        cluster.ensure_user(placement).await?;
        context.remember_user(app.name(), placement);
    }
    Ok(())
}

fn database(user: &Result<(), Error>, cluster: &Cluster, placement: &Placement) -> Finding {
    match user {
        Ok(()) => Finding::yes(
            "Provisioned",
            format!("Database {} in cluster {}.", placement.database, cluster.name),
        ),
        Err(error) => Finding::no(
            "DatabaseUnavailable",
            format!(
                "The database cluster {} does not do its work: {error}. It is tried again; check the cluster and its connection string.",
                cluster.name,
            ),
        ),
    }
}

/// Records why it cannot go on, for the status and for the caller.
fn block(finding: &mut Option<Finding>, reason: &str, message: String) -> Error {
    *finding = Some(Finding::no(reason, message.clone()));
    Error::Blocked(message)
}

/// A failure that will not pass by itself makes its condition false; any other leaves it as it was.
pub fn note(finding: &mut Option<Finding>, error: &Error) {
    *finding = (error.retry() == Retry::Later)
        .then(|| Finding::no(error.reason(), format!("{error}. It is tried again.")));
}
