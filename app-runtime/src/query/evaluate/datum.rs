//! A value as the database holds it, and the order of such values.

use std::borrow::Cow;
use std::cmp::Ordering;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};

use crate::protocol::dates::{self, Millis};
use crate::protocol::types::{self, Pointer};

/// In the order that types have among each other (MongoDB, "Comparison/Sort Order").
#[derive(Debug, Clone)]
pub(super) enum Datum<'a> {
    Null,
    Number(f64),
    Text(Cow<'a, str>),
    Object(Cow<'a, Map<String, Value>>),
    Array(Cow<'a, [Value]>),
    Bytes(Vec<u8>),
    Bool(bool),
    Date(Millis),
}

impl<'a> Datum<'a> {
    /// A value inside arrays and objects, where only dates have a form of their own.
    pub(super) fn nested(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            // Numbers are doubles on the wire, and those up to 2^53 are stored exactly.
            Value::Number(number) => number.as_f64().map_or(Self::Null, Self::Number),
            Value::String(text) => Self::Text(Cow::Borrowed(text)),
            Value::Array(items) => Self::Array(Cow::Borrowed(items)),
            Value::Object(map) if types::tag(map) == Some("Date") => {
                types::date_millis(value).map_or(Self::Null, Self::Date)
            }
            Value::Object(map) => Self::Object(Cow::Borrowed(map)),
        }
    }

    /// A value of, or for, a field with this `__type`.
    pub(super) fn stored(tag: Option<&str>, value: &'a Value) -> Self {
        let special = match (tag, value) {
            (Some("Date"), Value::String(text)) => dates::parse_iso(text).map(Self::Date),
            (Some(tag), Value::Object(map)) => Self::special(tag, value, map),
            _ => None,
        };
        special.unwrap_or_else(|| Self::nested(value))
    }

    /// A text compared with a pointer to `class`: an id, or, with a `$`, the pointer as it is stored.
    pub(super) fn stored_pointer(class: &str, text: &'a str) -> Self {
        Self::Text(match text.contains('$') {
            true => Cow::Borrowed(text),
            false => Cow::Owned(format!("{class}${text}")),
        })
    }

    fn special(tag: &str, value: &'a Value, map: &'a Map<String, Value>) -> Option<Self> {
        match tag {
            "Pointer" => Pointer::decode(value)
                .map(|pointer| Self::Text(Cow::Owned(format!("{}${}", pointer.class, pointer.id)))),
            "GeoPoint" => types::coordinates(map).map(|(latitude, longitude)| {
                Self::Array(Cow::Owned(vec![longitude.into(), latitude.into()]))
            }),
            "Polygon" => types::polygon(map).ok().map(geojson),
            "File" => map.get("name")?.as_str().map(|name| Self::Text(name.into())),
            "Bytes" => BASE64.decode(map.get("base64")?.as_str()?).ok().map(Self::Bytes),
            _ => None,
        }
    }

    /// Whether both are of one type, so that one can be less than the other.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Number(_) => 1,
            Self::Text(_) => 2,
            Self::Object(_) => 3,
            Self::Array(_) => 4,
            Self::Bytes(_) => 5,
            Self::Bool(_) => 6,
            Self::Date(_) => 7,
        }
    }

    /// The order of any two values.
    pub(super) fn compare(&self, other: &Datum<'_>) -> Ordering {
        match (self, other) {
            (Self::Number(this), Datum::Number(other)) => this.partial_cmp(other).unwrap_or(Ordering::Equal),
            (Self::Text(this), Datum::Text(other)) => this.as_bytes().cmp(other.as_bytes()),
            (Self::Object(this), Datum::Object(other)) => compare_objects(this, other),
            (Self::Array(this), Datum::Array(other)) => this
                .iter()
                .map(Datum::nested)
                .zip(other.iter().map(Datum::nested))
                .map(|(this, other)| this.compare(&other))
                .find(|order| order.is_ne())
                .unwrap_or_else(|| this.len().cmp(&other.len())),
            (Self::Bytes(this), Datum::Bytes(other)) => {
                this.len().cmp(&other.len()).then_with(|| this.cmp(other))
            }
            (Self::Bool(this), Datum::Bool(other)) => this.cmp(other),
            (Self::Date(this), Datum::Date(other)) => this.cmp(other),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

/// Member by member in their given order: first by type, then by name, then by value.
fn compare_objects(this: &Map<String, Value>, other: &Map<String, Value>) -> Ordering {
    this.iter()
        .zip(other)
        .map(|((this_key, this), (other_key, other))| {
            let (this, other) = (Datum::nested(this), Datum::nested(other));
            this.rank()
                .cmp(&other.rank())
                .then_with(|| this_key.as_bytes().cmp(other_key.as_bytes()))
                .then_with(|| this.compare(&other))
        })
        .find(|order| order.is_ne())
        .unwrap_or_else(|| this.len().cmp(&other.len()))
}

fn geojson<'a>(ring: Vec<[f64; 2]>) -> Datum<'a> {
    let ring: Vec<Value> = ring
        .into_iter()
        .map(|[latitude, longitude]| json!([longitude, latitude]))
        .collect();
    let shape = [("type", json!("Polygon")), ("coordinates", json!([ring]))];
    Datum::Object(Cow::Owned(
        shape
            .map(|(key, value)| (key.to_owned(), value))
            .into_iter()
            .collect(),
    ))
}
