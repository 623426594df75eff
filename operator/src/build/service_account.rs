//! The account of the tenant's pods. It may do nothing, and its token is not even mounted.

use app_crd::names::RUNTIME;
use k8s_openapi::api::core::v1::ServiceAccount;

use super::child::{Child, Kind};
use super::common::Tenant;

pub fn service_account(tenant: &Tenant<'_>) -> Child {
    let account = ServiceAccount {
        metadata: tenant.metadata(RUNTIME),
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    };
    Child::namespaced(Kind::ServiceAccount, tenant.name, RUNTIME, account)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::fixture;

    #[test]
    fn a_service_account_without_a_token() {
        insta::assert_yaml_snapshot!(service_account(&fixture().tenant()).body);
    }
}
