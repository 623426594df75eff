//! Classes grow with what is written: the first value of a new field gives it its type, and a value of another type is
//! refused ever after (reference section 3.3). Two writers who define the same field at once agree on the first.

use std::sync::Arc;

use crate::app::AppState;
use crate::objects::access::{self, Scope};
use crate::objects::caller::Caller;
use crate::objects::schema::model::ClassSchema;
use crate::objects::schema::permissions::Operation;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::names;
use crate::protocol::types::FieldType;

/// A field of a write and the type its value has; `None`: the value says nothing about the type.
pub type TypedField<'a> = (&'a str, Option<FieldType>);

/// Fields that a class may have by what clients write.
const MAX_FIELDS: usize = 1_000;

/// A class that a write may go to.
#[derive(Debug)]
pub struct Admitted {
    pub schema: Arc<ClassSchema>,
    /// The objects the write may touch.
    pub scope: Scope,
}

/// The class with all `fields` in it, extended if `caller` may. `operation` is checked against the permissions first, so
/// that a write which is refused leaves no trace in the schema.
pub async fn admit(
    app: &AppState,
    caller: &Caller,
    class: &str,
    operation: Operation,
    fields: &[TypedField<'_>],
) -> ParseResult<Admitted> {
    access::check_fixed_rules(caller, class, operation)?;
    let schema = match app.schemas.find(class).await? {
        Some(schema) => schema,
        None => return create_class(app, caller, class, operation, fields).await,
    };
    let scope = access::check_class(app, caller, class, Some(&schema), operation)?;
    if check_types(&schema, fields)?.is_empty() {
        return Ok(Admitted { schema, scope });
    }
    let extended = extend(app, caller, class, operation, fields).await?;
    Ok(Admitted {
        scope: scope.within(extended.scope),
        ..extended
    })
}

/// Refuses `fields` that are not in the class yet and that `caller` may not bring. For writes that are then made with the
/// rights of the server.
pub async fn check_fields(
    app: &AppState,
    caller: &Caller,
    class: &str,
    operation: Operation,
    fields: &[TypedField<'_>],
) -> ParseResult<()> {
    let known = app.schemas.find(class).await?;
    if let Some(schema) = &known
        && check_types(schema, fields)?.is_empty()
    {
        return Ok(());
    }
    app.schemas.reload().await?;
    let schema = app.schemas.get(class);
    let schema = schema.unwrap_or_else(|| Arc::new(ClassSchema::new(class)));
    let missing = check_types(&schema, fields)?;
    if !missing.is_empty() {
        // Whether it is granted on some objects only is no matter for a new one.
        let _: Scope = access::check_field_creation(app, caller, &schema, operation)?;
        check_number(caller, &schema, missing.len())?;
    }
    Ok(())
}

/// The fields that `schema` lacks; 111 if one that it has is of another type.
fn check_types<'f>(
    schema: &ClassSchema,
    fields: &'f [TypedField<'f>],
) -> ParseResult<Vec<(&'f str, &'f FieldType)>> {
    let mut missing = Vec::new();
    for (path, kind) in fields {
        let name = names::root_of(path);
        let nested = path.contains('.').then_some(nested_kind(path));
        let Some(kind) = nested.or(kind.as_ref()) else {
            // Null says nothing about the type, yet it would be stored, or taken away, under this name.
            if schema.field(name).is_none() {
                names::check_field_name(name)?;
            }
            continue;
        };
        match schema.field(name) {
            Some(known) if fits(known, kind, nested.is_some()) => {}
            Some(known) => {
                let message = format!(
                    "schema mismatch for {}.{name}; expected {known} but got {kind}",
                    schema.name
                );
                return Err(ParseError::new(code::INCORRECT_TYPE, message));
            }
            None => {
                names::check_field_name(name)?;
                check_target(kind)?;
                missing.push((name, kind));
            }
        }
    }
    check_geo_points(schema, &missing)?;
    Ok(missing)
}

/// A pointer or relation leads to what can be a class.
fn check_target(kind: &FieldType) -> ParseResult<()> {
    match kind.target().filter(|target| !names::is_class_name(target)) {
        Some(target) => Err(ParseError::new(
            code::INVALID_CLASS_NAME,
            format!("Invalid classname: {target}"),
        )),
        None => Ok(()),
    }
}

/// Fields are for good, and every request to the class reads them: clients make no more than a person would.
fn check_number(caller: &Caller, schema: &ClassSchema, added: usize) -> ParseResult<()> {
    if schema.fields.len() + added <= MAX_FIELDS || caller.writes_all() {
        return Ok(());
    }
    Err(ParseError::new(
        code::INVALID_KEY_NAME,
        format!("Class {} would have more than {MAX_FIELDS} fields.", schema.name),
    ))
}

/// `a.b` means that `a` is an object, `a.0` that it is an array.
fn nested_kind(path: &str) -> &'static FieldType {
    let second = path.split('.').nth(1).unwrap_or_default();
    let is_index = !second.is_empty() && second.bytes().all(|byte| byte.is_ascii_digit());
    if is_index {
        &FieldType::Array
    } else {
        &FieldType::Object
    }
}

fn fits(known: &FieldType, given: &FieldType, nested: bool) -> bool {
    known == given || (nested && matches!(known, FieldType::Object | FieldType::Array))
}

fn check_geo_points(schema: &ClassSchema, missing: &[(&str, &FieldType)]) -> ParseResult<()> {
    let known = schema
        .fields
        .values()
        .filter(|kind| **kind == FieldType::GeoPoint)
        .count();
    let added = missing
        .iter()
        .filter(|(_, kind)| **kind == FieldType::GeoPoint)
        .count();
    if added > 0 && known + added > 1 {
        return Err(ParseError::new(
            code::INCORRECT_TYPE,
            "there can only be one geopoint field in a class",
        ));
    }
    Ok(())
}

async fn create_class(
    app: &AppState,
    caller: &Caller,
    class: &str,
    operation: Operation,
    fields: &[TypedField<'_>],
) -> ParseResult<Admitted> {
    access::check_class_creation(app, caller, class)?;
    let mut schema = ClassSchema::new(class);
    if app.settings.private_by_default && !names::is_system(class) {
        schema.permissions = access::permissions(app, class, None).cloned();
    }
    let scope = access::check_class(app, caller, class, Some(&schema), operation)?;
    let added: Vec<_> = check_types(&schema, fields)?
        .into_iter()
        .map(|(name, kind)| (name.to_owned(), kind.clone()))
        .collect();
    check_number(caller, &schema, added.len())?;
    let scope = match added.is_empty() {
        true => scope,
        false => scope.within(access::check_field_creation(app, caller, &schema, operation)?),
    };
    schema.fields.extend(added);
    app.storage.create_class(&schema).await?;
    app.schemas.reload().await?;
    let settled = settled(app, caller, class, operation, fields).await?;
    Ok(Admitted {
        scope: scope.within(settled.scope),
        ..settled
    })
}

async fn extend(
    app: &AppState,
    caller: &Caller,
    class: &str,
    operation: Operation,
    fields: &[TypedField<'_>],
) -> ParseResult<Admitted> {
    // Another process may have defined the fields since this one last looked.
    app.schemas.reload().await?;
    settled(app, caller, class, operation, fields).await
}

/// Adds what is still missing and returns the class as the database has it.
async fn settled(
    app: &AppState,
    caller: &Caller,
    class: &str,
    operation: Operation,
    fields: &[TypedField<'_>],
) -> ParseResult<Admitted> {
    let vanished = || {
        ParseError::new(
            code::INTERNAL_SERVER_ERROR,
            format!("Class {class} was deleted while it was being written to."),
        )
    };
    let schema = app.schemas.get(class).ok_or_else(vanished)?;
    let missing = check_types(&schema, fields)?;
    if missing.is_empty() {
        let scope = Scope::EVERYTHING;
        return Ok(Admitted { schema, scope });
    }
    let scope = access::check_field_creation(app, caller, &schema, operation)?;
    check_number(caller, &schema, missing.len())?;
    for (name, kind) in missing {
        app.storage.create_field(class, name, kind).await?;
    }
    app.schemas.reload().await?;
    let schema = app.schemas.get(class).ok_or_else(vanished)?;
    check_types(&schema, fields)?;
    Ok(Admitted { schema, scope })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> ClassSchema {
        let mut schema = ClassSchema::new("A");
        schema
            .fields
            .insert("owner".into(), FieldType::Pointer("B".into()));
        schema.fields.insert("info".into(), FieldType::Object);
        schema.fields.insert("place".into(), FieldType::GeoPoint);
        schema
    }

    #[test]
    fn a_value_of_another_type_is_refused_with_both_types() {
        let error = check_types(&schema(), &[("owner", Some(FieldType::Pointer("C".into())))]).unwrap_err();
        assert_eq!(
            error.message,
            "schema mismatch for A.owner; expected Pointer<B> but got Pointer<C>"
        );
        assert_eq!(error.code, Some(111));
    }

    #[test]
    fn only_unknown_fields_with_a_type_are_missing() {
        let fields = [
            ("owner", None),
            ("info.deep.x", Some(FieldType::String)),
            ("fresh", Some(FieldType::Number)),
            ("nothing", None),
        ];
        assert!(check_types(&schema(), &[("_rperm", None)]).is_err());
        assert_eq!(
            check_types(&schema(), &fields).unwrap(),
            [("fresh", &FieldType::Number)]
        );
        assert!(
            check_types(&schema(), &[("list.0", Some(FieldType::String))]).unwrap()
                == [("list", &FieldType::Array)]
        );
    }

    #[test]
    fn one_geo_point_and_no_bad_names() {
        assert_eq!(
            check_types(&schema(), &[("second", Some(FieldType::GeoPoint))])
                .unwrap_err()
                .code,
            Some(111)
        );
        assert_eq!(
            check_types(&schema(), &[("_rperm", Some(FieldType::Array))])
                .unwrap_err()
                .code,
            Some(105)
        );
    }
}
