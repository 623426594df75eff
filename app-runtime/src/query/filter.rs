//! The where-clause as a tree. Field names are those of the protocol (`objectId`, not `_id`).

use serde_json::Value;

use crate::protocol::names;
use crate::protocol::types::Pointer;
use crate::query::options::FindOptions;

/// Which objects a query means.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Every part must hold; the empty conjunction matches everything.
    All(Vec<Filter>),
    /// One part must hold.
    Any(Vec<Filter>),
    /// No part may hold.
    Neither(Vec<Filter>),
    /// All tests hold for the value at a dotted path.
    Field { path: String, tests: Vec<Test> },
    /// Members of the relation `key` of `owner`; resolved to ids before it reaches the database.
    RelatedTo { owner: Pointer, key: String },
}

/// One condition on one value. Missing and null are the same for `Eq(null)`; order comparisons never match them.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Equal, or, where the field is an array, contained in it.
    Eq(Value),
    Ne(Value),
    Lt(Value),
    Lte(Value),
    Gt(Value),
    Gte(Value),
    In(Vec<Value>),
    Nin(Vec<Value>),
    /// The array holds all of these.
    All(Vec<Value>),
    /// The array holds, for each of these patterns, a text that matches.
    AllMatching(Vec<String>),
    /// The array holds nothing but these.
    ContainedBy(Vec<Value>),
    Exists(bool),
    /// Pattern in PCRE syntax, options a subset of `imxs`.
    Regex {
        pattern: String,
        options: String,
    },
    Text(TextSearch),
    Geo(Geo),
    /// Resolved to `In` or `Nin` before it reaches the database.
    Subquery(Subquery),
}

/// A search in the text index of the class.
#[derive(Debug, Clone, PartialEq)]
pub struct TextSearch {
    pub term: String,
    pub language: Option<String>,
    pub case_sensitive: Option<bool>,
    pub diacritic_sensitive: Option<bool>,
}

/// Degrees, as `[longitude, latitude]`.
pub type LngLat = [f64; 2];

/// A condition on a place. Angles are radians of the earth's great circle.
#[derive(Debug, Clone, PartialEq)]
pub enum Geo {
    /// Ordered by distance, unless the query names an order.
    Near {
        point: LngLat,
        max_radians: Option<f64>,
    },
    Box {
        southwest: LngLat,
        northeast: LngLat,
    },
    Polygon(Vec<LngLat>),
    Sphere {
        center: LngLat,
        radians: f64,
    },
    /// The stored polygon contains the point.
    Contains(LngLat),
}

/// A value among those another query finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Subquery {
    pub class: String,
    pub options: Box<FindOptions>,
    /// The field of the found objects to compare with (`$select`); `None`: the objects themselves (`$inQuery`).
    pub key: Option<String>,
    /// `$notInQuery`, `$dontSelect`.
    pub negated: bool,
}

impl Filter {
    /// Matches every object.
    pub fn everything() -> Self {
        Self::All(Vec::new())
    }

    /// `field` equals `value`.
    pub fn equals(field: &str, value: impl Into<Value>) -> Self {
        Self::Field {
            path: field.into(),
            tests: vec![Test::Eq(value.into())],
        }
    }

    /// Both must hold.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All(mut parts), other) => {
                parts.push(other);
                Self::All(parts)
            }
            (this, other) => Self::All(vec![this, other]),
        }
    }

    /// The id, if the filter is exactly `{"objectId": "…"}`: such a find counts as a `get` for permissions.
    pub fn single_id(&self) -> Option<&str> {
        match self {
            Self::All(parts) => match parts.as_slice() {
                [only] => only.single_id(),
                _ => None,
            },
            Self::Field { path, tests } if path == "objectId" => match tests.as_slice() {
                [Test::Eq(Value::String(id))] => Some(id),
                _ => None,
            },
            _ => None,
        }
    }

    /// The ids, if the filter is exactly `{"objectId": {"$in": […]}}`.
    pub fn ids(&self) -> Option<Vec<&str>> {
        match self {
            Self::All(parts) => match parts.as_slice() {
                [only] => only.ids(),
                _ => None,
            },
            Self::Field { path, tests } if path == "objectId" => match tests.as_slice() {
                [Test::In(ids)] => ids.iter().map(Value::as_str).collect(),
                _ => None,
            },
            _ => None,
        }
    }

    /// The field that the results are ordered by distance of, if there is one.
    pub fn near_field(&self) -> Option<&str> {
        match self {
            Self::All(parts) => parts.iter().find_map(Self::near_field),
            Self::Field { path, tests } => tests
                .iter()
                .any(|test| matches!(test, Test::Geo(Geo::Near { .. })))
                .then_some(path.as_str()),
            _ => None,
        }
    }

    /// Calls `visit` with the root field of every path in the tree.
    pub fn visit_fields<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        match self {
            Self::All(parts) | Self::Any(parts) | Self::Neither(parts) => {
                parts.iter().for_each(|part| part.visit_fields(visit));
            }
            Self::Field { path, .. } => visit(names::root_of(path)),
            Self::RelatedTo { .. } => {}
        }
    }
}
