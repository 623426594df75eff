//! Objects over a fixed set of fields, and clauses over the same: few different values, so that they often meet.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

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
    "objectId",
    "createdAt",
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
];
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
        ("p", field(pointer())),
        ("raw", field(bytes())),
        ("photo", field(file())),
        ("o", field(map(value()))),
        ("l", field(list(value()))),
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
        "at": degrees(0.0, 0.0),
        "area": {"__type": "Polygon", "coordinates": [[0, 0], [0, 1], [1, 1], [0, 0]]},
    })
}

fn operand() -> impl Strategy<Value = Value> {
    prop_oneof![8 => value(), 1 => bytes(), 1 => file(), 1 => select(DATES).prop_map(Value::from)]
}

/// One or two operators, or a literal.
fn condition() -> impl Strategy<Value = Value> {
    let operators = prop_oneof![
        4 => operator(),
        1 => (operator(), operator()).prop_map(|(mut one, other)| {
            let (Some(map), Value::Object(more)) = (one.as_object_mut(), other) else {
                return one;
            };
            if !more.contains_key("$options") {
                map.extend(more);
            }
            one
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

/// A where-clause.
pub fn clause() -> impl Strategy<Value = Value> {
    let field = (select(PATHS), condition())
        .prop_map(|(path, condition)| Value::Object(Map::from_iter([(path.to_owned(), condition)])));
    field.prop_recursive(2, 6, 3, |inner| {
        let both = (inner.clone(), inner.clone()).prop_map(|(mut one, other)| {
            if let (Some(map), Value::Object(more)) = (one.as_object_mut(), other) {
                map.extend(more);
            }
            one
        });
        let logic = (select(vec!["$or", "$and", "$nor"]), vec(inner, 1..3)).prop_map(|(operator, parts)| {
            Value::Object(Map::from_iter([(operator.to_owned(), parts.into())]))
        });
        prop_oneof![both, logic]
    })
}

fn degrees(latitude: f64, longitude: f64) -> Value {
    json!({"__type": "GeoPoint", "latitude": latitude, "longitude": longitude})
}

/// Half degrees around one place, so that rims and corners are met.
fn near_point() -> impl Strategy<Value = Value> {
    (90..110, 10..30).prop_map(|(north, east)| degrees(f64::from(north) / 2.0, f64::from(east) / 2.0))
}

/// Around that place, or anywhere.
fn point() -> impl Strategy<Value = Value> {
    let anywhere = (-80.0..80.0, -179.0..179.0).prop_map(|(north, east)| degrees(north, east));
    prop_oneof![4 => near_point(), 1 => anywhere]
}

/// A star around a middle: never crosses itself.
fn ring() -> impl Strategy<Value = Vec<[f64; 2]>> {
    let middle = (45.0..55.0, 5.0..15.0);
    (middle, vec(0.5..6.0, 3..8)).prop_map(|((north, east), rays)| {
        let step = std::f64::consts::TAU / rays.len() as f64;
        let corner = |(turn, ray): (usize, f64)| {
            let angle = step * turn as f64;
            [north + ray * angle.sin(), east + ray * angle.cos()]
        };
        rays.into_iter().enumerate().map(corner).collect()
    })
}

fn polygon() -> impl Strategy<Value = Value> {
    ring().prop_map(|mut ring| {
        ring.push(ring[0]);
        json!({"__type": "Polygon", "coordinates": ring})
    })
}

/// An object with a place and an area.
pub fn place() -> impl Strategy<Value = Value> {
    fields(vec![
        ("at", field(point())),
        ("area", prop_oneof![Just(None), polygon().prop_map(Some)].boxed()),
    ])
}

/// A clause on the place or the area. A box has its corners in order, as the protocol asks.
pub fn place_clause() -> impl Strategy<Value = Value> {
    let boxed = (90..110, 10..30, 0..10, 0..10).prop_map(|(south, west, high, wide)| {
        let corner = |north, east| degrees(f64::from(north) / 2.0, f64::from(east) / 2.0);
        json!({"at": {"$within": {"$box": [corner(south, west), corner(south + high, west + wide)]}}})
    });
    let inside = ring().prop_map(|ring| {
        let ring: Vec<Value> = ring
            .into_iter()
            .map(|[north, east]| degrees(north, east))
            .collect();
        json!({"at": {"$geoWithin": {"$polygon": ring}}})
    });
    let corners = vec(point(), 3..6).prop_map(|ring| json!({"at": {"$geoWithin": {"$polygon": ring}}}));
    let sphere = (point(), 0.0..0.3, select(vec!["at", "area"])).prop_map(
        |(center, radians, field)| json!({field: {"$geoWithin": {"$centerSphere": [center, radians]}}}),
    );
    // MongoDB's index of points is flat and finds none beyond 180 degrees: nearness is asked for far from there.
    let near = (near_point(), 0.0..0.3)
        .prop_map(|(center, radians)| json!({"at": {"$nearSphere": center, "$maxDistance": radians}}));
    let anywhere = near_point().prop_map(|center| json!({"at": {"$nearSphere": center}}));
    let contains = point().prop_map(|point| json!({"area": {"$geoIntersects": {"$point": point}}}));
    let equal = point().prop_map(|point| json!({ "at": point }));
    prop_oneof![boxed, inside, corners, sphere, near, anywhere, contains, equal]
}
