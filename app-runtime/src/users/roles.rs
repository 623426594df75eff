//! Roles of a user, inherited ones included: a role that lists another in `roles` gives its rights to that one's members.

use std::collections::BTreeSet;

use crate::app::AppState;
use crate::protocol::error::ParseResult;

const MEMBERS: &str = "_Join:users:_Role";
const CHILDREN: &str = "_Join:roles:_Role";

/// Names of all roles of `user`. Each role is visited once, so cycles end.
pub async fn names_of(app: &AppState, user: &str) -> ParseResult<Vec<String>> {
    let mut level = app.storage.owning_ids(MEMBERS, &[user.to_owned()]).await?;
    let mut known = BTreeSet::new();
    while !level.is_empty() {
        level.retain(|id| known.insert(id.clone()));
        if level.is_empty() {
            break;
        }
        level = app.storage.owning_ids(CHILDREN, &level).await?;
    }
    if known.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = known.into_iter().collect();
    Ok(app
        .storage
        .roles_by_id(&ids)
        .await?
        .into_iter()
        .map(|(_, name)| name)
        .collect())
}
