//! Deleting an object.

use crate::app::AppState;
use crate::objects::access;
use crate::objects::caller::Caller;
use crate::objects::schema::Operation;
use crate::protocol::error::{ParseError, ParseResult};
use crate::query::Filter;
use crate::storage::Selection;

/// Deletes the object `id`; 101 if it is not there or not the caller's to delete.
pub async fn delete(app: &AppState, caller: &Caller, class: &str, id: &str) -> ParseResult<()> {
    access::check_fixed_rules(caller, class, Operation::Delete)?;
    let schema = app.schemas.find(class).await?;
    let scope = access::check_class(app, caller, class, schema.as_deref(), Operation::Delete)?;
    let schema = schema.ok_or_else(ParseError::not_found)?;
    let group = access::writing_group(caller);
    let filter = scope.narrow(Filter::equals("objectId", id));
    let selection = Selection {
        schema: &schema,
        filter: &filter,
        acl_group: group.as_ref(),
    };
    if app.storage.delete(&selection).await? {
        Ok(())
    } else {
        Err(ParseError::not_found())
    }
}
