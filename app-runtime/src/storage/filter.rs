//! The query tree to a MongoDB filter.

use bson::raw::{CString, cstr};
use bson::{Bson, Document, doc};
use serde_json::Value;

use crate::objects::schema::ClassSchema;
use crate::protocol::dates;
use crate::protocol::names;
use crate::protocol::types::{FieldType, Pointer};
use crate::query::{Filter, Geo, Order, Test, TextSearch};
use crate::storage::encode;

/// The filter in the database's terms.
pub fn translate(schema: &ClassSchema, filter: &Filter) -> Document {
    match filter {
        Filter::All(parts) if parts.is_empty() => Document::new(),
        Filter::All(parts) => match parts.as_slice() {
            [only] => translate(schema, only),
            parts => doc! { "$and": branches(schema, parts) },
        },
        Filter::Any(parts) => doc! { "$or": branches(schema, parts) },
        Filter::Neither(parts) => doc! { "$nor": branches(schema, parts) },
        Filter::Field { path, tests } => field(schema, path, tests),
        // Relations are resolved before; one that was not must find nothing rather than everything.
        Filter::RelatedTo { .. } => doc! { "_id": { "$in": [] } },
    }
}

fn branches(schema: &ClassSchema, parts: &[Filter]) -> Vec<Document> {
    parts.iter().map(|part| translate(schema, part)).collect()
}

/// The sort document.
pub(super) fn sort(schema: &ClassSchema, order: &[Order]) -> Document {
    if order.iter().any(|key| key.path == "$score") {
        return doc! { "score": { "$meta": "textScore" } };
    }
    order
        .iter()
        .map(|key| {
            (
                column(schema, &key.path),
                Bson::Int32(if key.descending { -1 } else { 1 }),
            )
        })
        .collect()
}

/// Whether the relevance of a text search is to be shown or sorted by.
pub(super) fn asks_for_score(order: &[Order], keys: Option<&[String]>) -> bool {
    order.iter().any(|key| key.path == "$score") || keys.into_iter().flatten().any(|key| key == "$score")
}

/// `filter` in a form that can be counted: an aggregation knows no order, hence no `$nearSphere`.
pub(super) fn countable(filter: Document) -> Document {
    let count_value = |value: Bson| match value {
        Bson::Document(document) => Bson::Document(countable(document)),
        Bson::Array(items) => Bson::Array(
            items
                .into_iter()
                .map(|item| {
                    if let Bson::Document(document) = item {
                        Bson::Document(countable(document))
                    } else {
                        item
                    }
                })
                .collect(),
        ),
        other => other,
    };
    let Some(point) = filter.get("$nearSphere").cloned() else {
        return filter
            .into_iter()
            .map(|(key, value)| (key, count_value(value)))
            .collect();
    };
    let mut counted = filter;
    counted.remove("$nearSphere");
    // Without a limit everything on the globe is near.
    let radians = counted
        .remove("$maxDistance")
        .unwrap_or(Bson::Double(std::f64::consts::PI));
    counted.insert("$geoWithin", doc! { "$centerSphere": [point, radians] });
    counted
}

/// The projection for `keys`; what every object shows is always in it.
pub(super) fn projection(schema: &ClassSchema, keys: &[String]) -> Document {
    let built_in = ["_id", "_created_at", "_updated_at", "_rperm", "_wperm"].map(str::to_owned);
    let mut columns: Vec<String> = built_in.into_iter().collect();
    for key in keys.iter().filter(|key| *key != "$score") {
        let column = column(schema, key);
        let covered = columns
            .iter()
            .any(|other| column == *other || column.starts_with(&format!("{other}.")));
        if !covered {
            columns.retain(|other| !other.starts_with(&format!("{column}.")));
            columns.push(column);
        }
    }
    let mut projection: Document = columns
        .into_iter()
        .map(|column| (column, Bson::Int32(1)))
        .collect();
    if asks_for_score(&[], Some(keys)) {
        projection.insert("score", doc! { "$meta": "textScore" });
    }
    projection
}

/// The stored path of a protocol path.
pub(super) fn column(schema: &ClassSchema, path: &str) -> String {
    match path {
        "objectId" => return "_id".into(),
        "createdAt" => return "_created_at".into(),
        "updatedAt" => return "_updated_at".into(),
        "sessionToken" => return "_session_token".into(),
        _ => {}
    }
    match schema.field(path) {
        Some(FieldType::Pointer(_)) => format!("_p_{path}"),
        _ => path
            .strip_prefix("authData.")
            .map_or_else(|| path.to_owned(), |rest| format!("_auth_data_{rest}")),
    }
}

fn field(schema: &ClassSchema, path: &str, tests: &[Test]) -> Document {
    if let Some(Test::Text(search)) = tests.iter().find(|test| matches!(test, Test::Text(_))) {
        return text_search(search);
    }
    let column = column(schema, path);
    let kind = if path.contains('.') {
        None
    } else {
        schema.field(names::root_of(path))
    };
    let mut conditions = Document::new();
    let mut further = Vec::new();
    for test in tests {
        for (operator, operand) in condition(kind, test) {
            if conditions.contains_key(&operator) {
                further.push(doc! { &column: { operator: operand } });
            } else {
                conditions.insert(operator, operand);
            }
        }
    }
    let first = doc! { column: conditions };
    if further.is_empty() {
        return first;
    }
    further.insert(0, first);
    doc! { "$and": further }
}

fn condition(kind: Option<&FieldType>, test: &Test) -> Document {
    let one = |value: &Value| operand(kind, value);
    let many = |values: &[Value]| Bson::Array(values.iter().map(one).collect());
    match test {
        // "Equal" means "contained" for arrays, unless a whole array is given.
        Test::Eq(value) if kind == Some(&FieldType::Array) && !value.is_array() && !value.is_null() => {
            doc! { "$all": [encode::nested(value.clone())] }
        }
        Test::Eq(value) => doc! { "$eq": one(value) },
        Test::Ne(value) => doc! { "$ne": one(value) },
        Test::Lt(value) => doc! { "$lt": one(value) },
        Test::Lte(value) => doc! { "$lte": one(value) },
        Test::Gt(value) => doc! { "$gt": one(value) },
        Test::Gte(value) => doc! { "$gte": one(value) },
        Test::In(values) => doc! { "$in": many(values) },
        Test::Nin(values) => doc! { "$nin": many(values) },
        Test::All(values) => doc! { "$all": many(values) },
        Test::AllMatching(patterns) => {
            let patterns = patterns
                .iter()
                .map(|pattern| Bson::RegularExpression(regex(pattern)));
            doc! { "$all": patterns.collect::<Vec<_>>() }
        }
        Test::ContainedBy(values) => {
            doc! { "$not": { "$elemMatch": { "$nin": many(values) } } }
        }
        Test::Exists(exists) => doc! { "$exists": *exists },
        Test::Regex { pattern, options } => doc! { "$regex": pattern, "$options": options },
        Test::Geo(geo) => self::geo(geo),
        // A text search is no condition on one field; see `field`.
        Test::Text(_) => Document::new(),
        // Resolved before; one that was not must find nothing rather than everything.
        Test::Subquery(_) => doc! { "$in": [] },
    }
}

fn regex(pattern: &str) -> bson::Regex {
    // Patterns with a null byte are refused when the query is read.
    let pattern = CString::try_from(pattern.replace('\0', "")).unwrap_or_else(|_| cstr!("").into());
    bson::Regex {
        pattern,
        options: cstr!("").into(),
    }
}

fn geo(geo: &Geo) -> Document {
    let pair = |point: &[f64; 2]| Bson::from(point.to_vec());
    match geo {
        Geo::Near {
            point,
            max_radians: None,
        } => doc! { "$nearSphere": pair(point) },
        Geo::Near {
            point,
            max_radians: Some(radians),
        } => doc! { "$nearSphere": pair(point), "$maxDistance": *radians },
        Geo::Box { southwest, northeast } => {
            doc! { "$geoWithin": { "$box": [pair(southwest), pair(northeast)] } }
        }
        Geo::Polygon(points) => {
            let points: Vec<Bson> = points.iter().map(pair).collect();
            doc! { "$geoWithin": { "$polygon": points } }
        }
        Geo::Sphere { center, radians } => {
            doc! { "$geoWithin": { "$centerSphere": [pair(center), *radians] } }
        }
        Geo::Contains(point) => {
            doc! { "$geoIntersects": { "$geometry": { "type": "Point", "coordinates": pair(point) } } }
        }
    }
}

fn text_search(search: &TextSearch) -> Document {
    let mut text = doc! { "$search": &search.term };
    for (name, value) in [
        ("$language", search.language.clone().map(Bson::String)),
        ("$caseSensitive", search.case_sensitive.map(Bson::Boolean)),
        (
            "$diacriticSensitive",
            search.diacritic_sensitive.map(Bson::Boolean),
        ),
    ] {
        if let Some(value) = value {
            text.insert(name, value);
        }
    }
    doc! { "$text": text }
}

/// A value in the form the field stores it.
fn operand(kind: Option<&FieldType>, value: &Value) -> Bson {
    match (kind, value) {
        // An id stands for the object of the target class; what has a `$` is a pointer as it is stored.
        (Some(FieldType::Pointer(target)), Value::String(id)) if !id.contains('$') => {
            Bson::String(format!("{target}${id}"))
        }
        (Some(FieldType::Pointer(_)), value) => match Pointer::decode(value) {
            Some(pointer) => Bson::String(format!("{}${}", pointer.class, pointer.id)),
            None => encode::nested(value.clone()),
        },
        (Some(FieldType::Date), Value::String(text)) => match dates::parse_iso(text) {
            Some(at) => Bson::DateTime(bson::DateTime::from_millis(at)),
            None => encode::nested(value.clone()),
        },
        (kind, value) => encode::stored(kind, value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::where_clause::{self, Reader};
    use serde_json::json;

    fn schema() -> ClassSchema {
        let mut schema = ClassSchema::new("A");
        schema
            .fields
            .insert("owner".into(), FieldType::Pointer("_User".into()));
        schema.fields.insert("tags".into(), FieldType::Array);
        schema
    }

    fn filter(clause: Value) -> Document {
        translate(
            &schema(),
            &where_clause::parse(
                clause.as_object().unwrap(),
                Reader {
                    master: false,
                    now: 0,
                },
            )
            .unwrap(),
        )
    }

    #[test]
    fn pointers_arrays_dates_and_ids_take_their_stored_form() {
        let owner = json!({"__type": "Pointer", "className": "_User", "objectId": "u1"});
        assert_eq!(
            filter(json!({"owner": owner})),
            doc! { "_p_owner": { "$eq": "_User$u1" } }
        );
        assert_eq!(
            filter(json!({"owner": {"$in": [owner]}})),
            doc! { "_p_owner": { "$in": ["_User$u1"] } }
        );
        assert_eq!(
            filter(json!({"owner": {"$nin": ["u1", "_User$u2", null]}})),
            doc! { "_p_owner": { "$nin": ["_User$u1", "_User$u2", null] } }
        );
        assert_eq!(
            filter(json!({"owner": {"$exists": true}})),
            doc! { "_p_owner": { "$exists": true } }
        );
        assert_eq!(filter(json!({"tags": "x"})), doc! { "tags": { "$all": ["x"] } });
        assert_eq!(filter(json!({"objectId": "x"})), doc! { "_id": { "$eq": "x" } });
        assert_eq!(
            filter(json!({"createdAt": {"$gt": {"__type": "Date", "iso": "1970-01-01T00:00:00.005Z"}}})),
            doc! { "_created_at": { "$gt": bson::DateTime::from_millis(5) } }
        );
    }

    #[test]
    fn several_conditions_on_one_field_all_count() {
        assert_eq!(
            filter(json!({"n": {"$gt": 1, "$lt": 5}})),
            doc! { "n": { "$gt": 1, "$lt": 5 } }
        );
        assert_eq!(filter(json!({})), doc! {});
        assert_eq!(
            filter(json!({"$or": [{"a": 1}, {"b": 2}]})),
            doc! { "$or": [{ "a": { "$eq": 1 } }, { "b": { "$eq": 2 } }] }
        );
    }

    #[test]
    fn a_projection_never_names_a_path_and_its_parent() {
        let keys = ["a.b".to_owned(), "a".to_owned(), "owner".to_owned()];
        let projection = projection(&schema(), &keys);
        assert!(
            projection.contains_key("a")
                && projection.contains_key("_p_owner")
                && !projection.contains_key("a.b")
        );
    }
}
