//! Which route a method and path mean. `/classes/_User/…` is the users' resource by its other name, and so on, so that
//! the special rules of system classes hold whichever way one comes.

use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};
use crate::routes::owner::{self, OwnerRoute};
use crate::routes::users::account::{self, AccountRoute};
use crate::routes::{batch, classes, installations, server, sessions, users};
use crate::users::authenticate::TokenUse;

/// A route with what its path names.
#[derive(Debug, Clone, PartialEq)]
pub enum Route {
    Find(String),
    Get(String, String),
    Create(String),
    Update(String, String),
    Delete(String, String),
    SignUp,
    GetUser(String),
    UpdateUser(String),
    DeleteUser(String),
    Me,
    LogIn,
    LogOut,
    MySession,
    CreateSession,
    UpdateSession(String),
    DeleteSession(String),
    Batch,
    ServerInfo,
    /// Something an app counts; nothing is kept, as in Parse Server without an adapter for it.
    Event,
    CreateInstallation,
    UpdateInstallation(String),
    Account(AccountRoute),
    Owner(OwnerRoute),
}

/// The route, or `None` if there is nothing at this path.
pub fn resolve(method: &str, path: &str) -> Option<Route> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let own = |segment: &&str| (*segment).to_owned();
    Some(match (method, segments.as_slice()) {
        ("POST", ["users"] | ["classes", "_User"]) => Route::SignUp,
        ("GET", ["users", "me"]) => Route::Me,
        ("GET", ["users", id] | ["classes", "_User", id]) => Route::GetUser(own(id)),
        ("PUT", ["users", id] | ["classes", "_User", id]) => Route::UpdateUser(own(id)),
        ("DELETE", ["users", id] | ["classes", "_User", id]) => Route::DeleteUser(own(id)),
        ("GET" | "POST", ["login"]) => Route::LogIn,
        ("POST", ["logout"]) => Route::LogOut,
        ("GET", ["sessions", "me"]) => Route::MySession,
        ("POST", ["sessions"] | ["classes", "_Session"]) => Route::CreateSession,
        ("PUT", ["sessions", id] | ["classes", "_Session", id]) => Route::UpdateSession(own(id)),
        ("DELETE", ["sessions", id] | ["classes", "_Session", id]) => Route::DeleteSession(own(id)),
        ("POST", ["installations"] | ["classes", "_Installation"]) => Route::CreateInstallation,
        ("PUT", ["installations", id] | ["classes", "_Installation", id]) => {
            Route::UpdateInstallation(own(id))
        }
        ("POST", ["batch"]) => Route::Batch,
        ("GET", ["serverInfo"]) => Route::ServerInfo,
        ("POST", ["events", _]) => Route::Event,
        (
            method,
            [
                resource @ ("users" | "sessions" | "roles" | "installations"),
                rest @ ..,
            ],
        ) => {
            let class = match *resource {
                "users" => "_User",
                "sessions" => "_Session",
                "installations" => "_Installation",
                _ => "_Role",
            };
            return object_route(method, class, rest);
        }
        (method, ["classes", class, rest @ ..]) => return object_route(method, class, rest),
        _ => {
            let account = account::resolve(method, &segments).map(Route::Account);
            return account.or_else(|| owner::resolve(method, &segments).map(Route::Owner));
        }
    })
}

fn object_route(method: &str, class: &str, rest: &[&str]) -> Option<Route> {
    let class = class.to_owned();
    Some(match (method, rest) {
        ("GET", []) => Route::Find(class),
        ("POST", []) => Route::Create(class),
        ("GET", [id]) => Route::Get(class, (*id).to_owned()),
        ("PUT", [id]) => Route::Update(class, (*id).to_owned()),
        ("DELETE", [id]) => Route::Delete(class, (*id).to_owned()),
        _ => return None,
    })
}

impl Route {
    /// What the route makes of a session token that came along.
    pub fn token_use(&self) -> TokenUse {
        match self {
            Self::LogIn => TokenUse::Ignored,
            Self::MySession => TokenUse::OwnSession,
            Self::Account(route) => route.token_use(),
            _ => TokenUse::Session,
        }
    }

    /// Carries the request out.
    pub async fn run(self, cx: Context<'_>) -> ParseResult<Reply> {
        match self {
            Self::Find(class) => classes::find::find(cx, &class).await,
            Self::Get(class, id) => classes::get::get(cx, &class, &id).await,
            Self::Create(class) => classes::create::create(cx, &class).await,
            Self::Update(class, id) => classes::update::update(cx, &class, &id).await,
            Self::Delete(class, id) => classes::delete::delete(cx, &class, &id).await,
            Self::SignUp => users::sign_up::sign_up(cx).await,
            Self::GetUser(id) => users::get::get(cx, &id).await,
            Self::UpdateUser(id) => users::update::update(cx, &id).await,
            Self::DeleteUser(id) => users::delete::delete(cx, &id).await,
            Self::Me => users::me::me(cx).await,
            Self::LogIn => users::log_in::log_in(cx).await,
            Self::LogOut => users::log_out::log_out(cx).await,
            Self::MySession => sessions::me::me(cx).await,
            Self::CreateSession => sessions::create::create(cx).await,
            Self::UpdateSession(id) => sessions::update::update(cx, &id).await,
            Self::DeleteSession(id) => sessions::delete::delete(cx, &id).await,
            Self::Batch => Box::pin(batch::run(cx)).await,
            Self::CreateInstallation => installations::create(cx).await,
            Self::UpdateInstallation(id) => installations::update(cx, &id).await,
            Self::ServerInfo => server::info::info(&cx),
            Self::Event => Ok(Reply::empty()),
            Self::Account(route) => route.run(cx).await,
            Self::Owner(route) => route.run(cx).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_classes_have_one_set_of_rules_under_both_names() {
        for (method, by_class, by_resource) in [
            ("POST", "classes/_User", "users"),
            ("PUT", "classes/_User/x", "users/x"),
            ("GET", "classes/_User", "users"),
            ("DELETE", "classes/_Session/x", "sessions/x"),
            ("POST", "classes/_Role", "roles"),
        ] {
            assert!(resolve(method, by_class).is_some());
            assert_eq!(
                resolve(method, by_class),
                resolve(method, by_resource),
                "{method} {by_class}"
            );
        }
    }

    #[test]
    fn unknown_paths_and_verbs_lead_nowhere() {
        for (method, path) in [
            ("GET", ""),
            ("GET", "nothing"),
            ("PATCH", "classes/A"),
            ("POST", "classes/A/x/y"),
            ("GET", "batch"),
        ] {
            assert_eq!(resolve(method, path), None, "{method} {path}");
        }
        assert_eq!(resolve("GET", "//classes//A"), Some(Route::Find("A".into())));
    }
}
