//! Relation fields: their members, and queries that go through them.

use serde_json::Value;

use crate::app::AppState;
use crate::objects::access::{self, Scope};
use crate::objects::caller::Caller;
use crate::objects::schema::{ClassSchema, Operation};
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::names;
use crate::protocol::types::{FieldType, Pointer};
use crate::query::{Filter, Test};
use crate::storage::{Selection, View};

/// Puts members into and takes them out of the relation `field` of `owner`.
pub async fn change(
    app: &AppState,
    schema: &ClassSchema,
    owner: &str,
    field: &str,
    add: &[Pointer],
    remove: &[Pointer],
) -> ParseResult<()> {
    let collection = schema.join_collection(field);
    let ids = |pointers: &[Pointer]| {
        pointers
            .iter()
            .map(|pointer| pointer.id.clone())
            .collect::<Vec<_>>()
    };
    app.storage.relate(&collection, owner, &ids(add)).await?;
    app.storage.unrelate(&collection, owner, &ids(remove)).await?;
    if schema.name == "_Role" {
        app.accounts.forget_roles();
    }
    Ok(())
}

/// Replaces everything in `filter` that goes through a relation by the ids it stands for.
pub async fn resolve(
    app: &AppState,
    caller: &Caller,
    schema: &ClassSchema,
    filter: Filter,
) -> ParseResult<Filter> {
    if !goes_through_relation(&filter, schema) {
        return Ok(filter);
    }
    match filter {
        Filter::All(parts) => resolve_all(app, caller, schema, parts).await.map(Filter::All),
        Filter::Any(parts) => resolve_all(app, caller, schema, parts).await.map(Filter::Any),
        Filter::Neither(parts) => resolve_all(app, caller, schema, parts).await.map(Filter::Neither),
        Filter::RelatedTo { owner, key } => members(app, caller, &owner, &key).await.map(one_of),
        Filter::Field { path, tests } => owners(app, schema, &path, &tests).await,
    }
}

async fn resolve_all(
    app: &AppState,
    caller: &Caller,
    schema: &ClassSchema,
    parts: Vec<Filter>,
) -> ParseResult<Vec<Filter>> {
    let mut resolved = Vec::with_capacity(parts.len());
    for part in parts {
        resolved.push(Box::pin(resolve(app, caller, schema, part)).await?);
    }
    Ok(resolved)
}

fn goes_through_relation(filter: &Filter, schema: &ClassSchema) -> bool {
    match filter {
        Filter::All(parts) | Filter::Any(parts) | Filter::Neither(parts) => {
            parts.iter().any(|part| goes_through_relation(part, schema))
        }
        Filter::RelatedTo { .. } => true,
        Filter::Field { path, .. } => matches!(schema.field(path), Some(FieldType::Relation(_))),
    }
}

fn one_of(ids: Vec<String>) -> Filter {
    of_ids(ids, Test::In)
}

fn none_of(ids: Vec<String>) -> Filter {
    of_ids(ids, Test::Nin)
}

fn of_ids(ids: Vec<String>, test: fn(Vec<Value>) -> Test) -> Filter {
    let ids = ids.into_iter().map(Value::String).collect();
    Filter::Field {
        path: "objectId".into(),
        tests: vec![test(ids)],
    }
}

/// Members of the relation `key` of `owner`; none if the caller may not see the owner, and an error if the field is hidden
/// from them (CVE-2026-53726).
async fn members(app: &AppState, caller: &Caller, owner: &Pointer, key: &str) -> ParseResult<Vec<String>> {
    names::check_class_name(&owner.class)?;
    let Some(schema) = app.schemas.find(&owner.class).await? else {
        return Ok(Vec::new());
    };
    if !matches!(schema.field(key), Some(FieldType::Relation(_))) {
        return Ok(Vec::new());
    }
    let hidden = crate::objects::protected::hidden_from(app, caller, &schema);
    let own = owner.class == "_User"
        && app.settings.protected_fields_owner_exempt
        && caller.user_id() == Some(owner.id.as_str());
    if hidden.iter().any(|field| field == key) && !own {
        let detail = format!("This user is not allowed to query {key} on class {}", owner.class);
        return Err(ParseError::denied(code::OPERATION_FORBIDDEN, detail));
    }
    let Some(scope) = scope_of_owners(app, caller, &schema)? else {
        return Ok(Vec::new());
    };
    let group = access::reading_group(caller);
    let filter = scope.narrow(Filter::equals("objectId", owner.id.as_str()));
    let selection = Selection {
        schema: &schema,
        filter: &filter,
        acl_group: group.as_ref(),
    };
    let readable = app
        .storage
        .get_value(&View::full(&schema, &app.files), &selection)
        .await?
        .is_some();
    if !readable {
        return Ok(Vec::new());
    }
    Ok(app
        .storage
        .related_ids(&schema.join_collection(key), &owner.id)
        .await?)
}

/// The objects of a class that the caller may get; `None`: not one.
fn scope_of_owners(app: &AppState, caller: &Caller, schema: &ClassSchema) -> ParseResult<Option<Scope>> {
    let allowed = access::check_fixed_rules(caller, &schema.name, Operation::Get)
        .and_then(|()| access::check_class(app, caller, &schema.name, Some(schema), Operation::Get));
    match allowed {
        Ok(scope) => Ok(Some(scope)),
        Err(ParseError {
            code: Some(code::OPERATION_FORBIDDEN | code::OBJECT_NOT_FOUND),
            ..
        }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Objects whose relation `field` holds, or does not hold, the pointers that `tests` ask for; anything else finds nothing.
async fn owners(app: &AppState, schema: &ClassSchema, field: &str, tests: &[Test]) -> ParseResult<Filter> {
    let collection = schema.join_collection(field);
    let mut parts = Vec::with_capacity(tests.len());
    for test in tests {
        let (pointers, negated) = match test {
            Test::Eq(value) => (std::slice::from_ref(value), false),
            Test::Ne(value) => (std::slice::from_ref(value), true),
            Test::In(values) => (values.as_slice(), false),
            Test::Nin(values) => (values.as_slice(), true),
            _ => (&[][..], false),
        };
        let wanted: Vec<String> = pointers
            .iter()
            .filter_map(Pointer::decode)
            .map(|pointer| pointer.id)
            .collect();
        let ids = app.storage.owning_ids(&collection, &wanted).await?;
        parts.push(if negated { none_of(ids) } else { one_of(ids) });
    }
    Ok(Filter::All(parts))
}
