//! The account of the tenant's pods. It may do nothing, and its token is not even mounted.

use app_crd::names::RUNTIME;
use k8s_openapi::api::core::v1::ServiceAccount;

use super::child::{Child, Kind};
use super::common::metadata;
use crate::config::Config;

pub fn service_account(app: &str, config: &Config) -> Child {
    let account = ServiceAccount {
        metadata: metadata(app, config, RUNTIME),
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    };
    Child::namespaced(Kind::ServiceAccount, app, RUNTIME, account)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::fixture;

    #[test]
    fn a_service_account_without_a_token() {
        let fixture = fixture();
        let tenant = fixture.tenant();
        insta::assert_yaml_snapshot!(service_account(tenant.name, tenant.config).body);
    }
}
