//! Places, areas, and conditions on them.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// How a distance is called, and how long the earth's radius is by it.
const RADII: &[(&str, f64)] = &[
    ("$maxDistance", 1.0),
    ("$maxDistanceInRadians", 1.0),
    ("$maxDistanceInMiles", 3959.0),
    ("$maxDistanceInKilometers", 6371.0),
];

pub fn degrees(latitude: f64, longitude: f64) -> Value {
    json!({"__type": "GeoPoint", "latitude": latitude, "longitude": longitude})
}

/// Half degrees around one place, so that rims and corners are met.
fn near_point() -> impl Strategy<Value = Value> {
    (90..110, 10..30).prop_map(|(north, east)| degrees(f64::from(north) / 2.0, f64::from(east) / 2.0))
}

/// Around that place, or anywhere.
pub fn point() -> impl Strategy<Value = Value> {
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

pub fn polygon() -> impl Strategy<Value = Value> {
    ring().prop_map(|mut ring| {
        ring.push(ring[0]);
        json!({"__type": "Polygon", "coordinates": ring})
    })
}

/// A clause on the place or the area that may stand anywhere. A box has its corners in order, as the protocol asks.
pub fn clause() -> impl Strategy<Value = Value> {
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
    let contains = point().prop_map(|point| json!({"area": {"$geoIntersects": {"$point": point}}}));
    let equal = point().prop_map(|point| json!({ "at": point }));
    prop_oneof![boxed, inside, corners, sphere, contains, equal]
}

/// Nearness, of which a clause has one at most, and not in `$or` or `$nor`.
pub fn nearness() -> impl Strategy<Value = Value> {
    // MongoDB's index of points is flat and finds none beyond 180 degrees: nearness is asked for far from there.
    let radius = prop_oneof![
        1 => Just(None::<(&str, f64)>),
        4 => (0.0..0.3, select(RADII)).prop_map(|(radians, (name, earth))| Some((name, radians * earth))),
    ];
    (near_point(), radius).prop_map(|(center, radius)| {
        let mut condition = json!({ "$nearSphere": center });
        if let Some((name, distance)) = radius {
            condition[name] = distance.into();
        }
        json!({ "at": condition })
    })
}
