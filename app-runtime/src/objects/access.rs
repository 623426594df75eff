//! May this caller do this to this class? Everything that is decided before an object is looked at.

use std::sync::Arc;

use crate::app::AppState;
use crate::objects::caller::Caller;
use crate::objects::schema::{ClassPermissions, ClassSchema, Grant, Operation};
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::names;
use crate::protocol::types::Pointer;
use crate::query::{Filter, Test};
use crate::settings::Stage;

/// The ACL names that restrict what `caller` reads or writes; `None` for callers whom ACLs do not bind.
pub fn reading_group(caller: &Caller) -> Option<Arc<[String]>> {
    (!caller.reads_all()).then(|| caller.acl_group())
}

/// As [`reading_group`], for changes.
pub fn writing_group(caller: &Caller) -> Option<Arc<[String]>> {
    (!caller.writes_all()).then(|| caller.acl_group())
}

/// Refuses classes and operations that are closed to clients whatever the permissions say (reference section 5.5).
pub fn check_fixed_rules(caller: &Caller, class: &str, operation: Operation) -> ParseResult<()> {
    names::check_class_name(class)?;
    let writes = matches!(
        operation,
        Operation::Create | Operation::Update | Operation::Delete | Operation::AddField
    );
    let name = operation.name();
    if writes && caller.is_read_only() {
        let detail = format!("read-only masterKey isn't allowed to perform the {name} operation.");
        return Err(ParseError::denied(code::OPERATION_FORBIDDEN, detail));
    }
    if caller.writes_all() || (!writes && caller.reads_all()) {
        return Ok(());
    }
    let closed_installation = class == "_Installation"
        && matches!(operation, Operation::Find | Operation::Count | Operation::Delete);
    let detail = if names::is_master_only(class) {
        format!("Clients aren't allowed to perform the {name} operation on the {class} collection.")
    } else if closed_installation {
        format!("Clients aren't allowed to perform the {name} operation on the installation collection.")
    } else {
        return Ok(());
    };
    Err(ParseError::denied(code::OPERATION_FORBIDDEN, detail))
}

/// The objects an operation is granted on. Whoever checks a class must narrow what they do to it.
#[must_use = "an operation may be granted on some objects only; narrow its filter by this"]
#[derive(Debug, Clone, PartialEq)]
pub struct Scope(Option<Filter>);

impl Scope {
    /// No object is out of it.
    pub const EVERYTHING: Self = Self(None);

    /// `filter`, and within the scope.
    pub fn narrow(self, filter: Filter) -> Filter {
        match self.0 {
            Some(scope) => filter.and(scope),
            None => filter,
        }
    }

    /// Both scopes at once.
    pub fn within(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(one), Some(other)) => Self(Some(one.and(other))),
            (one, other) => Self(one.or(other)),
        }
    }

    fn of(grant: Grant, caller: &Caller) -> Self {
        let Grant::PointedAt(fields) = grant else {
            return Self::EVERYTHING;
        };
        let Some(user) = caller.user_id() else {
            // No field leads to nobody.
            return Self(Some(Filter::Field {
                path: "objectId".into(),
                tests: vec![Test::In(Vec::new())],
            }));
        };
        let pointer = Pointer {
            class: "_User".into(),
            id: user.into(),
        };
        let leads_to_user = |field: &String| Filter::equals(field, pointer.encode());
        Self(Some(Filter::Any(fields.iter().map(leads_to_user).collect())))
    }
}

/// Refuses operations that the class-level permissions do not grant to `caller` on any object.
pub fn check_class(
    app: &AppState,
    caller: &Caller,
    class: &str,
    schema: Option<&ClassSchema>,
    operation: Operation,
) -> ParseResult<Scope> {
    check_operation(
        app,
        caller,
        class,
        schema,
        operation,
        operation == Operation::Create,
    )
}

fn check_operation(
    app: &AppState,
    caller: &Caller,
    class: &str,
    schema: Option<&ClassSchema>,
    operation: Operation,
    creating: bool,
) -> ParseResult<Scope> {
    let unbound = caller.writes_all() || (caller.reads_all() && !is_write(operation));
    if unbound {
        return Ok(Scope::EVERYTHING);
    }
    match permissions(app, class, schema) {
        Some(permissions) => {
            let grant = permissions.check(class, operation, creating, caller)?;
            Ok(Scope::of(grant, caller))
        }
        None => Ok(Scope::EVERYTHING),
    }
}

fn is_write(operation: Operation) -> bool {
    !matches!(operation, Operation::Get | Operation::Find | Operation::Count)
}

/// The permissions in force: those of the class, else, for an app that is private by default, the private ones.
pub fn permissions<'a>(
    app: &AppState,
    class: &str,
    schema: Option<&'a ClassSchema>,
) -> Option<&'a ClassPermissions> {
    let stored = schema.and_then(|schema| schema.permissions.as_ref());
    let private = || ClassPermissions::private_default(class);
    stored.or_else(|| app.settings.private_by_default.then(private))
}

/// Refuses to create a class by writing to it, or to learn whether one exists, unless the app allows it.
pub fn check_class_creation(app: &AppState, caller: &Caller, class: &str) -> ParseResult<()> {
    let settings = &app.settings;
    let open =
        settings.allow_client_class_creation && (!settings.private_by_default || may_build(app, caller));
    if caller.writes_all() || names::is_system(class) || open {
        return Ok(());
    }
    let detail = format!("This user is not allowed to access non-existent class: {class}");
    Err(ParseError::denied(code::OPERATION_FORBIDDEN, detail))
}

/// Refuses new fields where the app or the class is closed to them. `operation` is the write that brings them.
pub fn check_field_creation(
    app: &AppState,
    caller: &Caller,
    schema: &ClassSchema,
    operation: Operation,
) -> ParseResult<Scope> {
    if !caller.writes_all() && app.settings.private_by_default && !may_build(app, caller) {
        let detail = format!("Permission denied for action addField on class {}.", schema.name);
        return Err(ParseError::denied(code::OPERATION_FORBIDDEN, detail));
    }
    let creating = operation == Operation::Create;
    check_operation(
        app,
        caller,
        &schema.name,
        Some(schema),
        Operation::AddField,
        creating,
    )
}

/// Decision 11: while an app is being built, its signed-in users may shape it.
fn may_build(app: &AppState, caller: &Caller) -> bool {
    app.settings.stage == Stage::Building && caller.user_id().is_some()
}
