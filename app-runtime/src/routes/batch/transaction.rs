//! Batches with `transaction: true`: everything takes place, or nothing.

use crate::protocol::error::ParseResult;
use crate::routes::batch::room::Room;
use crate::routes::batch::{Item, invalid, run_item, write_success};
use crate::routes::context::{Context, Reply};
use crate::routes::table::Route;

/// Carries the requests out in turn. Their answers as in any batch; or the error of the first that failed, which undoes
/// the others. (Parse Server answers 500 then, and the SDKs send such a request five times.)
pub async fn run(cx: &Context<'_>, items: Vec<Item>) -> ParseResult<Reply> {
    items.iter().try_for_each(check)?;
    let replies = cx.app.storage.transaction(async || {
        let room = Room::default();
        let mut replies = Vec::with_capacity(items.len());
        for item in &items {
            let reply = room.run(item.is_read(), run_item(cx, item.clone())).await?;
            replies.push(reply);
        }
        Ok(replies)
    });
    let replies = replies.await?;
    if items.iter().any(touches_accounts) {
        // What was forgotten before the commit may have been read again since.
        cx.app.accounts.clear();
    }
    let mut out = vec![b'['];
    for (position, reply) in replies.iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write_success(&mut out, reply);
    }
    out.push(b']');
    Ok(Reply::json(out))
}

/// Only objects can be undone: no log-in, which counts failures, and no sign-in, for which a provider has been asked.
fn check(item: &Item) -> ParseResult<()> {
    let is_object = match &item.route {
        Some(Route::SignUp | Route::UpdateUser(_)) => !item.body.contains_key("authData"),
        Some(
            Route::Find(_)
            | Route::Get(..)
            | Route::Create(_)
            | Route::Update(..)
            | Route::Delete(..)
            | Route::GetUser(_)
            | Route::DeleteUser(_)
            | Route::CreateSession
            | Route::UpdateSession(_)
            | Route::DeleteSession(_)
            | Route::CreateInstallation
            | Route::UpdateInstallation(_),
        ) => true,
        None => return Err(invalid("no such route")),
        Some(_) => false,
    };
    match is_object {
        true => Ok(()),
        false => Err(invalid(&format!(
            "{} {} cannot be part of a transaction",
            item.method, item.path
        ))),
    }
}

/// Whether sessions or roles may have changed.
fn touches_accounts(item: &Item) -> bool {
    match &item.route {
        Some(Route::Create(class) | Route::Update(class, _) | Route::Delete(class, _)) => class == "_Role",
        Some(
            Route::SignUp
            | Route::UpdateUser(_)
            | Route::DeleteUser(_)
            | Route::CreateSession
            | Route::UpdateSession(_)
            | Route::DeleteSession(_),
        ) => true,
        _ => false,
    }
}
