//! The extractor for an app of the caller's organizations: it asks for the row, not the id.

use std::marker::PhantomData;

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;
use ids::AppId;

use super::{Caller, Permission, Role};
use crate::{
    error::ApiError,
    state::AppState,
    store::apps::{self, App},
};

/// The app of `{id}` in the path, loaded within the caller's organizations, for somebody whose role has the
/// permission `P`. A foreign, purged, missing or malformed id answers 404, a role that may not answers 403.
#[derive(Debug)]
pub struct OrgApp<P> {
    pub app: App,
    pub caller: Caller,
    pub role: Role,
    permission: PhantomData<P>,
}

impl<P: Permission> OrgApp<P> {
    async fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let caller = Caller::of(request).await?;
        let missing = || ApiError::NotFound("app");
        let id: AppId = request
            .match_info()
            .get("id")
            .and_then(|id| id.parse().ok())
            .ok_or_else(missing)?;
        let state = AppState::of(request);
        let (app, role) = apps::find(&state.pool, caller.account.id, id)
            .await?
            .ok_or_else(missing)?;
        tracing::Span::current().record("app.id", app.id.as_str());
        permit::<P>(role)?;
        Ok(Self {
            app,
            caller,
            role,
            permission: PhantomData,
        })
    }
}

/// Refuses a role that lacks the permission.
pub fn permit<P: Permission>(role: Role) -> Result<(), ApiError> {
    if P::allows(role) {
        return Ok(());
    }
    let deed = P::DEED;
    let sentence = format!("Your role in this organization is {role}, which may not {deed}. Ask an owner.");
    Err(ApiError::Forbidden(sentence.into()))
}

impl<P: Permission> FromRequest for OrgApp<P> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(&request).await })
    }
}
