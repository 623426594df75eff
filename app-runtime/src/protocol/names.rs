//! Which class and field names exist, may exist, or are reserved (Parse Server, `SchemaController`).

use crate::protocol::error::{ParseError, ParseResult, code};

/// Classes every app has or may have without having been asked for.
pub const SYSTEM_CLASSES: &[&str] = &[
    "_User",
    "_Installation",
    "_Role",
    "_Session",
    "_Product",
    "_PushStatus",
    "_JobStatus",
    "_JobSchedule",
    "_Audience",
    "_Idempotency",
];

/// Classes that only the master key may touch, whatever the operation.
const MASTER_ONLY_CLASSES: &[&str] = &[
    "_JobStatus",
    "_PushStatus",
    "_Hooks",
    "_GlobalConfig",
    "_GraphQLConfig",
    "_JobSchedule",
    "_Audience",
    "_Idempotency",
];

/// True for a class that clients may never touch, including every `_Join:` collection.
pub fn is_master_only(class: &str) -> bool {
    MASTER_ONLY_CLASSES.contains(&class) || class.starts_with("_Join:")
}

/// True for one of Parse's own classes.
pub fn is_system(class: &str) -> bool {
    SYSTEM_CLASSES.contains(&class)
}

/// `^[A-Za-z][A-Za-z0-9_]*$`
pub fn is_identifier(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether a class of this name may be stored. Bounded, as the name becomes a collection's.
pub fn is_class_name(class: &str) -> bool {
    class.len() <= 120 && (is_system(class) || is_identifier(class))
}

/// Refuses names that no class can have. `_SCHEMA`, which describes the classes, is none itself, not even to the
/// master key.
pub fn check_class_name(class: &str) -> ParseResult<()> {
    if is_master_only(class) || is_class_name(class) {
        return Ok(());
    }
    Err(ParseError::new(
        code::INVALID_JSON,
        "schema class name does not revalidate",
    ))
}

/// Refuses objects of what only the server writes by ways of its own, whoever asks.
pub fn check_new_object(class: &str) -> ParseResult<()> {
    if ["_Hooks", "_GlobalConfig", "_GraphQLConfig"].contains(&class) {
        return Err(ParseError::new(
            code::INVALID_CLASS_NAME,
            format!("invalid className: {class}"),
        ));
    }
    Ok(())
}

/// Whether a field may have this name.
pub fn is_field_name(name: &str) -> bool {
    is_identifier(name) && name != "length" && name != "className" && name.len() <= 256
}

/// 105 unless `name` can be a field.
pub fn check_field_name(name: &str) -> ParseResult<()> {
    if is_field_name(name) {
        Ok(())
    } else {
        Err(ParseError::invalid_field_name(name))
    }
}

/// The part of a dotted path that is a field: `a` of `a.b.c`.
pub fn root_of(path: &str) -> &str {
    path.split_once('.').map_or(path, |(root, _)| root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_names() {
        for good in ["Task", "a", "A_1", "_User", "_Installation"] {
            assert!(is_class_name(good), "{good}");
        }
        for bad in ["", "1a", "_Mine", "a-b", "a.b", "a b", "system.users$", "ä"] {
            assert!(!is_class_name(bad), "{bad}");
        }
    }

    #[test]
    fn field_names() {
        assert!(is_field_name("title"));
        for bad in ["_rperm", "length", "className", "a.b", "$where", "", "1st"] {
            assert!(!is_field_name(bad), "{bad}");
        }
    }
}
