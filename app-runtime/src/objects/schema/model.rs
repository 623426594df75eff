//! One class as the runtime knows it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::objects::schema::defaults;
use crate::objects::schema::permissions::ClassPermissions;
use crate::protocol::types::FieldType;

/// Rules of one field beside its type.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FieldOptions {
    /// `Some(true)`: the field must have a value other than null and `""`. Kept as it was said.
    pub required: Option<bool>,
    /// Given to new objects that come without the field.
    pub default_value: Option<Value>,
}

impl FieldOptions {
    /// Whether an object without a value in this field is refused.
    pub fn is_required(&self) -> bool {
        self.required == Some(true)
    }

    /// Whether nothing is said beside the type.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A class: its fields with the built-in ones, its permissions, its field rules, its indexes.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassSchema {
    pub name: String,
    pub fields: BTreeMap<String, FieldType>,
    /// `None`: no permissions were ever set.
    pub permissions: Option<ClassPermissions>,
    pub options: BTreeMap<String, FieldOptions>,
    /// Indexes made through `/schemas`: name to `{field: 1 | -1 | "text" | …}`, as they were sent.
    pub indexes: Map<String, Value>,
}

impl ClassSchema {
    /// A class with the built-in columns only.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            fields: defaults::columns(name),
            permissions: None,
            options: BTreeMap::new(),
            indexes: Map::new(),
        }
    }

    /// Type of a field; `None` if the class does not have it.
    pub fn field(&self, name: &str) -> Option<&FieldType> {
        self.fields.get(name)
    }

    /// Names and target classes of the relation fields.
    pub fn relations(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().filter_map(|(name, kind)| match kind {
            FieldType::Relation(target) => Some((name.as_str(), target.as_str())),
            _ => None,
        })
    }

    /// Collection that holds the rows of a relation field.
    pub fn join_collection(&self, field: &str) -> String {
        format!("_Join:{field}:{}", self.name)
    }
}
