//! Finding, getting and counting objects. Answers are finished JSON, written as the database delivers.

use std::sync::Arc;

use serde_json::Value;

use crate::app::AppState;
use crate::objects::caller::Caller;
use crate::objects::schema::{ClassSchema, Operation};
use crate::objects::{access, protected, relations};
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::names;
use crate::protocol::types::Pointer;
use crate::query::{Filter, FindOptions};
use crate::storage::{Page, Selection, View};

/// `{"results":[…]}`, with `"count"` if it was asked for.
pub async fn find(
    app: &AppState,
    caller: &Caller,
    class: &str,
    options: FindOptions,
) -> ParseResult<Vec<u8>> {
    let operation = if options.filter.single_id().is_some() {
        Operation::Get
    } else {
        Operation::Find
    };
    let counts = options.count;
    let Some(query) = Query::admit(app, caller, class, options, operation).await? else {
        let nothing: &[u8] = if counts { br#"{"results":[],"count":0}"# } else { br#"{"results":[]}"# };
        return Ok(nothing.to_vec());
    };
    let mut out = Vec::with_capacity(4096);
    out.extend_from_slice(br#"{"results":["#);
    let limit = query.limit(app);
    if limit != Some(0) {
        let page = Page {
            limit,
            skip: query.options.skip,
            order: query.options.order.clone(),
        };
        app.storage
            .find(&query.view(app, caller), &query.selection(), &page, &mut out)
            .await?;
    }
    out.push(b']');
    if query.options.count {
        access::check_class(app, caller, class, Some(&query.schema), Operation::Count)?;
        let count = app.storage.count(&query.selection()).await?;
        out.extend_from_slice(format!(r#","count":{count}"#).as_bytes());
    }
    out.push(b'}');
    Ok(out)
}

/// One object as JSON; 101 if it is not there or not for the caller to see.
pub async fn get(app: &AppState, caller: &Caller, class: &str, options: FindOptions) -> ParseResult<Vec<u8>> {
    let query = Query::admit(app, caller, class, options, Operation::Get)
        .await?
        .ok_or_else(ParseError::not_found)?;
    let mut out = Vec::with_capacity(1024);
    let found = app
        .storage
        .get(&query.view(app, caller), &query.selection(), &mut out)
        .await?;
    if found {
        Ok(out)
    } else {
        Err(ParseError::not_found())
    }
}

/// One object as a value, seen with the eyes of `caller`.
pub async fn get_value(app: &AppState, caller: &Caller, class: &str, id: &str) -> ParseResult<Value> {
    let json = get(
        app,
        caller,
        class,
        FindOptions::of(Filter::equals("objectId", id)),
    )
    .await?;
    serde_json::from_slice(&json)
        .map_err(|error| ParseError::new(code::INTERNAL_SERVER_ERROR, error.to_string()))
}

/// A query that has passed every check which needs no object.
struct Query {
    schema: Arc<ClassSchema>,
    options: FindOptions,
    hidden: Vec<String>,
    group: Option<Arc<[String]>>,
}

impl Query {
    /// `None`: the class does not exist, so nothing can be found.
    async fn admit(
        app: &AppState,
        caller: &Caller,
        class: &str,
        mut options: FindOptions,
        operation: Operation,
    ) -> ParseResult<Option<Self>> {
        access::check_fixed_rules(caller, class, operation)?;
        let schema = app.schemas.find(class).await?;
        let counts_only = options.limit == Some(0) && options.count;
        access::check_class(
            app,
            caller,
            class,
            schema.as_deref(),
            if counts_only { Operation::Count } else { operation },
        )?;
        let Some(schema) = schema else {
            if !names::is_system(class) {
                access::check_class_creation(app, caller, class)?;
            }
            return Ok(None);
        };
        let hidden = protected::hidden_from(app, caller, &schema);
        protected::check_query(&hidden, class, &options)?;
        options.filter = relations::resolve(app, caller, &schema, options.filter).await?;
        if class == "_Session" && !caller.reads_all() {
            let user = caller.user_id().ok_or_else(ParseError::invalid_session)?;
            options.filter = options.filter.and(Filter::equals("user", own_pointer(user)));
        }
        Ok(Some(Self {
            schema,
            options,
            hidden,
            group: access::reading_group(caller),
        }))
    }

    fn selection(&self) -> Selection<'_> {
        Selection {
            schema: &self.schema,
            filter: &self.options.filter,
            acl_group: self.group.as_deref(),
        }
    }

    fn view<'a>(&'a self, app: &'a AppState, caller: &Caller) -> View<'a> {
        let exempt = self.schema.name == "_User" && app.settings.protected_fields_owner_exempt;
        View {
            hidden: self.hidden.clone(),
            excluded: roots(&self.options.exclude_keys),
            keys: self.options.keys.as_ref().map(|keys| roots(keys)),
            own_id: caller.user_id().filter(|_| exempt).map(str::to_owned),
            shows_auth_data: caller.reads_all(),
            ..View::full(&self.schema, &app.files)
        }
    }

    /// The limit that was asked for, or the app's default, and never more than the app allows.
    fn limit(&self, app: &AppState) -> Option<u32> {
        let limit = self.options.limit.unwrap_or(app.settings.default_limit);
        Some(app.settings.max_limit.map_or(limit, |most| limit.min(most)))
    }
}

fn roots(keys: &[String]) -> Vec<String> {
    keys.iter().map(|key| names::root_of(key).to_owned()).collect()
}

fn own_pointer(user: &str) -> Value {
    Pointer {
        class: "_User".into(),
        id: user.into(),
    }
    .encode()
}
