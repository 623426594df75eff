//! Raw BSON to Parse JSON, written straight into the answer's buffer.

mod acl;
mod included;
mod object;
mod revealed;
mod values;

use bson::{RawBsonRef, RawDocument};
use serde_json::Value;

use crate::objects::schema::ClassSchema;
use crate::storage::error::{StorageError, StorageResult};

pub use included::Included;
pub(super) use included::{collect_pointers, collect_values};
pub use revealed::Revealed;
use revealed::RowRights;

/// Largest answer, in bytes. It is written as a whole, and included objects may be in it any number of times.
pub const MAX_ANSWER: usize = 64 << 20;

/// Refuses to make an answer any longer.
pub fn check_size(bytes: usize) -> StorageResult<()> {
    if bytes > MAX_ANSWER {
        return Err(StorageError::TooLarge);
    }
    Ok(())
}

/// Where files are served: `<base>/<name>`.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// `https://host/parse/files/<appId>`
    pub base: String,
}

/// What of each object a caller gets to see.
#[derive(Debug, Clone)]
pub struct View<'a> {
    pub schema: &'a ClassSchema,
    pub files: &'a Files,
    /// Protected fields, left out on all rows but the caller's own.
    pub hidden: Vec<String>,
    /// Fields the caller does not want (`excludeKeys`).
    pub excluded: Vec<String>,
    /// Only these fields beside the built-in ones; `None`: all.
    pub keys: Option<Vec<String>>,
    /// The caller's own user id: on that row nothing is protected, and `authData` is shown.
    pub own_id: Option<String>,
    /// Rows on which the caller is named see more than `hidden` says.
    pub revealed: Vec<Revealed>,
    /// Shows `authData` on every row (master key).
    pub shows_auth_data: bool,
    /// Shows columns that no field stands for, password hashes among them (maintenance key).
    pub shows_internal: bool,
    /// Objects to show in place of the pointers to them.
    pub included: Included,
    /// Marks every object with `__type` and `className`, as an included one is.
    pub tags: Tags,
}

/// What an object says about itself beside its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tags {
    None,
    /// `className`, where the class is not the one that was asked for.
    Class,
    /// `__type` and `className`: an included object.
    Object,
}

impl<'a> View<'a> {
    /// Everything, as the master key sees it.
    pub fn full(schema: &'a ClassSchema, files: &'a Files) -> Self {
        Self {
            schema,
            files,
            hidden: Vec::new(),
            excluded: Vec::new(),
            keys: None,
            own_id: None,
            revealed: Vec::new(),
            shows_auth_data: true,
            shows_internal: false,
            included: Included::default(),
            tags: Tags::None,
        }
    }

    /// The fields to ask the database for; `None`: all. Rights that depend on a row need the fields they look at.
    pub fn projected(&self) -> Option<Vec<String>> {
        let mut keys = self.keys.clone()?;
        keys.extend(self.revealed.iter().map(|revealed| revealed.field.clone()));
        Some(keys)
    }

    fn shows(&self, name: &str, row: &RowRights) -> bool {
        let selected = self.keys.as_ref().is_none_or(|keys| {
            keys.iter()
                .any(|key| key == name || (key == "$score" && name == "score"))
        });
        let lists = |list: &[String]| list.iter().any(|field| field == name);
        let hidden = row.hidden.as_deref().unwrap_or(&self.hidden);
        selected && !lists(&self.excluded) && (row.own || !lists(hidden))
    }
}

/// Appends `document` as one JSON object.
pub fn write_object(view: &View<'_>, document: &RawDocument, out: &mut Vec<u8>) -> StorageResult<()> {
    let rights = revealed::rights(view, document)?;
    object::write(view, &rights, document, out)?;
    check_size(out.len())
}

/// `document` as a JSON value, for the few that the runtime itself looks into.
pub(super) fn to_value(view: &View<'_>, document: &RawDocument) -> StorageResult<Value> {
    let mut out = Vec::with_capacity(document.as_bytes().len() * 2);
    write_object(view, document, &mut out)?;
    parse(&out)
}

/// A stored value inside arrays or objects, or of a field without a special form.
pub(super) fn nested_value(value: RawBsonRef<'_>) -> StorageResult<Value> {
    let mut out = Vec::new();
    values::write_nested(value, &mut out)?;
    parse(&out)
}

fn parse(json: &[u8]) -> StorageResult<Value> {
    serde_json::from_slice(json).map_err(|error| StorageError::Corrupt(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::types::FieldType;
    use bson::{DateTime, RawDocumentBuf, doc};
    use serde_json::json;

    fn shown(view: &View<'_>, document: bson::Document) -> Value {
        to_value(view, &RawDocumentBuf::try_from(&document).unwrap()).unwrap()
    }

    #[test]
    fn internal_columns_stay_inside() {
        let (schema, files) = (ClassSchema::new("_User"), Files::default());
        let stored = doc! { "_id": "u1", "_hashed_password": "h", "_perishable_token": "t", "_session_token": "r:1", "_acl": {}, "username": "a" };
        assert_eq!(
            shown(&View::full(&schema, &files), stored),
            json!({"objectId": "u1", "username": "a"})
        );
    }

    #[test]
    fn every_type_comes_back_in_its_wire_form() {
        let mut schema = ClassSchema::new("A");
        for (name, kind) in [
            ("place", FieldType::GeoPoint),
            ("area", FieldType::Polygon),
            ("photo", FieldType::File),
            ("likes", FieldType::Relation("_User".into())),
        ] {
            schema.fields.insert(name.into(), kind);
        }
        let files = Files {
            base: "http://h/parse/files/app".into(),
        };
        let stored = doc! {
            "_id": "x", "_created_at": DateTime::from_millis(0), "_p_owner": "_User$u1", "_p_none": null,
            "place": [2.5, 1.0], "area": {"type": "Polygon", "coordinates": [[[1.0, 0.0], [2.0, 0.5]]]}, "photo": "a b.png",
            "when": DateTime::from_millis(1), "n": 5.0, "big": 3_000_000_000_i64, "nan": f64::NAN, "list": [{"d": DateTime::from_millis(0)}],
            "_rperm": ["*", "u1"], "_wperm": ["u1"],
        };
        assert_eq!(
            shown(&View::full(&schema, &files), stored),
            json!({
                "objectId": "x", "createdAt": "1970-01-01T00:00:00.000Z",
                "owner": {"__type": "Pointer", "className": "_User", "objectId": "u1"},
                "place": {"__type": "GeoPoint", "latitude": 1, "longitude": 2.5},
                "area": {"__type": "Polygon", "coordinates": [[0, 1], [0.5, 2]]},
                "photo": {"__type": "File", "name": "a b.png", "url": "http://h/parse/files/app/a%20b.png"},
                "when": {"__type": "Date", "iso": "1970-01-01T00:00:00.001Z"}, "n": 5, "big": 3_000_000_000_i64, "nan": null,
                "list": [{"d": {"__type": "Date", "iso": "1970-01-01T00:00:00.000Z"}}],
                "ACL": {"*": {"read": true}, "u1": {"read": true, "write": true}},
                "likes": {"__type": "Relation", "className": "_User"},
            })
        );
    }

    #[test]
    fn a_pointer_has_one_key_however_it_is_stored() {
        let mut schema = ClassSchema::new("A");
        schema.fields.insert("p".into(), FieldType::Pointer("B".into()));
        schema.fields.insert("s".into(), FieldType::String);
        let files = Files::default();
        let pointer = json!({"__type": "Pointer", "className": "B", "objectId": "1"});
        for (stored, expected) in [
            (doc! { "p": null }, json!({ "p": null })),
            (doc! { "_p_p": null }, json!({})),
            (doc! { "p": null, "_p_p": null }, json!({ "p": null })),
            (doc! { "p": null, "_p_p": "B$1" }, json!({ "p": pointer })),
            (doc! { "_p_p": "B$1", "p": null }, json!({ "p": pointer })),
            (doc! { "new": null, "_p_new": "B$1" }, json!({ "new": pointer })),
            (doc! { "s": "text", "_p_s": "B$1" }, json!({ "s": "text" })),
        ] {
            let row = RawDocumentBuf::try_from(&stored).unwrap();
            let mut out = Vec::new();
            write_object(&View::full(&schema, &files), &row, &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected.to_string(), "{stored}");
        }
    }

    #[test]
    fn a_session_token_is_a_field_like_any_other_but_of_a_user() {
        let files = Files::default();
        for (class, expected) in [
            ("_Session", json!("r:1")),
            ("Order", json!("r:1")),
            ("_User", Value::Null),
        ] {
            let schema = ClassSchema::new(class);
            let stored = || doc! { "_session_token": "r:1" };
            let full = View::full(&schema, &files);
            assert_eq!(shown(&full, stored())["sessionToken"], expected, "{class}");
            let without = View {
                excluded: vec!["sessionToken".into()],
                ..full
            };
            assert_eq!(shown(&without, stored()), json!({}), "{class}");
        }
    }

    #[test]
    fn protected_fields_show_on_the_own_row_only() {
        let (schema, files) = (ClassSchema::new("_User"), Files::default());
        let view = View {
            hidden: vec!["email".into()],
            own_id: Some("u1".into()),
            shows_auth_data: false,
            ..View::full(&schema, &files)
        };
        let stored = |id: &str| doc! { "_id": id, "email": "a@b.c", "_auth_data_x": {"id": "1"} };
        assert_eq!(shown(&view, stored("u2")), json!({"objectId": "u2"}));
        assert_eq!(
            shown(&view, stored("u1")),
            json!({"objectId": "u1", "email": "a@b.c", "authData": {"x": {"id": "1"}}})
        );
    }

    #[test]
    fn the_list_of_a_row_names_everybody_once_however_long_it_is() {
        let (schema, files) = (ClassSchema::new("A"), Files::default());
        let acl = |read: bson::Bson, write: bson::Bson| {
            let stored = doc! { "_id": "x", "_rperm": read, "_wperm": write };
            shown(&View::full(&schema, &files), stored)["ACL"].clone()
        };
        assert_eq!(acl(bson::bson!([]), bson::bson!(null)), json!({}));
        assert_eq!(
            acl(bson::bson!(["*", "a\"b", "*"]), bson::bson!(["c", "*", 5, "c"])),
            json!({"*": {"read": true, "write": true}, "a\"b": {"read": true}, "c": {"write": true}})
        );
        let many: Vec<_> = (0..100_000).map(|number| format!("user-{number}")).collect();
        let long = acl(many.clone().into(), many.into());
        assert_eq!(long.as_object().map(serde_json::Map::len), Some(100_000));
    }
}
