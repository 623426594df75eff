//! Aggregation pipelines in the database's terms: names of columns, pointers and dates as they are stored.
//!
//! Until a stage gives documents another shape, a name means a field of the class; after that it means what the pipeline
//! made, and only `objectId` still stands for `_id`.

use bson::{Bson, Document, doc};
use serde_json::{Map, Value, json};

use crate::objects::schema::ClassSchema;
use crate::protocol::dates;
use crate::protocol::types::{FieldType, Pointer};
use crate::query::pipeline::{SECRETS, Stage};
use crate::storage::error::{StorageError, StorageResult};
use crate::storage::{encode, filter};

/// A pipeline ready to run.
#[derive(Debug, Default)]
pub(super) struct Translated {
    pub stages: Vec<Document>,
    /// The results are no longer objects of the class.
    pub shaped: bool,
    /// `_id` holds stored pointers.
    pub by_pointer: bool,
}

/// Stages after which fields are what the pipeline made them.
const SHAPING: &[&str] = &[
    "$group",
    "$bucket",
    "$bucketAuto",
    "$sortByCount",
    "$count",
    "$facet",
    "$replaceRoot",
    "$replaceWith",
];

/// In which words a pipeline is written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Forms {
    /// Names are the database's own.
    pub raw_names: bool,
    /// Values are Extended JSON.
    pub raw_values: bool,
}

/// Translates stages on objects of `schema`. `prefix` stands before the names of collections.
pub(super) fn translate(
    schema: &ClassSchema,
    prefix: &str,
    stages: &[Stage],
    forms: Forms,
) -> StorageResult<Translated> {
    let mut translated = Translated::default();
    let mut guarded = schema.name != "_User";
    for (name, argument) in stages {
        if !guarded && !matches!(name.as_str(), "$match" | "$geoNear") {
            translated.stages.push(hide_secrets());
            guarded = true;
        }
        let names = Names {
            schema,
            shaped: translated.shaped,
            forms,
        };
        if name == "$group" {
            let by = argument.get("_id").and_then(Value::as_str).unwrap_or_default();
            translated.by_pointer = names.reference(by).starts_with("$_p_");
        }
        let argument = value(names.stage(name, argument, prefix), forms)?;
        translated.stages.push(doc! { name: argument });
        translated.shaped |= SHAPING.contains(&name.as_str());
    }
    if !guarded {
        translated.stages.push(hide_secrets());
    }
    Ok(translated)
}

fn value(argument: Value, forms: Forms) -> StorageResult<Bson> {
    if !forms.raw_values {
        return Ok(encode::nested(argument));
    }
    Bson::try_from(argument).map_err(|error| StorageError::Refused {
        code: 2,
        message: error.to_string(),
    })
}

fn hide_secrets() -> Document {
    let secrets: Vec<Bson> = SECRETS.iter().map(|secret| Bson::from(*secret)).collect();
    doc! { "$unset": secrets }
}

struct Names<'a> {
    schema: &'a ClassSchema,
    shaped: bool,
    forms: Forms,
}

impl Names<'_> {
    fn stage(&self, name: &str, argument: &Value, prefix: &str) -> Value {
        match name {
            "$match" => self.conditions(argument),
            "$geoNear" => self.geo_near(argument),
            "$lookup" | "$graphLookup" | "$unionWith" => self.source(argument, prefix),
            "$facet" => self.facets(argument, prefix),
            "$sort" | "$project" | "$addFields" | "$set" | "$fill" => self.fields(argument),
            "$unset" => self.unset(argument),
            "$densify" | "$setWindowFields" => self.fields_below(argument),
            _ => self.expression(argument),
        }
    }

    /// A field as the database names it.
    fn column(&self, field: &str) -> String {
        match field {
            _ if self.forms.raw_names => field.into(),
            "objectId" => "_id".into(),
            _ if self.shaped => field.into(),
            _ => {
                let (root, rest) = field
                    .split_once('.')
                    .map_or((field, None), |(root, rest)| (root, Some(rest)));
                let root = filter::column(self.schema, root);
                rest.map_or_else(|| root.clone(), |rest| format!("{root}.{rest}"))
            }
        }
    }

    /// `"$field"`, or any other text unchanged.
    fn reference(&self, text: &str) -> String {
        match text.strip_prefix('$') {
            Some(field) if !field.starts_with('$') => format!("${}", self.column(field)),
            _ => text.to_owned(),
        }
    }

    /// An expression: references in it are renamed, keys are not.
    fn expression(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.reference(text).into(),
            Value::Array(items) => items.iter().map(|item| self.expression(item)).collect(),
            Value::Object(map) => match Pointer::decode(value).filter(|_| !self.forms.raw_values) {
                Some(pointer) => format!("{}${}", pointer.class, pointer.id).into(),
                None => map
                    .iter()
                    .map(|(key, nested)| (key.clone(), self.expression(nested)))
                    .collect::<Map<_, _>>()
                    .into(),
            },
            scalar => scalar.clone(),
        }
    }

    /// An object whose keys are fields and whose values are expressions.
    fn fields(&self, value: &Value) -> Value {
        match value {
            Value::Object(map) => map
                .iter()
                .map(|(key, nested)| (self.column(key), self.expression(nested)))
                .collect::<Map<_, _>>()
                .into(),
            other => self.expression(other),
        }
    }

    /// Arguments that name fields under keys of their own.
    fn fields_below(&self, value: &Value) -> Value {
        let mut value = self.expression(value);
        if let Some(field) = value
            .get("field")
            .and_then(Value::as_str)
            .map(|field| self.column(field))
        {
            value["field"] = field.into();
        }
        if let Some(order) = value.get("sortBy").map(|order| self.fields(order)) {
            value["sortBy"] = order;
        }
        value
    }

    fn unset(&self, value: &Value) -> Value {
        match value {
            Value::String(field) => self.column(field).into(),
            Value::Array(fields) => fields.iter().map(|field| self.unset(field)).collect(),
            other => other.clone(),
        }
    }

    fn geo_near(&self, argument: &Value) -> Value {
        let mut argument = argument.clone();
        if let Some(query) = argument.get("query").map(|query| self.conditions(query)) {
            argument["query"] = query;
        }
        argument
    }

    fn facets(&self, argument: &Value, prefix: &str) -> Value {
        let facets = argument.as_object().into_iter().flatten();
        facets
            .map(|(name, stages)| {
                let mut shaped = self.shaped;
                let stages = stages
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_object);
                let stages = stages.flatten().map(|(stage, inner)| {
                    let names = Names { shaped, ..*self };
                    shaped |= SHAPING.contains(&stage.as_str());
                    json!({ stage: names.stage(stage, inner, prefix) })
                });
                (name.clone(), stages.collect::<Value>())
            })
            .collect::<Map<_, _>>()
            .into()
    }

    /// Another class. Its own pipeline speaks of the database's columns, as Parse Server passes it on.
    fn source(&self, argument: &Value, prefix: &str) -> Value {
        let mut argument = match argument {
            Value::String(class) => json!({ "coll": class }),
            other => other.clone(),
        };
        for key in ["localField", "connectFromField"] {
            if let Some(field) = argument
                .get(key)
                .and_then(Value::as_str)
                .map(|field| self.column(field))
            {
                argument[key] = field.into();
            }
        }
        for key in ["startWith", "let"] {
            if let Some(expression) = argument.get(key).map(|expression| self.expression(expression)) {
                argument[key] = expression;
            }
        }
        for key in ["from", "coll"] {
            let Some(class) = argument.get(key).and_then(Value::as_str).map(str::to_owned) else {
                continue;
            };
            if class == "_User" {
                let mut pipeline = vec![json!({ "$unset": SECRETS })];
                pipeline.extend(
                    argument
                        .get("pipeline")
                        .and_then(Value::as_array)
                        .cloned()
                        .unwrap_or_default(),
                );
                argument["pipeline"] = pipeline.into();
            }
            argument[key] = format!("{prefix}{class}").into();
        }
        argument
    }

    /// The conditions of a `$match`.
    fn conditions(&self, value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.conditions(item)).collect(),
            Value::Object(map) => map
                .iter()
                .map(|(key, nested)| match key.as_str() {
                    "$expr" => (key.clone(), self.expression(nested)),
                    key if key.starts_with('$') => (key.to_owned(), self.conditions(nested)),
                    field => (self.column(field), self.operand(field, nested)),
                })
                .collect::<Map<_, _>>()
                .into(),
            scalar => scalar.clone(),
        }
    }

    /// What a field is compared with, in the form that the field is stored in.
    fn operand(&self, field: &str, value: &Value) -> Value {
        if self.forms.raw_values {
            return value.clone();
        }
        let kind = self.schema.field(field).filter(|_| !self.shaped);
        match (kind, value) {
            (_, Value::Array(items)) => items.iter().map(|item| self.operand(field, item)).collect(),
            (_, value) if Pointer::decode(value).is_some() => self.expression(value),
            (_, Value::Object(map)) if !map.contains_key("__type") => map
                .iter()
                .map(|(key, nested)| (key.clone(), self.operand(field, nested)))
                .collect::<Map<_, _>>()
                .into(),
            (Some(FieldType::Pointer(target)), Value::String(id))
                if !self.forms.raw_names && !id.contains('$') =>
            {
                format!("{target}${id}").into()
            }
            (Some(FieldType::Date), Value::String(text)) if dates::parse_iso(text).is_some() => {
                json!({ "__type": "Date", "iso": text })
            }
            (_, other) => other.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
