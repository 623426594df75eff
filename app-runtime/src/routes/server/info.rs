//! `GET /serverInfo`

use serde_json::{Value, json};

use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};

/// Version of Parse Server whose protocol this runtime speaks; dashboards refuse servers they think too old.
const PARSE_SERVER_VERSION: &str = "9.10.0";

/// Which features a dashboard may offer. Needs the master key.
pub fn info(cx: &Context<'_>) -> ParseResult<Reply> {
    cx.require_master()?;
    Ok(Reply::value(
        &json!({ "features": features(), "parseServerVersion": PARSE_SERVER_VERSION }),
    ))
}

fn features() -> Value {
    let none = |names: &[&str]| {
        names
            .iter()
            .map(|name| ((*name).to_owned(), Value::Bool(false)))
            .collect::<Value>()
    };
    json!({
        "globalConfig": none(&["create", "read", "update", "delete"]),
        "hooks": none(&["create", "read", "update", "delete"]),
        "cloudCode": none(&["jobs"]),
        "logs": none(&["level", "size", "order", "until", "from"]),
        "push": none(&["immediatePush", "scheduledPush", "storedPushData", "pushAudiences", "localization"]),
        "schemas": none(&[
            "addField", "removeField", "addClass", "removeClass", "clearAllDataFromClass", "exportClass", "editClassLevelPermissions",
            "editPointerPermissions",
        ]),
        "settings": none(&["securityCheck"]),
    })
}
