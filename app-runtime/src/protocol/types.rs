//! The typed values of the protocol and the field types that follow from them.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};

use crate::protocol::dates;
use crate::protocol::error::{ParseError, ParseResult, code};

/// Type of a field, as `/schemas` names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FieldType {
    String,
    Number,
    Boolean,
    Date,
    Object,
    Array,
    GeoPoint,
    Polygon,
    File,
    Bytes,
    /// Access control list of an object; every class has this one field of it.
    Acl,
    /// Reference to an object of the named class.
    Pointer(String),
    /// Set of objects of the named class.
    Relation(String),
}

impl FieldType {
    /// `Number`, `Pointer`, …: the `type` of `/schemas`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::String => "String",
            Self::Number => "Number",
            Self::Boolean => "Boolean",
            Self::Date => "Date",
            Self::Object => "Object",
            Self::Array => "Array",
            Self::GeoPoint => "GeoPoint",
            Self::Polygon => "Polygon",
            Self::File => "File",
            Self::Bytes => "Bytes",
            Self::Acl => "ACL",
            Self::Pointer(_) => "Pointer",
            Self::Relation(_) => "Relation",
        }
    }

    /// The class a pointer or relation leads to.
    pub fn target(&self) -> Option<&str> {
        match self {
            Self::Pointer(target) | Self::Relation(target) => Some(target),
            _ => None,
        }
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.target() {
            Some(target) => write!(f, "{}<{target}>", self.name()),
            None => f.write_str(self.name()),
        }
    }
}

/// A reference to one object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pointer {
    pub class: String,
    pub id: String,
}

impl Pointer {
    /// Reads `{"__type":"Pointer","className","objectId"}`; `None` if `value` is anything else.
    pub fn decode(value: &Value) -> Option<Self> {
        let map = value.as_object().filter(|map| tag(map) == Some("Pointer"))?;
        Some(Self {
            class: text(map, "className")?.into(),
            id: text(map, "objectId")?.into(),
        })
    }

    /// The wire form.
    pub fn encode(&self) -> Value {
        json!({ "__type": "Pointer", "className": self.class, "objectId": self.id })
    }
}

/// The `__type` of an object, if it has one.
pub fn tag(map: &Map<String, Value>) -> Option<&str> {
    text(map, "__type")
}

fn text<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    map.get(key).and_then(Value::as_str)
}

/// JavaScript's idea of true, by which Parse Server reads flags and asks whether something was sent at all.
pub fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// Milliseconds of `{"__type":"Date","iso"}`; `None` if `value` is not a valid Date.
pub fn date_millis(value: &Value) -> Option<dates::Millis> {
    moment(value.as_object().filter(|map| tag(map) == Some("Date"))?)
}

/// `iso` is a text, or the milliseconds themselves.
fn moment(date: &Map<String, Value>) -> Option<dates::Millis> {
    /// As far as JavaScript's dates go.
    const LAST: f64 = 8.64e15;
    match date.get("iso")? {
        Value::String(text) => dates::parse(text),
        Value::Number(number) => {
            let millis = number.as_f64().filter(|millis| millis.abs() <= LAST)?;
            dates::is_writable(millis as dates::Millis).then_some(millis as dates::Millis)
        }
        _ => None,
    }
}

/// The type a plain value gives to a new field; `None` for null, which says nothing.
/// Checks the value to the bottom: bad typed values are 111, `$` or `.` in nested keys 121.
pub fn infer(value: &Value) -> ParseResult<Option<FieldType>> {
    Ok(Some(match value {
        Value::Null => return Ok(None),
        Value::Bool(_) => FieldType::Boolean,
        Value::Number(_) => FieldType::Number,
        Value::String(_) => FieldType::String,
        Value::Array(items) => {
            items.iter().try_for_each(check_nested)?;
            FieldType::Array
        }
        Value::Object(map) => {
            check_keys(map)?;
            match map.get("__type") {
                Some(tag) => typed(tag, map)?,
                None => FieldType::Object,
            }
        }
    }))
}

fn typed(tag: &Value, map: &Map<String, Value>) -> ParseResult<FieldType> {
    let tag = tag.as_str().unwrap_or_default();
    let valid = match tag {
        "Date" => moment(map).map(|_| FieldType::Date),
        "Bytes" => text(map, "base64")
            .filter(|data| BASE64.decode(data).is_ok())
            .map(|_| FieldType::Bytes),
        "File" => text(map, "name").map(|_| FieldType::File),
        "GeoPoint" => coordinates(map).map(|_| FieldType::GeoPoint),
        "Polygon" => return polygon(map).map(|_| FieldType::Polygon),
        "Pointer" => text(map, "objectId")
            .and(text(map, "className"))
            .map(|class| FieldType::Pointer(class.into())),
        "Relation" => text(map, "className").map(|class| FieldType::Relation(class.into())),
        _ => None,
    };
    valid.ok_or_else(|| ParseError::new(code::INCORRECT_TYPE, format!("This is not a valid {tag}")))
}

/// Latitude and longitude of a GeoPoint, in degrees.
pub fn coordinates(map: &Map<String, Value>) -> Option<(f64, f64)> {
    let degree = |key| map.get(key).and_then(Value::as_f64);
    Some((degree("latitude")?, degree("longitude")?))
}

/// The ring of a Polygon as `[latitude, longitude]` pairs, closed. At least three points.
pub fn polygon(map: &Map<String, Value>) -> ParseResult<Vec<[f64; 2]>> {
    let bad = |why: &str| ParseError::new(code::INVALID_JSON, format!("bad Polygon: {why}"));
    let points = map
        .get("coordinates")
        .and_then(Value::as_array)
        .ok_or_else(|| ParseError::new(code::INCORRECT_TYPE, "This is not a valid Polygon"))?;
    let mut ring = points
        .iter()
        .map(point)
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| bad("points must be [latitude, longitude]"))?;
    if ring.len() < 3 {
        return Err(bad("at least 3 points are needed"));
    }
    if ring.first() != ring.last() {
        ring.push(ring[0]);
    }
    Ok(ring)
}

fn point(value: &Value) -> Option<[f64; 2]> {
    match value.as_array()?.as_slice() {
        [latitude, longitude] => Some([latitude.as_f64()?, longitude.as_f64()?]),
        _ => None,
    }
}

fn check_nested(value: &Value) -> ParseResult<()> {
    match value {
        Value::Array(items) => items.iter().try_for_each(check_nested),
        Value::Object(map) => check_keys(map),
        _ => Ok(()),
    }
}

fn check_keys(map: &Map<String, Value>) -> ParseResult<()> {
    if map.keys().any(|key| key.contains(['$', '.', '\0'])) {
        return Err(ParseError::new(
            code::INVALID_NESTED_KEY,
            "Nested keys should not contain the '$' or '.' characters",
        ));
    }
    map.values().try_for_each(check_nested)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn infers_every_type() {
        for (value, expected) in [
            (json!("a"), "String"),
            (json!(1.5), "Number"),
            (json!(true), "Boolean"),
            (json!([1, "a"]), "Array"),
            (json!({"a": {"b": 1}}), "Object"),
            (
                json!({"__type": "Date", "iso": "2026-01-01T00:00:00.000Z"}),
                "Date",
            ),
            (json!({"__type": "Date", "iso": "2026-02-30 10:14"}), "Date"),
            (json!({"__type": "Date", "iso": 1_767_225_600_000_i64}), "Date"),
            (json!({"__type": "Bytes", "base64": "aGk="}), "Bytes"),
            (json!({"__type": "File", "name": "a.png"}), "File"),
            (
                json!({"__type": "GeoPoint", "latitude": 1, "longitude": 2}),
                "GeoPoint",
            ),
            (
                json!({"__type": "Polygon", "coordinates": [[0, 0], [0, 1], [1, 1]]}),
                "Polygon",
            ),
            (
                json!({"__type": "Pointer", "className": "A", "objectId": "x"}),
                "Pointer<A>",
            ),
            (json!({"__type": "Relation", "className": "A"}), "Relation<A>"),
        ] {
            assert_eq!(infer(&value).unwrap().unwrap().to_string(), expected);
        }
        assert_eq!(infer(&Value::Null).unwrap(), None);
    }

    #[test]
    fn true_is_what_javascript_takes_for_it() {
        for truthy in [
            json!(true),
            json!(-1),
            json!(0.5),
            json!("0"),
            json!([]),
            json!({}),
        ] {
            assert!(is_truthy(&truthy), "{truthy}");
        }
        for falsy in [json!(false), json!(null), json!(0), json!(-0.0), json!("")] {
            assert!(!is_truthy(&falsy), "{falsy}");
        }
    }

    #[test]
    fn refuses_malformed_typed_values() {
        for (value, code) in [
            (json!({"__type": "Date"}), 111),
            (json!({"__type": "Date", "iso": "soon"}), 111),
            (json!({"__type": "Date", "iso": 1e300}), 111),
            (json!({"__type": "Date", "iso": true}), 111),
            (json!({"__type": "Pointer", "className": "A"}), 111),
            (json!({"__type": "Object", "className": "A"}), 111),
            (json!({"__type": 7}), 111),
            (json!({"__type": "Bytes", "base64": "%"}), 111),
            (json!({"__type": "Polygon", "coordinates": [[0, 0], [1, 1]]}), 107),
            (json!({"a": {"$where": 1}}), 121),
            (json!([{"a.b": 1}]), 121),
            (
                json!({"__type": "Pointer", "className": "A", "objectId": "x", "$a": 1}),
                121,
            ),
        ] {
            assert_eq!(infer(&value).unwrap_err().code, Some(code), "{value}");
        }
    }
}
