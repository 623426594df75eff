//! Objects that are shown in place of pointers (`include`).

use std::collections::{BTreeMap, HashMap};

use bson::{RawArray, RawBsonRef, RawDocument};
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
    fields: Level,
    /// Of all objects together.
    bytes: usize,
}

/// Branches by the key that leads to them. Arrays are no level of their own: their elements stand where they stand.
type Level = BTreeMap<String, Branch>;

#[derive(Debug, Clone, Default)]
struct Branch {
    /// What pointers here are replaced by; `None`: they stay.
    objects: Option<Objects>,
    below: Level,
}

impl Included {
    /// Declares a path: pointers there are replaced, or dropped where no object is [added](Self::add).
    pub fn declare(&mut self, path: &str) {
        self.objects(path);
    }

    /// The JSON to show for a pointer at `path`.
    pub fn add(&mut self, path: &str, class: &str, id: &str, json: Vec<u8>) -> StorageResult<()> {
        self.bytes += json.len();
        self.objects(path).insert(format!("{class}${id}"), json);
        check_size(self.bytes)
    }

    fn objects(&mut self, path: &str) -> &mut Objects {
        let (field, rest) = path
            .split_once('.')
            .map_or((path, None), |(field, rest)| (field, Some(rest)));
        let root = self.fields.entry(field.to_owned()).or_default();
        let keys = rest.into_iter().flat_map(|rest| rest.split('.'));
        let branch = keys.fold(root, |branch, key| {
            branch.below.entry(key.to_owned()).or_default()
        });
        branch.objects.get_or_insert_default()
    }

    pub(super) fn at(&self, field: &str) -> Option<&Objects> {
        self.fields.get(field)?.objects.as_ref()
    }

    /// Whether pointers inside the value of `field` are replaced.
    pub(super) fn reaches_into(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    /// Writes the value of `field`, an array or an object, with its pointers replaced.
    pub(super) fn write_nested(
        &self,
        field: &str,
        value: RawBsonRef<'_>,
        out: &mut Vec<u8>,
    ) -> StorageResult<()> {
        match self.fields.get(field) {
            Some(branch) => branch.write(value, out),
            None => write_nested(value, out),
        }
    }
}

impl Branch {
    fn write(&self, value: RawBsonRef<'_>, out: &mut Vec<u8>) -> StorageResult<()> {
        match value {
            RawBsonRef::Array(items) => self.write_array(items, out),
            RawBsonRef::Document(document) => self.write_document(document, out),
            other => write_nested(other, out),
        }
    }

    fn write_array(&self, items: &RawArray, out: &mut Vec<u8>) -> StorageResult<()> {
        out.push(b'[');
        let mut first = true;
        for item in items {
            let before = out.len();
            if !first {
                out.push(b',');
            }
            if self.write_item(item?, out)? {
                first = false;
            } else {
                out.truncate(before);
            }
        }
        out.push(b']');
        Ok(())
    }

    fn write_document(&self, document: &RawDocument, out: &mut Vec<u8>) -> StorageResult<()> {
        out.push(b'{');
        let mut first = true;
        for element in document {
            let (key, value) = element?;
            let before = out.len();
            if !first {
                out.push(b',');
            }
            write_text(key.as_str(), out);
            out.push(b':');
            let is_written = match self.below.get(key.as_str()) {
                Some(branch) => branch.write_item(value, out)?,
                None => write_nested(value, out).map(|()| true)?,
            };
            if is_written {
                first = false;
            } else {
                out.truncate(before);
            }
        }
        out.push(b'}');
        Ok(())
    }

    /// `false`: a pointer whose object cannot be shown; nothing was written.
    fn write_item(&self, value: RawBsonRef<'_>, out: &mut Vec<u8>) -> StorageResult<bool> {
        if let (Some(objects), Some((class, id))) = (&self.objects, pointer_of(value)) {
            let Some(json) = objects.get(&format!("{class}${id}")) else {
                return Ok(false);
            };
            out.extend_from_slice(json);
            check_size(out.len())?;
        } else {
            self.write(value, out)?;
        }
        Ok(true)
    }
}

fn pointer_of(value: RawBsonRef<'_>) -> Option<(&str, &str)> {
    let document = value.as_document()?;
    let text = |key: &str| document.get(key).ok().flatten().and_then(RawBsonRef::as_str);
    (text("__type") == Some("Pointer")).then_some(())?;
    Some((text("className")?, text("objectId")?))
}

/// The pointers at `path` of a stored object: a pointer field, or pointers inside arrays and objects.
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

/// The values at a dotted path of a stored object, those inside arrays each for itself; of a pointer also its parts.
pub fn collect_values(schema: &ClassSchema, document: &RawDocument, path: &str) -> StorageResult<Vec<Value>> {
    let (root, rest) = path.split_once('.').unwrap_or((path, ""));
    if matches!(schema.field(root), Some(FieldType::Pointer(_))) {
        let mut pointers = Vec::new();
        collect_pointers(schema, document, root, &mut pointers);
        let pointers = pointers.iter().map(Pointer::encode);
        return Ok(match rest {
            "" => pointers.collect(),
            key => pointers.filter_map(|pointer| pointer.get(key).cloned()).collect(),
        });
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
