//! Finding, getting and counting objects. Answers are finished JSON, written as the database delivers.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::app::AppState;
use crate::objects::caller::Caller;
use crate::objects::protected::{self, Protection};
use crate::objects::schema::{ClassSchema, Operation};
use crate::objects::{access, complexity, include, relations, subqueries};
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::names;
use crate::protocol::types::{FieldType, Pointer};
use crate::query::{Filter, FindOptions};
use crate::storage::{Page, Revealed, Selection, Tags, View};

/// `{"results":[…]}`, with `"count"` if it was asked for.
pub async fn find(
    app: &AppState,
    caller: &Caller,
    class: &str,
    mut options: FindOptions,
) -> ParseResult<Vec<u8>> {
    check_explain(app, caller, &options)?;
    complexity::check(&app.settings.request_complexity, caller, &options)?;
    let mut tags = Tags::None;
    let class = match options.redirect.take() {
        Some(key) => {
            tags = Tags::Class;
            Cow::Owned(target_of(app, class, &key).await?)
        }
        None => Cow::Borrowed(class),
    };
    let operation = if options.filter.single_id().is_some() {
        Operation::Get
    } else {
        Operation::Find
    };
    let counts = options.count;
    let Some(query) = Query::admit(app, caller, &class, options, operation).await? else {
        let nothing: &[u8] = if counts {
            br#"{"results":[],"count":0}"#
        } else {
            br#"{"results":[]}"#
        };
        return Ok(nothing.to_vec());
    };
    if let Some(verbosity) = &query.options.explain {
        let plan = app
            .storage
            .explain(&query.selection(), &query.page(app), verbosity)
            .await?;
        return Ok(json!({ "results": plan }).to_string().into_bytes());
    }
    let mut out = Vec::with_capacity(4096);
    out.extend_from_slice(br#"{"results":["#);
    if query.limit(app) != Some(0) {
        query.write_results(app, caller, tags, &mut out).await?;
    }
    out.push(b']');
    if query.options.count {
        let scope = access::check_class(app, caller, &class, Some(&query.schema), Operation::Count)?;
        let filter = scope.narrow(query.options.filter.clone());
        let counted = Selection {
            filter: &filter,
            ..query.selection()
        };
        let count = app.storage.count(&counted).await?;
        out.extend_from_slice(format!(r#","count":{count}"#).as_bytes());
    }
    out.push(b'}');
    Ok(out)
}

/// A plan tells about data and indexes, so it is for the owner (CVE-2025-64502) unless the app says otherwise.
fn check_explain(app: &AppState, caller: &Caller, options: &FindOptions) -> ParseResult<()> {
    if options.explain.is_none() || caller.is_master() || app.settings.allow_public_explain {
        return Ok(());
    }
    Err(ParseError::new(
        code::INVALID_QUERY,
        "Using the explain query parameter requires the master key",
    ))
}

/// The class that a relation leads to, of other fields the class itself. System classes are not reached that way
/// (CVE-2026-30965).
pub(super) async fn target_of(app: &AppState, class: &str, key: &str) -> ParseResult<String> {
    let schema = app.schemas.find(class).await?;
    let target = match schema.as_ref().and_then(|schema| schema.field(key)) {
        Some(FieldType::Relation(target)) if !names::is_master_only(target) => target,
        _ => class,
    };
    Ok(target.to_owned())
}

/// One object as JSON; 101 if it is not there or not for the caller to see.
pub async fn get(app: &AppState, caller: &Caller, class: &str, options: FindOptions) -> ParseResult<Vec<u8>> {
    complexity::check(&app.settings.request_complexity, caller, &options)?;
    let query = Query::admit(app, caller, class, options, Operation::Get)
        .await?
        .ok_or_else(ParseError::not_found)?;
    let mut out = Vec::with_capacity(1024);
    let found = if query.options.include.is_empty() {
        app.storage
            .get(&query.view(app, caller), &query.selection(), &mut out)
            .await?
    } else {
        query.write_results(app, caller, Tags::None, &mut out).await? > 0
    };
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
pub struct Query {
    schema: Arc<ClassSchema>,
    options: FindOptions,
    hidden: Vec<String>,
    revealed: Vec<Revealed>,
    group: Option<Arc<[String]>>,
}

impl Query {
    /// `None`: the class does not exist, so nothing can be found.
    pub async fn admit(
        app: &AppState,
        caller: &Caller,
        class: &str,
        mut options: FindOptions,
        operation: Operation,
    ) -> ParseResult<Option<Self>> {
        access::check_fixed_rules(caller, class, operation)?;
        let schema = app.schemas.find(class).await?;
        let counts_only = options.limit == Some(0) && options.count;
        let operation = if counts_only { Operation::Count } else { operation };
        let scope = access::check_class(app, caller, class, schema.as_deref(), operation)?;
        let Some(schema) = schema else {
            if !names::is_system(class) {
                access::check_class_creation(app, caller, class)?;
            }
            return Ok(None);
        };
        complexity::check_all(
            &app.settings.request_complexity,
            caller,
            &options.include,
            &schema,
        )?;
        let protection = Protection::against(app, caller, &schema);
        let hidden = protection.hidden(caller);
        protected::check_query(&hidden, class, &options)?;
        protected::check_auth_data(caller, class, &options)?;
        if options.include.all {
            select_included(&mut options, &schema);
        }
        // What a subquery finds may be asked of a relation, so that comes second.
        options.filter = subqueries::resolve(app, caller, options.filter).await?;
        options.filter = scope.narrow(relations::resolve(app, caller, &schema, options.filter).await?);
        if class == "_Session" && !caller.reads_all() {
            let user = caller.user_id().ok_or_else(ParseError::invalid_session)?;
            options.filter = options.filter.and(Filter::equals("user", own_pointer(user)));
        }
        let revealed = if hidden.is_empty() {
            Vec::new()
        } else {
            protection.revealed(caller)
        };
        Ok(Some(Self {
            schema,
            options,
            hidden,
            revealed,
            group: access::reading_group(caller),
        }))
    }

    pub fn selection(&self) -> Selection<'_> {
        Selection {
            schema: &self.schema,
            filter: &self.options.filter,
            acl_group: self.group.as_ref(),
        }
    }

    pub fn view<'a>(&'a self, app: &'a AppState, caller: &Caller) -> View<'a> {
        let exempt = self.schema.name == "_User" && app.settings.protected_fields_owner_exempt;
        View {
            hidden: self.hidden.clone(),
            excluded: self
                .options
                .exclude_keys
                .iter()
                .filter(|key| !key.contains('.'))
                .cloned()
                .collect(),
            keys: self.options.keys.as_ref().map(|keys| self.selected(keys)),
            own_id: caller.user_id().filter(|_| exempt).map(str::to_owned),
            revealed: self.revealed.clone(),
            shows_auth_data: caller.reads_all(),
            shows_internal: caller.is_maintenance(),
            ..View::full(&self.schema, &app.files)
        }
    }

    /// The fields that `keys` mean. Relations are on every row of their class, whatever the keys.
    fn selected(&self, keys: &[String]) -> Vec<String> {
        let relations = self.schema.relations().map(|(name, _)| name.to_owned());
        let named = keys.iter().map(|key| names::root_of(key).to_owned());
        named.chain(relations).collect()
    }

    /// The class that is queried.
    pub fn schema(&self) -> &ClassSchema {
        &self.schema
    }

    /// What was asked for, with everything resolved.
    pub fn options(&self) -> &FindOptions {
        &self.options
    }

    fn page(&self, app: &AppState) -> Page {
        Page {
            limit: self.limit(app),
            skip: self.options.skip,
            order: self.options.order.clone(),
            hint: self.options.hint.clone(),
        }
    }

    /// Appends the found objects, separated by commas; returns their number.
    async fn write_results(
        &self,
        app: &AppState,
        caller: &Caller,
        tags: Tags,
        out: &mut Vec<u8>,
    ) -> ParseResult<usize> {
        let mut view = self.view(app, caller);
        view.tags = tags;
        let (page, selection) = (self.page(app), self.selection());
        if self.options.include.is_empty() {
            return Ok(app.storage.find(&view, &selection, &page, out).await?);
        }
        let rows = app
            .storage
            .rows(&selection, &page, view.projected().as_deref())
            .await?;
        let tree = include::Tree::new(&self.options.include, Some(&self.schema));
        view.included = include::expand(app, caller, &self.schema, &rows, &tree, &self.options).await?;
        for (position, row) in rows.iter().enumerate() {
            if position > 0 {
                out.push(b',');
            }
            row.write(&view, out)?;
        }
        Ok(rows.len())
    }

    /// The limit that was asked for, or the app's default, and never more than the app allows.
    fn limit(&self, app: &AppState) -> Option<u32> {
        let limit = self.options.limit.unwrap_or(app.settings.default_limit);
        Some(app.settings.max_limit.map_or(limit, |most| limit.min(most)))
    }
}

/// `include=*` shows what it includes, whatever `keys` name beside it.
fn select_included(options: &mut FindOptions, schema: &ClassSchema) {
    let Some(keys) = &mut options.keys else { return };
    for field in include::everything(schema) {
        if !keys.iter().any(|key| names::root_of(key) == field) {
            keys.push(field.clone());
        }
    }
}

fn own_pointer(user: &str) -> Value {
    Pointer {
        class: "_User".into(),
        id: user.into(),
    }
    .encode()
}
