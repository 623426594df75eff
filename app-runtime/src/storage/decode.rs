//! Raw BSON to Parse JSON, written straight into the answer's buffer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bson::{RawArray, RawBsonRef, RawDocument};
use serde_json::Value;

use crate::objects::schema::ClassSchema;
use crate::protocol::acl::Acl;
use crate::protocol::dates;
use crate::protocol::types::FieldType;
use crate::storage::error::{StorageError, StorageResult};

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
    /// Shows `authData` on every row (master key).
    pub shows_auth_data: bool,
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
            shows_auth_data: true,
        }
    }

    fn shows(&self, name: &str, own: bool) -> bool {
        let selected = self
            .keys
            .as_ref()
            .is_none_or(|keys| keys.iter().any(|key| key == name));
        let lists = |list: &[String]| list.iter().any(|field| field == name);
        selected && !lists(&self.excluded) && (own || !lists(&self.hidden))
    }
}

/// Appends `document` as one JSON object.
pub(super) fn write_object(view: &View<'_>, document: &RawDocument, out: &mut Vec<u8>) -> StorageResult<()> {
    let own =
        view.own_id.is_some() && document.get("_id")?.and_then(RawBsonRef::as_str) == view.own_id.as_deref();
    let mut writer = Writer {
        view,
        own,
        out,
        acl: None,
        auth_data: Vec::new(),
        first: true,
    };
    writer.out.push(b'{');
    for element in document {
        let (key, value) = element?;
        writer.column(key.as_str(), value)?;
    }
    writer.finish()
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
    write_nested(value, &mut out)?;
    parse(&out)
}

fn parse(json: &[u8]) -> StorageResult<Value> {
    serde_json::from_slice(json).map_err(|error| StorageError::Corrupt(error.to_string()))
}

struct Writer<'a, 'b> {
    view: &'a View<'a>,
    own: bool,
    out: &'b mut Vec<u8>,
    acl: Option<Acl>,
    /// Provider and its data, as JSON.
    auth_data: Vec<(String, Vec<u8>)>,
    first: bool,
}

impl Writer<'_, '_> {
    fn key(&mut self, name: &str) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        write_text(name, self.out);
        self.out.push(b':');
    }

    fn column(&mut self, column: &str, value: RawBsonRef<'_>) -> StorageResult<()> {
        let Some(internal) = column.strip_prefix('_') else {
            return self.field(column, value);
        };
        match internal {
            "id" => self.plain("objectId", value)?,
            "created_at" => self.timestamp("createdAt", value),
            "updated_at" => self.timestamp("updatedAt", value),
            "rperm" | "wperm" => self.permission(internal == "rperm", value)?,
            "session_token" if self.view.schema.name == "_Session" => self.plain("sessionToken", value)?,
            _ => {
                if let Some(name) = internal.strip_prefix("p_") {
                    self.pointer(name, value);
                } else if let Some(provider) = internal.strip_prefix("auth_data_") {
                    self.provider(provider, value)?;
                }
            }
        }
        Ok(())
    }

    fn plain(&mut self, name: &str, value: RawBsonRef<'_>) -> StorageResult<()> {
        self.key(name);
        write_nested(value, self.out)
    }

    /// `createdAt` and `updatedAt` are bare ISO strings, all other dates typed objects.
    fn timestamp(&mut self, name: &str, value: RawBsonRef<'_>) {
        if let RawBsonRef::DateTime(at) = value {
            self.key(name);
            self.out.push(b'"');
            dates::write_iso(at.timestamp_millis(), self.out);
            self.out.push(b'"');
        }
    }

    fn permission(&mut self, read: bool, value: RawBsonRef<'_>) -> StorageResult<()> {
        let acl = self.acl.get_or_insert_with(Acl::default);
        let RawBsonRef::Array(list) = value else {
            return Ok(());
        };
        for who in list {
            if let RawBsonRef::String(who) = who? {
                acl.grant(who, read, !read);
            }
        }
        Ok(())
    }

    fn pointer(&mut self, name: &str, value: RawBsonRef<'_>) {
        if !self.view.shows(name, self.own) {
            return;
        }
        self.key(name);
        match value.as_str().and_then(|text| text.split_once('$')) {
            Some((class, id)) => {
                self.out.extend_from_slice(br#"{"__type":"Pointer","className":"#);
                write_text(class, self.out);
                self.out.extend_from_slice(br#","objectId":"#);
                write_text(id, self.out);
                self.out.push(b'}');
            }
            None => self.out.extend_from_slice(b"null"),
        }
    }

    fn provider(&mut self, provider: &str, value: RawBsonRef<'_>) -> StorageResult<()> {
        if (self.own || self.view.shows_auth_data) && !matches!(value, RawBsonRef::Null) {
            let mut data = Vec::new();
            write_nested(value, &mut data)?;
            self.auth_data.push((provider.to_owned(), data));
        }
        Ok(())
    }

    fn field(&mut self, name: &str, value: RawBsonRef<'_>) -> StorageResult<()> {
        if !self.view.shows(name, self.own) {
            return Ok(());
        }
        self.key(name);
        match (self.view.schema.field(name), value) {
            (Some(FieldType::GeoPoint), RawBsonRef::Array(point)) => write_geo_point(point, self.out),
            (Some(FieldType::Polygon), RawBsonRef::Document(shape)) => write_polygon(shape, self.out),
            (Some(FieldType::File), RawBsonRef::String(file)) => {
                write_file(&self.view.files.base, file, self.out);
                Ok(())
            }
            _ => write_nested(value, self.out),
        }
    }

    fn finish(mut self) -> StorageResult<()> {
        if let Some(acl) = self.acl.take() {
            self.key("ACL");
            self.out.extend_from_slice(acl.encode().to_string().as_bytes());
        }
        for (name, target) in self.view.schema.relations() {
            if self.view.shows(name, self.own) {
                self.key(name);
                self.out
                    .extend_from_slice(br#"{"__type":"Relation","className":"#);
                write_text(target, self.out);
                self.out.push(b'}');
            }
        }
        let auth_data = std::mem::take(&mut self.auth_data);
        if !auth_data.is_empty() && self.view.shows("authData", self.own) {
            self.key("authData");
            for (position, (provider, data)) in auth_data.iter().enumerate() {
                self.out.push(if position == 0 { b'{' } else { b',' });
                write_text(provider, self.out);
                self.out.push(b':');
                self.out.extend_from_slice(data);
            }
            self.out.push(b'}');
        }
        self.out.push(b'}');
        Ok(())
    }
}

fn write_nested(value: RawBsonRef<'_>, out: &mut Vec<u8>) -> StorageResult<()> {
    match value {
        RawBsonRef::String(text) | RawBsonRef::Symbol(text) => write_text(text, out),
        RawBsonRef::Int32(number) => write_integer(i64::from(number), out),
        RawBsonRef::Int64(number) => write_integer(number, out),
        RawBsonRef::Double(number) => write_double(number, out),
        RawBsonRef::Boolean(flag) => out.extend_from_slice(if flag { b"true" } else { b"false" }),
        RawBsonRef::DateTime(at) => {
            out.extend_from_slice(br#"{"__type":"Date","iso":""#);
            dates::write_iso(at.timestamp_millis(), out);
            out.extend_from_slice(br#""}"#);
        }
        RawBsonRef::Document(document) => write_document(document, out)?,
        RawBsonRef::Array(array) => write_array(array, out)?,
        RawBsonRef::Binary(binary) => {
            out.extend_from_slice(br#"{"__type":"Bytes","base64":""#);
            out.extend_from_slice(BASE64.encode(binary.bytes).as_bytes());
            out.extend_from_slice(br#""}"#);
        }
        RawBsonRef::ObjectId(id) => write_text(&id.to_hex(), out),
        RawBsonRef::Decimal128(number) => write_text(&number.to_string(), out),
        _ => out.extend_from_slice(b"null"),
    }
    Ok(())
}

fn write_document(document: &RawDocument, out: &mut Vec<u8>) -> StorageResult<()> {
    out.push(b'{');
    for (position, element) in document.iter().enumerate() {
        let (key, value) = element?;
        if position > 0 {
            out.push(b',');
        }
        write_text(key.as_str(), out);
        out.push(b':');
        write_nested(value, out)?;
    }
    out.push(b'}');
    Ok(())
}

fn write_array(array: &RawArray, out: &mut Vec<u8>) -> StorageResult<()> {
    out.push(b'[');
    for (position, value) in array.into_iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write_nested(value?, out)?;
    }
    out.push(b']');
    Ok(())
}

fn write_geo_point(point: &RawArray, out: &mut Vec<u8>) -> StorageResult<()> {
    let [longitude, latitude] = pair(point)?;
    out.extend_from_slice(br#"{"__type":"GeoPoint","latitude":"#);
    write_double(latitude, out);
    out.extend_from_slice(br#","longitude":"#);
    write_double(longitude, out);
    out.push(b'}');
    Ok(())
}

/// GeoJSON's `[longitude, latitude]` ring as Parse's `[latitude, longitude]`.
fn write_polygon(shape: &RawDocument, out: &mut Vec<u8>) -> StorageResult<()> {
    let corrupt = |_| StorageError::Corrupt("a Polygon without coordinates".into());
    out.extend_from_slice(br#"{"__type":"Polygon","coordinates":["#);
    let rings = shape.get_array("coordinates").map_err(corrupt)?;
    if let Some(RawBsonRef::Array(ring)) = rings.into_iter().next().transpose()? {
        for (position, point) in ring.into_iter().enumerate() {
            if let RawBsonRef::Array(point) = point? {
                let [longitude, latitude] = pair(point)?;
                out.extend_from_slice(if position == 0 { b"[" } else { b",[" });
                write_double(latitude, out);
                out.push(b',');
                write_double(longitude, out);
                out.push(b']');
            }
        }
    }
    out.extend_from_slice(b"]}");
    Ok(())
}

fn pair(array: &RawArray) -> StorageResult<[f64; 2]> {
    let mut numbers = [0.0; 2];
    for (slot, value) in numbers.iter_mut().zip(array) {
        *slot = match value? {
            RawBsonRef::Double(number) => number,
            RawBsonRef::Int32(number) => f64::from(number),
            RawBsonRef::Int64(number) => number as f64,
            _ => return Err(StorageError::Corrupt("a coordinate that is not a number".into())),
        };
    }
    Ok(numbers)
}

fn write_file(base: &str, name: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"__type":"File","name":"#);
    write_text(name, out);
    out.extend_from_slice(br#","url":"#);
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    write_text(&format!("{base}/{}", encoded.replace('+', "%20")), out);
    out.push(b'}');
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    serde_json::to_writer(out, text).expect("writing text to memory cannot fail");
}

fn write_integer(number: i64, out: &mut Vec<u8>) {
    serde_json::to_writer(out, &number).expect("writing a number to memory cannot fail");
}

/// As JavaScript prints it: no `.0` behind whole numbers; NaN and infinities, which JSON lacks, are null.
fn write_double(number: f64, out: &mut Vec<u8>) {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        write_integer(number as i64, out);
    } else {
        serde_json::to_writer(out, &number).expect("writing a number to memory cannot fail");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
                "owner": {"__type": "Pointer", "className": "_User", "objectId": "u1"}, "none": null,
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
}
