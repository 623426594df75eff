//! What happens in the cluster reaches the owner.

use app_crd::{SuspensionReason as Reason, condition};
use control_plane::regions::{ObservedState, Region, RegionDriver};
use kube::api::{Patch, PatchParams};
use serde_json::json;

use crate::cluster_support::{Cluster, PATIENCE, name_of, new_app, until};
use crate::{changed, live};

/// Type, status and reason of each.
type Conditions = &'static [(&'static str, &'static str, &'static str)];

#[tokio::test]
async fn what_the_operator_says_reaches_the_owner_in_words_for_owners() {
    let cluster = Cluster::new(Region::Eu).await;
    let (driver, operator, app) = (cluster.driver().await, cluster.operator(), new_app(Region::Eu));
    let name = name_of(&app);
    driver.reconcile(&app).await.unwrap();
    use ObservedState::{Failing, Provisioning, Ready};
    let cases: [(Conditions, ObservedState, &str); 8] = [
        (
            &[
                (condition::READY, "False", "Rollout"),
                (condition::PROGRESSING, "True", "Rollout"),
            ],
            Provisioning,
            "",
        ),
        (
            &[
                (condition::READY, "True", "Serving"),
                (condition::PROGRESSING, "True", "RollingOut"),
            ],
            Provisioning,
            "",
        ),
        (
            &[
                (condition::READY, "False", "Starting"),
                (condition::WORKLOAD_AVAILABLE, "False", "Starting"),
            ],
            Provisioning,
            "",
        ),
        (
            &[
                (condition::READY, "False", "X"),
                (condition::DATABASE_READY, "False", "DatabaseUnreachable"),
            ],
            Failing,
            "The app's database does not answer (DatabaseUnreachable)",
        ),
        (
            &[
                (condition::READY, "False", "X"),
                (condition::WORKLOAD_AVAILABLE, "False", "ImagePullFailed"),
            ],
            Failing,
            "The app's processes do not become ready (ImagePullFailed)",
        ),
        (
            &[
                (condition::READY, "True", "Serving"),
                (condition::DEGRADED, "True", "InvalidSpec"),
            ],
            Ready,
            "The app serves, but something about it needs the people who run the platform (InvalidSpec)",
        ),
        (&[(condition::READY, "True", "Serving")], Ready, ""),
        // A replica is replaced, the others serve.
        (
            &[
                (condition::READY, "True", "Serving"),
                (condition::PROGRESSING, "True", "RollingOut"),
            ],
            Ready,
            "",
        ),
    ];
    for (conditions, state, words) in cases {
        operator.report(&name, conditions).await;
        test_kit::wait_until(PATIENCE, words, async || {
            let seen = driver.reconcile(&app).await.unwrap();
            let message = seen.message.unwrap_or_default();
            let answers = conditions.contains(&(condition::READY, "True", "Serving"));
            seen.state == state
                && seen.serves == Some(answers)
                && message.starts_with(words)
                && message.is_empty() == words.is_empty()
        })
        .await;
    }
}

#[tokio::test]
async fn a_hold_by_the_people_who_run_the_platform_stays_and_is_told() {
    let cluster = Cluster::new(Region::Eu).await;
    let (driver, operator, app) = (cluster.driver().await, cluster.operator(), new_app(Region::Eu));
    let name = name_of(&app);
    driver.reconcile(&app).await.unwrap();
    let hold = json!({ "spec": { "suspended": { "reason": "AbuseHold" } } });
    let patched = cluster
        .apps()
        .patch(&name, &PatchParams::default(), &Patch::Merge(&hold))
        .await;
    patched.unwrap();
    operator
        .report(
            &name,
            &[
                (condition::READY, "False", "Suspended"),
                (condition::SUSPENDED, "True", "AbuseHold"),
            ],
        )
        .await;
    let seen = until(&driver, &app, ObservedState::Failing).await;
    assert!(
        seen.message
            .unwrap()
            .contains("suspended by the people who run the platform")
    );
    let renamed = changed(&app, |app| app.name = "Other".to_owned());
    driver.reconcile(&renamed).await.unwrap();
    assert_eq!(
        live(&cluster, &app).await.spec.suspended.unwrap().reason,
        Reason::AbuseHold
    );
}
