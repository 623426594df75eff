//! `/installations`: what is saved may become another row of the same device.

use serde_json::Value;

use crate::objects::installations::{self, Saved};
use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};

/// `POST`: 201 with a new row, 200 if the device was known.
pub async fn create(mut cx: Context<'_>) -> ParseResult<Reply> {
    let body = cx.take_body();
    installations::save(cx.app, &cx.caller, None, body)
        .await
        .map(reply)
}

/// `PUT`: `updatedAt`
pub async fn update(mut cx: Context<'_>, id: &str) -> ParseResult<Reply> {
    let body = cx.take_body();
    installations::save(cx.app, &cx.caller, Some(id), body)
        .await
        .map(reply)
}

fn reply(saved: Saved) -> Reply {
    match saved {
        Saved::New(created) => Reply::created("_Installation", &created.id, created.answer),
        Saved::Known(answer) => Reply::value(&Value::Object(answer)),
    }
}
