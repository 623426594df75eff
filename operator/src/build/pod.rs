//! One pod of the runtime: unprivileged, with nothing to write to but /tmp, and drained before it ends.

use std::collections::BTreeMap;

use app_crd::names::{RUNTIME, SETTINGS_KEY};
use k8s_openapi::api::core::v1::{
    Capabilities, Container, ContainerPort, EmptyDirVolumeSource, HTTPGetAction, KeyToPath, Lifecycle,
    LifecycleHandler, PodSecurityContext, PodSpec, PodTemplateSpec, Probe, ResourceRequirements,
    SeccompProfile, SecretVolumeSource, SecurityContext, SleepAction, TCPSocketAction,
    TopologySpreadConstraint, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::common::{ENGINE_LABEL, Tenant};

/// The port the runtime listens on.
pub const PORT: u16 = 1337;
/// Name of that port.
pub const PORT_NAME: &str = "http";

const USER: i64 = 65532;
const SETTINGS_DIR: &str = "/etc/slipway";
const ZONE: &str = "topology.kubernetes.io/zone";
const HOST: &str = "kubernetes.io/hostname";
/// From this many replicas on, an app is meant to outlive a zone.
const HIGHLY_AVAILABLE: i32 = 3;

/// The template of the Deployment; every difference in it makes a rollout.
pub fn template(tenant: &Tenant<'_>) -> PodTemplateSpec {
    let mut labels = tenant.labels();
    labels.extend(tenant.pod_labels());
    labels.insert(ENGINE_LABEL.to_owned(), tenant.engine().as_str().to_owned());
    PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(labels),
            annotations: Some(tenant.pod_annotations()),
            ..ObjectMeta::default()
        }),
        spec: Some(spec(tenant)),
    }
}

fn spec(tenant: &Tenant<'_>) -> PodSpec {
    let workload = &tenant.config.workload;
    let seconds = workload.pre_stop_seconds + workload.drain_seconds;
    PodSpec {
        service_account_name: Some(RUNTIME.to_owned()),
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        termination_grace_period_seconds: Some(seconds.into()),
        runtime_class_name: workload.runtime_class_name.clone(),
        node_selector: (!workload.node_selector.is_empty()).then(|| workload.node_selector.clone()),
        security_context: Some(PodSecurityContext {
            run_as_non_root: Some(true),
            run_as_user: Some(USER),
            run_as_group: Some(USER),
            fs_group: Some(USER),
            seccomp_profile: Some(SeccompProfile {
                type_: "RuntimeDefault".to_owned(),
                localhost_profile: None,
            }),
            ..PodSecurityContext::default()
        }),
        topology_spread_constraints: Some(spread(tenant)),
        containers: vec![container(tenant)],
        volumes: Some(volumes()),
        ..PodSpec::default()
    }
}

fn container(tenant: &Tenant<'_>) -> Container {
    let config = tenant.config;
    Container {
        name: RUNTIME.to_owned(),
        image: Some(config.image.of(&tenant.spec.runtime_version)),
        image_pull_policy: Some(config.image.pull_policy.clone()),
        args: Some(
            ["serve", "--settings", &format!("{SETTINGS_DIR}/{SETTINGS_KEY}")]
                .map(str::to_owned)
                .to_vec(),
        ),
        ports: Some(vec![ContainerPort {
            name: Some(PORT_NAME.to_owned()),
            container_port: PORT.into(),
            protocol: Some("TCP".to_owned()),
            ..ContainerPort::default()
        }]),
        resources: Some(resources(tenant)),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            capabilities: Some(Capabilities {
                drop: Some(vec!["ALL".to_owned()]),
                add: None,
            }),
            read_only_root_filesystem: Some(true),
            run_as_non_root: Some(true),
            ..SecurityContext::default()
        }),
        readiness_probe: Some(readiness()),
        liveness_probe: Some(liveness()),
        lifecycle: Some(Lifecycle {
            pre_stop: Some(LifecycleHandler {
                sleep: Some(SleepAction {
                    seconds: config.workload.pre_stop_seconds.into(),
                }),
                ..LifecycleHandler::default()
            }),
            ..Lifecycle::default()
        }),
        volume_mounts: Some(vec![
            mount("settings", SETTINGS_DIR, true),
            mount("tmp", "/tmp", false),
        ]),
        ..Container::default()
    }
}

/// Asks the runtime itself, often, so that a new pod takes requests as soon as it can.
fn readiness() -> Probe {
    Probe {
        http_get: Some(HTTPGetAction {
            path: Some("/parse/health".to_owned()),
            port: IntOrString::String(PORT_NAME.to_owned()),
            scheme: Some("HTTP".to_owned()),
            ..HTTPGetAction::default()
        }),
        period_seconds: Some(2),
        timeout_seconds: Some(2),
        success_threshold: Some(1),
        failure_threshold: Some(3),
        ..Probe::default()
    }
}

/// Only that the process still accepts connections: a database that is down is no reason to restart it.
fn liveness() -> Probe {
    Probe {
        tcp_socket: Some(TCPSocketAction {
            port: IntOrString::String(PORT_NAME.to_owned()),
            host: None,
        }),
        initial_delay_seconds: Some(10),
        period_seconds: Some(10),
        timeout_seconds: Some(5),
        success_threshold: Some(1),
        failure_threshold: Some(6),
        ..Probe::default()
    }
}

fn resources(tenant: &Tenant<'_>) -> ResourceRequirements {
    let (engine, workload) = (tenant.engine(), &tenant.config.workload);
    let (cpu, memory) = (engine.cpu_millis(), engine.memory_mib());
    let amounts = |cpu: u32, memory: u32| -> BTreeMap<String, Quantity> {
        [
            ("cpu", format!("{}m", cpu.max(1))),
            ("memory", format!("{}Mi", memory.max(1))),
            ("ephemeral-storage", "256Mi".to_owned()),
        ]
        .into_iter()
        .map(|(name, amount)| (name.to_owned(), Quantity(amount)))
        .collect()
    };
    ResourceRequirements {
        limits: Some(amounts(cpu, memory)),
        requests: Some(amounts(
            cpu * workload.cpu_request_percent / 100,
            memory * workload.memory_request_percent / 100,
        )),
        claims: None,
    }
}

/// Over nodes where possible; over zones too, and without exception for highly available apps if there are zones.
fn spread(tenant: &Tenant<'_>) -> Vec<TopologySpreadConstraint> {
    let insist = tenant.config.workload.zones && tenant.spec.replicas.min >= HIGHLY_AVAILABLE;
    let constraint = |key: &str, insist: bool| TopologySpreadConstraint {
        max_skew: 1,
        topology_key: key.to_owned(),
        when_unsatisfiable: if insist { "DoNotSchedule" } else { "ScheduleAnyway" }.to_owned(),
        label_selector: Some(tenant.pod_selector()),
        match_label_keys: Some(vec!["pod-template-hash".to_owned()]),
        ..TopologySpreadConstraint::default()
    };
    vec![constraint(ZONE, insist), constraint(HOST, false)]
}

fn volumes() -> Vec<Volume> {
    let settings = SecretVolumeSource {
        secret_name: Some(RUNTIME.to_owned()),
        default_mode: Some(0o440),
        items: Some(vec![KeyToPath {
            key: SETTINGS_KEY.to_owned(),
            path: SETTINGS_KEY.to_owned(),
            mode: None,
        }]),
        ..SecretVolumeSource::default()
    };
    let tmp = EmptyDirVolumeSource {
        size_limit: Some(Quantity("128Mi".to_owned())),
        medium: None,
    };
    vec![
        Volume {
            name: "settings".to_owned(),
            secret: Some(settings),
            ..Volume::default()
        },
        Volume {
            name: "tmp".to_owned(),
            empty_dir: Some(tmp),
            ..Volume::default()
        },
    ]
}

fn mount(name: &str, path: &str, read_only: bool) -> VolumeMount {
    VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        read_only: Some(read_only),
        ..VolumeMount::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::fixture;

    fn zone(fixture: &crate::build::Fixture) -> String {
        spread(&fixture.tenant())[0].when_unsatisfiable.clone()
    }

    #[test]
    fn a_highly_available_app_insists_on_zones_where_there_are_any() {
        let mut three = fixture().replicas(3, None);
        assert_eq!(zone(&three), "ScheduleAnyway");
        three.config.workload.zones = true;
        assert_eq!(zone(&three), "DoNotSchedule");
        let mut two = fixture().replicas(2, None);
        two.config.workload.zones = true;
        assert_eq!(zone(&two), "ScheduleAnyway");
    }

    #[test]
    fn a_pod_has_the_limits_of_its_engine_and_asks_for_a_part_of_them() {
        let fixture = fixture().engine(app_crd::Engine::S);
        let resources = resources(&fixture.tenant());
        let amount =
            |of: &Option<BTreeMap<String, Quantity>>, name: &str| of.as_ref().unwrap()[name].0.clone();
        assert_eq!(amount(&resources.limits, "cpu"), "500m");
        assert_eq!(amount(&resources.limits, "memory"), "512Mi");
        assert_eq!(amount(&resources.requests, "cpu"), "125m");
        assert_eq!(amount(&resources.requests, "memory"), "256Mi");
    }
}
