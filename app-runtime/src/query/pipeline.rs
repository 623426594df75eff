//! Aggregation pipelines: which stages there are, and what none of them may hold (reference section 4.8).

use serde_json::{Map, Value};

use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::names;

/// One stage: its name, with the `$`, and its argument.
pub type Stage = (String, Value);

/// Stages that read the app's classes and nothing else. Those that write (`$out`, `$merge`) or tell about the database
/// server (`$currentOp`, …) are not among them.
const STAGES: &[&str] = &[
    "$addFields",
    "$bucket",
    "$bucketAuto",
    "$count",
    "$densify",
    "$facet",
    "$fill",
    "$geoNear",
    "$graphLookup",
    "$group",
    "$limit",
    "$lookup",
    "$match",
    "$project",
    "$redact",
    "$replaceRoot",
    "$replaceWith",
    "$sample",
    "$set",
    "$setWindowFields",
    "$skip",
    "$sort",
    "$sortByCount",
    "$unionWith",
    "$unset",
    "$unwind",
];

/// Operators that run code.
const CODE: &[&str] = &["$function", "$accumulator", "$where"];

/// Columns that nobody reads, not even the owner.
pub const SECRETS: &[&str] = &["_hashed_password", "_password_history"];

/// Parameters that stand beside the stages when these are spread over the body.
const NO_STAGES: &[&str] = &["distinct", "where"];

/// The stages of a request, from `pipeline` or from the parameters themselves.
pub fn read(params: &Map<String, Value>) -> ParseResult<Vec<Stage>> {
    let stages: Vec<Stage> = match params.get("pipeline") {
        Some(Value::Array(stages)) => stages.iter().map(single).collect::<ParseResult<_>>()?,
        Some(Value::Object(stages)) => spread(stages),
        Some(_) => return Err(invalid("pipeline must be a list of stages".into())),
        None => spread(params),
    };
    check(&stages)?;
    Ok(stages)
}

fn spread(stages: &Map<String, Value>) -> Vec<Stage> {
    let is_stage = |name: &&String| !NO_STAGES.contains(&name.as_str());
    let named = stages.iter().filter(|(name, _)| is_stage(name));
    named.map(|(name, stage)| (name.clone(), stage.clone())).collect()
}

fn single(stage: &Value) -> ParseResult<Stage> {
    let stage = stage
        .as_object()
        .ok_or_else(|| invalid("pipeline stages must be objects".into()))?;
    let mut entries = stage.iter();
    match (entries.next(), entries.next()) {
        (Some((name, argument)), None) => Ok((name.clone(), argument.clone())),
        _ => {
            let found = stage.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            Err(invalid(format!(
                "Pipeline stages should only have one key but found {found}."
            )))
        }
    }
}

fn check(stages: &[Stage]) -> ParseResult<()> {
    for (name, argument) in stages {
        if !STAGES.contains(&name.as_str()) {
            return Err(invalid(format!("Invalid aggregate stage '{name}'.")));
        }
        if name == "$group" {
            check_group(argument)?;
        }
        check_source(name, argument)?;
        check_deep(argument)?;
        for inner in nested(name, argument) {
            let inner = inner.iter().map(single).collect::<ParseResult<Vec<_>>>()?;
            check(&inner)?;
        }
    }
    Ok(())
}

fn check_group(argument: &Value) -> ParseResult<()> {
    if argument.get("objectId").is_some() {
        return Err(invalid(
            "Cannot use 'objectId' in aggregation stage $group.".into(),
        ));
    }
    if argument.get("_id").is_none() {
        return Err(invalid(
            "Invalid parameter for query: group. Missing key _id".into(),
        ));
    }
    Ok(())
}

/// Another class may be read, another database not.
fn check_source(name: &str, argument: &Value) -> ParseResult<()> {
    let source = match (name, argument) {
        ("$lookup" | "$graphLookup", argument) => argument.get("from"),
        ("$unionWith", Value::String(_)) => Some(argument),
        ("$unionWith", argument) => argument.get("coll"),
        _ => return Ok(()),
    };
    match source {
        None if name == "$lookup" => Ok(()),
        Some(Value::String(class)) if name == "$graphLookup" && class == "_User" => {
            Err(invalid("$graphLookup cannot read _User.".into()))
        }
        Some(Value::String(class)) if names::is_class_name(class) || class.starts_with("_Join:") => Ok(()),
        _ => Err(invalid(format!("{name} must name a class of this app."))),
    }
}

/// The pipelines within a stage.
pub fn nested<'s>(name: &str, argument: &'s Value) -> Vec<&'s Vec<Value>> {
    match name {
        "$facet" => argument
            .as_object()
            .into_iter()
            .flat_map(|facets| facets.values())
            .filter_map(Value::as_array)
            .collect(),
        "$lookup" | "$unionWith" => argument
            .get("pipeline")
            .and_then(Value::as_array)
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

fn check_deep(value: &Value) -> ParseResult<()> {
    match value {
        Value::Object(map) => map.iter().try_for_each(|(key, nested)| {
            if CODE.contains(&key.as_str()) {
                return Err(invalid(format!("{key} is not allowed in a pipeline.")));
            }
            check_secret(key)?;
            check_deep(nested)
        }),
        Value::Array(items) => items.iter().try_for_each(check_deep),
        Value::String(text) => check_secret(text),
        _ => Ok(()),
    }
}

fn check_secret(text: &str) -> ParseResult<()> {
    match SECRETS.iter().find(|secret| text.contains(**secret)) {
        Some(secret) => Err(invalid(format!("{secret} cannot be read."))),
        None => Ok(()),
    }
}

fn invalid(message: String) -> ParseError {
    ParseError::new(code::INVALID_QUERY, message)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_and_spread_stages_mean_the_same() {
        let list = json!({"pipeline": [{"$match": {"a": 1}}, {"$limit": 1}]});
        let spread = json!({"$match": {"a": 1}, "$limit": 1, "where": {}});
        assert_eq!(
            read(list.as_object().unwrap()).unwrap(),
            read(spread.as_object().unwrap()).unwrap()
        );
    }

    #[test]
    fn nothing_writes_runs_code_or_leaves_the_app() {
        for stage in [
            json!({"group": {"_id": null}}),
            json!({"$out": "x"}),
            json!({"$merge": {"into": "x"}}),
            json!({"$currentOp": {}}),
            json!({"$match": {}, "$limit": 1}),
            json!({"$group": {"objectId": "$a"}}),
            json!({"$group": {"n": {"$sum": 1}}}),
            json!({"$match": {"$where": "1"}}),
            json!({"$project": {"x": {"$function": {"body": "", "args": [], "lang": "js"}}}}),
            json!({"$facet": {"a": [{"$out": "x"}]}}),
            json!({"$lookup": {"from": {"db": "admin", "coll": "system.users"}, "as": "x"}}),
            json!({"$lookup": {"from": "system.users", "as": "x"}}),
            json!({"$unionWith": {"coll": "A", "pipeline": [{"$out": "x"}]}}),
            json!({"$project": {"x": "$_hashed_password"}}),
            json!({"$match": {"_hashed_password": {"$regex": "^a"}}}),
        ] {
            let params = json!({ "pipeline": [stage] });
            assert_eq!(
                read(params.as_object().unwrap()).unwrap_err().code,
                Some(102),
                "{stage}"
            );
        }
    }
}
