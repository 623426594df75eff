//! Second step: whether the spec is one that a tenant can be made of. Pure.
//!
//! The schema refuses wrong specs at the door. This catches those that were stored before a rule existed, so that they
//! keep what they have and say what is wrong instead of being applied.

use app_crd::{App, AppSpec, Region};

use crate::app_object::AppObject;

/// Why a spec is not applied. What was applied before stays and serves.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    #[error("The spec is not valid: {0}. The app stays as it is until the spec is corrected.")]
    Spec(String),
    #[error("This cluster is region {here}, the app belongs to {}. Nothing is made here; delete it from this cluster.", .app.as_str())]
    Region { here: &'static str, app: Region },
}

impl Invalid {
    /// The reason in the condition `Degraded`.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Spec(_) => "InvalidSpec",
            Self::Region { .. } => "WrongRegion",
        }
    }
}

/// The spec, if it is one. `known`: its rules were asked before.
pub fn validate(app: &AppObject, region: Region, known: bool) -> Result<&AppSpec, Invalid> {
    let spec = app.spec.as_ref().map_err(|error| Invalid::Spec(error.clone()))?;
    if spec.region != region {
        return Err(Invalid::Region {
            here: region.as_str(),
            app: spec.region,
        });
    }
    if !known {
        bounds(spec).map_err(Invalid::Spec)?;
        app.to_app().as_ref().map_or(Ok(()), rules)?;
    }
    Ok(spec)
}

/// The rules that the schema has as CEL.
fn rules(app: &App) -> Result<(), Invalid> {
    app.validate_cel()
        .map_err(|errors| Invalid::Spec(errors.to_string()))
}

/// The bounds that the schema has as numbers.
fn bounds(spec: &AppSpec) -> Result<(), String> {
    let within = |what: &str, value: i32, least: i32, most: i32| {
        if (least..=most).contains(&value) {
            return Ok(());
        }
        Err(format!(
            "{what} is {value}, which is not between {least} and {most}"
        ))
    };
    within("replicas.min", spec.replicas.min, 1, 20)?;
    within("replicas.max", spec.replicas.max.unwrap_or(1), 1, 20)?;
    within("limits.maxUploadMib", spec.limits.max_upload_mib, 1, 1024)?;
    if spec.hosts.len() > 20 {
        return Err(format!("hosts has {} names, more than 20", spec.hosts.len()));
    }
    if spec.runtime_version.is_empty() || spec.runtime_version.len() > 128 {
        return Err("runtimeVersion is not an image tag".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn app(change: impl FnOnce(&mut Value)) -> AppObject {
        let mut app = json!({
            "metadata": { "name": "app-01jd4y0w7qk3v5x8z9a2b4c6de", "uid": "u" },
            "spec": {
                "appId": "app_01jd4y0w7qk3v5x8z9a2b4c6de", "region": "eu", "engine": "s", "runtimeVersion": "1",
                "replicas": { "min": 1, "max": 3 }, "hosts": ["a.example.com"],
            },
        });
        change(&mut app["spec"]);
        serde_json::from_value(app).unwrap()
    }

    fn refusal(change: impl FnOnce(&mut Value)) -> String {
        validate(&app(change), Region::Eu, false).unwrap_err().to_string()
    }

    #[test]
    fn a_valid_spec_passes() {
        assert!(validate(&app(|_| {}), Region::Eu, false).is_ok());
    }

    #[test]
    fn an_app_of_another_region_is_refused() {
        let error = validate(&app(|_| {}), Region::Na, false).unwrap_err();
        assert_eq!(error.reason(), "WrongRegion");
        assert!(error.to_string().contains("belongs to eu"), "{error}");
    }

    #[test]
    fn what_a_newer_schema_refuses_is_named() {
        for (change, sentence) in [
            (json!({ "engine": "quantum" }), "unknown variant `quantum`"),
            (
                json!({ "replicas": { "min": 3, "max": 2 } }),
                "must not be greater than replicas.max",
            ),
            (json!({ "replicas": { "min": 50 } }), "replicas.min is 50"),
            (
                json!({ "hosts": ["Not A Host"] }),
                "a host is a lower-case DNS name",
            ),
        ] {
            let error = refusal(|spec| {
                for (key, value) in change.as_object().unwrap() {
                    spec[key] = value.clone();
                }
            });
            assert!(error.contains(sentence), "{error}");
        }
    }
}
