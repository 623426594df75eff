//! Whether an object, in the form clients see, is one that a query means: the database's answer without the database.
//! Live queries ask this for every change. Equal to what `storage::filter` makes MongoDB say, which
//! `tests/evaluator` holds against a real one; relations, subqueries and text searches never match here, and a pointer
//! that is null exists, whether or not it does in the database.

mod datum;
mod path;
mod pattern;
mod place;

use std::cmp::Ordering;

use serde_json::Value;

use crate::protocol::types;
use crate::query::filter::{Filter, Test};
use datum::Datum;
use path::{Leaf, Path};

/// Whether `object` matches `filter`.
pub fn matches(object: &Value, filter: &Filter) -> bool {
    match filter {
        Filter::All(parts) => parts.iter().all(|part| matches(object, part)),
        Filter::Any(parts) => parts.iter().any(|part| matches(object, part)),
        Filter::Neither(parts) => !parts.iter().any(|part| matches(object, part)),
        Filter::Field { path, tests } => {
            Field::new(object, path).is_some_and(|field| tests.iter().all(|test| field.passes(test)))
        }
        Filter::RelatedTo { .. } => false,
    }
}

/// The values at one path of one object.
struct Field<'a> {
    path: Path<'a>,
    /// The `__type` of the field, which operands take the stored form of; only fields themselves have one.
    tag: Option<&'a str>,
    /// Of a pointer its class, which ids are compared with it by.
    class: Option<&'a str>,
    root: Option<Datum<'a>>,
}

impl<'a> Field<'a> {
    /// `None` for a relation: it is not in the object, and no condition on it holds. What a path seeks in one is missing.
    fn new(object: &'a Value, path: &'a str) -> Option<Self> {
        let path = Path::new(path);
        let value = object.get(path.root());
        let tag = match path.root() {
            "createdAt" | "updatedAt" => Some("Date"),
            _ => value.and_then(Value::as_object).and_then(types::tag),
        };
        let is_relation = tag == Some("Relation");
        let value = value.filter(|_| !is_relation);
        (!is_relation || !path.is_field()).then(|| Self {
            root: value.map(|value| Datum::stored(tag, value)),
            class: value
                .filter(|_| tag == Some("Pointer") && path.is_field())
                .and_then(|pointer| pointer.get("className")?.as_str()),
            tag: tag.filter(|_| path.is_field()),
            path,
        })
    }

    fn passes(&self, test: &Test) -> bool {
        let equals = |operand: &Value| self.compares(operand, Ordering::is_eq);
        match test {
            Test::Eq(operand) => equals(operand),
            Test::Ne(operand) => !equals(operand),
            Test::Lt(operand) => self.compares(operand, Ordering::is_lt),
            Test::Lte(operand) => self.compares(operand, Ordering::is_le),
            Test::Gt(operand) => self.compares(operand, Ordering::is_gt),
            Test::Gte(operand) => self.compares(operand, Ordering::is_ge),
            Test::In(operands) => operands.iter().any(equals),
            Test::Nin(operands) => !operands.iter().any(equals),
            Test::All(operands) => !operands.is_empty() && operands.iter().all(equals),
            Test::AllMatching(patterns) => {
                !patterns.is_empty() && patterns.iter().all(|pattern| self.has_text(pattern, ""))
            }
            Test::ContainedBy(operands) => self.is_contained_by(operands),
            Test::Exists(exists) => self.any(Leaf::Whole, |value| value.is_some()) == *exists,
            Test::Regex { pattern, options } => self.has_text(pattern, options),
            Test::Geo(geo) => {
                let value = self.root.as_ref().filter(|_| self.path.is_field());
                value.is_some_and(|value| place::holds(geo, self.tag, value))
            }
            Test::Text(_) | Test::Subquery(_) => false,
        }
    }

    fn any(&self, leaf: Leaf, test: impl FnMut(Option<&Datum<'_>>) -> bool) -> bool {
        self.path.any(self.root.as_ref(), leaf, test)
    }

    /// Only values of one type have an order, and null is like what is missing.
    fn compares(&self, operand: &Value, holds: fn(Ordering) -> bool) -> bool {
        let operand = match (self.class, operand) {
            (Some(class), Value::String(id)) => Datum::stored_pointer(class, id),
            _ => Datum::stored(self.tag, operand),
        };
        self.any(Leaf::Items, |value| {
            let value = value.unwrap_or(&Datum::Null);
            value.is_like(&operand) && holds(value.compare(&operand))
        })
    }

    /// Only an array with something else in it fails: what is missing or no array passes, as in MongoDB.
    fn is_contained_by(&self, operands: &[Value]) -> bool {
        let allowed: Vec<Datum<'_>> = operands.iter().map(Datum::nested).collect();
        let is_allowed = |item: &Value| {
            let item = Datum::nested(item);
            allowed.iter().any(|operand| operand.compare(&item).is_eq())
        };
        let has_stranger = |value: Option<&Datum<'_>>| match value {
            Some(Datum::Array(items)) => !items.iter().all(is_allowed),
            _ => false,
        };
        !self.any(Leaf::Whole, has_stranger)
    }

    fn has_text(&self, pattern: &str, options: &str) -> bool {
        pattern::with(pattern, options, |pattern| {
            self.any(Leaf::Items, |value| match value {
                Some(Datum::Text(text)) => pattern.is_match(text),
                _ => false,
            })
        })
    }
}

#[cfg(test)]
mod tests;
