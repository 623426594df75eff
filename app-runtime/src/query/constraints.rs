//! The constraints on one field (reference section 4.3): a literal, or `$` operators.

use serde_json::{Map, Value};

use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::types;
use crate::query::filter::{Subquery, Test, TextSearch};
use crate::query::options::FindOptions;
use crate::query::where_clause::{self, Reader, invalid_query};
use crate::query::{geo, relative_time};

/// Operators that only say more about another one.
const COMPANIONS: &[&str] = &[
    "$options",
    "$maxDistance",
    "$maxDistanceInMiles",
    "$maxDistanceInKilometers",
    "$maxDistanceInRadians",
];

const REDIRECT: &str = "redirectClassNameForKey";

/// A literal, or an object of `$` operators. In a mixture the rest is one literal (reference 4.2).
pub fn read(value: &Value, reader: Reader) -> ParseResult<Vec<Test>> {
    let Some(map) = value
        .as_object()
        .filter(|map| map.keys().any(|key| key.starts_with('$')))
    else {
        return Ok(vec![Test::Eq(literal(value)?)]);
    };
    let (operators, rest): (Vec<_>, Vec<_>) = map.iter().partition(|(key, _)| key.starts_with('$'));
    let mut tests = Vec::with_capacity(operators.len());
    if !rest.is_empty() {
        let rest = rest.into_iter().map(|(key, value)| (key.clone(), value.clone()));
        tests.push(Test::Eq(literal(&Value::Object(rest.collect()))?));
    }
    for (operator, operand) in operators {
        if !is_companion(operator, map) {
            tests.push(test(operator, operand, map, reader)?);
        }
    }
    Ok(tests)
}

fn is_companion(operator: &str, all: &Map<String, Value>) -> bool {
    COMPANIONS.contains(&operator) && (all.contains_key("$regex") || all.contains_key("$nearSphere"))
}

fn test(operator: &str, operand: &Value, all: &Map<String, Value>, reader: Reader) -> ParseResult<Test> {
    Ok(match operator {
        "$eq" => Test::Eq(plain(operand)?),
        "$ne" => Test::Ne(plain(operand)?),
        "$lt" => Test::Lt(ordered(operand, reader)?),
        "$lte" => Test::Lte(ordered(operand, reader)?),
        "$gt" => Test::Gt(ordered(operand, reader)?),
        "$gte" => Test::Gte(ordered(operand, reader)?),
        "$in" => Test::In(list(operator, operand)?),
        "$nin" => Test::Nin(list(operator, operand)?),
        "$all" => contains_all(operand)?,
        "$containedBy" => Test::ContainedBy(list(operator, operand)?),
        "$exists" => Test::Exists(exists(operand)?),
        "$regex" => regex(operand, all.get("$options"))?,
        "$text" => Test::Text(text(operand)?),
        "$nearSphere" => Test::Geo(geo::near(operand, all)?),
        "$within" => Test::Geo(geo::within(operand)?),
        "$geoWithin" => Test::Geo(geo::geo_within(operand)?),
        "$geoIntersects" => Test::Geo(geo::intersects(operand)?),
        "$inQuery" | "$notInQuery" => Test::Subquery(in_query(operator, operand, reader)?),
        "$select" | "$dontSelect" => Test::Subquery(select(operator, operand, reader)?),
        _ => return Err(invalid(&format!("bad constraint: {operator}"))),
    })
}

/// What the database takes for true, which every text is.
fn exists(operand: &Value) -> ParseResult<bool> {
    match operand {
        Value::Array(_) | Value::Object(_) => Err(bad_value("$exists")),
        operand => Ok(operand.is_string() || types::is_truthy(operand)),
    }
}

/// A value to compare with, which may be a moment relative to now.
fn ordered(operand: &Value, reader: Reader) -> ParseResult<Value> {
    match operand.get("$relativeTime") {
        Some(time) => relative_time::resolve(time, reader.now),
        None => plain(operand),
    }
}

fn list(operator: &str, operand: &Value) -> ParseResult<Vec<Value>> {
    operand
        .as_array()
        .ok_or_else(|| bad_value(operator))?
        .iter()
        .map(plain)
        .collect()
}

/// Values, or patterns; never both.
fn contains_all(operand: &Value) -> ParseResult<Test> {
    let items = operand.as_array().ok_or_else(|| bad_value("$all"))?;
    let patterns: Vec<&Value> = items.iter().filter_map(|item| item.get("$regex")).collect();
    if patterns.is_empty() {
        return list("$all", operand).map(Test::All);
    }
    let texts: Vec<String> = patterns
        .iter()
        .filter_map(|pattern| pattern.as_str())
        .map(str::to_owned)
        .collect();
    if texts.len() == items.len() && !texts.iter().any(|text| text.contains('\0')) {
        return Ok(Test::AllMatching(texts));
    }
    Err(invalid(&format!(
        "All $all values must be of regex type or none: {operand}"
    )))
}

/// An operand that is a value and nothing else: no key in it may start with `$`.
fn plain(operand: &Value) -> ParseResult<Value> {
    if has_key(operand, &|key| key.starts_with('$')) {
        return Err(invalid(&format!("bad constraint value: {operand}")));
    }
    literal(operand)
}

/// A value to compare with as it is. No stored key has a null byte, and the database cannot be asked about one.
fn literal(value: &Value) -> ParseResult<Value> {
    if has_key(value, &|key| key.contains('\0')) {
        return Err(invalid_query("A key must not contain a null byte"));
    }
    if has_no_moment(value) {
        return Err(invalid("This is not a valid Date"));
    }
    Ok(value.clone())
}

fn has_key(value: &Value, is_meant: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::Object(map) => map
            .iter()
            .any(|(key, nested)| is_meant(key) || has_key(nested, is_meant)),
        Value::Array(items) => items.iter().any(|item| has_key(item, is_meant)),
        _ => false,
    }
}

/// Whether a Date is in it that is none. It would have to stand for some moment, or for null.
fn has_no_moment(value: &Value) -> bool {
    match value {
        Value::Object(map) if types::tag(map) == Some("Date") => types::date_millis(value).is_none(),
        Value::Object(map) => map.values().any(has_no_moment),
        Value::Array(items) => items.iter().any(has_no_moment),
        _ => false,
    }
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

fn text(operand: &Value) -> ParseResult<TextSearch> {
    let search = operand.get("$search").and_then(Value::as_object);
    let search = search.ok_or_else(|| invalid("bad $text: $search, should be object"))?;
    let string = |name: &str| match search.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(invalid(&format!("bad $text: {name}, should be string"))),
    };
    let flag = |name: &str| match search.get(name) {
        None => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(invalid(&format!("bad $text: {name}, should be boolean"))),
    };
    Ok(TextSearch {
        term: string("$term")?.ok_or_else(|| invalid("bad $text: $term, should be string"))?,
        language: string("$language")?,
        case_sensitive: flag("$caseSensitive")?,
        diacritic_sensitive: flag("$diacriticSensitive")?,
    })
}

fn in_query(operator: &str, operand: &Value, reader: Reader) -> ParseResult<Subquery> {
    let improper = || invalid_query(&format!("improper usage of {operator}"));
    let query = operand
        .as_object()
        .filter(|query| query.contains_key("where"))
        .ok_or_else(improper)?;
    let (class, options) = subquery(query, reader).ok_or_else(improper)??;
    Ok(Subquery {
        class,
        options,
        key: None,
        negated: operator == "$notInQuery",
    })
}

fn select(operator: &str, operand: &Value, reader: Reader) -> ParseResult<Subquery> {
    let improper = || invalid_query(&format!("improper usage of {operator}"));
    let select = operand
        .as_object()
        .filter(|select| select.len() == 2)
        .ok_or_else(improper)?;
    // Columns that no object shows are compared with by nobody.
    let key = select
        .get("key")
        .and_then(Value::as_str)
        .filter(|key| where_clause::is_path(key))
        .ok_or_else(improper)?;
    let query = select
        .get("query")
        .and_then(Value::as_object)
        .ok_or_else(improper)?;
    let (class, options) = subquery(query, reader).ok_or_else(improper)??;
    Ok(Subquery {
        class,
        options,
        key: Some(key.to_owned()),
        negated: operator == "$dontSelect",
    })
}

/// Class and condition of an inner query, and the relation that leads to another class. Like Parse Server, everything else
/// in it is ignored, limit and order included.
fn subquery(query: &Map<String, Value>, reader: Reader) -> Option<ParseResult<(String, Box<FindOptions>)>> {
    let class = query.get("className")?.as_str()?.to_owned();
    let clause = query.get("where").map(|clause| ("where", clause));
    let redirect = query
        .get(REDIRECT)
        .filter(|key| types::is_truthy(key))
        .map(|key| (REDIRECT, key));
    let params: Map<String, Value> = clause
        .into_iter()
        .chain(redirect)
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect();
    Some(FindOptions::parse(&params, reader).map(|options| (class, Box::new(options))))
}

fn bad_value(operator: &str) -> ParseError {
    invalid(&format!("bad {operator} value"))
}

pub(super) fn invalid(message: &str) -> ParseError {
    ParseError::new(code::INVALID_JSON, message)
}
