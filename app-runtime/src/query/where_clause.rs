//! Reads a where-clause (reference section 4.2) into a [`Filter`], refusing whatever is not in the grammar, so that
//! no operator of the database can be smuggled through.

use serde_json::{Map, Value};

use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::types::Pointer;
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

/// The filter that `clause` means. `master` may also name internal columns.
pub fn parse(clause: &Map<String, Value>, master: bool) -> ParseResult<Filter> {
    parse_level(clause, master, 0)
}

fn parse_level(clause: &Map<String, Value>, master: bool, depth: usize) -> ParseResult<Filter> {
    if depth > MAX_DEPTH {
        return Err(invalid_query("The query is nested too deeply."));
    }
    let parts = clause.iter().map(|(key, value)| match key.as_str() {
        "$or" => branches(key, value, master, depth).map(Filter::Any),
        "$and" => branches(key, value, master, depth).map(Filter::All),
        "$nor" => branches(key, value, master, depth).map(Filter::Neither),
        "$relatedTo" => related_to(value),
        _ => {
            check_key(key, master)?;
            Ok(Filter::Field {
                path: key.clone(),
                tests: tests(value)?,
            })
        }
    });
    parts.collect::<ParseResult<Vec<_>>>().map(Filter::All)
}

fn branches(key: &str, value: &Value, master: bool, depth: usize) -> ParseResult<Vec<Filter>> {
    let bad = || invalid_query(&format!("Bad {key} format - use an array value."));
    let clauses = value.as_array().ok_or_else(bad)?;
    if clauses.is_empty() && key != "$and" {
        return Err(invalid_query(&format!(
            "Bad {key} format - use an array of at least 1 value."
        )));
    }
    clauses
        .iter()
        .map(|clause| parse_level(clause.as_object().ok_or_else(bad)?, master, depth + 1))
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

/// A literal, or an object of `$` operators. In a mixture the rest is one literal (reference 4.2).
fn tests(value: &Value) -> ParseResult<Vec<Test>> {
    let Some(map) = value
        .as_object()
        .filter(|map| map.keys().any(|key| key.starts_with('$')))
    else {
        return Ok(vec![Test::Eq(value.clone())]);
    };
    let (operators, literal): (Vec<_>, Vec<_>) = map.iter().partition(|(key, _)| key.starts_with('$'));
    let mut tests = Vec::with_capacity(operators.len());
    if !literal.is_empty() {
        let literal = literal
            .into_iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        tests.push(Test::Eq(Value::Object(literal)));
    }
    for (operator, operand) in operators {
        if let Some(test) = test(operator, operand, map)? {
            tests.push(test);
        }
    }
    Ok(tests)
}

/// `None` for an operator that is part of another (`$options`).
fn test(operator: &str, operand: &Value, all: &Map<String, Value>) -> ParseResult<Option<Test>> {
    Ok(Some(match operator {
        "$eq" => Test::Eq(plain(operand)?),
        "$ne" => Test::Ne(plain(operand)?),
        "$lt" => Test::Lt(plain(operand)?),
        "$lte" => Test::Lte(plain(operand)?),
        "$gt" => Test::Gt(plain(operand)?),
        "$gte" => Test::Gte(plain(operand)?),
        "$in" => Test::In(list(operator, operand)?),
        "$nin" => Test::Nin(list(operator, operand)?),
        "$all" => Test::All(list(operator, operand)?),
        "$exists" => Test::Exists(operand.as_bool().ok_or_else(|| bad_value(operator))?),
        "$regex" => regex(operand, all.get("$options"))?,
        "$options" if all.contains_key("$regex") => return Ok(None),
        _ => {
            return Err(ParseError::new(
                code::INVALID_JSON,
                format!("bad constraint: {operator}"),
            ));
        }
    }))
}

fn list(operator: &str, operand: &Value) -> ParseResult<Vec<Value>> {
    operand
        .as_array()
        .ok_or_else(|| bad_value(operator))?
        .iter()
        .map(plain)
        .collect()
}

/// An operand that is a value and nothing else: no key in it may start with `$`.
fn plain(operand: &Value) -> ParseResult<Value> {
    fn has_operator(value: &Value) -> bool {
        match value {
            Value::Object(map) => map
                .iter()
                .any(|(key, nested)| key.starts_with('$') || has_operator(nested)),
            Value::Array(items) => items.iter().any(has_operator),
            _ => false,
        }
    }
    if has_operator(operand) {
        return Err(ParseError::new(
            code::INVALID_JSON,
            format!("bad constraint value: {operand}"),
        ));
    }
    Ok(operand.clone())
}

fn regex(pattern: &Value, options: Option<&Value>) -> ParseResult<Test> {
    let pattern = pattern
        .as_str()
        .ok_or_else(|| invalid_query("$regex value must be a string"))?;
    let options = options
        .map_or(Some(""), Value::as_str)
        .ok_or_else(|| invalid_query("$options value must be a string"))?;
    if !options.chars().all(|option| "imxsu".contains(option)) {
        return Err(invalid_query(&format!("Bad $options value for query: {options}")));
    }
    if pattern.contains('\0') {
        return Err(invalid_query("$regex value must not contain a null byte"));
    }
    Ok(Test::Regex {
        pattern: pattern.into(),
        options: options.replace('u', ""),
    })
}

fn bad_value(operator: &str) -> ParseError {
    ParseError::new(code::INVALID_JSON, format!("bad {operator} value"))
}

fn invalid_query(message: &str) -> ParseError {
    ParseError::new(code::INVALID_QUERY, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(clause: Value) -> ParseResult<Filter> {
        parse(clause.as_object().unwrap(), false)
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
            (json!({"a": {"$exists": 1}}), 107),
            (json!({"a": {"$regex": 1}}), 102),
            (json!({"a": {"$regex": "x", "$options": "g"}}), 102),
            (json!({"a": {"$options": "i"}}), 107),
        ] {
            assert_eq!(read(clause.clone()).unwrap_err().code, Some(code), "{clause}");
        }
    }

    #[test]
    fn only_the_master_key_sees_internal_columns_and_never_the_password() {
        let clause = json!({"_perishable_token": "x"});
        assert!(parse(clause.as_object().unwrap(), true).is_ok());
        assert!(parse(json!({"_hashed_password": "x"}).as_object().unwrap(), true).is_err());
    }

    #[test]
    fn deep_nesting_is_refused() {
        let mut clause = json!({"a": 1});
        for _ in 0..60 {
            clause = json!({"$or": [clause]});
        }
        assert_eq!(read(clause).unwrap_err().code, Some(102));
    }
}
