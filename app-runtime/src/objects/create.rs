//! Creating an object: rights, types, required and default fields, default ACL, then one insert.

use serde_json::{Map, Value, json};

use crate::app::AppState;
use crate::objects::access;
use crate::objects::caller::Caller;
use crate::objects::draft::{self, Draft};
use crate::objects::relations;
use crate::objects::saved;
use crate::objects::schema::{ClassSchema, Operation, defaults, evolve};
use crate::objects::update;
use crate::protocol::acl::Acl;
use crate::protocol::dates;
use crate::protocol::envelope::Fields;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::names;
use crate::protocol::ops::Op;
use crate::protocol::types::is_truthy;
use crate::storage::{NewObject, Times};

/// A stored object: its id and the body of the answer.
#[derive(Debug)]
pub struct Created {
    pub id: String,
    /// `objectId`, `createdAt`, and every field whose stored value differs from what was sent.
    pub answer: Map<String, Value>,
}

/// Creates an object of an ordinary class from the body of a request.
pub async fn create(app: &AppState, caller: &Caller, class: &str, mut body: Fields) -> ParseResult<Created> {
    access::check_fixed_rules(caller, class, Operation::Create)?;
    names::check_new_object(class)?;
    let id = draft::take_custom_id(app, &mut body)?;
    let times = draft::take_times(caller, &mut body)?;
    draft::drop_server_fields(class, &mut body, true)?;
    let draft = Draft {
        times,
        ..Draft::decode(app, body)?
    };
    insert(app, caller, class, id, draft).await
}

/// Stores a decoded draft under `id`, or under a new one.
pub async fn insert(
    app: &AppState,
    caller: &Caller,
    class: &str,
    id: Option<String>,
    draft: Draft,
) -> ParseResult<Created> {
    for (path, _) in draft.ops.iter().filter(|(path, _)| path.contains('.')) {
        update::check_path(path)?;
    }
    let schema = evolve::admit(app, caller, class, Operation::Create, &draft.typed_fields()?)
        .await?
        .schema;
    let id = id.unwrap_or_else(|| app.random(app.settings.object_id_size));
    let now = app.now();
    let times = draft.times.unwrap_or(Times {
        created: now,
        updated: now,
    });
    let mut answer = Map::new();
    answer.insert("objectId".into(), id.clone().into());
    answer.insert("createdAt".into(), dates::to_iso(times.created).into());

    let acl = initial_acl(app, caller, &schema, draft.acl, &mut answer);
    let mut relations = Vec::new();
    let mut fields = draft.internal;
    for (name, op) in draft.ops {
        if let Op::Relate { add, .. } = op {
            relations.push((name, add));
            continue;
        }
        let reported = op.is_reported();
        if let Some(value) = op.on_missing() {
            if reported {
                answer.insert(name.clone(), value.clone());
            }
            place(&mut fields, &name, value)?;
        }
    }
    complete(&schema, &mut fields, acl.is_some(), &mut answer)?;
    app.storage
        .insert(
            &schema,
            NewObject {
                id: id.clone(),
                times,
                acl,
                fields,
            },
        )
        .await?;
    for (field, members) in relations {
        relations::change(app, &schema, &id, &field, &members, &[]).await?;
    }
    saved::conceal(app, caller, &schema, None, &mut answer);
    Ok(Created { id, answer })
}

/// Puts `value` where `path` leads to in a new object: `a.b` into the object `a`.
fn place(fields: &mut Map<String, Value>, path: &str, value: Value) -> ParseResult<()> {
    let Some((root, below)) = path.split_once('.') else {
        fields.insert(path.to_owned(), value);
        return Ok(());
    };
    let mut parts: Vec<&str> = below.split('.').collect();
    let last = parts.pop().unwrap_or_default();
    let mut place = fields.entry(root).or_insert_with(|| json!({}));
    for part in parts {
        let Value::Object(map) = place else {
            return Err(ParseError::invalid_field_name(path));
        };
        place = map.entry(part).or_insert_with(|| json!({}));
    }
    match place {
        Value::Object(map) => drop(map.insert(last.to_owned(), value)),
        _ => return Err(ParseError::invalid_field_name(path)),
    }
    Ok(())
}

/// The ACL that was sent, or the one the class gives to new objects, which the answer then shows.
fn initial_acl(
    app: &AppState,
    caller: &Caller,
    schema: &ClassSchema,
    sent: Option<Acl>,
    answer: &mut Map<String, Value>,
) -> Option<Acl> {
    if sent.is_some() {
        return sent;
    }
    let acl = access::permissions(app, &schema.name, Some(schema))?.default_acl(caller)?;
    answer.insert("ACL".into(), acl.encode());
    Some(acl)
}

/// Applies default values and refuses what lacks a required field.
fn complete(
    schema: &ClassSchema,
    fields: &mut Map<String, Value>,
    has_acl: bool,
    answer: &mut Map<String, Value>,
) -> ParseResult<()> {
    for (name, rules) in &schema.options {
        if let (None, Some(default)) = (fields.get(name), &rules.default_value) {
            fields.insert(name.clone(), default.clone());
            answer.insert(name.clone(), default.clone());
        }
        let is_empty =
            matches!(fields.get(name), None | Some(Value::Null)) || fields.get(name) == Some(&json!(""));
        if rules.is_required() && is_empty {
            return Err(ParseError::new(
                code::VALIDATION_ERROR,
                format!("{name} is required"),
            ));
        }
    }
    for name in defaults::required_columns(&schema.name) {
        let present = if *name == "ACL" {
            has_acl
        } else {
            fields.get(*name).is_some_and(is_truthy)
        };
        if !present {
            return Err(ParseError::column_required(name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_into_an_object() {
        let mut fields = Map::new();
        for (path, value) in [("a.b", 1), ("a.c.d", 2), ("e", 3)] {
            place(&mut fields, path, json!(value)).unwrap();
        }
        assert_eq!(
            Value::Object(fields.clone()),
            json!({"a": {"b": 1, "c": {"d": 2}}, "e": 3})
        );
        for bad in ["e.x", "a.b.x"] {
            assert!(place(&mut fields, bad, json!(1)).is_err(), "{bad}");
        }
    }
}
