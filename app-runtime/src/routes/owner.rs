//! Routes of the app's owner and their tools: classes, config, aggregates, audiences, checks. Each asks for the master key
//! by itself, but for reading the config.

use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};
use crate::routes::schemas;

/// A route with what its path names.
#[derive(Debug, Clone, PartialEq)]
pub enum OwnerRoute {
    ListSchemas,
    GetSchema(String),
    CreateSchema(Option<String>),
    UpdateSchema(String),
    DeleteSchema(String),
    Purge(String),
}

/// The route, or `None` if there is nothing at this path.
pub fn resolve(method: &str, segments: &[&str]) -> Option<OwnerRoute> {
    let own = |segment: &&str| (*segment).to_owned();
    Some(match (method, segments) {
        ("GET", ["schemas"]) => OwnerRoute::ListSchemas,
        ("GET", ["schemas", class]) => OwnerRoute::GetSchema(own(class)),
        ("POST", ["schemas"]) => OwnerRoute::CreateSchema(None),
        ("POST", ["schemas", class]) => OwnerRoute::CreateSchema(Some(own(class))),
        ("PUT", ["schemas", class]) => OwnerRoute::UpdateSchema(own(class)),
        ("DELETE", ["schemas", class]) => OwnerRoute::DeleteSchema(own(class)),
        ("DELETE", ["purge", class]) => OwnerRoute::Purge(own(class)),
        _ => return None,
    })
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
        }
    }
}
