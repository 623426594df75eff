//! Reading an option that is an object: its fields one by one, each complaint naming the field.

use serde_json::{Map, Value};

/// The fields of an option's object.
pub struct Section<'a>(&'a Map<String, Value>);

impl<'a> Section<'a> {
    /// The object, whose fields must all be `known`.
    pub fn of(value: &'a Value, known: &[&str]) -> Result<Self, String> {
        let fields = value.as_object().ok_or_else(|| "must be an object".to_owned())?;
        match fields.keys().find(|name| !known.contains(&name.as_str())) {
            Some(unknown) => Err(format!(
                "has an unknown field {unknown:?}; it knows {}",
                known.join(", ")
            )),
            None => Ok(Self(fields)),
        }
    }

    /// The value of a field; null counts as absent.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A field that is true or false.
    pub fn flag(&self, name: &str, default: bool) -> Result<bool, String> {
        self.typed(name, "true or false", Value::as_bool)
            .map(|flag| flag.unwrap_or(default))
    }

    /// A field that is text.
    pub fn text(&self, name: &str) -> Result<Option<String>, String> {
        self.typed(name, "text", |value| value.as_str().map(str::to_owned))
    }

    /// A field that is a whole number within these bounds, both included.
    pub fn whole(&self, name: &str, low: u64, high: u64) -> Result<Option<u64>, String> {
        self.typed(name, &format!("a whole number from {low} to {high}"), |value| {
            value.as_u64().filter(|number| (low..=high).contains(number))
        })
    }

    /// A field that is a number above zero and at most `high`.
    pub fn positive(&self, name: &str, high: f64) -> Result<Option<f64>, String> {
        self.typed(name, &format!("a number above 0 and at most {high}"), |value| {
            value.as_f64().filter(|number| *number > 0.0 && *number <= high)
        })
    }

    /// A field that is an object of texts.
    pub fn texts(&self, name: &str) -> Result<Vec<(String, String)>, String> {
        let texts = self.typed(name, "an object of texts", |value| {
            let pairs = value.as_object()?.iter();
            pairs
                .map(|(key, text)| Some((key.clone(), text.as_str()?.to_owned())))
                .collect::<Option<Vec<_>>>()
        })?;
        Ok(texts.unwrap_or_default())
    }

    /// A field that is a list of texts.
    pub fn list(&self, name: &str) -> Result<Option<Vec<String>>, String> {
        self.typed(name, "a list of texts", |value| {
            let items = value.as_array()?.iter();
            items.map(|item| item.as_str().map(str::to_owned)).collect()
        })
    }

    fn typed<T>(
        &self,
        name: &str,
        expected: &str,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, String> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        read(value)
            .map(Some)
            .ok_or_else(|| format!("has a field {name:?} that must be {expected}"))
    }
}
