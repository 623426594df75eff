//! Dotted paths: which values of an object they lead to. On the way, arrays are entered twice: into each of their
//! objects, and at the position a part of the path names.

use serde_json::{Map, Value};

use super::datum::Datum;

/// What an array at the end of a path stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaf {
    /// Each item, and itself.
    Items,
    /// Only itself.
    Whole,
}

/// `a.b.c` in its parts.
pub(super) struct Path<'a> {
    root: &'a str,
    below: Vec<&'a str>,
}

impl<'a> Path<'a> {
    pub(super) fn new(path: &'a str) -> Self {
        let mut parts = path.split('.');
        Self {
            root: parts.next().unwrap_or_default(),
            below: parts.collect(),
        }
    }

    pub(super) fn root(&self) -> &'a str {
        self.root
    }

    /// Whether the path leads to a field itself.
    pub(super) fn is_field(&self) -> bool {
        self.below.is_empty()
    }

    /// Whether `test` holds for any value the path leads to from the field's value `root`; `None` is a missing value.
    pub(super) fn any(
        &self,
        root: Option<&Datum<'_>>,
        leaf: Leaf,
        mut test: impl FnMut(Option<&Datum<'_>>) -> bool,
    ) -> bool {
        any_in_value(root, &self.below, leaf, &mut test)
    }
}

type Visit<'v> = dyn FnMut(Option<&Datum<'_>>) -> bool + 'v;

fn any_in_value(value: Option<&Datum<'_>>, rest: &[&str], leaf: Leaf, test: &mut Visit<'_>) -> bool {
    match (value, rest) {
        (Some(Datum::Array(items)), []) if leaf == Leaf::Items => {
            items.iter().any(|item| test(Some(&Datum::nested(item)))) || test(value)
        }
        (value, []) => test(value),
        (Some(Datum::Object(map)), rest) => any_in_object(map, rest, leaf, test),
        (Some(Datum::Array(items)), [part, below @ ..]) => any_in_array(items, part, below, leaf, test),
        _ => test(None),
    }
}

fn any_in_object(map: &Map<String, Value>, rest: &[&str], leaf: Leaf, test: &mut Visit<'_>) -> bool {
    let [part, below @ ..] = rest else {
        return false;
    };
    let value = map.get(*part).map(Datum::nested);
    any_in_value(value.as_ref(), below, leaf, test)
}

/// A value at the named position ends the path as it is: an array there is not entered once more.
fn any_in_array(items: &[Value], part: &str, below: &[&str], leaf: Leaf, test: &mut Visit<'_>) -> bool {
    let position = part
        .parse::<usize>()
        .ok()
        .filter(|position| position.to_string() == part);
    let rest: Vec<&str> = std::iter::once(part).chain(below.iter().copied()).collect();
    items.iter().enumerate().any(|(index, item)| {
        let item = Datum::nested(item);
        if let Datum::Object(map) = &item
            && any_in_object(map, &rest, leaf, test)
        {
            return true;
        }
        position == Some(index)
            && match (&item, below) {
                (item, []) => test(Some(item)),
                (Datum::Object(map), below) => any_in_object(map, below, leaf, test),
                (Datum::Array(items), [part, below @ ..]) => any_in_array(items, part, below, leaf, test),
                _ => false,
            }
    })
}
