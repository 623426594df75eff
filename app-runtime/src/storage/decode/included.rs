//! Objects that are shown in place of pointers (`include`).

use std::collections::{BTreeMap, HashMap};

use bson::{RawBsonRef, RawDocument};
use serde_json::Value;

use crate::objects::schema::ClassSchema;
use crate::protocol::types::{FieldType, Pointer};
use crate::storage::decode::values::{write_nested, write_text};
use crate::storage::decode::{check_size, nested_value};
use crate::storage::error::StorageResult;

/// Finished JSON of the objects at one path, by `Class$objectId`.
type Objects = HashMap<String, Vec<u8>>;

/// The included objects by the path of the pointers that lead to them, as seen from the including object.
#[derive(Debug, Clone, Default)]
pub struct Included {
    paths: BTreeMap<String, Objects>,
    /// Of all objects together.
    bytes: usize,
}

impl Included {
    /// Declares a path: pointers there are replaced, or dropped where no object is [added](Self::add).
    pub fn declare(&mut self, path: &str) {
        self.paths.entry(path.to_owned()).or_default();
    }

    /// The JSON to show for a pointer at `path`.
    pub fn add(&mut self, path: &str, class: &str, id: &str, json: Vec<u8>) -> StorageResult<()> {
        self.bytes += json.len();
        self.paths
            .entry(path.to_owned())
            .or_default()
            .insert(format!("{class}${id}"), json);
        check_size(self.bytes)
    }

    pub(super) fn at(&self, path: &str) -> Option<&Objects> {
        self.paths.get(path)
    }

    /// Whether pointers inside the value of `field` are replaced.
    pub(super) fn reaches_into(&self, field: &str) -> bool {
        !self.paths.is_empty()
            && self
                .paths
                .keys()
                .any(|path| path == field || is_below(path, field))
    }

    /// Writes the value at `path`, an array or an object, with its pointers replaced.
    pub(super) fn write_nested(
        &self,
        path: &str,
        value: RawBsonRef<'_>,
        out: &mut Vec<u8>,
    ) -> StorageResult<()> {
        match value {
            RawBsonRef::Array(items) => {
                out.push(b'[');
                let mut first = true;
                for item in items {
                    let before = out.len();
                    if !first {
                        out.push(b',');
                    }
                    if self.write_item(path, item?, out)? {
                        first = false;
                    } else {
                        out.truncate(before);
                    }
                }
                out.push(b']');
                Ok(())
            }
            RawBsonRef::Document(document) => self.write_document(path, document, out),
            other => write_nested(other, out),
        }
    }

    fn write_document(&self, path: &str, document: &RawDocument, out: &mut Vec<u8>) -> StorageResult<()> {
        out.push(b'{');
        let mut first = true;
        for element in document {
            let (key, value) = element?;
            let below = format!("{path}.{}", key.as_str());
            let before = out.len();
            if !first {
                out.push(b',');
            }
            write_text(key.as_str(), out);
            out.push(b':');
            if self.write_item(&below, value, out)? {
                first = false;
            } else {
                out.truncate(before);
            }
        }
        out.push(b'}');
        Ok(())
    }

    /// `false`: a pointer whose object cannot be shown; nothing was written.
    fn write_item(&self, path: &str, value: RawBsonRef<'_>, out: &mut Vec<u8>) -> StorageResult<bool> {
        if let (Some(objects), Some((class, id))) = (self.at(path), pointer_of(value)) {
            return Ok(match objects.get(&format!("{class}${id}")) {
                Some(json) => {
                    out.extend_from_slice(json);
                    check_size(out.len())?;
                    true
                }
                None => false,
            });
        }
        match value {
            RawBsonRef::Document(document) if self.reaches_into(path) => {
                self.write_document(path, document, out)?
            }
            other => write_nested(other, out)?,
        }
        Ok(true)
    }
}

fn is_below(path: &str, parent: &str) -> bool {
    path.strip_prefix(parent)
        .is_some_and(|rest| rest.starts_with('.'))
}

fn pointer_of(value: RawBsonRef<'_>) -> Option<(&str, &str)> {
    let document = value.as_document()?;
    let text = |key: &str| document.get(key).ok().flatten().and_then(RawBsonRef::as_str);
    (text("__type") == Some("Pointer")).then_some(())?;
    Some((text("className")?, text("objectId")?))
}

/// The pointers at `path` of a stored object: a pointer field, an array of pointers, or either inside an object.
pub fn collect_pointers(schema: &ClassSchema, document: &RawDocument, path: &str, found: &mut Vec<Pointer>) {
    if matches!(schema.field(path), Some(FieldType::Pointer(_))) {
        let stored = document
            .get(format!("_p_{path}"))
            .ok()
            .flatten()
            .and_then(RawBsonRef::as_str);
        if let Some((class, id)) = stored.and_then(|text| text.split_once('$')) {
            found.push(Pointer {
                class: class.into(),
                id: id.into(),
            });
        }
        return;
    }
    let mut values = Vec::new();
    values_at(RawBsonRef::Document(document), path, &mut values);
    let pointers = values.into_iter().filter_map(pointer_of);
    found.extend(pointers.map(|(class, id)| Pointer {
        class: class.into(),
        id: id.into(),
    }));
}

/// The values at a dotted path of a stored object, those inside arrays each for itself.
pub fn collect_values(schema: &ClassSchema, document: &RawDocument, path: &str) -> StorageResult<Vec<Value>> {
    if matches!(schema.field(path), Some(FieldType::Pointer(_))) {
        let mut pointers = Vec::new();
        collect_pointers(schema, document, path, &mut pointers);
        return Ok(pointers.iter().map(Pointer::encode).collect());
    }
    let column = if path == "objectId" { "_id" } else { path };
    let mut values = Vec::new();
    values_at(RawBsonRef::Document(document), column, &mut values);
    values.into_iter().map(nested_value).collect()
}

fn values_at<'a>(value: RawBsonRef<'a>, path: &str, found: &mut Vec<RawBsonRef<'a>>) {
    match value {
        RawBsonRef::Array(items) => items
            .into_iter()
            .flatten()
            .for_each(|item| values_at(item, path, found)),
        value if path.is_empty() => found.push(value),
        RawBsonRef::Document(document) => {
            let (head, rest) = path.split_once('.').unwrap_or((path, ""));
            if let Ok(Some(next)) = document.get(head) {
                values_at(next, rest, found);
            }
        }
        _ => {}
    }
}
