//! One App of a test, and how to look at what became of it.

use std::fmt::Debug;
use std::pin::pin;

use app_crd::{App, names};
use futures_util::StreamExt;
use ids::{AppId, SystemIds};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Container, Namespace, Secret};
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::watch_object;
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio_util::task::AbortOnDropHandle;

use super::{PATIENCE, Rig, Running, kubelet};

pub struct TestApp {
    pub id: AppId,
    pub name: String,
    pub client: Client,
    pub control: String,
    _kubelet: AbortOnDropHandle<()>,
}

impl Rig {
    /// Stores an App with these changes to a spec of engine `s`, and the Secret with its settings.
    pub async fn app(&self, spec: Value) -> TestApp {
        let app = self.app_without_settings(spec).await;
        app.write_settings(json!({ "appId": "recipes", "masterKey": "m" }))
            .await;
        app
    }

    pub async fn app_without_settings(&self, spec: Value) -> TestApp {
        let app = self.unstored();
        app.create(&app.manifest(spec)).await.unwrap();
        app
    }

    /// An App that is not in the cluster yet.
    pub fn unstored(&self) -> TestApp {
        let id = AppId::new(&SystemIds);
        let name = names::namespace(&id);
        TestApp {
            id,
            client: self.client.clone(),
            control: self.namespace.clone(),
            _kubelet: kubelet::start(self.client.clone(), &name),
            name,
        }
    }
}

impl TestApp {
    pub fn manifest(&self, spec: Value) -> Value {
        let mut manifest = json!({
            "apiVersion": "apps.slipway.dev/v1alpha1", "kind": "App",
            "metadata": { "name": self.name, "namespace": self.control },
            "spec": {
                "appId": self.id.as_str(), "region": "eu", "engine": "s", "runtimeVersion": "1.0",
                "hosts": [format!("{}.example.com", self.id.bare())],
            },
        });
        for (key, value) in spec.as_object().unwrap() {
            manifest["spec"][key] = value.clone();
        }
        manifest
    }

    /// Untyped, so that the API server alone judges it.
    pub async fn create(&self, manifest: &Value) -> Result<(), kube::Error> {
        let request = kube::core::Request::new(self.path());
        let request = request
            .create(&PostParams::default(), manifest.to_string().into_bytes())
            .unwrap();
        self.client.request::<Value>(request).await.map(drop)
    }

    pub fn apps(&self) -> Api<App> {
        Api::namespaced(self.client.clone(), &self.control)
    }

    pub async fn write_settings(&self, settings: Value) {
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": { "name": self.name },
            "stringData": { "settings.json": settings.to_string() },
        });
        let secrets = Api::<Secret>::namespaced(self.client.clone(), &self.control);
        let params = PatchParams::apply("slipway-control-plane").force();
        secrets
            .patch(&self.name, &params, &Patch::Apply(&secret))
            .await
            .unwrap();
    }

    /// A merge patch of the App.
    pub async fn change(&self, patch: Value) -> Result<App, kube::Error> {
        self.apps()
            .patch(&self.name, &PatchParams::default(), &Patch::Merge(patch))
            .await
    }

    /// The same, for specs that no type has.
    pub async fn patch_raw(&self, patch: &Value) -> Result<Value, kube::Error> {
        let request = kube::core::Request::new(self.path());
        let request = request
            .patch(&self.name, &PatchParams::default(), &Patch::Merge(patch))
            .unwrap();
        self.client.request(request).await
    }

    /// Waits until the operator, which has no other App, has begun and ended one more look at this one.
    pub async fn looked_at_again(&self, operator: &Running) {
        let looks = || operator.metrics.reconciles.with_label_values(&["ok"]).get();
        // The first one to end may have begun before.
        for _ in 0..2 {
            let before = looks();
            let news = json!({ "metadata": { "annotations": { "look": before.to_string() } } });
            self.patch_raw(&news).await.unwrap();
            test_kit::wait_until(PATIENCE, "the operator has looked", async || looks() > before).await;
        }
    }

    /// The stored App, whatever it is.
    pub async fn raw(&self) -> Value {
        let request = kube::core::Request::new(self.path());
        let request = request.get(&self.name, &Default::default()).unwrap();
        self.client.request(request).await.unwrap()
    }

    /// A condition of the stored App, whatever it is; null if it has none of this type.
    pub async fn raw_condition(&self, kind: &str) -> Value {
        let mut raw = self.raw().await;
        let conditions = raw["status"]["conditions"].as_array_mut();
        let found = conditions.and_then(|all| all.iter_mut().find(|condition| condition["type"] == kind));
        found.map(Value::take).unwrap_or_default()
    }

    fn path(&self) -> String {
        format!("/apis/apps.slipway.dev/v1alpha1/namespaces/{}/apps", self.control)
    }

    pub async fn delete(&self) {
        self.apps()
            .delete(&self.name, &DeleteParams::default())
            .await
            .unwrap();
    }

    /// Objects of the tenant's namespace.
    pub fn objects<K>(&self) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), &self.name)
    }

    pub fn namespaces(&self) -> Api<Namespace> {
        Api::all(self.client.clone())
    }

    pub async fn deployment(&self) -> Deployment {
        self.objects::<Deployment>().get("runtime").await.unwrap()
    }

    /// What each replica runs.
    pub async fn container(&self) -> Container {
        let template = self.deployment().await.spec.unwrap().template;
        template.spec.unwrap().containers.remove(0)
    }

    pub async fn exists<K>(&self, name: &str) -> bool
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + DeserializeOwned + Debug,
    {
        self.objects::<K>().get_opt(name).await.unwrap().is_some()
    }

    /// Waits until the stored App is as the test wants it.
    pub async fn until(&self, what: &str, wanted: impl Fn(&App) -> bool) -> App {
        watched(self.apps(), &self.name, what, |app| app.is_some_and(&wanted))
            .await
            .unwrap()
    }

    pub async fn ready(&self) -> App {
        self.until("is ready", |app| {
            let observed = app.status.as_ref().and_then(|status| status.observed_generation);
            is(app, "Ready", "True") && observed == app.metadata.generation
        })
        .await
    }

    /// Waits until all replicas run this version.
    pub async fn runs(&self, version: &str) -> App {
        self.until(&format!("runs {version}"), |app| {
            let status = app.status.as_ref();
            status.is_some_and(|status| status.version.as_deref() == Some(version))
        })
        .await
    }

    /// Waits until App and namespace have gone.
    pub async fn gone(&self) {
        self.until_deleted().await;
        watched(self.namespaces(), &self.name, "is no namespace", |found| {
            found.is_none()
        })
        .await;
    }

    /// Waits until the App has gone, whatever became of the namespace.
    pub async fn until_deleted(&self) {
        watched(self.apps(), &self.name, "is deleted", |found| found.is_none()).await;
    }

    /// The settings that the tenant's pods read.
    pub async fn settings(&self) -> Value {
        let secret = self.objects::<Secret>().get("runtime").await.unwrap();
        serde_json::from_slice(&secret.data.unwrap()["settings.json"].0).unwrap()
    }
}

/// Watches an object until it is as the test wants it.
async fn watched<K>(api: Api<K>, name: &str, what: &str, wanted: impl Fn(Option<&K>) -> bool) -> Option<K>
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    let mut seen = pin!(watch_object(api, name).default_backoff());
    let found = async {
        loop {
            // After an error, as when the API server is away, the watch starts anew.
            if let Some(Ok(object)) = seen.next().await
                && wanted(object.as_ref())
            {
                return object;
            }
        }
    };
    let found = tokio::time::timeout(PATIENCE, found).await;
    found.unwrap_or_else(|_| panic!("waited {PATIENCE:?} in vain until {name} {what}"))
}

/// Status and reason of a condition.
pub fn condition<'a>(app: &'a App, kind: &str) -> (&'a str, &'a str) {
    let conditions = app
        .status
        .as_ref()
        .map(|status| status.conditions.as_slice())
        .unwrap_or_default();
    let found = conditions.iter().find(|condition| condition.type_ == kind);
    found.map_or(("", ""), |condition| (&condition.status, &condition.reason))
}

pub fn is(app: &App, kind: &str, status: &str) -> bool {
    condition(app, kind).0 == status
}

pub fn reason(app: &App, kind: &str, reason: &str) -> bool {
    condition(app, kind).1 == reason
}
