//! One object: its columns in the names and forms of the protocol.

use bson::{RawBsonRef, RawDocument};

use crate::protocol::auth_data::{self, Shown};
use crate::protocol::dates;
use crate::protocol::types::FieldType;
use crate::storage::decode::acl::RowAcl;
use crate::storage::decode::values::{write_file, write_geo_point, write_nested, write_polygon, write_text};
use crate::storage::decode::{RowRights, Tags, View, check_size};
use crate::storage::error::StorageResult;

/// Appends one object as far as `rights` let the caller see it.
pub(super) fn write(
    view: &View<'_>,
    rights: &RowRights,
    document: &RawDocument,
    out: &mut Vec<u8>,
) -> StorageResult<()> {
    let mut writer = Writer {
        view,
        rights,
        document,
        out,
        acl: RowAcl::default(),
        auth_data: Vec::new(),
        first: true,
    };
    writer.out.push(b'{');
    writer.tags();
    for element in document {
        let (key, value) = element?;
        writer.column(key.as_str(), value)?;
    }
    writer.finish()
}

struct Writer<'a, 'b, 'd> {
    view: &'a View<'a>,
    rights: &'a RowRights,
    document: &'a RawDocument,
    out: &'b mut Vec<u8>,
    acl: RowAcl<'d>,
    /// Provider and its data, as JSON.
    auth_data: Vec<(String, Vec<u8>)>,
    first: bool,
}

impl<'d> Writer<'_, '_, 'd> {
    fn key(&mut self, name: &str) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        write_text(name, self.out);
        self.out.push(b':');
    }

    fn tags(&mut self) {
        if self.view.tags == Tags::Object {
            self.key("__type");
            self.out.extend_from_slice(br#""Object""#);
        }
        if self.view.tags != Tags::None {
            self.key("className");
            write_text(&self.view.schema.name, self.out);
        }
    }

    fn column(&mut self, column: &str, value: RawBsonRef<'d>) -> StorageResult<()> {
        let Some(internal) = column.strip_prefix('_') else {
            return self.field(column, value);
        };
        match internal {
            "id" => self.plain("objectId", value)?,
            "created_at" => self.timestamp("createdAt", value),
            "updated_at" => self.timestamp("updatedAt", value),
            "rperm" => self.acl.read(value),
            "wperm" => self.acl.write(value),
            // Users of long ago have one; nobody sees it.
            "session_token" if self.view.schema.name != "_User" => self.field("sessionToken", value)?,
            _ => {
                if let Some(name) = internal.strip_prefix("p_") {
                    self.pointer(name, value)?;
                } else if let Some(provider) = internal.strip_prefix("auth_data_") {
                    self.provider(provider, value)?;
                } else if self.view.shows_internal && !matches!(internal, "acl" | "session_token") {
                    self.internal(column, value)?;
                }
            }
        }
        Ok(())
    }

    /// By its own name, as Parse Server shows it.
    fn internal(&mut self, column: &str, value: RawBsonRef<'_>) -> StorageResult<()> {
        match (column, value) {
            ("_hashed_password", _) => self.plain("password", value),
            (_, RawBsonRef::DateTime(_)) => {
                self.timestamp(column, value);
                Ok(())
            }
            _ => self.plain(column, value),
        }
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

    /// What is no pointer, like null, is not shown at all, as with Parse Server.
    fn pointer(&mut self, name: &str, value: RawBsonRef<'_>) -> StorageResult<()> {
        let is_shown = can_be_pointer(self.view.schema.field(name)) && self.view.shows(name, self.rights);
        let Some(stored) = value.as_str().filter(|_| is_shown) else {
            return Ok(());
        };
        if let Some(objects) = self.view.included.at(name) {
            // What cannot be included is left out, not shown as a pointer.
            if let Some(object) = objects.get(stored) {
                self.key(name);
                self.out.extend_from_slice(object);
            }
            return check_size(self.out.len());
        }
        if let Some((class, id)) = stored.split_once('$') {
            self.key(name);
            self.out.extend_from_slice(br#"{"__type":"Pointer","className":"#);
            write_text(class, self.out);
            self.out.extend_from_slice(br#","objectId":"#);
            write_text(id, self.out);
            self.out.push(b'}');
        }
        Ok(())
    }

    /// Whether the row has a pointer by this name as well, which is what counts then: a null from when the object was
    /// made stays under the plain name when the pointer is set later.
    fn has_pointer(&self, name: &str) -> StorageResult<bool> {
        let is_set = |value: RawBsonRef<'_>| value != RawBsonRef::Null;
        Ok(self.document.get(format!("_p_{name}"))?.is_some_and(is_set))
    }

    fn provider(&mut self, provider: &str, value: RawBsonRef<'_>) -> StorageResult<()> {
        let shown = self.view.shows_auth_data || (self.rights.own && self.view.tags != Tags::Object);
        if shown && !matches!(value, RawBsonRef::Null) {
            let mut data = Vec::new();
            match (auth_data::shown(provider), value) {
                (Shown::Id, RawBsonRef::Document(fields)) => write_id(fields, &mut data)?,
                (Shown::Status, RawBsonRef::Document(fields)) if !self.view.shows_auth_data => {
                    let is_set_up = fields.get("secret")?.is_some() || fields.get("mobile")?.is_some();
                    let status: &[u8] = if is_set_up {
                        br#"{"status":"enabled"}"#
                    } else {
                        br#"{"status":"disabled"}"#
                    };
                    data.extend_from_slice(status);
                }
                _ => write_nested(value, &mut data)?,
            }
            self.auth_data.push((provider.to_owned(), data));
        }
        Ok(())
    }

    fn field(&mut self, name: &str, value: RawBsonRef<'_>) -> StorageResult<()> {
        let kind = self.view.schema.field(name);
        if !self.view.shows(name, self.rights) || (can_be_pointer(kind) && self.has_pointer(name)?) {
            return Ok(());
        }
        self.key(name);
        match (kind, value) {
            (Some(FieldType::GeoPoint), RawBsonRef::Array(point)) => write_geo_point(point, self.out),
            (Some(FieldType::Polygon), RawBsonRef::Document(shape)) => write_polygon(shape, self.out),
            (Some(FieldType::File), RawBsonRef::String(file)) => {
                write_file(&self.view.files.base, file, self.out);
                Ok(())
            }
            _ if self.view.included.reaches_into(name) => {
                self.view.included.write_nested(name, value, self.out)
            }
            _ => write_nested(value, self.out),
        }
    }

    fn finish(mut self) -> StorageResult<()> {
        if self.acl.is_stored() {
            self.key("ACL");
            self.acl.encode(self.out)?;
        }
        for (name, target) in self.view.schema.relations() {
            if self.view.shows(name, self.rights) {
                self.key(name);
                self.out
                    .extend_from_slice(br#"{"__type":"Relation","className":"#);
                write_text(target, self.out);
                self.out.push(b'}');
            }
        }
        let auth_data = std::mem::take(&mut self.auth_data);
        if !auth_data.is_empty() && self.view.shows("authData", self.rights) {
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

/// By the class, which may not know a field yet that another process has just made.
fn can_be_pointer(kind: Option<&FieldType>) -> bool {
    matches!(kind, None | Some(FieldType::Pointer(_)))
}

/// `{"id":…}` of what a provider left.
fn write_id(fields: &RawDocument, out: &mut Vec<u8>) -> StorageResult<()> {
    out.push(b'{');
    if let Some(id) = fields.get("id")? {
        out.extend_from_slice(br#""id":"#);
        write_nested(id, out)?;
    }
    out.push(b'}');
    Ok(())
}
