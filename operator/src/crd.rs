//! The definition of `App` as the file that clusters and the Helm chart get.

/// The definition cannot be written as YAML.
#[derive(Debug, thiserror::Error)]
#[error("the definition of App cannot be written as YAML: {0}")]
pub struct CrdError(#[from] serde_yaml_ng::Error);

/// The CustomResourceDefinition of `App`, one YAML document. The same bytes on every call: the chart commits them.
pub fn crd_yaml() -> Result<String, CrdError> {
    Ok(serde_yaml_ng::to_string(&app_crd::crd())?)
}
