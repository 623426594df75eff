//! Credentials beside plain log-in: `/loginAs`, `/verifyPassword`, `/requestPasswordReset`, `/verificationEmailRequest`,
//! `/challenge`, `/upgradeToRevocableSession`.

use serde_json::json;

use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};
use crate::users::authenticate::TokenUse;
use crate::users::{challenge, login, password_reset, sessions, verification};

/// One of these routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountRoute {
    LogInAs,
    VerifyPassword,
    RequestPasswordReset,
    RequestVerification,
    Challenge,
    UpgradeSession,
}

impl AccountRoute {
    /// What the route makes of a session token.
    pub fn token_use(self) -> TokenUse {
        match self {
            Self::UpgradeSession => TokenUse::SessionOrLegacy,
            _ => TokenUse::Session,
        }
    }

    /// Carries the request out.
    pub async fn run(self, mut cx: Context<'_>) -> ParseResult<Reply> {
        let answer = match self {
            Self::LogInAs => {
                let params = cx.take_params();
                login::log_in_as(cx.app, &cx.caller, params.get("userId")).await?
            }
            Self::VerifyPassword => {
                let params = cx.take_params();
                login::verify_password(cx.app, &cx.caller, &params).await?
            }
            Self::RequestPasswordReset => {
                password_reset::request(cx.app, &cx.body).await?;
                json!({})
            }
            Self::RequestVerification => {
                verification::request(cx.app, &cx.body).await?;
                json!({})
            }
            Self::Challenge => {
                let asked = challenge::challenge(cx.app, &cx.caller, &cx.body).await?;
                json!({ "challengeData": asked })
            }
            Self::UpgradeSession => sessions::upgrade(cx.app, &cx.caller).await?,
        };
        Ok(Reply::value(&answer))
    }
}
