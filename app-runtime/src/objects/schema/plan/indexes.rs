//! Indexes that `/schemas` makes and drops.

use serde_json::{Map, Value, json};

use crate::objects::schema::plan::{Plan, invalid, is_delete};
use crate::protocol::error::{ParseError, ParseResult, code};

/// The index every collection has; Parse Server writes it down beside the first one that a class gets later.
pub(in crate::objects::schema) const OF_IDS: &str = "_id_";

/// Reads `{name: {field: 1 | -1 | "text" | …} | {__op: "Delete"}}` into `plan`.
pub(super) fn read(sent: &Map<String, Value>, plan: &mut Plan) -> ParseResult<()> {
    if sent.is_empty() {
        return Ok(());
    }
    let mut all = plan.result.indexes.clone();
    if all.is_empty() {
        all.insert(OF_IDS.into(), json!({ "_id": 1 }));
    }
    for (name, index) in sent {
        let index = index.as_object().ok_or_else(|| invalid("invalid JSON"))?;
        match (is_delete(index), all.contains_key(name)) {
            (false, true) => return refuse(format!("Index {name} exists, cannot update.")),
            (true, false) => return refuse(format!("Index {name} does not exist, cannot delete.")),
            (true, true) if name == OF_IDS => return refuse(format!("Index {name} cannot be deleted.")),
            (true, true) => {
                all.shift_remove(name);
                plan.dropped_indexes.push(name.clone());
            }
            (false, false) => {
                check_keys(name, index, plan)?;
                all.insert(name.clone(), Value::Object(index.clone()));
                plan.created_indexes.push((name.clone(), index.clone()));
            }
        }
    }
    plan.result.indexes = all;
    Ok(())
}

fn check_keys(name: &str, index: &Map<String, Value>, plan: &Plan) -> ParseResult<()> {
    if index.is_empty() || name.is_empty() || name.len() > 127 || name.contains(['\0', '*', '$', '.']) {
        return refuse(format!("Index {name} needs a plain name and at least one field."));
    }
    for (field, kind) in index {
        let known = field.strip_prefix("_p_").unwrap_or(field);
        if plan.result.field(known).is_none() {
            return refuse(format!("Field {field} does not exist, cannot add index."));
        }
        let is_order = matches!(kind.as_f64(), Some(order) if order == 1.0 || order == -1.0);
        let is_kind = matches!(kind.as_str(), Some("text" | "2d" | "2dsphere" | "hashed"));
        if !is_order && !is_kind {
            return refuse(format!(
                "Index {name} has an invalid key for {field}; use 1, -1, \"text\", \"2d\", \"2dsphere\" or \"hashed\"."
            ));
        }
    }
    Ok(())
}

fn refuse<T>(message: String) -> ParseResult<T> {
    Err(ParseError::new(code::INVALID_QUERY, message))
}
