//! Updating an object: rights and types, then one statement; the answer reports what operators made of the fields.

use serde_json::{Map, Value, json};

use crate::app::AppState;
use crate::objects::access;
use crate::objects::caller::Caller;
use crate::objects::draft::{self, Draft};
use crate::objects::relations;
use crate::objects::saved;
use crate::objects::schema::evolve::{self, Admitted};
use crate::objects::schema::{ClassSchema, FieldOptions, Operation, defaults};
use crate::protocol::dates;
use crate::protocol::envelope::Fields;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::names;
use crate::protocol::ops::Op;
use crate::query::Filter;
use crate::storage::{Changes, Selection, View};

/// Changes an object of an ordinary class by the body of a request; returns the body of the answer.
pub async fn update(
    app: &AppState,
    caller: &Caller,
    class: &str,
    id: &str,
    mut body: Fields,
) -> ParseResult<Map<String, Value>> {
    access::check_fixed_rules(caller, class, Operation::Update)?;
    draft::drop_server_fields(class, &mut body, false)?;
    check_required_columns(class, &body)?;
    apply(
        app,
        caller,
        class,
        &Filter::equals("objectId", id),
        id,
        Draft::decode(app, body)?,
    )
    .await
}

/// Applies a decoded draft to the object `id`, if `filter` still means it.
pub async fn apply(
    app: &AppState,
    caller: &Caller,
    class: &str,
    filter: &Filter,
    id: &str,
    draft: Draft,
) -> ParseResult<Map<String, Value>> {
    for (path, _) in &draft.ops {
        check_path(path)?;
    }
    let Admitted { schema, scope } =
        evolve::admit(app, caller, class, Operation::Update, &draft.typed_fields()?).await?;
    let filter = scope.narrow(filter.clone());
    check_required(&schema, &draft.ops)?;
    let at = app.now();
    let (relations, mut ops): (Vec<_>, Vec<_>) = draft
        .ops
        .into_iter()
        .partition(|(_, op)| matches!(op, Op::Relate { .. }));
    let reported: Vec<String> = ops
        .iter()
        .filter(|(_, op)| op.is_reported())
        .map(|(path, _)| path.clone())
        .collect();
    ops.extend(draft.internal.into_iter().map(|(column, value)| {
        let op = if value.is_null() {
            Op::Delete
        } else {
            Op::Set(value)
        };
        (column, op)
    }));

    let group = access::writing_group(caller);
    let selection = Selection {
        schema: &schema,
        filter: &filter,
        acl_group: group.as_ref(),
    };
    let view = View {
        keys: Some(
            reported
                .iter()
                .map(|path| names::root_of(path).to_owned())
                .collect(),
        ),
        ..View::full(&schema, &app.files)
    };
    let changes = Changes {
        at,
        acl: draft.acl,
        ops,
    };
    let updated = app.storage.update(&selection, changes, &reported, &view).await?;
    let mut answer = updated.ok_or_else(ParseError::not_found)?;
    for (field, op) in relations {
        if let Op::Relate { add, remove } = op {
            relations::change(app, &schema, id, &field, &add, &remove).await?;
        }
    }
    saved::conceal(app, caller, &schema, Some(id), &mut answer);
    answer.insert("updatedAt".into(), dates::to_iso(at).into());
    Ok(answer)
}

/// Parts of a path. With a value as deep as JSON may be, this is still within the 180 levels that the database stores.
const MAX_PARTS: usize = 40;

/// A field, or a path into one: `a`, `a.b`, `a.0.b`.
pub(super) fn check_path(path: &str) -> ParseResult<()> {
    names::check_field_name(names::root_of(path))?;
    let nested_ok = path
        .split('.')
        .skip(1)
        .all(|part| !part.is_empty() && !part.contains(['$', '\0']));
    if nested_ok && path.len() <= 1024 && path.split('.').count() <= MAX_PARTS {
        Ok(())
    } else {
        Err(ParseError::invalid_field_name(path))
    }
}

/// What a class cannot be without stays, also where it may be empty.
fn check_required_columns(class: &str, body: &Fields) -> ParseResult<()> {
    let is_deleted = |column: &&&str| {
        let value = body.get(**column);
        value.and_then(|value| value.get("__op")) == Some(&json!("Delete"))
    };
    match defaults::required_columns(class).iter().find(is_deleted) {
        Some(column) => Err(ParseError::column_required(column)),
        None => Ok(()),
    }
}

fn check_required(schema: &ClassSchema, ops: &[(String, Op)]) -> ParseResult<()> {
    let empties = |op: &Op| matches!(op, Op::Delete | Op::Set(Value::Null)) || *op == Op::Set(json!(""));
    match ops
        .iter()
        .find(|(name, op)| empties(op) && schema.options.get(name).is_some_and(FieldOptions::is_required))
    {
        Some((name, _)) => Err(ParseError::new(
            code::VALIDATION_ERROR,
            format!("{name} is required"),
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_into_fields_and_nowhere_else() {
        for good in ["a", "a.b", "a.0.b", "a.b-c"] {
            assert!(check_path(good).is_ok(), "{good}");
        }
        for bad in ["_rperm", "_id", "a..b", "a.", "a.$[]", "$set", "className"] {
            assert_eq!(check_path(bad).unwrap_err().code, Some(105), "{bad}");
        }
    }
}
