//! Objects over a fixed set of fields, and clauses over the same: few different values, so that they often meet.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use crate::places;

const DATES: &[&str] = &[
    "1969-12-31T23:59:59.999Z",
    "2026-01-01T00:00:00.000Z",
    "2026-01-01T00:00:00.001Z",
];
const TEXTS: &[&str] = &[
    "",
    "a",
    "b",
    "B",
    "ab",
    "a.b",
    "ä",
    "Ä",
    "a\nb",
    "b\n",
    "a b",
    "2026-01-01",
    // What pointers are compared with: an id, and one in its stored form.
    "x",
    "Thing$x",
];
const KEYS: &[&str] = &["a", "b", "0", "1"];
const PATHS: &[&str] = &[
    "n",
    "s",
    "f",
    "d",
    "p",
    "o",
    "l",
    "none",
    "raw",
    "photo",
    "at",
    "area",
    "objectId",
    "createdAt",
    "updatedAt",
    "o.a",
    "o.b",
    "o.0",
    "o.a.b",
    "o.a.0",
    "o.b.a",
    "o.0.1",
    "o.a.a.a",
    "o.a.0.b",
    "l.a",
    "l.b",
    "l.0",
    "l.1",
    "l.01",
    "l.0.a",
    "l.1.0",
    "l.a.0",
    "l.a.b",
    "l.0.0",
    "l.0.1.a",
    "l.a.0.b",
    "l.1.1.1",
    "none.a",
    "n.a",
    "s.0",
    "d.iso",
    "p.objectId",
    "raw.base64",
    "l.a.iso",
    "l.objectId",
    "at.0",
    "at.latitude",
    "area.coordinates",
    "area.coordinates.0.1",
    "r.a",
    "r.className",
];
/// With no stored moment near any of them.
const RELATIVE_TIMES: &[&str] = &["now", "in 1 day", "2 hrs ago", "20 years ago", "100 yrs 1 wk ago"];
/// Patterns and options.
const PATTERNS: &[(&str, &str)] = &[
    (r"^\Qa\E", ""),
    (r"\Q.\E", ""),
    (r"\Qb\E$", ""),
    (r"\Qa b\E", "x"),
    ("^b$", "m"),
    ("^a.b$", "s"),
    ("^a.b$", ""),
    ("A", "i"),
    ("Ä", "i"),
    ("^$", ""),
    (r"^\w+$", ""),
    (r"\bb\b", ""),
    ("(?i)B", ""),
    ("^(a|b)+$", ""),
    ("[^a]", ""),
    ("a(?=b)", ""),
    ("a b # c\n", "x"),
    (r"\s", ""),
    (r"b\Z", ""),
    (r"^\W$", ""),
    (r"[.\n]", ""),
    ("", ""),
    ("Thing", ""),
];

fn date() -> impl Strategy<Value = Value> {
    select(DATES).prop_map(|iso| json!({"__type": "Date", "iso": iso}))
}

fn text() -> impl Strategy<Value = Value> {
    select(TEXTS).prop_map(Value::from)
}

fn number() -> impl Strategy<Value = Value> {
    let numbers = [
        json!(-1),
        json!(0),
        json!(1),
        json!(1.0),
        json!(1.5),
        json!(2),
        json!(3_000_000_000_i64),
        json!(1e20),
    ];
    select(numbers.to_vec())
}

fn pointer() -> impl Strategy<Value = Value> {
    select(vec!["x", "y"]).prop_map(|id| json!({"__type": "Pointer", "className": "Thing", "objectId": id}))
}

fn bytes() -> impl Strategy<Value = Value> {
    select(vec!["", "AA==", "aGk=", "aGo="]).prop_map(|data| json!({"__type": "Bytes", "base64": data}))
}

fn file() -> impl Strategy<Value = Value> {
    select(vec!["a", "ab"]).prop_map(|name| json!({"__type": "File", "name": name}))
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(Value::Null),
        4 => number(),
        3 => text(),
        2 => any::<bool>().prop_map(Value::from),
        2 => date(),
        1 => pointer(),
    ]
}

/// Any value that may stand inside arrays and objects.
fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 12, 3, |inner| prop_oneof![list(inner.clone()), map(inner)])
}

fn list(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    vec(inner, 0..4).prop_map(Value::from)
}

/// With its keys in any order.
fn map(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let keys = subsequence(KEYS, 0..3).prop_shuffle();
    (keys, vec(inner, 3)).prop_map(|(keys, values)| {
        let keys = keys.into_iter().map(str::to_owned);
        Value::Object(keys.zip(values).collect())
    })
}

/// Missing, null, or a value.
fn field(values: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Option<Value>> {
    prop_oneof![1 => Just(None), 1 => Just(Some(Value::Null)), 6 => values.prop_map(Some)].boxed()
}

fn fields(fields: Vec<(&'static str, BoxedStrategy<Option<Value>>)>) -> impl Strategy<Value = Value> {
    let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    values.prop_map(move |values| {
        let present = names.iter().zip(values);
        let present = present.filter_map(|(name, value)| Some(((*name).to_owned(), value?)));
        Value::Object(present.collect())
    })
}

/// An object of the class.
pub fn object() -> impl Strategy<Value = Value> {
    fields(vec![
        ("n", field(number())),
        ("s", field(text())),
        ("f", field(any::<bool>().prop_map(Value::from))),
        ("d", field(date())),
        // Of a null pointer it depends on how it came to be whether it exists; the object does not show it.
        ("p", option::of(pointer()).boxed()),
        ("raw", field(bytes())),
        ("photo", field(file())),
        ("o", field(map(value()))),
        ("l", field(list(value()))),
        ("at", field(places::point())),
        (
            "area",
            prop_oneof![Just(None), places::polygon().prop_map(Some)].boxed(),
        ),
    ])
}

/// An object that has every field.
pub fn every_field() -> Value {
    json!({
        "n": 1, "s": "a", "f": true, "o": {}, "l": [],
        "d": {"__type": "Date", "iso": DATES[0]},
        "p": {"__type": "Pointer", "className": "Thing", "objectId": "x"},
        "raw": {"__type": "Bytes", "base64": "aGk="},
        "photo": {"__type": "File", "name": "a"},
        "at": places::degrees(0.0, 0.0),
        "area": {"__type": "Polygon", "coordinates": [[0, 0], [0, 1], [1, 1], [0, 0]]},
        "r": {"__type": "Relation", "className": "Thing"},
    })
}

fn operand() -> impl Strategy<Value = Value> {
    prop_oneof![8 => value(), 1 => bytes(), 1 => file(), 1 => select(DATES).prop_map(Value::from)]
}

/// One or two operators, or a literal.
fn condition() -> impl Strategy<Value = Value> {
    let operators = prop_oneof![
        4 => operator(),
        1 => (operator(), operator()).prop_map(|(one, other)| match other.get("$options") {
            Some(_) => one,
            None => beside(one, other),
        }),
    ];
    prop_oneof![1 => operand(), 4 => operators]
}

fn operator() -> impl Strategy<Value = Value> {
    let one = select(vec!["$eq", "$ne", "$lt", "$lte", "$gt", "$gte"]);
    let many = select(vec!["$in", "$nin", "$all", "$containedBy"]);
    let single = |operator: &str, value| Value::Object(Map::from_iter([(operator.to_owned(), value)]));
    let pattern = |pattern: &str| json!({ "$regex": pattern });
    prop_oneof![
        4 => (one, operand()).prop_map(move |(operator, value)| single(operator, value)),
        4 => (many, vec(operand(), 0..4)).prop_map(move |(operator, values)| single(operator, values.into())),
        1 => any::<bool>().prop_map(|exists| json!({ "$exists": exists })),
        1 => select(PATTERNS).prop_map(|(pattern, options)| json!({"$regex": pattern, "$options": options})),
        1 => vec(select(PATTERNS), 1..3).prop_map(move |patterns| {
            let patterns: Vec<Value> = patterns.into_iter().map(|(text, _)| pattern(text)).collect();
            json!({ "$all": patterns })
        }),
    ]
}

/// A date as `$relativeTime`, or as a placeholder that [`fill_in`] replaces by a date of a stored object.
fn moment() -> impl Strategy<Value = Value> {
    let order = select(vec!["$lt", "$lte", "$gt", "$gte"]);
    let relative = (order, select(RELATIVE_TIMES))
        .prop_map(|(operator, time)| json!({ operator: { "$relativeTime": time } }));
    let operator = select(vec!["$eq", "$ne", "$lt", "$lte", "$gt", "$gte"]);
    let stored = (operator, 0..50_usize, select(vec!["createdAt", "updatedAt"]))
        .prop_map(|(operator, of, field)| json!({ operator: { "$of": [of, field] } }));
    let path = select(vec!["d", "createdAt", "updatedAt", "o.a", "none"]);
    (path, prop_oneof![relative, stored]).prop_map(|(path, condition)| json!({ path: condition }))
}

/// Puts dates of the stored objects where the clause names them.
pub fn fill_in(clause: &mut Value, stored: &[Value]) {
    if let Some([of, field]) = clause.get("$of").and_then(Value::as_array).map(Vec::as_slice) {
        let (of, field) = (of.as_u64().unwrap(), field.as_str().unwrap());
        let iso = stored[usize::try_from(of).unwrap() % stored.len()][field].clone();
        *clause = json!({"__type": "Date", "iso": iso});
        return;
    }
    match clause {
        Value::Array(items) => items.iter_mut().for_each(|item| fill_in(item, stored)),
        Value::Object(fields) => fields.values_mut().for_each(|value| fill_in(value, stored)),
        _ => {}
    }
}

/// A condition on the relation, which has no members. What asks for objects without a member is left out: that is the
/// database's alone to say, and never matches here.
fn relation() -> impl Strategy<Value = Value> {
    let pointers = vec(pointer(), 0..3);
    let condition = prop_oneof![
        pointer(),
        operand(),
        pointers.prop_map(|pointers| json!({ "$in": pointers })),
        any::<bool>().prop_map(|exists| json!({ "$exists": exists })),
        scalar().prop_map(|value| json!({ "$gt": value })),
    ];
    condition.prop_map(|condition| json!({ "r": condition }))
}

/// A where-clause.
pub fn clause() -> impl Strategy<Value = Value> {
    let anywhere = parts().prop_recursive(2, 6, 3, |inner| {
        let both = (inner.clone(), inner.clone()).prop_map(|(one, other)| beside(one, other));
        let logic = (select(vec!["$or", "$and", "$nor"]), vec(inner, 1..3)).prop_map(|(operator, parts)| {
            Value::Object(Map::from_iter([(operator.to_owned(), parts.into())]))
        });
        prop_oneof![both, logic]
    });
    let near = places::nearness;
    prop_oneof![
        8 => anywhere.clone(),
        1 => near(),
        1 => (anywhere.clone(), near()).prop_map(|(one, near)| beside(one, near)),
        1 => (anywhere, near()).prop_map(|(one, near)| json!({ "$and": [one, near] })),
    ]
}

fn parts() -> impl Strategy<Value = Value> {
    let field = (select(PATHS), condition())
        .prop_map(|(path, condition)| Value::Object(Map::from_iter([(path.to_owned(), condition)])));
    prop_oneof![12 => field, 4 => places::clause(), 2 => moment(), 1 => relation()]
}

/// One clause with the conditions of both; where both have a field, it keeps those of `other`.
fn beside(mut one: Value, other: Value) -> Value {
    if let (Some(map), Value::Object(more)) = (one.as_object_mut(), other) {
        map.extend(more);
    }
    one
}
