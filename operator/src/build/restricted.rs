//! Every pod of every valid spec satisfies the Pod Security standard `restricted`, and every tenant is fenced.
//! The rules are those of <https://kubernetes.io/docs/concepts/security/pod-security-standards/>.

use app_crd::{Engine, Replicas, Suspension, SuspensionReason};
use proptest::prelude::*;
use serde_json::Value;

use super::{Fixture, Kind, Route, fixture, tenant};

const VOLUMES: [&str; 8] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// The first rule that a pod breaks.
fn violation(pod: &Value) -> Option<String> {
    for key in ["hostNetwork", "hostPID", "hostIPC"] {
        if pod[key] == true {
            return Some(key.to_owned());
        }
    }
    let level = &pod["securityContext"];
    if level["runAsUser"] == 0
        || !level["sysctls"].is_null()
        || level["windowsOptions"]["hostProcess"] == true
    {
        return Some("pod securityContext".to_owned());
    }
    let lists = ["containers", "initContainers", "ephemeralContainers"];
    let mut containers = lists
        .iter()
        .flat_map(|list| pod[list].as_array().into_iter().flatten());
    let mut volumes = pod["volumes"].as_array().into_iter().flatten();
    volumes
        .find_map(wrong_volume)
        .or_else(|| containers.find_map(|container| wrong_container(container, level)))
}

fn wrong_volume(volume: &Value) -> Option<String> {
    let mut kinds = volume.as_object()?.keys().filter(|key| *key != "name");
    kinds
        .find(|kind| !VOLUMES.contains(&kind.as_str()))
        .map(|kind| format!("volume {kind}"))
}

fn wrong_container(container: &Value, pod: &Value) -> Option<String> {
    let own = &container["securityContext"];
    let effective = |key: &str| if own[key].is_null() { &pod[key] } else { &own[key] };
    let allowed_profile = |profile: &Value| profile == "RuntimeDefault" || profile == "Localhost";
    let added = own["capabilities"]["add"].as_array().into_iter().flatten();
    let dropped = own["capabilities"]["drop"].as_array().into_iter().flatten();
    let host_ports = container["ports"].as_array().into_iter().flatten();
    let broken = [
        ("privileged", own["privileged"] == true),
        (
            "allowPrivilegeEscalation",
            own["allowPrivilegeEscalation"] != false,
        ),
        ("runAsNonRoot", effective("runAsNonRoot") != true),
        ("runAsUser", *effective("runAsUser") == 0),
        (
            "seccompProfile",
            !allowed_profile(&effective("seccompProfile")["type"]),
        ),
        (
            "procMount",
            !own["procMount"].is_null() && own["procMount"] != "Default",
        ),
        ("drop ALL", !dropped.clone().any(|name| name == "ALL")),
        (
            "capabilities",
            added.into_iter().any(|name| name != "NET_BIND_SERVICE"),
        ),
        (
            "hostPort",
            host_ports
                .into_iter()
                .any(|port| !port["hostPort"].is_null() && port["hostPort"] != 0),
        ),
        ("seLinuxOptions", !effective("seLinuxOptions").is_null()),
        (
            "hostProbes",
            ["livenessProbe", "readinessProbe"].iter().any(|probe| {
                ["httpGet", "tcpSocket"]
                    .iter()
                    .any(|kind| !container[probe][kind]["host"].is_null())
            }),
        ),
    ];
    broken
        .into_iter()
        .find(|(_, is)| *is)
        .map(|(rule, _)| rule.to_owned())
}

prop_compose! {
    fn any_fixture()(
        engine in 0..Engine::ALL.len(),
        min in 1..=20i32,
        more in proptest::option::of(0..=19i32),
        hosts in proptest::collection::vec("[a-z]{1,10}\\.example", 0..4),
        version in "[A-Za-z0-9_][A-Za-z0-9._-]{0,20}",
        suspended in any::<bool>(),
        zones in any::<bool>(),
        restart in proptest::option::of("[0-9]{4}"),
        document in "\\PC{0,40}",
    ) -> Fixture {
        let mut fixture = fixture();
        fixture.spec.engine = Engine::ALL[engine];
        fixture.spec.replicas = Replicas { min, max: more.map(|more| (min + more).min(20)) };
        fixture.spec.runtime_version = version;
        fixture.hosts.clone_from(&hosts);
        fixture.spec.hosts = hosts;
        fixture.config.workload.zones = zones;
        fixture.restarted_at = restart;
        fixture.settings.document = document;
        if suspended {
            fixture.spec.suspended = Some(Suspension { reason: SuspensionReason::SpendCapReached });
            fixture.route = Route::Suspended;
        }
        fixture
    }
}

proptest! {
    #[test]
    fn every_pod_is_restricted(fixture in any_fixture()) {
        let children = tenant(&fixture.tenant());
        let deployment = children.iter().find(|child| child.id.kind == Kind::Deployment).unwrap();
        let pod = &deployment.body["spec"]["template"]["spec"];
        prop_assert_eq!(violation(pod), None);
        prop_assert_eq!(&pod["automountServiceAccountToken"], false);
        prop_assert_eq!(&pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"], true);
    }

    #[test]
    fn every_tenant_is_fenced_before_it_runs(fixture in any_fixture()) {
        let children = tenant(&fixture.tenant());
        let deployment = children.iter().position(|child| child.id.kind == Kind::Deployment).unwrap();
        for kind in [Kind::NetworkPolicy, Kind::ResourceQuota, Kind::LimitRange] {
            let fence = children.iter().position(|child| child.id.kind == kind);
            prop_assert!(fence.is_some_and(|fence| fence < deployment));
            prop_assert!(kind.stage() < Kind::Deployment.stage());
        }
        for child in &children {
            prop_assert_eq!(&child.body["metadata"]["labels"]["app.kubernetes.io/managed-by"], "slipway-operator");
            prop_assert_eq!(child.body["metadata"]["name"].as_str(), Some(child.id.name.as_str()));
        }
    }

    #[test]
    fn a_quota_has_room_for_all_replicas_and_a_rollout(fixture in any_fixture()) {
        let tenant_of = fixture.tenant();
        let children = tenant(&tenant_of);
        let body = |kind: Kind| &children.iter().find(|child| child.id.kind == kind).unwrap().body["spec"];
        let pods: i32 = body(Kind::ResourceQuota)["hard"]["pods"].as_str().unwrap().parse().unwrap();
        let surge = &body(Kind::Deployment)["strategy"]["rollingUpdate"];
        prop_assert_eq!(&surge["maxUnavailable"], 0);
        let surge = surge["maxSurge"].as_i64().unwrap();
        prop_assert!(surge >= 1);
        prop_assert!(i64::from(pods) >= i64::from(tenant_of.most_replicas()) + surge);
    }
}

#[test]
fn the_rules_find_what_is_forbidden() {
    let children = tenant(&fixture().tenant());
    let deployment = children
        .into_iter()
        .find(|child| child.id.kind == Kind::Deployment)
        .unwrap();
    let pod = deployment.body["spec"]["template"]["spec"].clone();
    let spoil = |pointer: &str, value: Value| {
        let mut pod = pod.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        pod.pointer_mut(parent).unwrap()[key] = value;
        violation(&pod)
    };
    assert_eq!(violation(&pod), None);
    for (pointer, value, rule) in [
        ("/hostNetwork", true.into(), "hostNetwork"),
        (
            "/volumes/0/hostPath",
            serde_json::json!({ "path": "/" }),
            "volume hostPath",
        ),
        (
            "/containers/0/securityContext/privileged",
            true.into(),
            "privileged",
        ),
        (
            "/containers/0/securityContext/allowPrivilegeEscalation",
            Value::Null,
            "allowPrivilegeEscalation",
        ),
        ("/containers/0/securityContext/runAsUser", 0.into(), "runAsUser"),
        (
            "/containers/0/securityContext/capabilities",
            Value::Null,
            "drop ALL",
        ),
        ("/containers/0/ports/0/hostPort", 80.into(), "hostPort"),
        ("/securityContext/seccompProfile", Value::Null, "seccompProfile"),
    ] {
        assert_eq!(spoil(pointer, value).as_deref(), Some(rule), "{pointer}");
    }
}
