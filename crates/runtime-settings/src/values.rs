//! The values of all options, as JSON of the right kind, before they become typed [`Settings`](super::Settings).
//! They hold secrets; `Debug` shows the names only.
//!
//! `source` puts them in, from the file and then the environment; `build` takes them out. Every complaint about a
//! value is collected here, so that a person sees all of them at once.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::options::{self, Kind, OptionSpec};
use super::problem::Problem;
use super::size;

/// Values by option name; only what the file or the environment sets.
#[derive(Clone, Default)]
pub struct Values {
    set: BTreeMap<&'static str, Value>,
    pub problems: Vec<Problem>,
}

impl Values {
    /// Takes an entry of the settings file. `null` counts as unset.
    pub fn set_from_file(&mut self, name: &str, value: Value) {
        let Some(option) = options::find(name) else {
            let nearest = options::nearest(name);
            return self.problems.push(Problem::Unknown {
                name: name.to_owned(),
                nearest,
            });
        };
        if !value.is_null() {
            self.set(option, value, None);
        }
    }

    /// Takes the text of an option's environment variable. An empty text counts as unset, as in Parse Server.
    pub fn set_from_env(&mut self, option: &'static OptionSpec, text: &str) {
        if !text.is_empty() {
            self.set(option, read_text(option.kind, text), Some(option.env));
        }
    }

    fn set(&mut self, option: &'static OptionSpec, value: Value, env: Option<&'static str>) {
        match conform(option.kind, value) {
            Some(value) => {
                self.set.insert(option.name, value);
            }
            None => {
                let expected = option.kind.expected();
                self.problems.push(Problem::WrongType {
                    name: option.name,
                    expected,
                    env,
                });
            }
        }
    }

    /// The set value, else the default.
    #[must_use]
    pub fn get(&self, name: &'static str) -> Option<Value> {
        self.set
            .get(name)
            .cloned()
            .or_else(|| default_of(options::find(name)?))
    }

    /// Whether a value is set that differs from the default.
    #[must_use]
    pub fn differs_from_default(&self, option: &OptionSpec) -> bool {
        self.set
            .get(option.name)
            .is_some_and(|value| default_of(option).as_ref() != Some(value))
    }
}

impl Values {
    /// Names of the options whose values in effect are different in `other`, in the order of the help.
    #[must_use]
    pub fn different(&self, other: &Self) -> Vec<&'static str> {
        options::all()
            .map(|option| option.name)
            .filter(|name| self.get(name) != other.get(name))
            .collect()
    }

    /// Makes an option what it is in `other`.
    pub fn take_over(&mut self, name: &'static str, other: &Self) {
        match other.set.get(name) {
            Some(value) => drop(self.set.insert(name, value.clone())),
            None => drop(self.set.remove(name)),
        }
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Values")
            .field("set", &self.set.keys())
            .field("problems", &self.problems)
            .finish()
    }
}

fn default_of(option: &OptionSpec) -> Option<Value> {
    serde_json::from_str(option.default).ok()
}

/// Text of the environment as the value it stands for; left as text when it stands for nothing of that kind.
fn read_text(kind: Kind, text: &str) -> Value {
    let json = || serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    match kind {
        Kind::Text | Kind::Secret | Kind::SecretUrl | Kind::Url | Kind::Size => Value::from(text),
        Kind::List | Kind::Ips if !text.starts_with('[') => text.split(',').map(str::trim).collect(),
        _ => json(),
    }
}

/// The value in its one proper form, or `None` when it is of another kind. As lenient as Parse Server's parsers about
/// numbers and booleans written as text, and about a single text where a list belongs.
fn conform(kind: Kind, value: Value) -> Option<Value> {
    match (kind, &value) {
        (Kind::Text | Kind::Secret | Kind::SecretUrl, Value::String(_)) => Some(value),
        (Kind::Url, Value::String(url)) => (url.starts_with("http://") || url.starts_with("https://"))
            .then(|| Value::from(url.trim_end_matches('/'))),
        (Kind::Bool, _) => truth(&value).map(Value::from),
        (Kind::Number(low, high), _) => whole_number(&value)
            .filter(|number| (low..=high).contains(number))
            .map(Value::from),
        (Kind::Size, Value::String(text)) => size::parse(text).map(|_| value),
        (Kind::Size, _) => value.as_u64().map(Value::from),
        (Kind::List | Kind::Ips, Value::String(one)) => Some(Value::from(vec![one.as_str()])),
        (Kind::List | Kind::Ips, Value::Array(all)) => all.iter().all(Value::is_string).then_some(value),
        (Kind::Object | Kind::SecretObject, Value::Object(_)) | (Kind::Any, _) => Some(value),
        _ => None,
    }
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) => match text.to_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        },
        _ => whole_number(value)
            .filter(|number| *number <= 1)
            .map(|number| number == 1),
    }
}

fn whole_number(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        _ => value.as_u64(),
    }
}
