//! Routes of the app's owner and their tools: classes, config, aggregates, audiences, checks. Each asks for the master key
//! by itself, but for reading the config.

use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};
use crate::routes::{aggregate, audiences, config, graphql_config, schemas, security};

/// A route with what its path names.
#[derive(Debug, Clone, PartialEq)]
pub enum OwnerRoute {
    ListSchemas,
    GetSchema(String),
    CreateSchema(Option<String>),
    UpdateSchema(String),
    DeleteSchema(String),
    Purge(String),
    GetConfig,
    UpdateConfig,
    Aggregate(String),
    ListAudiences,
    GetAudience(String),
    CreateAudience,
    UpdateAudience(String),
    DeleteAudience(String),
    Security,
    GetGraphqlConfig,
    UpdateGraphqlConfig,
}

impl OwnerRoute {
    /// Carries the request out.
    pub async fn run(self, cx: Context<'_>) -> ParseResult<Reply> {
        match self {
            Self::ListSchemas => schemas::list::list(cx).await,
            Self::GetSchema(class) => schemas::get::get(cx, &class).await,
            Self::CreateSchema(class) => schemas::create::create(cx, class.as_deref()).await,
            Self::UpdateSchema(class) => schemas::update::update(cx, &class).await,
            Self::DeleteSchema(class) => schemas::delete::delete(cx, &class).await,
            Self::Purge(class) => schemas::purge::purge(cx, &class).await,
            Self::GetConfig => config::get::get(cx).await,
            Self::UpdateConfig => config::update::update(cx).await,
            Self::Aggregate(class) => aggregate::aggregate(cx, &class).await,
            Self::ListAudiences => audiences::list(cx).await,
            Self::GetAudience(id) => audiences::get(cx, &id).await,
            Self::CreateAudience => audiences::create(cx).await,
            Self::UpdateAudience(id) => audiences::update(cx, &id).await,
            Self::DeleteAudience(id) => audiences::delete(cx, &id).await,
            Self::Security => security::check(&cx),
            Self::GetGraphqlConfig => graphql_config::get(cx).await,
            Self::UpdateGraphqlConfig => graphql_config::update(cx).await,
        }
    }
}
