//! `GET /serverInfo`

use serde_json::{Value, json};

use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};
use crate::settings::Settings;

/// Version of Parse Server whose protocol this runtime speaks; dashboards refuse servers they think too old.
const PARSE_SERVER_VERSION: &str = "9.10.0";

/// Which features a dashboard may offer. Needs the master key.
pub fn info(cx: &Context<'_>) -> ParseResult<Reply> {
    cx.require_master()?;
    Ok(Reply::value(
        &json!({ "features": features(&cx.app.settings), "parseServerVersion": PARSE_SERVER_VERSION }),
    ))
}

/// Only what this server does is true: dashboards offer no more than that.
fn features(settings: &Settings) -> Value {
    let all = |names: &[&str], flag: bool| {
        names
            .iter()
            .map(|name| ((*name).to_owned(), Value::Bool(flag)))
            .collect::<Value>()
    };
    let locked = settings.schema.as_ref().is_some_and(|schema| schema.lock_schemas);
    let mut schemas = all(
        &[
            "addField",
            "removeField",
            "addClass",
            "removeClass",
            "editClassLevelPermissions",
            "editPointerPermissions",
        ],
        !locked,
    );
    schemas["clearAllDataFromClass"] = true.into();
    schemas["exportClass"] = false.into();
    let mut push = all(
        &["immediatePush", "scheduledPush", "storedPushData", "localization"],
        false,
    );
    push["pushAudiences"] = true.into();
    json!({
        "globalConfig": all(&["create", "read", "update", "delete"], true),
        "hooks": all(&["create", "read", "update", "delete"], false),
        "cloudCode": all(&["jobs"], false),
        "logs": all(&["level", "size", "order", "until", "from"], false),
        "push": push,
        "schemas": schemas,
        "settings": all(&["securityCheck"], settings.security.enabled),
    })
}
