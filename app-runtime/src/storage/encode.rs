//! Protocol values to BSON: new documents and update statements in Parse Server's layout.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bson::spec::BinarySubtype;
use bson::{Binary, Bson, DateTime, Document, doc};
use serde_json::{Map, Number, Value};

use crate::objects::schema::ClassSchema;
use crate::protocol::acl::Acl;
use crate::protocol::dates::Millis;
use crate::protocol::ops::Op;
use crate::protocol::types::{self, FieldType, Pointer};

/// An object to be inserted. `fields` may hold internal columns (`_hashed_password`); they are stored as named.
#[derive(Debug, Clone)]
pub struct NewObject {
    pub id: String,
    pub times: Times,
    /// `None`: public, no permissions are stored.
    pub acl: Option<Acl>,
    pub fields: Map<String, Value>,
}

/// `createdAt` and `updatedAt` of a new object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    pub created: Millis,
    pub updated: Millis,
}

/// The document of a new object.
pub fn new_document(schema: &ClassSchema, object: NewObject) -> Document {
    let mut document = doc! { "_id": object.id };
    for (name, value) in object.fields {
        if let Some((column, stored)) = new_column(schema, &name, value) {
            document.insert(column, stored);
        }
    }
    document.insert("_created_at", DateTime::from_millis(object.times.created));
    document.insert("_updated_at", DateTime::from_millis(object.times.updated));
    if let Some(acl) = object.acl {
        document.extend(permissions(&acl));
    }
    document
}

/// The three columns that hold an ACL.
fn permissions(acl: &Acl) -> Document {
    let mut map = Document::new();
    for (list, right) in [(&acl.read, "r"), (&acl.write, "w")] {
        for who in list {
            if !map.contains_key(who) {
                map.insert(who.clone(), Document::new());
            }
            if let Ok(rights) = map.get_document_mut(who) {
                rights.insert(right, true);
            }
        }
    }
    doc! { "_wperm": acl.write.clone(), "_rperm": acl.read.clone(), "_acl": map }
}

/// As [`column`], in a new document. There a pointer to nothing is null under the field's own name, and its column does
/// not exist until an update sets it: so Parse Server stores it, and so it is found by `$exists`.
fn new_column(schema: &ClassSchema, name: &str, value: Value) -> Option<(String, Bson)> {
    match (schema.field(name), &value) {
        (Some(FieldType::Pointer(_)), Value::Null) => Some((name.to_owned(), Bson::Null)),
        _ => column(schema, name, value),
    }
}

/// Name and value of the column that stores a top-level field; `None` for relations, which are not in the document.
fn column(schema: &ClassSchema, name: &str, value: Value) -> Option<(String, Bson)> {
    let kind = schema.field(name);
    match kind {
        Some(FieldType::Relation(_)) => None,
        Some(FieldType::Pointer(_)) => Some((format!("_p_{name}"), pointer(&value))),
        _ => Some((column_name(name), stored(kind, value))),
    }
}

fn column_name(name: &str) -> String {
    match name {
        "sessionToken" => "_session_token".into(),
        name => name.into(),
    }
}

fn pointer(value: &Value) -> Bson {
    match Pointer::decode(value) {
        Some(pointer) => Bson::String(format!("{}${}", pointer.class, pointer.id)),
        None => Bson::Null,
    }
}

/// A value of a top-level field of this type.
pub(super) fn stored(kind: Option<&FieldType>, value: Value) -> Bson {
    let Value::Object(map) = &value else {
        return nested(value);
    };
    let special = match kind {
        Some(FieldType::GeoPoint) => {
            types::coordinates(map).map(|(latitude, longitude)| bson::bson!([longitude, latitude]))
        }
        Some(FieldType::Polygon) => types::polygon(map).ok().map(geojson),
        Some(FieldType::Bytes) => bytes(map),
        Some(FieldType::File) => map
            .get("name")
            .and_then(Value::as_str)
            .map(|name| Bson::String(name.into())),
        _ => None,
    };
    special.unwrap_or_else(|| nested(value))
}

fn geojson(ring: Vec<[f64; 2]>) -> Bson {
    let ring: Vec<Bson> = ring
        .into_iter()
        .map(|[latitude, longitude]| bson::bson!([longitude, latitude]))
        .collect();
    Bson::Document(doc! { "type": "Polygon", "coordinates": [ring] })
}

fn bytes(map: &Map<String, Value>) -> Option<Bson> {
    let data = BASE64.decode(map.get("base64")?.as_str()?).ok()?;
    Some(Bson::Binary(Binary {
        subtype: BinarySubtype::Generic,
        bytes: data,
    }))
}

/// A value inside arrays and objects: only dates change their form.
pub(super) fn nested(value: Value) -> Bson {
    match value {
        Value::Null => Bson::Null,
        Value::Bool(flag) => Bson::Boolean(flag),
        Value::Number(number) => self::number(&number),
        Value::String(text) => Bson::String(text),
        Value::Array(items) => Bson::Array(items.into_iter().map(nested).collect()),
        Value::Object(map) => match types::tag(&map) {
            Some("Date") => types::date_millis(&Value::Object(map))
                .map_or(Bson::Null, |at| Bson::DateTime(DateTime::from_millis(at))),
            _ => Bson::Document(map.into_iter().map(|(key, value)| (key, nested(value))).collect()),
        },
    }
}

/// int32 if it fits, int64 up to 2^53, double otherwise: numbers are doubles on the wire.
pub(super) fn number(number: &Number) -> Bson {
    const SAFE: f64 = 9_007_199_254_740_992.0;
    let value = number.as_f64().unwrap_or(f64::NAN);
    if value.fract() != 0.0 || !(-SAFE..=SAFE).contains(&value) {
        return Bson::Double(value);
    }
    let whole = value as i64;
    i32::try_from(whole).map_or(Bson::Int64(whole), Bson::Int32)
}

/// The update statement for these changes. Relations are not part of it; see `join`.
pub fn update_document(
    schema: &ClassSchema,
    at: Millis,
    acl: Option<Acl>,
    changes: Vec<(String, Op)>,
) -> Document {
    let mut statement = Statement::default();
    statement.set.insert("_updated_at", DateTime::from_millis(at));
    if let Some(acl) = acl {
        statement.set.extend(permissions(&acl));
    }
    for (path, op) in changes {
        statement.add(schema, path, op);
    }
    statement.into_document()
}

#[derive(Default)]
struct Statement {
    set: Document,
    unset: Document,
    increment: Document,
    push: Document,
    add_to_set: Document,
    pull: Document,
}

impl Statement {
    fn add(&mut self, schema: &ClassSchema, path: String, op: Op) {
        let list = |items: Vec<Value>| Bson::Array(items.into_iter().map(nested).collect());
        match op {
            Op::Set(value) if path.contains('.') => drop(self.set.insert(path, nested(value))),
            Op::Set(value) => self.set.extend(column(schema, &path, value)),
            Op::Delete => match schema.field(&path) {
                Some(FieldType::Relation(_)) => {}
                Some(FieldType::Pointer(_)) => drop(self.unset.insert(format!("_p_{path}"), "")),
                _ => drop(self.unset.insert(column_name(&path), "")),
            },
            Op::Increment(amount) => drop(self.increment.insert(path, number(&amount))),
            Op::Add(items) => drop(self.push.insert(path, doc! { "$each": list(items) })),
            Op::AddUnique(items) => drop(self.add_to_set.insert(path, doc! { "$each": list(items) })),
            Op::Remove(items) => drop(self.pull.insert(path, list(items))),
            Op::Relate { .. } => {}
        }
    }

    fn into_document(self) -> Document {
        let parts = [
            ("$set", self.set),
            ("$unset", self.unset),
            ("$inc", self.increment),
            ("$push", self.push),
            ("$addToSet", self.add_to_set),
            ("$pullAll", self.pull),
        ];
        parts
            .into_iter()
            .filter(|(_, part)| !part.is_empty())
            .map(|(name, part)| (name.to_owned(), part.into()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema(fields: &[(&str, FieldType)]) -> ClassSchema {
        let mut schema = ClassSchema::new("A");
        schema.fields.extend(
            fields
                .iter()
                .map(|(name, kind)| ((*name).to_owned(), kind.clone())),
        );
        schema
    }

    #[test]
    fn numbers_take_the_narrowest_form() {
        for (number, expected) in [
            (json!(5), Bson::Int32(5)),
            (json!(5.0), Bson::Int32(5)),
            (json!(3_000_000_000_i64), Bson::Int64(3_000_000_000)),
            (json!(0.5), Bson::Double(0.5)),
            (json!(1e300), Bson::Double(1e300)),
            (json!(u64::MAX), Bson::Double(u64::MAX as f64)),
        ] {
            assert_eq!(nested(number), expected);
        }
    }

    #[test]
    fn every_type_has_parse_servers_column() {
        let schema = schema(&[
            ("owner", FieldType::Pointer("_User".into())),
            ("nobody", FieldType::Pointer("_User".into())),
            ("place", FieldType::GeoPoint),
            ("raw", FieldType::Bytes),
            ("photo", FieldType::File),
            ("likes", FieldType::Relation("_User".into())),
        ]);
        let fields = json!({
            "owner": {"__type": "Pointer", "className": "_User", "objectId": "u1"},
            "nobody": null,
            "place": {"__type": "GeoPoint", "latitude": 1.5, "longitude": 2.5},
            "raw": {"__type": "Bytes", "base64": "aGk="},
            "photo": {"__type": "File", "name": "a.png", "url": "http://x"},
            "likes": {"__type": "Relation", "className": "_User"},
            "when": [{"__type": "Date", "iso": "1970-01-01T00:00:00.001Z"}],
        });
        let object = NewObject {
            id: "x".into(),
            times: Times {
                created: 5,
                updated: 5,
            },
            acl: Some(Acl::owned_by("u1")),
            fields: fields.as_object().unwrap().clone(),
        };
        let stored = new_document(&schema, object);
        assert_eq!(stored.get_str("_p_owner").unwrap(), "_User$u1");
        assert_eq!(
            (stored.get("nobody"), stored.get("_p_nobody")),
            (Some(&Bson::Null), None)
        );
        assert_eq!(
            stored.get_array("place").unwrap(),
            &[Bson::Double(2.5), Bson::Double(1.5)]
        );
        assert_eq!(stored.get_binary_generic("raw").unwrap(), b"hi");
        assert_eq!(stored.get_str("photo").unwrap(), "a.png");
        assert!(!stored.contains_key("likes"));
        assert_eq!(
            stored.get_array("when").unwrap()[0],
            Bson::DateTime(DateTime::from_millis(1))
        );
        assert_eq!(
            stored.get_document("_acl").unwrap(),
            &doc! { "u1": { "r": true, "w": true } }
        );
    }

    #[test]
    fn operators_become_one_statement() {
        let pointer = || FieldType::Pointer("_User".into());
        let schema = schema(&[("owner", pointer()), ("other", pointer())]);
        let changes = vec![
            ("title".into(), Op::Set(json!("x"))),
            ("owner".into(), Op::Delete),
            ("other".into(), Op::Set(Value::Null)),
            ("n".into(), Op::Increment(Number::from(2))),
            ("tags".into(), Op::AddUnique(vec![json!("a")])),
        ];
        let statement = update_document(&schema, 7, None, changes);
        assert_eq!(
            statement,
            doc! {
                "$set": { "_updated_at": DateTime::from_millis(7), "title": "x", "_p_other": null },
                "$unset": { "_p_owner": "" },
                "$inc": { "n": 2 },
                "$addToSet": { "tags": { "$each": ["a"] } },
            }
        );
    }
}
