//! `requestKeywordDenylist`: keys and values that no request may contain, at any depth (CVE-2022-24760 and its
//! successors). As in Parse Server, the entries are regular expressions. The walk visits every nested value;
//! its depth is bounded by the JSON parser.

use regex::Regex;
use serde_json::{Map, Value};

use crate::protocol::error::{ParseError, ParseResult, code};
use crate::settings::DeniedKeyword;

/// The compiled list of one app.
#[derive(Debug)]
pub struct Denylist(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    key: Option<Regex>,
    value: Option<Matcher>,
    shown: String,
}

#[derive(Debug)]
enum Matcher {
    Text(Regex),
    Exact(Value),
}

impl Matcher {
    fn matches(&self, value: &Value) -> bool {
        match self {
            Self::Text(pattern) => value.as_str().is_some_and(|text| pattern.is_match(text)),
            Self::Exact(exact) => exact == value,
        }
    }
}

impl Denylist {
    /// Compiles the configured keywords; one that is no regular expression is matched as it is written.
    pub fn new(keywords: &[DeniedKeyword]) -> Self {
        Self(keywords.iter().map(Entry::new).collect())
    }

    /// 105 `Prohibited keyword in request data: …` if `value` holds a denied keyword anywhere.
    pub fn check(&self, value: &Value) -> ParseResult<()> {
        match value {
            Value::Object(map) => self.check_map(map),
            Value::Array(items) => items.iter().try_for_each(|item| self.check(item)),
            _ => self.refuse_if(|entry| entry.key.is_none() && entry.denies("", value)),
        }
    }

    /// [`Self::check`] for the fields of a request.
    pub fn check_map(&self, map: &Map<String, Value>) -> ParseResult<()> {
        map.iter().try_for_each(|(key, nested)| {
            self.refuse_if(|entry| entry.denies(key, nested))?;
            match nested {
                Value::Object(_) | Value::Array(_) => self.check(nested),
                _ => Ok(()),
            }
        })
    }

    fn refuse_if(&self, denies: impl Fn(&Entry) -> bool) -> ParseResult<()> {
        match self.0.iter().find(|entry| denies(entry)) {
            Some(entry) => Err(ParseError::new(
                code::INVALID_KEY_NAME,
                format!("Prohibited keyword in request data: {}.", entry.shown),
            )),
            None => Ok(()),
        }
    }
}

impl Entry {
    fn new(keyword: &DeniedKeyword) -> Self {
        let mut shown = Map::new();
        if let Some(key) = &keyword.key {
            shown.insert("key".into(), Value::String(key.clone()));
        }
        if let Some(value) = &keyword.value {
            shown.insert("value".into(), value.clone());
        }
        let value = keyword.value.as_ref().map(|value| match value {
            Value::String(text) => Matcher::Text(pattern(text)),
            other => Matcher::Exact(other.clone()),
        });
        Self {
            key: keyword.key.as_deref().map(pattern),
            value,
            shown: Value::Object(shown).to_string(),
        }
    }

    fn denies(&self, key: &str, value: &Value) -> bool {
        let key_denied = self.key.as_ref().is_none_or(|pattern| pattern.is_match(key));
        let value_denied = self.value.as_ref().is_none_or(|matcher| matcher.matches(value));
        key_denied && value_denied && (self.key.is_some() || self.value.is_some())
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(text)
        .or_else(|_| Regex::new(&regex::escape(text)))
        .expect("an escaped pattern is always valid")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn defaults() -> Denylist {
        let entry = |key: &str, value: Option<Value>| DeniedKeyword {
            key: Some(key.into()),
            value,
        };
        Denylist::new(&[
            entry("_bsontype", Some(json!("Code"))),
            entry("constructor", None),
            entry("__proto__", None),
        ])
    }

    #[test]
    fn finds_keywords_after_the_first_nested_value() {
        let hidden = json!({"a": {"b": 1}, "list": [{"x": 1}, {"deep": {"__proto__": {"admin": true}}}]});
        let error = defaults().check(&hidden).expect_err("denied");
        assert_eq!(error.code, Some(105));
        assert_eq!(
            error.message,
            r#"Prohibited keyword in request data: {"key":"__proto__"}."#
        );
        assert!(defaults().check(&json!({"_bsontype": "Code"})).is_err());
        assert!(
            defaults()
                .check(&json!({"_bsontype": "other", "note": "constructor"}))
                .is_ok()
        );
    }

    #[test]
    fn a_value_alone_is_denied_wherever_it_stands() {
        let list = Denylist::new(&[DeniedKeyword {
            key: None,
            value: Some(json!("^aValue$")),
        }]);
        assert!(list.check(&json!({"a": ["b", "aValue"]})).is_err());
        assert!(list.check(&json!({"a": "aValue"})).is_err());
        assert!(list.check(&json!({"a": "aValue2"})).is_ok());
    }
}
