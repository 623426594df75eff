//! Aggregates and distinct values of a class.

use bson::{Bson, Document, RawDocumentBuf, doc};
use mongodb::error::{Error, ErrorKind};
use mongodb::options::Hint;
use serde_json::Value;

use crate::objects::schema::ClassSchema;
use crate::protocol::types::FieldType;
use crate::query::pipeline::Stage;
use crate::storage::decode::{self, Files, View};
use crate::storage::error::{StorageError, StorageResult, TIMED_OUT};
use crate::storage::pipeline::{self, Forms, Translated};
use crate::storage::{Selection, Storage, filter, plain};

/// An aggregate query.
#[derive(Debug, Clone, Default)]
pub struct Aggregate {
    pub stages: Vec<Stage>,
    /// Values are Extended JSON, both ways.
    pub raw_values: bool,
    /// Fields go by the names of the database, both ways.
    pub raw_names: bool,
    /// An index, by name or by its keys.
    pub hint: Option<Value>,
    /// Verbosity of the plan that is wanted in place of results.
    pub explain: Option<String>,
}

impl Storage {
    /// The results of `aggregate` over all objects of a class.
    pub async fn aggregate(
        &self,
        schema: &ClassSchema,
        files: &Files,
        aggregate: &Aggregate,
    ) -> StorageResult<Vec<Value>> {
        let forms = Forms {
            raw_names: aggregate.raw_names,
            raw_values: aggregate.raw_values,
        };
        let translated = pipeline::translate(schema, &self.prefix, &aggregate.stages, forms)?;
        if let Some(verbosity) = &aggregate.explain {
            return self.explain_aggregate(schema, &translated, verbosity).await;
        }
        let collection = self.documents(&schema.name);
        let mut run = collection.aggregate(translated.stages.clone());
        run = match &aggregate.hint {
            Some(Value::String(name)) => run.hint(Hint::Name(name.clone())),
            Some(Value::Object(keys)) => run.hint(Hint::Keys(plain::map(keys))),
            _ => run,
        };
        if let Some(limit) = self.query_timeout {
            run = run.max_time(limit);
        }
        let mut found = run.await.map_err(refused)?;
        let (mut results, mut bytes) = (Vec::new(), 0);
        while found.advance().await.map_err(refused)? {
            bytes += found.current().as_bytes().len();
            decode::check_size(bytes)?;
            let document = found.deserialize_current()?;
            results.push(shown(schema, files, aggregate, &translated, document)?);
        }
        Ok(results)
    }

    async fn explain_aggregate(
        &self,
        schema: &ClassSchema,
        translated: &Translated,
        verbosity: &str,
    ) -> StorageResult<Vec<Value>> {
        let command = doc! {
            "aggregate": self.documents(&schema.name).name(),
            "pipeline": translated.stages.clone(),
            "cursor": {},
        };
        let mut explain = doc! { "explain": command, "verbosity": verbosity };
        if let Some(limit) = self.query_timeout {
            explain.insert("maxTimeMS", i64::try_from(limit.as_millis()).unwrap_or(i64::MAX));
        }
        let plan = self.database().run_command(explain).await.map_err(refused)?;
        Ok(vec![Bson::Document(plan).into_relaxed_extjson()])
    }

    /// The distinct values of a field among the selected objects; those of arrays one by one.
    pub async fn distinct(
        &self,
        selection: &Selection<'_>,
        files: &Files,
        field: &str,
    ) -> StorageResult<Vec<Value>> {
        let column = filter::column(selection.schema, field);
        let collection = self.documents(&selection.schema.name);
        let mut distinct =
            collection.distinct(&column, filter::translate(selection.schema, selection.filter));
        if let Some(limit) = self.query_timeout {
            distinct = distinct.max_time(limit);
        }
        // The database itself answers with 16 MB at most.
        let values = distinct.await.map_err(refused)?;
        let view = View::full(selection.schema, files);
        let mut shown = Vec::with_capacity(values.len());
        let is_pointer = matches!(selection.schema.field(field), Some(FieldType::Pointer(_)));
        for value in values.into_iter().filter(|value| *value != Bson::Null) {
            match value {
                // Of a file that is its name.
                Bson::String(text) if !is_pointer => shown.push(text.into()),
                Bson::DateTime(_) => {
                    let stored = RawDocumentBuf::try_from(&doc! { "value": value })?;
                    shown.extend(stored.get("value")?.map(decode::nested_value).transpose()?);
                }
                value => {
                    // A row with this one column takes the form of the column's type.
                    let row = RawDocumentBuf::try_from(&doc! { column.as_str(): value })?;
                    shown.extend(decode::to_value(&view, &row)?.get_mut(field).map(Value::take));
                }
            }
        }
        Ok(shown)
    }
}

/// A result in the words of the protocol, or in raw ones if those were asked for.
fn shown(
    schema: &ClassSchema,
    files: &Files,
    aggregate: &Aggregate,
    translated: &Translated,
    mut document: Document,
) -> StorageResult<Value> {
    if aggregate.raw_names {
        let document = Bson::Document(document);
        return Ok(match aggregate.raw_values {
            true => document.into_relaxed_extjson(),
            false => plain::json(document),
        });
    }
    if document.contains_key("_id") {
        let id = document.remove("_id").unwrap_or(Bson::Null);
        document.insert("_id", result_id(id, translated.by_pointer));
    }
    if aggregate.raw_values {
        let id = document.remove("_id");
        document.extend(id.map(|id| ("objectId".to_owned(), id)));
        return Ok(Bson::Document(document).into_relaxed_extjson());
    }
    // An aggregate tells of fields; who may see a row is not one of them.
    for permissions in ["_rperm", "_wperm"] {
        document.remove(permissions);
    }
    let bare = ClassSchema::new(&schema.name);
    let raw = RawDocumentBuf::try_from(&document)?;
    let full = |schema| decode::to_value(&View::full(schema, files), &raw);
    if translated.shaped {
        return full(&bare);
    }
    // A field may have been computed and no longer be of the type that the class says.
    full(schema).or_else(|_| full(&bare))
}

/// `Class$id` without its class; what is empty is null.
fn result_id(id: Bson, by_pointer: bool) -> Bson {
    match id {
        Bson::String(text) if by_pointer => match text.split_once('$') {
            Some((_, id)) => id.into(),
            None => text.into(),
        },
        Bson::String(text) if text.is_empty() => Bson::Null,
        Bson::Document(keys) if keys.is_empty() => Bson::Null,
        id => id,
    }
}

/// What the database says about a pipeline is about the pipeline, unless it cannot be reached.
fn refused(error: Error) -> StorageError {
    match error.kind.as_ref() {
        ErrorKind::Command(command) if command.code != TIMED_OUT => StorageError::Refused {
            code: command.code,
            message: command.message.clone(),
        },
        _ => error.into(),
    }
}
