//! A suspended app: nothing runs, the hosts lead to the operator, and it serves again as soon as it may.

use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::api::networking::v1::Ingress;
use kube::Api;
use serde_json::json;

use crate::support::{Rig, condition, is};

fn backend(ingress: &Ingress) -> String {
    let rules = ingress.spec.as_ref().unwrap().rules.as_ref().unwrap();
    let path = &rules[0].http.as_ref().unwrap().paths[0];
    path.backend.service.as_ref().unwrap().name.clone()
}

#[tokio::test]
async fn a_suspended_app_keeps_its_data_and_loses_its_pods() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({ "replicas": { "min": 1, "max": 3 } })).await;
    app.ready().await;
    let control = Api::<Ingress>::namespaced(app.client.clone(), &app.control);
    let suspended = format!("{}-suspended", app.name);

    app.change(json!({ "spec": { "suspended": { "reason": "PaymentOverdue" } } }))
        .await
        .unwrap();
    let stored = app
        .until("is suspended", |app| {
            is(app, "Suspended", "True") && app.status.as_ref().unwrap().ready_replicas == 0
        })
        .await;
    assert_eq!(condition(&stored, "Suspended").1, "PaymentOverdue");
    assert_eq!(condition(&stored, "Ready"), ("False", "Suspended"));
    assert_eq!(condition(&stored, "RouteReady"), ("False", "Suspended"));
    assert_eq!(condition(&stored, "Degraded").0, "False");
    assert_eq!(app.deployment().await.spec.unwrap().replicas, Some(0));
    assert!(!app.exists::<HorizontalPodAutoscaler>("runtime").await);
    assert!(!app.exists::<Ingress>("runtime").await);
    assert!(app.exists::<Secret>("database").await);
    let answer = control.get(&suspended).await.unwrap();
    assert_eq!(backend(&answer), "slipway-suspended");
    assert_eq!(
        answer.spec.unwrap().rules.unwrap()[0].host,
        stored.spec.hosts.first().cloned()
    );

    app.change(json!({ "spec": { "suspended": null } }))
        .await
        .unwrap();
    let resumed = app.ready().await;
    assert_eq!(condition(&resumed, "Suspended").0, "False");
    app.until("has its hosts back", |app| is(app, "RouteReady", "True"))
        .await;
    test_kit::wait_until(
        crate::support::PATIENCE,
        "the hosts lead to the pods",
        async || {
            let own = app.objects::<Ingress>().get_opt("runtime").await.unwrap();
            own.is_some_and(|own| backend(&own) == "runtime")
                && control.get_opt(&suspended).await.unwrap().is_none()
        },
    )
    .await;
}

#[tokio::test]
async fn the_explanation_goes_with_a_suspended_app_that_is_deleted() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig
        .app(json!({ "suspended": { "reason": "UserRequested" } }))
        .await;
    app.until("is suspended", |app| {
        is(app, "Suspended", "True")
            && app.status.as_ref().unwrap().observed_generation == app.metadata.generation
    })
    .await;
    let control = Api::<Ingress>::namespaced(app.client.clone(), &app.control);
    let suspended = format!("{}-suspended", app.name);
    assert!(control.get_opt(&suspended).await.unwrap().is_some());
    app.delete().await;
    app.gone().await;
    assert!(control.get_opt(&suspended).await.unwrap().is_none());
}
