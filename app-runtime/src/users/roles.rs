//! Roles of a user, inherited ones included: a role that lists another in `roles` gives its rights to that one's members.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::AppState;
use crate::objects::caller::user_group;
use crate::protocol::error::ParseResult;
use crate::storage::{ROLE_CHILDREN, ROLE_MEMBERS};

/// The names of `user` in ACLs: everybody's, their own, and those of their roles.
pub async fn group_of(app: &AppState, user: &str) -> ParseResult<Arc<[String]>> {
    if let Some(group) = app.accounts.group(user).await {
        return Ok(group);
    }
    let since = app.accounts.epoch();
    let roles = names_of(app, user).await?;
    let group = user_group(user, roles.iter().map(String::as_str));
    app.accounts.keep_group(since, user, &group).await;
    Ok(group)
}

/// Names of all roles of `user`. Each role is visited once, so cycles end; one that was deleted leads nowhere, although
/// the rows of its relations remain.
async fn names_of(app: &AppState, user: &str) -> ParseResult<Vec<String>> {
    let mut level = app.storage.owning_ids(ROLE_MEMBERS, &[user.to_owned()]).await?;
    let mut known = BTreeSet::new();
    let mut names = Vec::new();
    loop {
        level.retain(|id| known.insert(id.clone()));
        if level.is_empty() {
            return Ok(names);
        }
        let roles = app.storage.roles_by_id(&level).await?;
        let (ids, found): (Vec<String>, Vec<String>) = roles.into_iter().unzip();
        names.extend(found);
        level = app.storage.owning_ids(ROLE_CHILDREN, &ids).await?;
    }
}
