//! Reads a where-clause (reference section 4.2) into a [`Filter`], refusing whatever is not in the grammar, so that
//! no operator of the database can be smuggled through.

use serde_json::{Map, Value};

use crate::protocol::dates::Millis;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::types::Pointer;
use crate::query::constraints;
use crate::query::filter::{Filter, Test};

/// Columns of `_User` and `_Session` that only the master key may query. Password hashes are never among them.
const INTERNAL_KEYS: &[&str] = &[
    "_email_verify_token",
    "_email_verify_token_expires_at",
    "_perishable_token",
    "_perishable_token_expires_at",
    "_failed_login_count",
    "_account_lockout_expires_at",
    "_password_changed_at",
    "_tombstone",
    "_session_token",
];

/// Nesting of logical operators beyond this is refused before anything else looks at the tree.
const MAX_DEPTH: usize = 50;

/// Conditions of a query and its subqueries together; the database plans each one.
const MAX_CONDITIONS: usize = 1_000;

/// Subqueries of a query, each of which is a query of the database. Side by side within each other they would multiply.
const MAX_SUBQUERIES: usize = 50;

/// What reading a query depends on.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// The owner's keys may also name internal columns.
    pub master: bool,
    /// The moment that relative times count from.
    pub now: Millis,
}

/// The filter that `clause` means.
pub fn parse(clause: &Map<String, Value>, reader: Reader) -> ParseResult<Filter> {
    check_depth(clause)?;
    let filter = parse_level(clause, reader)?;
    let mut size = Size::default();
    size.add(&filter);
    if size.conditions > MAX_CONDITIONS {
        return Err(invalid_query("The query has too many conditions."));
    }
    if size.subqueries > MAX_SUBQUERIES {
        return Err(invalid_query("The query has too many subqueries."));
    }
    Ok(filter)
}

/// How much work a query is.
#[derive(Default)]
struct Size {
    conditions: usize,
    subqueries: usize,
}

impl Size {
    fn add(&mut self, filter: &Filter) {
        self.conditions += 1;
        match filter {
            Filter::All(parts) | Filter::Any(parts) | Filter::Neither(parts) => {
                parts.iter().for_each(|part| self.add(part));
            }
            Filter::Field { tests, .. } => {
                for test in tests {
                    if let Test::Subquery(inner) = test {
                        self.subqueries += 1;
                        self.add(&inner.options.filter);
                    }
                }
            }
            Filter::RelatedTo { .. } => self.subqueries += 1,
        }
    }
}

/// Before any other walk over the tree: its nesting is bounded (CVE-2026-30946 and its like).
fn check_depth(clause: &Map<String, Value>) -> ParseResult<()> {
    fn deeper_than(value: &Value, levels: usize) -> bool {
        match value {
            _ if levels == 0 => true,
            Value::Object(map) => map.values().any(|nested| deeper_than(nested, levels - 1)),
            Value::Array(items) => items.iter().any(|nested| deeper_than(nested, levels - 1)),
            _ => false,
        }
    }
    match clause.values().any(|value| deeper_than(value, 2 * MAX_DEPTH)) {
        true => Err(invalid_query("The query is nested too deeply.")),
        false => Ok(()),
    }
}

fn parse_level(clause: &Map<String, Value>, reader: Reader) -> ParseResult<Filter> {
    let parts = clause.iter().map(|(key, value)| match key.as_str() {
        "$or" => branches(key, value, reader).map(Filter::Any),
        "$and" => branches(key, value, reader).map(Filter::All),
        "$nor" => branches(key, value, reader).map(Filter::Neither),
        "$relatedTo" => related_to(value),
        _ => {
            check_key(key, reader.master)?;
            Ok(Filter::Field {
                path: key.clone(),
                tests: constraints::read(value, reader)?,
            })
        }
    });
    parts.collect::<ParseResult<Vec<_>>>().map(Filter::All)
}

fn branches(key: &str, value: &Value, reader: Reader) -> ParseResult<Vec<Filter>> {
    let bad = || invalid_query(&format!("Bad {key} format - use an array value."));
    let clauses = value.as_array().ok_or_else(bad)?;
    if clauses.is_empty() && key != "$and" {
        return Err(invalid_query(&format!(
            "Bad {key} format - use an array of at least 1 value."
        )));
    }
    clauses
        .iter()
        .map(|clause| parse_level(clause.as_object().ok_or_else(bad)?, reader))
        .collect()
}

fn related_to(value: &Value) -> ParseResult<Filter> {
    let owner = value.get("object").and_then(Pointer::decode);
    let key = value.get("key").and_then(Value::as_str);
    match (owner, key) {
        (Some(owner), Some(key)) => Ok(Filter::RelatedTo {
            owner,
            key: key.into(),
        }),
        _ => Err(invalid_query("improper usage of $relatedTo")),
    }
}

fn check_key(key: &str, master: bool) -> ParseResult<()> {
    if key == "ACL" {
        return Err(invalid_query("Cannot query on ACL."));
    }
    let internal = master && INTERNAL_KEYS.contains(&key);
    if internal || is_path(key) {
        Ok(())
    } else {
        Err(ParseError::new(
            code::INVALID_KEY_NAME,
            format!("Invalid key name: {key}"),
        ))
    }
}

/// `^[a-zA-Z][a-zA-Z0-9_.]*$`
pub fn is_path(key: &str) -> bool {
    key.len() <= 1024
        && key
            .bytes()
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.')
}

pub(super) fn invalid_query(message: &str) -> ParseError {
    ParseError::new(code::INVALID_QUERY, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::filter::Test;
    use serde_json::json;

    const READER: Reader = Reader {
        master: false,
        now: 0,
    };

    fn read(clause: Value) -> ParseResult<Filter> {
        parse(clause.as_object().unwrap(), READER)
    }

    #[test]
    fn literals_operators_and_mixtures() {
        let field = |tests| {
            Filter::All(vec![Filter::Field {
                path: "a".into(),
                tests,
            }])
        };
        assert_eq!(read(json!({"a": 1})).unwrap(), field(vec![Test::Eq(json!(1))]));
        assert_eq!(
            read(json!({"a": {"$gt": 1, "$lte": 5}})).unwrap(),
            field(vec![Test::Gt(json!(1)), Test::Lte(json!(5))])
        );
        assert_eq!(
            read(json!({"a": {"b": 1, "$exists": true}})).unwrap(),
            field(vec![Test::Eq(json!({"b": 1})), Test::Exists(true)])
        );
    }

    #[test]
    fn a_field_exists_by_the_databases_idea_of_true() {
        let exists = |value: Value| read(json!({"a": {"$exists": value}})).unwrap();
        for yes in [json!(true), json!(1), json!(-0.5), json!(""), json!("no")] {
            assert_eq!(exists(yes.clone()), exists(json!(true)), "{yes}");
        }
        for no in [json!(0), json!(null)] {
            assert_eq!(exists(no.clone()), exists(json!(false)), "{no}");
        }
    }

    #[test]
    fn a_find_by_id_alone_is_a_get() {
        assert_eq!(read(json!({"objectId": "x"})).unwrap().single_id(), Some("x"));
        assert_eq!(
            read(json!({"objectId": {"$eq": "x"}})).unwrap().single_id(),
            Some("x")
        );
        assert_eq!(read(json!({"objectId": "x", "a": 1})).unwrap().single_id(), None);
    }

    #[test]
    fn nothing_outside_the_grammar_gets_through() {
        for (clause, code) in [
            (json!({"$where": "1"}), 105),
            (json!({"_hashed_password": {"$regex": "^a"}}), 105),
            (json!({"_session_token": "r:1"}), 105),
            (json!({"a b": 1}), 105),
            (json!({"ACL": {}}), 102),
            (json!({"$or": {"a": 1}}), 102),
            (json!({"$or": []}), 102),
            (json!({"$or": [{"$nor": [{"_wperm": 1}]}]}), 105),
            (json!({"a": {"$where": "1"}}), 107),
            (json!({"a": {"$ne": {"$regex": "x"}}}), 107),
            (json!({"a": {"$in": [{"$gt": ""}]}}), 107),
            (json!({"a": {"$in": 1}}), 107),
            (json!({"a": {"$exists": {}}}), 107),
            (json!({"a": {"__type": "Date"}}), 107),
            (
                json!({"a": {"$in": [[{"b": {"__type": "Date", "iso": "soon"}}]]}}),
                107,
            ),
            (json!({"a": {"$regex": 1}}), 102),
            (json!({"a": {"$regex": "x", "$options": "g"}}), 102),
            (json!({"a": {"$options": "i"}}), 107),
            (json!({"a": {"b\u{0}": 1}}), 102),
            (json!({"a": {"$in": [{"b": [{"c\u{0}": 1}]}]}}), 102),
        ] {
            assert_eq!(read(clause.clone()).unwrap_err().code, Some(code), "{clause}");
        }
    }

    #[test]
    fn only_the_master_key_sees_internal_columns_and_never_the_password() {
        let clause = json!({"_perishable_token": "x"});
        let master = Reader {
            master: true,
            ..READER
        };
        assert!(parse(clause.as_object().unwrap(), master).is_ok());
        assert!(parse(json!({"_hashed_password": "x"}).as_object().unwrap(), master).is_err());
    }

    #[test]
    fn deep_nesting_is_refused() {
        let mut clause = json!({"a": 1});
        for _ in 0..60 {
            clause = json!({"$or": [clause]});
        }
        assert_eq!(read(clause).unwrap_err().code, Some(102));
    }

    #[test]
    fn so_are_more_conditions_or_subqueries_than_a_person_would_write() {
        let many = |count: usize| json!({"$or": (0..count).map(|n| json!({"a": n})).collect::<Vec<_>>()});
        assert!(read(many(300)).is_ok());
        assert_eq!(read(many(1_000)).unwrap_err().code, Some(102));
        let inner = json!({"$inQuery": {"className": "A", "where": {}}});
        let subqueries = |count: usize| json!({"$or": vec![json!({ "a": inner }); count]});
        assert!(read(subqueries(50)).is_ok());
        assert_eq!(read(subqueries(51)).unwrap_err().code, Some(102));
    }
}
