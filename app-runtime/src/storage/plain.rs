//! JSON to BSON as it stands, `__type` and all: the form of everything that Parse Server stores without a schema, such as
//! permissions, default values and the app's config.

use bson::{Bson, Document};
use serde_json::{Map, Value};

use crate::storage::encode;

/// One value, unchanged at any depth.
pub(super) fn value(value: &Value) -> Bson {
    match value {
        Value::Array(items) => Bson::Array(items.iter().map(self::value).collect()),
        Value::Object(map) => Bson::Document(self::map(map)),
        scalar => encode::nested(scalar.clone()),
    }
}

/// The fields of an object.
pub(super) fn map(map: &Map<String, Value>) -> Document {
    map.iter()
        .map(|(key, nested)| (key.clone(), value(nested)))
        .collect()
}

#[cfg(test)]
mod tests {
    use bson::doc;
    use serde_json::json;

    use super::*;

    #[test]
    fn typed_values_stay_what_was_sent() {
        let sent =
            json!({"at": {"__type": "Date", "iso": "2026-01-01T00:00:00.000Z"}, "list": [1, 0.5, null]});
        let date = doc! { "__type": "Date", "iso": "2026-01-01T00:00:00.000Z" };
        assert_eq!(
            value(&sent),
            Bson::Document(doc! { "at": date, "list": [1, 0.5, null] })
        );
    }
}
