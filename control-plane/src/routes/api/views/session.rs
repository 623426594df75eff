//! Somebody signed in, as the API shows them.

use actix_web::{HttpResponse, http::StatusCode};
use chrono::{DateTime, Utc};
use ids::{AccountId, OrganizationId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    auth::{Role, cookie},
    config::Config,
    crypto::csrf_token,
    services::accounts::SignedIn,
    store::{accounts::Account, organizations::Membership},
};

/// A person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountBody {
    #[schema(value_type = String)]
    pub id: AccountId,
    #[schema(example = "you@example.com")]
    pub email: String,
    pub created_at: DateTime<Utc>,
}

/// An organization the person belongs to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Organization)]
pub struct OrganizationBody {
    #[schema(value_type = String)]
    pub id: OrganizationId,
    pub name: String,
    /// What the person is in it.
    pub role: Role,
}

/// Who is signed in, and what their browser needs to know.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignedIn)]
pub struct SignedInBody {
    pub account: AccountBody,
    pub organizations: Vec<OrganizationBody>,
    /// Send it as `X-CSRF-Token` with everything that changes something.
    pub csrf_token: String,
}

impl SignedInBody {
    /// Puts it together.
    pub fn new(account: Account, organizations: Vec<Membership>, csrf_token: String) -> Self {
        let Account {
            id,
            email,
            created_at,
        } = account;
        let organizations = organizations.into_iter().map(|membership| OrganizationBody {
            id: membership.organization_id,
            name: membership.name,
            role: membership.role,
        });
        Self {
            account: AccountBody {
                id,
                email,
                created_at,
            },
            organizations: organizations.collect(),
            csrf_token,
        }
    }
}

/// The answer to a sign-up or login: the body, and the cookie that opens the session.
pub fn signed_in(status: StatusCode, signed_in: SignedIn, config: &Config) -> HttpResponse {
    let csrf_token = csrf_token(&signed_in.session_token);
    let body = SignedInBody::new(signed_in.account, signed_in.organizations, csrf_token);
    HttpResponse::build(status)
        .cookie(cookie::open(signed_in.session_token, config))
        .json(body)
}
