//! Update operators: the `{"__op": …}` values of a write.

use serde_json::{Map, Number, Value};

use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::types::{self, FieldType, Pointer};

/// What a write does to one field.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    Set(Value),
    Delete,
    Increment(Number),
    Add(Vec<Value>),
    AddUnique(Vec<Value>),
    Remove(Vec<Value>),
    /// Pointers to put into and take out of a relation, all of one class.
    Relate {
        add: Vec<Pointer>,
        remove: Vec<Pointer>,
    },
}

impl Op {
    /// Reads the value of a field in a write. A value without `__op` is set as it is.
    pub fn decode(value: Value) -> ParseResult<Self> {
        let Value::Object(mut map) = value else {
            return Ok(Self::Set(value));
        };
        let name = match map.get("__op") {
            None => return Ok(Self::Set(Value::Object(map))),
            Some(Value::String(name)) => name.clone(),
            Some(other) => return Err(unsupported(&other.to_string())),
        };
        match name.as_str() {
            "Delete" => Ok(Self::Delete),
            "Increment" => match map.remove("amount") {
                Some(Value::Number(amount)) => Ok(Self::Increment(amount)),
                _ => Err(invalid("incrementing must provide a number")),
            },
            "Add" => objects(&mut map).map(Self::Add),
            "AddUnique" => objects(&mut map).map(Self::AddUnique),
            "Remove" => objects(&mut map).map(Self::Remove),
            "AddRelation" => Ok(Self::Relate {
                add: pointers(&mut map)?,
                remove: Vec::new(),
            }),
            "RemoveRelation" => Ok(Self::Relate {
                add: Vec::new(),
                remove: pointers(&mut map)?,
            }),
            "Batch" => batch(&mut map),
            other => Err(unsupported(other)),
        }
    }

    /// The type the field must have; `None` if any will do. Checks the operands.
    pub fn field_type(&self) -> ParseResult<Option<FieldType>> {
        match self {
            Self::Set(value) => types::infer(value),
            Self::Delete => Ok(None),
            Self::Increment(_) => Ok(Some(FieldType::Number)),
            Self::Add(items) | Self::AddUnique(items) | Self::Remove(items) => {
                items.iter().try_for_each(|item| types::infer(item).map(drop))?;
                Ok(Some(FieldType::Array))
            }
            Self::Relate { add, remove } => Ok(add
                .first()
                .or(remove.first())
                .map(|pointer| FieldType::Relation(pointer.class.clone()))),
        }
    }

    /// The value a field has after this operator on an object that does not have it yet; `None`: still missing.
    pub fn on_missing(self) -> Option<Value> {
        match self {
            Self::Set(value) => Some(value),
            Self::Increment(amount) => Some(Value::Number(amount)),
            Self::Add(items) | Self::AddUnique(items) => Some(Value::Array(items)),
            Self::Remove(_) => Some(Value::Array(Vec::new())),
            Self::Delete | Self::Relate { .. } => None,
        }
    }

    /// Whether the answer of the write reports the field's new value.
    pub fn is_reported(&self) -> bool {
        matches!(
            self,
            Self::Increment(_) | Self::Add(_) | Self::AddUnique(_) | Self::Remove(_)
        )
    }
}

fn objects(map: &mut Map<String, Value>) -> ParseResult<Vec<Value>> {
    match map.remove("objects") {
        Some(Value::Array(items)) => Ok(items),
        _ => Err(invalid("objects to add must be an array")),
    }
}

fn pointers(map: &mut Map<String, Value>) -> ParseResult<Vec<Pointer>> {
    let pointers = objects(map)?
        .iter()
        .map(Pointer::decode)
        .collect::<Option<Vec<_>>>();
    let pointers = pointers.ok_or_else(|| invalid("objects of a relation must be pointers"))?;
    if pointers.windows(2).any(|pair| pair[0].class != pair[1].class) {
        return Err(invalid("objects of a relation must be of one class"));
    }
    Ok(pointers)
}

/// `Batch` exists for mixed relation edits only.
fn batch(map: &mut Map<String, Value>) -> ParseResult<Op> {
    let Some(Value::Array(ops)) = map.remove("ops") else {
        return Err(invalid("ops must be an array"));
    };
    let (mut add, mut remove) = (Vec::new(), Vec::new());
    for op in ops {
        match Op::decode(op)? {
            Op::Relate {
                add: more,
                remove: less,
            } => {
                add.extend(more);
                remove.extend(less);
            }
            _ => return Err(invalid("a Batch may hold AddRelation and RemoveRelation only")),
        }
    }
    Ok(Op::Relate { add, remove })
}

fn invalid(message: &str) -> ParseError {
    ParseError::new(code::INVALID_JSON, message)
}

fn unsupported(name: &str) -> ParseError {
    ParseError::new(
        code::COMMAND_UNAVAILABLE,
        format!("The {name} operator is not supported yet."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn decode(value: Value) -> ParseResult<Op> {
        Op::decode(value)
    }

    #[test]
    fn every_operator_on_a_missing_field() {
        for (op, expected) in [
            (json!("x"), Some(json!("x"))),
            (json!({"__op": "Delete"}), None),
            (json!({"__op": "Increment", "amount": 2}), Some(json!(2))),
            (json!({"__op": "Add", "objects": [1, 1]}), Some(json!([1, 1]))),
            (
                json!({"__op": "AddUnique", "objects": [1, 1]}),
                Some(json!([1, 1])),
            ),
            (json!({"__op": "Remove", "objects": [1]}), Some(json!([]))),
        ] {
            assert_eq!(decode(op).unwrap().on_missing(), expected);
        }
    }

    #[test]
    fn bad_operands_are_bad_requests() {
        for (op, code) in [
            (json!({"__op": "Increment", "amount": "1"}), 107),
            (json!({"__op": "Increment"}), 107),
            (json!({"__op": "Add", "objects": 1}), 107),
            (json!({"__op": "AddRelation", "objects": [1]}), 107),
            (json!({"__op": "Batch", "ops": [{"__op": "Delete"}]}), 107),
            (json!({"__op": "Explode"}), 108),
            (json!({"__op": {"$ne": 1}}), 108),
        ] {
            assert_eq!(decode(op.clone()).unwrap_err().code, Some(code), "{op}");
        }
    }

    #[test]
    fn a_batch_collects_both_sides_of_a_relation() {
        let pointer = |id: &str| json!({"__type": "Pointer", "className": "B", "objectId": id});
        let op = decode(json!({"__op": "Batch", "ops": [
            {"__op": "AddRelation", "objects": [pointer("1")]}, {"__op": "RemoveRelation", "objects": [pointer("2")]}]}));
        let Op::Relate { add, remove } = op.unwrap() else {
            panic!("not a relation")
        };
        assert_eq!((add[0].id.as_str(), remove[0].id.as_str()), ("1", "2"));
    }
}
