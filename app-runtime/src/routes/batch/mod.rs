//! `POST /batch`: several requests in one, carried out side by side, or in turn as one transaction.

mod room;
mod transaction;

use std::time::Instant;

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::protocol::envelope::Fields;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::routes::context::{Context, Reply};
use crate::routes::guards;
use crate::routes::rate_limits::Counted;
use crate::routes::table::{self, Route};
use room::Room;

/// Requests of one batch that run at the same time.
const SIDE_BY_SIDE: usize = 50;

/// An array, in order, of `{"success": body}` or `{"error": {"code", "error"}}`.
pub async fn run(mut cx: Context<'_>) -> ParseResult<Reply> {
    let mut body = cx.take_body();
    let as_one = body.get("transaction") == Some(&Value::Bool(true));
    let Some(Value::Array(requests)) = body.shift_remove("requests") else {
        return Err(invalid("requests must be an array"));
    };
    check_size(&cx, requests.len())?;
    let items = requests
        .into_iter()
        .map(|request| Item::decode(&cx, request))
        .collect::<ParseResult<Vec<_>>>()?;
    // All are checked before any is carried out.
    let now = Instant::now();
    items.iter().try_for_each(|item| item.check(&cx, now))?;
    if as_one {
        return transaction::run(&cx, items).await;
    }
    let sanitize = cx.app.settings.enable_sanitized_error_response;
    let room = Room::default();
    let answers = stream::iter(items)
        .map(|item| room.run(item.is_read(), run_item(&cx, item)))
        .buffered(SIDE_BY_SIDE);
    let answers: Vec<ParseResult<Reply>> = answers.collect().await;
    let mut out = vec![b'['];
    for (position, answer) in answers.into_iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        match answer {
            Ok(reply) => write_success(&mut out, &reply),
            Err(error) => {
                out.extend_from_slice(json!({ "error": error.body(sanitize) }).to_string().as_bytes())
            }
        }
    }
    out.push(b']');
    Ok(Reply::json(out))
}

fn write_success(out: &mut Vec<u8>, reply: &Reply) {
    out.extend_from_slice(br#"{"success":"#);
    out.extend_from_slice(&reply.body);
    out.push(b'}');
}

/// Refuses clients who ask for more at once than the app allows.
fn check_size(cx: &Context<'_>, count: usize) -> ParseResult<()> {
    let most = cx.app.settings.request_complexity.batch_request_limit;
    match most.filter(|most| count > *most && !cx.caller.reads_all()) {
        Some(most) => Err(invalid(&format!(
            "Batch request contains {count} sub-requests, which exceeds the limit of {most}."
        ))),
        None => Ok(()),
    }
}

#[derive(Clone)]
struct Item {
    method: String,
    /// Below the mount.
    path: String,
    /// `None`: there is nothing at this path.
    route: Option<Route>,
    body: Fields,
}

impl Item {
    fn decode(cx: &Context<'_>, request: Value) -> ParseResult<Self> {
        let Value::Object(mut request) = request else {
            return Err(invalid("requests must be objects"));
        };
        let text = |name: &str| request.get(name).and_then(Value::as_str).map(str::to_owned);
        let path = text("path").ok_or_else(|| invalid("path must be a string"))?;
        let method = text("method").unwrap_or_default().to_ascii_uppercase();
        let below =
            below_mount(cx, &path).ok_or_else(|| invalid(&format!("cannot route batch path {path}")))?;
        let route = table::resolve(&method, below);
        if route == Some(Route::Batch) {
            return Err(invalid("nested batch requests are not allowed"));
        }
        let body = match request.shift_remove("body") {
            None | Some(Value::Null) => Fields::new(),
            Some(Value::Object(body)) => body,
            Some(_) => return Err(invalid("body must be an object")),
        };
        let path = below.to_owned();
        Ok(Self {
            method,
            path,
            route,
            body,
        })
    }

    fn is_read(&self) -> bool {
        self.method == "GET"
    }

    /// What a request of its own would have to get past (CVE-2026-30972, CVE-2026-50008).
    fn check(&self, cx: &Context<'_>, now: Instant) -> ParseResult<()> {
        let counted = Counted {
            path: &self.path,
            methods: &[&self.method, "POST"],
            ip: cx.ip,
            caller: Some(&cx.caller),
        };
        cx.app.rate_limits.check(&counted, now)?;
        guards::check_route(&cx.app.settings, &cx.caller, &self.method, &self.path)
    }
}

/// A path must start with the mount, or with the path of the app's public address.
fn below_mount<'p>(cx: &Context<'_>, path: &'p str) -> Option<&'p str> {
    [&cx.app.settings.mount_path, &cx.app.public_path]
        .into_iter()
        .find_map(|prefix| path.strip_prefix(prefix).filter(|rest| rest.starts_with('/')))
}

async fn run_item(cx: &Context<'_>, item: Item) -> ParseResult<Reply> {
    let route = item.route.ok_or_else(|| invalid("no such route"))?;
    let cx = Context {
        app: cx.app,
        caller: cx.caller.clone(),
        ip: cx.ip,
        body: item.body,
        query: Fields::new(),
    };
    route.run(cx).await
}

fn invalid(message: &str) -> ParseError {
    ParseError::new(code::INVALID_JSON, message)
}
