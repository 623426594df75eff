//! Protected fields that a row shows to the users it names (`protectedFields`, groups `userField:…`; reference section 5.4).

use bson::{RawBsonRef, RawDocument};

use crate::protocol::types::FieldType;
use crate::storage::decode::View;
use crate::storage::error::StorageResult;

/// Rows whose `field` leads to the user hide no more than `hidden` from them.
#[derive(Debug, Clone, PartialEq)]
pub struct Revealed {
    pub user: String,
    /// A pointer to a user, or an array of such pointers.
    pub field: String,
    pub hidden: Vec<String>,
}

/// What the caller may see of one row.
#[derive(Debug)]
pub struct RowRights {
    /// It is the caller's own user row: nothing is protected.
    pub own: bool,
    /// Hidden fields in place of the view's.
    pub hidden: Option<Vec<String>>,
}

pub(super) fn rights(view: &View<'_>, document: &RawDocument) -> StorageResult<RowRights> {
    let own = match &view.own_id {
        Some(user) => document.get("_id")?.and_then(RawBsonRef::as_str) == Some(user),
        None => false,
    };
    let mut hidden: Option<Vec<String>> = None;
    for revealed in &view.revealed {
        if leads_to_user(view, document, revealed)? {
            hidden
                .get_or_insert_with(|| view.hidden.clone())
                .retain(|field| revealed.hidden.contains(field));
        }
    }
    Ok(RowRights { own, hidden })
}

fn leads_to_user(view: &View<'_>, document: &RawDocument, revealed: &Revealed) -> StorageResult<bool> {
    if let Some(FieldType::Pointer(_)) = view.schema.field(&revealed.field) {
        let stored = document.get(format!("_p_{}", revealed.field))?;
        return Ok(stored.and_then(RawBsonRef::as_str) == Some(&format!("_User${}", revealed.user)));
    }
    let Some(RawBsonRef::Array(list)) = document.get(revealed.field.as_str())? else {
        return Ok(false);
    };
    for item in list {
        if let RawBsonRef::Document(pointer) = item? {
            let is = |key: &str, wanted: &str| -> StorageResult<bool> {
                Ok(pointer.get(key)?.and_then(RawBsonRef::as_str) == Some(wanted))
            };
            if is("className", "_User")? && is("objectId", &revealed.user)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
