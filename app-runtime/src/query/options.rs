//! The parameters of a find (reference section 4.1).

use serde_json::{Map, Value};

use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::json;
use crate::protocol::types::is_truthy;
use crate::query::filter::Filter;
use crate::query::where_clause::{self, Reader};

/// One sort key.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub path: String,
    pub descending: bool,
}

/// Which pointers are replaced by the objects they lead to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Include {
    /// Dotted paths.
    pub paths: Vec<String>,
    /// Every pointer and array field of the class itself (`*`).
    pub all: bool,
}

/// What a find asks for, validated.
#[derive(Debug, Clone, PartialEq)]
pub struct FindOptions {
    pub filter: Filter,
    /// `None`: the app's default.
    pub limit: Option<u32>,
    pub skip: u64,
    pub order: Vec<Order>,
    /// Only these fields, and the built-in ones.
    pub keys: Option<Vec<String>>,
    pub exclude_keys: Vec<String>,
    pub include: Include,
    pub count: bool,
    /// Find in the class that this pointer or relation field leads to.
    pub redirect: Option<String>,
    /// Verbosity of a query plan to return in place of the results.
    pub explain: Option<String>,
    /// Name or keys of the index to use.
    pub hint: Option<Value>,
}

/// Parts of one path of `include`.
const MAX_INCLUDE_DEPTH: usize = 25;

/// Parts of all paths of `include` together.
const MAX_INCLUDES: usize = 500;

/// Parameters of a get by id; any other is refused.
const GET_PARAMETERS: &[&str] = &[
    "keys",
    "include",
    "excludeKeys",
    "readPreference",
    "includeReadPreference",
    "subqueryReadPreference",
];

impl FindOptions {
    /// Everything of the class, as far as limits allow.
    pub fn all() -> Self {
        Self::of(Filter::everything())
    }

    /// All objects that `filter` means.
    pub fn of(filter: Filter) -> Self {
        Self {
            filter,
            limit: None,
            skip: 0,
            order: Vec::new(),
            keys: None,
            exclude_keys: Vec::new(),
            include: Include::default(),
            count: false,
            redirect: None,
            explain: None,
            hint: None,
        }
    }

    /// Reads the parameters of `GET /classes/:class`.
    pub fn parse(params: &Map<String, Value>, reader: Reader) -> ParseResult<Self> {
        let mut options = Self::all();
        for (name, value) in params {
            match name.as_str() {
                "where" => options.filter = parse_where(value, reader)?,
                "limit" => options.limit = Some(u32::try_from(number(name, value)?).unwrap_or(u32::MAX)),
                "skip" => options.skip = number(name, value)?,
                "order" => options.order = orders(value)?,
                "keys" => options.keys = Some(keys(value)?),
                "excludeKeys" => options.exclude_keys = fields(name, value)?,
                "include" => options.include.extend(fields(name, value)?),
                "includeAll" => options.include.all |= is_truthy(value),
                "count" => options.count = is_truthy(value),
                "redirectClassNameForKey" => options.redirect = Some(text(name, value)?),
                "explain" => options.explain = explain(value)?,
                "hint" => options.hint = Some(value.clone()).filter(|hint| !hint.is_null()),
                "readPreference" | "includeReadPreference" | "subqueryReadPreference" => {
                    check_read_preference(value)?
                }
                "comment" => {}
                _ => return Err(invalid(format!("Invalid parameter for query: {name}"))),
            }
        }
        options.include_selected();
        options.include.check_size()?;
        Ok(options)
    }

    /// Reads the parameters of `GET /classes/:class/:id`.
    pub fn parse_get(id: &str, params: &Map<String, Value>, reader: Reader) -> ParseResult<Self> {
        if params.keys().any(|name| !GET_PARAMETERS.contains(&name.as_str())) {
            return Err(invalid("Improper encode of parameter"));
        }
        Ok(Self {
            filter: Filter::equals("objectId", id),
            limit: Some(1),
            ..Self::parse(params, reader)?
        })
    }

    /// A dotted key selects through a pointer, which has to be included for that.
    fn include_selected(&mut self) {
        for key in self.keys.iter().flatten().chain(&self.exclude_keys) {
            if let Some((parent, _)) = key.rsplit_once('.') {
                self.include.paths.push(parent.to_owned());
            }
        }
    }
}

impl Include {
    fn extend(&mut self, paths: Vec<String>) {
        for path in paths {
            if path == "*" {
                self.all = true
            } else {
                self.paths.push(path)
            }
        }
    }

    /// Each part of a path is a query of its own, and each path is followed one part after the other.
    fn check_size(&self) -> ParseResult<()> {
        let depths = self.paths.iter().map(|path| path.split('.').count());
        if depths.clone().any(|depth| depth > MAX_INCLUDE_DEPTH) || depths.sum::<usize>() > MAX_INCLUDES {
            return Err(invalid("The query includes too much."));
        }
        Ok(())
    }

    /// Nothing is included.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty() && !self.all
    }
}

fn parse_where(value: &Value, reader: Reader) -> ParseResult<Filter> {
    let invalid = || ParseError::new(code::INVALID_JSON, "where parameter is not valid JSON");
    match value {
        Value::Object(clause) => where_clause::parse(clause, reader),
        Value::String(text) => match json::parse(text.as_bytes()) {
            Ok(Value::Object(clause)) => where_clause::parse(&clause, reader),
            _ => Err(invalid()),
        },
        _ => Err(invalid()),
    }
}

/// Odd values must not reach the database (CVE-2021-39187).
fn explain(value: &Value) -> ParseResult<Option<String>> {
    let verbosity = match value {
        Value::Bool(false) | Value::Null => return Ok(None),
        Value::Bool(true) => "queryPlanner",
        Value::String(text)
            if ["queryPlanner", "executionStats", "allPlansExecution"].contains(&text.as_str()) =>
        {
            text
        }
        _ => return Err(invalid("Invalid value for explain")),
    };
    Ok(Some(verbosity.to_owned()))
}

fn text(name: &str, value: &Value) -> ParseResult<String> {
    value
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| invalid(format!("{name} must be a string")))
}

fn invalid(message: impl Into<String>) -> ParseError {
    ParseError::new(code::INVALID_QUERY, message)
}

fn number(name: &str, value: &Value) -> ParseResult<u64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse::<f64>().ok(),
        _ => None,
    };
    match number {
        Some(number) if number >= 0.0 && number.fract() == 0.0 && number < 9e15 => Ok(number as u64),
        _ => Err(ParseError::new(
            code::INVALID_QUERY,
            format!("{name} must be a whole number, zero or more"),
        )),
    }
}

fn orders(value: &Value) -> ParseResult<Vec<Order>> {
    let keys = fields("order", value)?
        .into_iter()
        .map(|key| match key.strip_prefix('-') {
            Some(path) => Order {
                path: path.into(),
                descending: true,
            },
            None => Order {
                path: key.strip_prefix('+').unwrap_or(&key).into(),
                descending: false,
            },
        });
    keys.map(|mut order| {
        match order.path.as_str() {
            "_created_at" => order.path = "createdAt".into(),
            "_updated_at" => order.path = "updatedAt".into(),
            "$score" => {}
            path if where_clause::is_path(path) && is_whole(path) && !path.starts_with("authData") => {}
            path => return Err(ParseError::invalid_field_name(path)),
        }
        Ok(order)
    })
    .collect()
}

/// The fields to show, and the relevance of a text search.
fn keys(value: &Value) -> ParseResult<Vec<String>> {
    let keys = fields("keys", value)?;
    let is_nothing = |key: &&String| *key != "$score" && (!is_whole(key) || key.contains('$'));
    match keys.iter().find(is_nothing) {
        Some(key) => Err(ParseError::invalid_field_name(key)),
        None => Ok(keys),
    }
}

/// Whether every part of a path has a name, and the database takes as many.
fn is_whole(path: &str) -> bool {
    const MAX_PARTS: usize = 100;
    path.split('.').count() <= MAX_PARTS && path.split('.').all(|part| !part.is_empty())
}

/// There is one place to read from, and one that nobody knows is a mistake.
fn check_read_preference(value: &Value) -> ParseResult<()> {
    const KNOWN: &[&str] = &[
        "PRIMARY",
        "PRIMARY_PREFERRED",
        "SECONDARY",
        "SECONDARY_PREFERRED",
        "NEAREST",
    ];
    let is_known = |text: &str| text.is_empty() || KNOWN.iter().any(|known| known.eq_ignore_ascii_case(text));
    if value.is_null() || value.as_str().is_some_and(is_known) {
        Ok(())
    } else {
        Err(invalid("Not supported read preference."))
    }
}

/// A comma list, or an array of strings as some SDKs send it.
fn fields(name: &str, value: &Value) -> ParseResult<Vec<String>> {
    let invalid = || {
        ParseError::new(
            code::INVALID_QUERY,
            format!("{name} must be a list of field names"),
        )
    };
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().ok_or_else(invalid))
            .collect::<ParseResult<Vec<_>>>()?
            .join(","),
        _ => return Err(invalid()),
    };
    Ok(text
        .split(',')
        .map(str::trim)
        .filter(|field| !field.is_empty())
        .map(str::to_owned)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(params: Value) -> ParseResult<FindOptions> {
        FindOptions::parse(
            params.as_object().unwrap(),
            Reader {
                master: false,
                now: 0,
            },
        )
    }

    #[test]
    fn reads_every_parameter() {
        let options = parse(json!({"where": "{\"a\":1}", "limit": "5", "skip": 2, "order": "-a,_created_at", "keys": "a, b", "count": 1})).unwrap();
        assert_eq!(options.filter, Filter::All(vec![Filter::equals("a", 1)]));
        assert_eq!((options.limit, options.skip, options.count), (Some(5), 2, true));
        assert_eq!(
            options.order[0],
            Order {
                path: "a".into(),
                descending: true
            }
        );
        assert_eq!(
            options.order[1],
            Order {
                path: "createdAt".into(),
                descending: false
            }
        );
        assert_eq!(options.keys, Some(vec!["a".into(), "b".into()]));
        assert!(!parse(json!({"count": 0})).unwrap().count);
        let options = parse(json!({"keys": ["a", "b,$score"], "readPreference": "Secondary_Preferred"}));
        assert_eq!(
            options.unwrap().keys,
            Some(vec!["a".into(), "b".into(), "$score".into()])
        );
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for (params, code) in [
            (json!({"limits": 1}), 102),
            (json!({"limit": -1}), 102),
            (json!({"limit": "many"}), 102),
            (json!({"where": "{"}), 107),
            (json!({"where": [1]}), 107),
            (json!({"order": "_hashed_password"}), 105),
            (json!({"order": "authData.x.id"}), 105),
            (json!({"keys": 7}), 102),
            (json!({"keys": "."}), 105),
            (json!({"keys": "a,b..c"}), 105),
            (json!({"keys": "$natural"}), 105),
            (json!({"order": "n."}), 105),
            (json!({"order": "-a..b"}), 105),
            (json!({"readPreference": "nope"}), 102),
            (json!({"includeReadPreference": 1}), 102),
        ] {
            assert_eq!(parse(params.clone()).unwrap_err().code, Some(code), "{params}");
        }
        let get = FindOptions::parse_get(
            "x",
            json!({"limit": 1}).as_object().unwrap(),
            Reader {
                master: false,
                now: 0,
            },
        );
        assert_eq!(get.unwrap_err().message, "Improper encode of parameter");
    }
}
