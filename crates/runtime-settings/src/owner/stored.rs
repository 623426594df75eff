//! What of stored settings is still the owner's: another release may have stored more than this one takes.

use serde_json::{Map, Value};

use super::{check::REDIS, find};

/// Drops what no owner may set, so that it does not keep the rest from being changed.
pub fn drop_foreign(settings: &mut Map<String, Value>) {
    settings.retain(|name, _| find(name).is_some());
    match settings.get_mut("rateLimit") {
        Some(Value::Array(entries)) => entries.iter_mut().for_each(drop_redis),
        Some(entry) => drop_redis(entry),
        None => {}
    }
}

fn drop_redis(entry: &mut Value) {
    if let Value::Object(entry) = entry {
        entry.remove(REDIS);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_stored_and_no_owners_any_more_is_dropped() {
        let limit = json!({"requestPath": "/x", "requestTimeWindow": 1, "requestCount": 1});
        let mut with_redis = limit.clone();
        with_redis[REDIS] = "redis://:hush@cache".into();
        for (stored, kept) in [
            (
                json!({"sessionLength": 60, "masterKey": "m", "gone": 1}),
                json!({"sessionLength": 60}),
            ),
            (json!({"rateLimit": [with_redis]}), json!({"rateLimit": [limit]})),
            (json!({"rateLimit": with_redis}), json!({"rateLimit": limit})),
            (json!({"rateLimit": [1]}), json!({"rateLimit": [1]})),
        ] {
            let mut settings = stored.as_object().unwrap().clone();
            drop_foreign(&mut settings);
            assert_eq!(Value::Object(settings), kept);
        }
    }
}
