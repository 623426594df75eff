//! Update operators. An input is the body of a write, as JSON.

use app_runtime::protocol::ops::Op;
use app_runtime::query::where_clause::is_path;
use app_runtime::storage::{Files, NewObject, Times, View, new_document, update_document, write_object};
use bson::{Bson, RawDocumentBuf};
use serde_json::{Map, Value};

use super::documents;

const STATEMENTS: &[&str] = &["$set", "$unset", "$inc", "$push", "$addToSet", "$pullAll"];

/// Whatever is accepted is one statement of known operators with plain values, and what a new object shows of it
/// is stored and shown the same once more.
pub fn run(input: &[u8]) {
    let Ok(body) = serde_json::from_slice::<Map<String, Value>>(input) else {
        return;
    };
    let class = documents::class();
    let mut changes = Vec::new();
    let mut fields = Map::new();
    for (name, value) in body {
        let Ok(op) = Op::decode(value) else { continue };
        let Ok(kind) = op.field_type() else { continue };
        if kind.is_some() && kind.as_ref() == class.field(&name) && name != "ACL" {
            fields.extend(op.clone().on_missing().map(|value| (name.clone(), value)));
            changes.push((name, op));
        } else if name.starts_with("object.") && is_path(&name) {
            changes.push((name, op));
        }
    }
    let statement = update_document(&class, 0, None, changes);
    for (operator, part) in &statement {
        assert!(STATEMENTS.contains(&operator.as_str()), "{operator}");
        let part = part.as_document().expect("a part of a statement is a document");
        for value in part.values() {
            match (operator.as_str(), value.as_document()) {
                ("$push" | "$addToSet", Some(each)) => {
                    check_plain(each.get("$each").expect("items"));
                    assert_eq!(each.len(), 1);
                }
                _ => check_plain(value),
            }
        }
    }
    RawDocumentBuf::try_from(&statement).expect("what we accept is BSON");
    let shown = stored(fields);
    assert_eq!(stored(shown.clone()), shown, "stored once more it stays");
}

/// No key of a value may look like an operator or a path.
fn check_plain(value: &Bson) {
    match value {
        Bson::Document(document) => document.iter().for_each(|(key, nested)| {
            assert!(!key.contains(['$', '.']), "{key}");
            check_plain(nested);
        }),
        Bson::Array(items) => items.iter().for_each(check_plain),
        _ => {}
    }
}

/// The fields of a new object as they come back from the database.
fn stored(fields: Map<String, Value>) -> Map<String, Value> {
    let class = documents::class();
    let object = NewObject {
        id: "x".into(),
        times: Times {
            created: 0,
            updated: 0,
        },
        acl: None,
        fields,
    };
    let document = RawDocumentBuf::try_from(&new_document(&class, object)).expect("what we accept is BSON");
    let (files, mut out) = (Files::default(), Vec::new());
    write_object(&View::full(&class, &files), &document, &mut out).expect("what we stored can be read");
    let mut shown: Map<String, Value> = serde_json::from_slice(&out).expect("an answer is JSON");
    for built_in in ["objectId", "createdAt", "updatedAt", "ACL", "likes"] {
        shown.shift_remove(built_in);
    }
    shown
}
