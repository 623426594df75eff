//! `GET /aggregate/:className`, for the owner of the app only.

use serde_json::{Map, Value, json};

use crate::app::AppState;
use crate::objects::access;
use crate::objects::find::Query;
use crate::objects::schema::Operation;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::query::{FindOptions, pipeline, where_clause};
use crate::routes::context::{Context, Reply};
use crate::storage::{Aggregate, StorageError};

/// Parameters that are not stages.
const OPTIONS: &[&str] = &[
    "hint",
    "explain",
    "comment",
    "readPreference",
    "rawValues",
    "rawFieldNames",
];

/// Verbosities of a plan.
const VERBOSITIES: &[&str] = &[
    "queryPlanner",
    "queryPlannerExtended",
    "executionStats",
    "allPlansExecution",
];

/// `{"results": […]}` of a pipeline, or the distinct values of a field.
pub async fn aggregate(mut cx: Context<'_>, class: &str) -> ParseResult<Reply> {
    cx.require_master()?;
    let settings = &cx.app.settings;
    if cx.caller.is_read_only() && !settings.allow_aggregation_for_read_only_master_key {
        return Err(ParseError::new(
            code::OPERATION_FORBIDDEN,
            "Cannot run an aggregation pipeline when using the readOnlyMasterKey",
        ));
    }
    access::check_fixed_rules(&cx.caller, class, Operation::Find)?;
    let mut params = cx.take_params();
    cx.app.denylist.check_map(&params)?;
    let aggregate = read(cx.app, &mut params)?;
    let Some(schema) = cx.app.schemas.find(class).await? else {
        return Ok(Reply::value(&json!({ "results": [] })));
    };
    let results = match params.get("distinct") {
        Some(field) => distinct(&cx, class, field, &params).await?,
        None => cx
            .app
            .storage
            .aggregate(&schema, &cx.app.files, &aggregate)
            .await
            .map_err(in_its_words)?,
    };
    Ok(Reply::value(&json!({ "results": results })))
}

/// Takes the options out of `params` and reads the stages from the rest.
fn read(app: &AppState, params: &mut Map<String, Value>) -> ParseResult<Aggregate> {
    let mut options: Map<String, Value> = OPTIONS
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), params.shift_remove(*name)?)))
        .collect();
    let flag = |name: &str, default: bool| options.get(name).and_then(Value::as_bool).unwrap_or(default);
    let defaults = app.settings.query;
    Ok(Aggregate {
        stages: pipeline::read(params)?,
        raw_values: flag("rawValues", defaults.aggregation_raw_values),
        raw_names: flag("rawFieldNames", defaults.aggregation_raw_field_names),
        explain: explain(options.get("explain"))?,
        hint: options.shift_remove("hint"),
    })
}

fn explain(value: Option<&Value>) -> ParseResult<Option<String>> {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => Ok(None),
        Some(Value::Bool(true)) => Ok(Some("queryPlanner".into())),
        Some(Value::String(text)) if VERBOSITIES.contains(&text.as_str()) => Ok(Some(text.clone())),
        Some(_) => Err(ParseError::new(code::INVALID_QUERY, "Invalid value for explain")),
    }
}

async fn distinct(
    cx: &Context<'_>,
    class: &str,
    field: &Value,
    params: &Map<String, Value>,
) -> ParseResult<Vec<Value>> {
    let field = field
        .as_str()
        .filter(|field| where_clause::is_path(field))
        .ok_or_else(|| ParseError::new(code::INVALID_KEY_NAME, format!("Invalid key name: {field}")))?;
    let clause: Map<String, Value> = params
        .get("where")
        .map(|clause| ("where".to_owned(), clause.clone()))
        .into_iter()
        .collect();
    let options = FindOptions::parse(&clause, cx.reader())?;
    let Some(query) = Query::admit(cx.app, &cx.caller, class, options, Operation::Find).await? else {
        return Ok(Vec::new());
    };
    cx.app
        .storage
        .distinct(&query.selection(), &cx.app.files, field)
        .await
        .map_err(in_its_words)
}

/// What the database says of a pipeline helps its author, who is the owner; clients never read it.
fn in_its_words(error: StorageError) -> ParseError {
    match error {
        StorageError::Refused { message, .. } => ParseError::new(code::INVALID_QUERY, message),
        error => error.into(),
    }
}
