//! Inputs like those of the corpus: bytes changed, words of the protocol put in, parts of one in another.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;

const DICTIONARY: &str = include_str!("../../fuzz/dictionaries/parse.dict");

/// Makes new inputs out of known ones, the same ones for the same seed.
pub struct Mutator {
    random: StdRng,
    inputs: Vec<Vec<u8>>,
    /// Every value that is part of an input.
    values: Vec<Value>,
    keys: Vec<String>,
    words: Vec<Vec<u8>>,
}

impl Mutator {
    pub fn new(inputs: Vec<Vec<u8>>, seed: u64) -> Self {
        let (mut values, mut keys) = (Vec::new(), Vec::new());
        for input in &inputs {
            if let Ok(value) = serde_json::from_slice(input) {
                collect(&value, &mut values, &mut keys);
            }
        }
        let words = DICTIONARY.lines().filter_map(|line| line.strip_prefix('"'));
        Self {
            random: StdRng::seed_from_u64(seed),
            words: words
                .map(|word| {
                    word.trim_end_matches('"')
                        .replace("\\\"", "\"")
                        .replace("\\\\", "\\")
                })
                .map(String::into_bytes)
                .collect(),
            inputs,
            values,
            keys,
        }
    }

    pub fn next(&mut self) -> Vec<u8> {
        let mut input = self.any_input();
        for _ in 0..self.random.random_range(1..5) {
            input = match serde_json::from_slice::<Value>(&input) {
                Ok(mut value) if !self.values.is_empty() && self.random.random_bool(0.7) => {
                    self.graft(&mut value);
                    value.to_string().into_bytes()
                }
                _ => self.scramble(input),
            };
            input.truncate(20_000);
        }
        input
    }

    fn any_input(&mut self) -> Vec<u8> {
        let chosen = self.random.random_range(0..self.inputs.len());
        self.inputs[chosen].clone()
    }

    /// Replaces, wraps or renames something in `value`.
    fn graft(&mut self, value: &mut Value) {
        let goes_deeper = self.random.random_bool(0.75);
        match value {
            Value::Object(map) if goes_deeper && !map.is_empty() => {
                let chosen = self.random.random_range(0..map.len());
                let Some((key, mut nested)) =
                    map.shift_remove_entry(&map.keys().nth(chosen).unwrap().clone())
                else {
                    return;
                };
                self.graft(&mut nested);
                let renamed = self.random.random_bool(0.15).then(|| self.any_key());
                map.insert(renamed.unwrap_or(key), nested);
            }
            Value::Array(items) if goes_deeper && !items.is_empty() => {
                let chosen = self.random.random_range(0..items.len());
                self.graft(&mut items[chosen]);
            }
            Value::Object(map) if self.random.random_bool(0.5) => {
                let (key, other) = (self.any_key(), self.any_value());
                map.insert(key, other);
            }
            Value::Array(items) if self.random.random_bool(0.5) => items.push(self.any_value()),
            other if self.random.random_bool(0.2) => *other = Value::Array(vec![other.take()]),
            other => *other = self.any_value(),
        }
    }

    fn any_key(&mut self) -> String {
        let chosen = self.random.random_range(0..self.keys.len());
        self.keys[chosen].clone()
    }

    fn any_value(&mut self) -> Value {
        let chosen = self.random.random_range(0..self.values.len());
        self.values[chosen].clone()
    }

    fn scramble(&mut self, mut input: Vec<u8>) -> Vec<u8> {
        let at = self.random.random_range(0..=input.len());
        match self.random.random_range(0..5) {
            0 if at < input.len() => input[at] = self.random.random(),
            1 => drop(input.drain(at..(at + 9).min(input.len()))),
            2 => {
                let word = self.words[self.random.random_range(0..self.words.len())].clone();
                input.splice(at..at, word);
            }
            3 => {
                let other = self.any_input();
                let from = self.random.random_range(0..=other.len());
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            _ => {
                let end = (at + self.random.random_range(0..40)).min(input.len());
                let part = input[at..end].to_vec();
                input.splice(at..at, part);
            }
        }
        input
    }
}

fn collect(value: &Value, values: &mut Vec<Value>, keys: &mut Vec<String>) {
    values.push(value.clone());
    match value {
        Value::Object(map) => map.iter().for_each(|(key, nested)| {
            keys.push(key.clone());
            collect(nested, values, keys);
        }),
        Value::Array(items) => items.iter().for_each(|item| collect(item, values, keys)),
        _ => {}
    }
}
