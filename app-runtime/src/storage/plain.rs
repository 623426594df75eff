//! JSON to BSON as it stands, `__type` and all: the form of everything that Parse Server stores without a schema, such as
//! permissions, default values and the app's config. And stored values as JSON, whatever the schema says of them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bson::{Bson, Document};
use serde_json::{Map, Value};

use crate::protocol::dates;
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

/// The JSON that JavaScript makes of what its driver delivers: dates, ids and bytes are bare texts.
pub(super) fn json(value: Bson) -> Value {
    match value {
        Bson::Array(items) => items.into_iter().map(json).collect(),
        Bson::Document(fields) => fields
            .into_iter()
            .map(|(name, value)| (name, json(value)))
            .collect(),
        Bson::DateTime(at) => dates::to_iso(at.timestamp_millis()).into(),
        Bson::ObjectId(id) => id.to_hex().into(),
        Bson::Binary(binary) => BASE64.encode(binary.bytes).into(),
        Bson::Symbol(text) => text.into(),
        Bson::Double(number) if number.fract() == 0.0 && number.abs() < 9e15 => (number as i64).into(),
        // Null for what is no number in JSON.
        Bson::Double(number) => number.into(),
        other => other.into_relaxed_extjson(),
    }
}

#[cfg(test)]
mod tests {
    use bson::doc;
    use serde_json::json;

    use super::*;

    #[test]
    fn stored_values_are_shown_as_javascript_shows_them() {
        let stored = doc! {
            "at": bson::DateTime::from_millis(5),
            "id": bson::oid::ObjectId::from_bytes([1; 12]),
            "bytes": bson::Binary { subtype: bson::spec::BinarySubtype::Generic, bytes: b"hello".to_vec() },
            "list": [2.0, 0.5, f64::NAN, 7_i64, { "a": bson::DateTime::from_millis(0) }],
            "none": Bson::Null,
        };
        assert_eq!(
            json(Bson::Document(stored)),
            json!({
                "at": "1970-01-01T00:00:00.005Z",
                "id": "010101010101010101010101",
                "bytes": "aGVsbG8=",
                "list": [2, 0.5, null, 7, {"a": "1970-01-01T00:00:00.000Z"}],
                "none": null,
            })
        );
    }

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
