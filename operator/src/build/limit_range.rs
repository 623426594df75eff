//! Limits for a container that names none, so that no pod of the namespace is without.

use std::collections::BTreeMap;

use app_crd::names::TENANT;
use k8s_openapi::api::core::v1::{LimitRange, LimitRangeItem, LimitRangeSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::child::{Child, Kind};
use super::common::Tenant;

pub fn limit_range(tenant: &Tenant<'_>) -> Child {
    let engine = tenant.room();
    let size: BTreeMap<_, _> = [
        ("cpu", format!("{}m", engine.cpu_millis())),
        ("memory", format!("{}Mi", engine.memory_mib())),
    ]
    .into_iter()
    .map(|(name, size)| (name.to_owned(), Quantity(size)))
    .collect();
    let item = LimitRangeItem {
        type_: "Container".to_owned(),
        default: Some(size.clone()),
        max: Some(size),
        ..LimitRangeItem::default()
    };
    let range = LimitRange {
        metadata: tenant.metadata(TENANT),
        spec: Some(LimitRangeSpec { limits: vec![item] }),
    };
    Child::namespaced(Kind::LimitRange, tenant.name, TENANT, range)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::fixture;

    #[test]
    fn limits_of_the_engine() {
        insta::assert_yaml_snapshot!(limit_range(&fixture().tenant()).body);
    }
}
