//! `/push_audiences`: saved queries for installations, for the owner of the app only. The query is stored as JSON text, and
//! shown as what it says.

use serde_json::Value;

use crate::objects;
use crate::protocol::envelope::Fields;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::query::FindOptions;
use crate::routes::context::{Context, Reply};

const CLASS: &str = "_Audience";

/// `{"results": […]}`
pub async fn list(mut cx: Context<'_>) -> ParseResult<Reply> {
    cx.require_master()?;
    let options = FindOptions::parse(&cx.take_params(), cx.reader())?;
    let found = objects::find::find(cx.app, &cx.caller, CLASS, options).await?;
    let mut answer = value(&found)?;
    let audiences = answer.get_mut("results").and_then(Value::as_array_mut);
    audiences.into_iter().flatten().for_each(show_query);
    Ok(Reply::value(&answer))
}

/// The audience.
pub async fn get(mut cx: Context<'_>, id: &str) -> ParseResult<Reply> {
    cx.require_master()?;
    let options = FindOptions::parse_get(id, &cx.take_params(), cx.reader())?;
    let found = objects::find::get(cx.app, &cx.caller, CLASS, options).await?;
    let mut audience = value(&found)?;
    show_query(&mut audience);
    Ok(Reply::value(&audience))
}

/// 201 with id and time.
pub async fn create(mut cx: Context<'_>) -> ParseResult<Reply> {
    cx.require_master()?;
    let body = stored(cx.take_body());
    let created = objects::create::create(cx.app, &cx.caller, CLASS, body).await?;
    Ok(Reply::created(CLASS, &created.id, created.answer))
}

/// `updatedAt`
pub async fn update(mut cx: Context<'_>, id: &str) -> ParseResult<Reply> {
    cx.require_master()?;
    let body = stored(cx.take_body());
    let answer = objects::update::update(cx.app, &cx.caller, CLASS, id, body).await?;
    Ok(Reply::value(&Value::Object(answer)))
}

/// `{}`
pub async fn delete(cx: Context<'_>, id: &str) -> ParseResult<Reply> {
    cx.require_master()?;
    objects::delete::delete(cx.app, &cx.caller, CLASS, id).await?;
    Ok(Reply::empty())
}

/// SDKs send the query as text; one that is sent as an object becomes text.
fn stored(mut body: Fields) -> Fields {
    if let Some(query) = body
        .get_mut("query")
        .filter(|query| query.is_object() && query.get("__op").is_none())
    {
        *query = query.to_string().into();
    }
    body
}

fn show_query(audience: &mut Value) {
    let query = audience
        .get("query")
        .and_then(Value::as_str)
        .and_then(|text| serde_json::from_str(text).ok());
    if let Some(query) = query {
        audience["query"] = query;
    }
}

fn value(json: &[u8]) -> ParseResult<Value> {
    serde_json::from_slice(json)
        .map_err(|error| ParseError::new(code::INTERNAL_SERVER_ERROR, error.to_string()))
}
