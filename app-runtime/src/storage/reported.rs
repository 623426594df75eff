//! What an update reports: the values that its operators made, at the paths of the request, in the shape Parse Server
//! gives them (`DatabaseController`, `_sanitizeDatabaseResult`).

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::objects::schema::ClassSchema;
use crate::storage::filter;

/// The columns to ask for. A projection knows no positions in arrays, so that of such a path everything above the first
/// one is asked for; no column lies within another.
pub fn columns(schema: &ClassSchema, paths: &[String]) -> Arc<[String]> {
    let mut columns: Vec<String> = Vec::with_capacity(paths.len());
    for path in paths {
        let column = above_positions(filter::column(schema, path));
        if columns.iter().any(|other| is_within(&column, other)) {
            continue;
        }
        columns.retain(|other| !is_within(other, &column));
        columns.push(column);
    }
    columns.into()
}

fn above_positions(column: String) -> String {
    match column.split('.').position(is_position) {
        Some(parts) => column.split('.').take(parts).collect::<Vec<_>>().join("."),
        None => column,
    }
}

fn is_position(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_within(path: &str, parent: &str) -> bool {
    path.strip_prefix(parent)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The values at `paths` of the changed object. An element of a field that is an array comes as the whole array, since
/// clients take what is answered for the field's value; of anything else only what lies on the path.
pub fn values(object: &Value, paths: &[String]) -> Map<String, Value> {
    let mut answer = Map::new();
    for path in paths {
        let parts: Vec<&str> = path.split('.').collect();
        match parts.as_slice() {
            [field, position, ..] if is_position(position) && object[*field].is_array() => {
                answer.insert((*field).to_owned(), object[*field].clone());
            }
            parts => copy(object, parts, &mut answer),
        }
    }
    answer
}

fn copy(object: &Value, path: &[&str], answer: &mut Map<String, Value>) {
    let [part, below @ ..] = path else { return };
    let value = match object {
        Value::Array(items) => part.parse().ok().and_then(|position: usize| items.get(position)),
        object => object.get(part),
    };
    let Some(value) = value else { return };
    if below.is_empty() {
        answer.insert((*part).to_owned(), value.clone());
        return;
    }
    let place = answer.entry(*part).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(place) = place {
        copy(value, below, place);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn owned(paths: &[&str]) -> Vec<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn columns_name_no_position_and_none_twice() {
        let schema = ClassSchema::new("A");
        for (paths, expected) in [
            (&["n", "o.k"][..], &["n", "o.k"][..]),
            (&["a.0.x", "a.1.y"], &["a"]),
            (&["o.l.1", "o.k"], &["o.l", "o.k"]),
            (&["o.k", "o.1"], &["o"]),
            (&["o.1", "o.k", "other"], &["o", "other"]),
            (&["a1.b2"], &["a1.b2"]),
        ] {
            assert_eq!(*columns(&schema, &owned(paths)), *expected, "{paths:?}");
        }
    }

    #[test]
    fn values_have_parse_servers_shape() {
        let object = json!({
            "n": 1, "o": {"k": 2, "l": [3, 4], "1": 5, "other": 6}, "a": [{"x": 7}, {"x": 8}],
        });
        for (paths, expected) in [
            (&["n", "o.k"][..], json!({"n": 1, "o": {"k": 2}})),
            (&["a.0.x"], json!({"a": [{"x": 7}, {"x": 8}]})),
            (&["a.1.x", "a.0.x"], json!({"a": [{"x": 7}, {"x": 8}]})),
            (&["o.l.1", "o.k"], json!({"o": {"l": {"1": 4}, "k": 2}})),
            (&["o.1"], json!({"o": {"1": 5}})),
            (&["gone", "o.gone.x"], json!({"o": {}})),
        ] {
            assert_eq!(
                Value::Object(values(&object, &owned(paths))),
                expected,
                "{paths:?}"
            );
        }
    }
}
