//! A class with a field of each type, and objects of it.

use app_runtime::objects::schema::ClassSchema;
use app_runtime::protocol::types::FieldType;
use serde_json::{Value, json};

pub fn class() -> ClassSchema {
    let mut class = ClassSchema::new("A");
    let fields = [
        ("text", FieldType::String),
        ("number", FieldType::Number),
        ("flag", FieldType::Boolean),
        ("when", FieldType::Date),
        ("object", FieldType::Object),
        ("list", FieldType::Array),
        ("place", FieldType::GeoPoint),
        ("area", FieldType::Polygon),
        ("file", FieldType::File),
        ("raw", FieldType::Bytes),
        ("owner", FieldType::Pointer("_User".into())),
        ("likes", FieldType::Relation("_User".into())),
    ];
    class
        .fields
        .extend(fields.map(|(name, kind)| (name.to_owned(), kind)));
    class
}

pub fn objects() -> [Value; 3] {
    [
        json!({"objectId": "full", "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-02T00:00:00.000Z",
            "text": "The quick brown fox\njumps", "number": 7, "flag": true,
            "when": {"__type": "Date", "iso": "2026-01-01T00:00:00.000Z"},
            "object": {"a": {"b": [1, {"c": 2}]}, "0": "zero"}, "list": [1, "a", [2, 3], {"b": {"c": 1}}, null],
            "place": {"__type": "GeoPoint", "latitude": 52.5, "longitude": 13.4},
            "area": {"__type": "Polygon", "coordinates": [[0, 0], [0, 9], [9, 9], [0, 0]]},
            "file": {"__type": "File", "name": "a.png", "url": "http://localhost/a.png"},
            "raw": {"__type": "Bytes", "base64": "aGVsbG8="},
            "owner": {"__type": "Pointer", "className": "_User", "objectId": "u1"},
            "likes": {"__type": "Relation", "className": "_User"}}),
        json!({"objectId": "empty"}),
        json!({"objectId": "odd", "text": null, "number": -0.5, "object": {}, "list": [[], [[]], {}],
            "place": {"__type": "GeoPoint", "latitude": -90, "longitude": 180}}),
    ]
}
