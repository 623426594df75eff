//! `GET /config`

use serde_json::{Value, json};

use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};

/// `{"params": {…}, "masterKeyOnly"?: {…}}`; without the master key, without what only it may read.
pub async fn get(cx: Context<'_>) -> ParseResult<Reply> {
    let Some(mut config) = cx.app.storage.config().await? else {
        return Ok(Reply::value(&json!({ "params": {} })));
    };
    if let Some(flags) = config.master_key_only.as_mut().filter(|_| !cx.caller.is_master()) {
        let hidden = |flag: &Value| *flag == Value::Bool(true);
        config
            .params
            .retain(|name, _| !flags.get(name).is_some_and(hidden));
        flags.retain(|_, flag| !hidden(flag));
    }
    let mut answer = json!({ "params": config.params });
    if let Some(flags) = config.master_key_only {
        answer["masterKeyOnly"] = Value::Object(flags);
    }
    Ok(Reply::value(&answer))
}
