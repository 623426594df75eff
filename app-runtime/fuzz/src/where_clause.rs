//! Where-clauses. An input is one, as JSON; a leading `!` makes it the master key's.

use app_runtime::query::{Filter, Reader, evaluate, where_clause};
use app_runtime::storage::translate_filter;
use bson::{Bson, Document, RawDocumentBuf};
use serde_json::{Map, Value};

use super::documents;

/// All that a condition on one column may say to the database.
const OPERATORS: &[&str] = &[
    "$eq",
    "$ne",
    "$lt",
    "$lte",
    "$gt",
    "$gte",
    "$in",
    "$nin",
    "$all",
    "$type",
    "$not",
    "$exists",
    "$regex",
    "$options",
    "$nearSphere",
    "$maxDistance",
    "$geoWithin",
    "$geoIntersects",
];

/// Whatever is accepted can be asked of any object and of the database, and says nothing to it but what it may.
pub fn run(input: &[u8]) {
    let (input, master) = match input.strip_prefix(b"!") {
        Some(rest) => (rest, true),
        None => (input, false),
    };
    let Ok(clause) = serde_json::from_slice::<Map<String, Value>>(input) else {
        return;
    };
    let reader = Reader {
        master,
        now: 1_767_225_600_000,
    };
    let Ok(filter) = where_clause::parse(&clause, reader) else {
        return;
    };
    for object in documents::objects() {
        evaluate::matches(&object, &filter);
    }
    check_fields(&filter, master);
    let asked = translate_filter(&documents::class(), &filter);
    check_level(&asked, master);
    RawDocumentBuf::try_from(&asked).expect("what we accept is BSON");
}

fn check_fields(filter: &Filter, master: bool) {
    filter.visit_fields(&mut |field| {
        assert!(field != "ACL" && field != "_hashed_password", "{field}");
        assert!(master || !field.starts_with('_'), "{field}");
    });
}

fn check_level(level: &Document, master: bool) {
    for (key, value) in level {
        match (key.as_str(), value) {
            ("$and" | "$or" | "$nor", Bson::Array(parts)) => {
                for part in parts {
                    check_level(part.as_document().expect("a branch is a document"), master);
                }
            }
            ("$text", Bson::Document(search)) => {
                assert!(search.values().all(|value| value.as_document().is_none()));
            }
            (column, Bson::Document(conditions)) => {
                check_column(column, master);
                conditions
                    .iter()
                    .for_each(|(operator, operand)| check_condition(operator, operand));
            }
            (key, value) => panic!("{key}: {value} is no condition"),
        }
    }
}

fn check_column(column: &str, master: bool) {
    const OURS: &[&str] = &["_id", "_created_at", "_updated_at", "_session_token"];
    let known = OURS.contains(&column) || column.starts_with("_p_") || column.starts_with("_auth_data_");
    assert!(!column.starts_with('$'), "{column}");
    assert!(master || known || !column.starts_with('_'), "{column}");
}

fn check_condition(operator: &str, operand: &Bson) {
    assert!(OPERATORS.contains(&operator), "{operator}");
    let items = match operand {
        Bson::Array(items) => items.as_slice(),
        _ => &[],
    };
    // In these lists an object with an operator is a condition, not a value.
    let is_condition = |item: &Bson| {
        let first = item.as_document().and_then(|item| item.keys().next());
        first.is_some_and(|key| key.starts_with('$'))
    };
    match operator {
        "$all" | "$in" | "$nin" => assert!(!items.iter().any(is_condition), "{operator}: {operand}"),
        "$regex" => assert!(operand.as_str().is_some(), "{operand}"),
        _ => {}
    }
}
