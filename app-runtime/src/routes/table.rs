//! Which route a method and path mean: one table, over which the tests of all routes run as well. `/classes/_User/…` is
//! the users' resource by its other name, and so on, so that the special rules of system classes hold whichever way one
//! comes.

use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};
use crate::routes::owner::OwnerRoute;
use crate::routes::users::account::AccountRoute;
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

/// A row of the table.
#[derive(Debug)]
pub struct Row {
    pub method: &'static str,
    /// Below the mount. A part that begins with a colon stands for any text.
    pub path: &'static str,
    to: To,
}

/// The route of a row, by what of the path is its own.
#[derive(Debug)]
enum To {
    One(Route),
    /// This class.
    Class(fn(String) -> Route, &'static str),
    /// The text in the path.
    Text(fn(String) -> Route),
    /// This class and the text in the path.
    ClassText(fn(String, String) -> Route, &'static str),
    /// Both texts in the path.
    Texts(fn(String, String) -> Route),
}
use To::{Class, ClassText, One, Text, Texts};

const fn row(method: &'static str, path: &'static str, to: To) -> Row {
    Row { method, path, to }
}

const fn account(method: &'static str, path: &'static str, route: AccountRoute) -> Row {
    row(method, path, One(Route::Account(route)))
}

const fn owner(method: &'static str, path: &'static str, route: OwnerRoute) -> Row {
    row(method, path, One(Route::Owner(route)))
}

/// Every route but the public pages and the health check. Of two rows that fit a path the upper one counts.
#[rustfmt::skip]
pub static ROUTES: &[Row] = &[
    row("GET", "users/me", One(Route::Me)),
    row("GET", "sessions/me", One(Route::MySession)),
    row("POST", "users", One(Route::SignUp)),
    row("POST", "classes/_User", One(Route::SignUp)),
    row("GET", "users", Class(Route::Find, "_User")),
    row("GET", "users/:id", Text(Route::GetUser)),
    row("GET", "classes/_User/:id", Text(Route::GetUser)),
    row("PUT", "users/:id", Text(Route::UpdateUser)),
    row("PUT", "classes/_User/:id", Text(Route::UpdateUser)),
    row("DELETE", "users/:id", Text(Route::DeleteUser)),
    row("DELETE", "classes/_User/:id", Text(Route::DeleteUser)),
    row("POST", "sessions", One(Route::CreateSession)),
    row("POST", "classes/_Session", One(Route::CreateSession)),
    row("GET", "sessions", Class(Route::Find, "_Session")),
    row("GET", "sessions/:id", ClassText(Route::Get, "_Session")),
    row("PUT", "sessions/:id", Text(Route::UpdateSession)),
    row("PUT", "classes/_Session/:id", Text(Route::UpdateSession)),
    row("DELETE", "sessions/:id", Text(Route::DeleteSession)),
    row("DELETE", "classes/_Session/:id", Text(Route::DeleteSession)),
    row("POST", "installations", One(Route::CreateInstallation)),
    row("POST", "classes/_Installation", One(Route::CreateInstallation)),
    row("GET", "installations", Class(Route::Find, "_Installation")),
    row("GET", "installations/:id", ClassText(Route::Get, "_Installation")),
    row("PUT", "installations/:id", Text(Route::UpdateInstallation)),
    row("PUT", "classes/_Installation/:id", Text(Route::UpdateInstallation)),
    row("DELETE", "installations/:id", ClassText(Route::Delete, "_Installation")),
    row("POST", "roles", Class(Route::Create, "_Role")),
    row("GET", "roles", Class(Route::Find, "_Role")),
    row("GET", "roles/:id", ClassText(Route::Get, "_Role")),
    row("PUT", "roles/:id", ClassText(Route::Update, "_Role")),
    row("DELETE", "roles/:id", ClassText(Route::Delete, "_Role")),
    row("POST", "classes/:class", Text(Route::Create)),
    row("GET", "classes/:class", Text(Route::Find)),
    row("GET", "classes/:class/:id", Texts(Route::Get)),
    row("PUT", "classes/:class/:id", Texts(Route::Update)),
    row("DELETE", "classes/:class/:id", Texts(Route::Delete)),
    row("GET", "login", One(Route::LogIn)),
    row("POST", "login", One(Route::LogIn)),
    row("POST", "logout", One(Route::LogOut)),
    account("POST", "loginAs", AccountRoute::LogInAs),
    account("GET", "verifyPassword", AccountRoute::VerifyPassword),
    account("POST", "verifyPassword", AccountRoute::VerifyPassword),
    account("POST", "requestPasswordReset", AccountRoute::RequestPasswordReset),
    account("POST", "verificationEmailRequest", AccountRoute::RequestVerification),
    account("POST", "challenge", AccountRoute::Challenge),
    account("POST", "upgradeToRevocableSession", AccountRoute::UpgradeSession),
    row("POST", "batch", One(Route::Batch)),
    row("POST", "events/:name", Text(|_| Route::Event)),
    row("GET", "serverInfo", One(Route::ServerInfo)),
    owner("GET", "schemas", OwnerRoute::ListSchemas),
    owner("POST", "schemas", OwnerRoute::CreateSchema(None)),
    row("GET", "schemas/:class", Text(|class| Route::Owner(OwnerRoute::GetSchema(class)))),
    row("POST", "schemas/:class", Text(|class| Route::Owner(OwnerRoute::CreateSchema(Some(class))))),
    row("PUT", "schemas/:class", Text(|class| Route::Owner(OwnerRoute::UpdateSchema(class)))),
    row("DELETE", "schemas/:class", Text(|class| Route::Owner(OwnerRoute::DeleteSchema(class)))),
    row("DELETE", "purge/:class", Text(|class| Route::Owner(OwnerRoute::Purge(class)))),
    owner("GET", "config", OwnerRoute::GetConfig),
    owner("PUT", "config", OwnerRoute::UpdateConfig),
    row("GET", "aggregate/:class", Text(|class| Route::Owner(OwnerRoute::Aggregate(class)))),
    owner("GET", "push_audiences", OwnerRoute::ListAudiences),
    owner("POST", "push_audiences", OwnerRoute::CreateAudience),
    row("GET", "push_audiences/:id", Text(|id| Route::Owner(OwnerRoute::GetAudience(id)))),
    row("PUT", "push_audiences/:id", Text(|id| Route::Owner(OwnerRoute::UpdateAudience(id)))),
    row("DELETE", "push_audiences/:id", Text(|id| Route::Owner(OwnerRoute::DeleteAudience(id)))),
    owner("GET", "security", OwnerRoute::Security),
    owner("GET", "graphql-config", OwnerRoute::GetGraphqlConfig),
    owner("PUT", "graphql-config", OwnerRoute::UpdateGraphqlConfig),
];

/// The route, or `None` if there is nothing at this path.
pub fn resolve(method: &str, path: &str) -> Option<Route> {
    let segments = segments(path);
    let mut rows = ROUTES.iter().filter(|row| row.method == method);
    rows.find_map(|row| row.route(&segments))
}

/// The path in the table that this one fits, whatever the verb.
pub fn template(path: &str) -> Option<&'static str> {
    let segments = segments(path);
    let row = ROUTES.iter().find(|row| row.route(&segments).is_some())?;
    Some(row.path)
}

fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

impl Row {
    /// The route, if this path fits the row's.
    fn route(&self, segments: &[&str]) -> Option<Route> {
        let mut texts = Vec::new();
        let mut parts = self.path.split('/');
        for segment in segments {
            match parts.next()? {
                part if part.starts_with(':') => texts.push(*segment),
                part if part == *segment => {}
                _ => return None,
            }
        }
        let fits = parts.next().is_none();
        fits.then(|| self.to.with(&texts)).flatten()
    }
}

impl To {
    fn with(&self, texts: &[&str]) -> Option<Route> {
        Some(match (self, texts) {
            (One(route), []) => route.clone(),
            (Class(route, class), []) => route((*class).to_owned()),
            (Text(route), [text]) => route((*text).to_owned()),
            (ClassText(route, class), [text]) => route((*class).to_owned(), (*text).to_owned()),
            (Texts(route), [first, second]) => route((*first).to_owned(), (*second).to_owned()),
            _ => return None,
        })
    }
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

    /// A path that fits the row; no text in it is the name of anything.
    fn example(row: &Row) -> String {
        let part = |part: &'static str| part.strip_prefix(':').map_or(part, |_| "X");
        row.path.split('/').map(part).collect::<Vec<_>>().join("/")
    }

    #[test]
    fn every_row_is_reached_and_takes_what_its_path_has() {
        for (position, row) in ROUTES.iter().enumerate() {
            let path = example(row);
            let segments: Vec<&str> = path.split('/').collect();
            let fits = |row: &Row| row.route(&segments).is_some();
            let same = |other: &&Row| other.method == row.method && fits(other);
            assert!(fits(row), "{row:?} takes something else than its path has");
            let above = ROUTES[..position].iter().find(same);
            assert!(above.is_none(), "{row:?} is hidden by {above:?}");
        }
    }

    #[test]
    fn what_has_a_resource_and_a_class_is_the_same_by_both() {
        let mut compared = 0;
        for row in ROUTES {
            let path = example(row);
            let (resource, rest) = path.split_once('/').unwrap_or((&path, ""));
            let class = match resource {
                "users" => "_User",
                "sessions" => "_Session",
                "installations" => "_Installation",
                "roles" => "_Role",
                _ => continue,
            };
            if rest == "me" {
                continue;
            }
            let by_class = format!("classes/{class}/{rest}");
            assert_eq!(
                resolve(row.method, &path),
                resolve(row.method, &by_class),
                "{path}"
            );
            compared += 1;
        }
        assert_eq!(compared, 20);
    }

    #[test]
    fn other_verbs_and_longer_paths_lead_nowhere() {
        for row in ROUTES {
            let path = example(row);
            for method in ["PATCH", "HEAD", "TRACE", "", "get"] {
                assert_eq!(resolve(method, &path), None, "{method} {path}");
            }
            assert_eq!(resolve(row.method, &format!("{path}/x/y/z")), None, "{path}");
        }
        for (method, path) in [("GET", ""), ("GET", "nothing"), ("GET", "batch")] {
            assert_eq!(resolve(method, path), None, "{method} {path}");
        }
        assert_eq!(resolve("GET", "//classes//A"), Some(Route::Find("A".into())));
        assert_eq!(template("classes/A/x"), Some("classes/:class/:id"));
        assert_eq!(template("secrets/of/anna"), None);
    }
}
