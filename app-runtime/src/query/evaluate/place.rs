//! Conditions on places: boxes and polygons on the flat map, distances and stored polygons on the globe, as MongoDB
//! has it. Only fields of type GeoPoint and Polygon are places.

use serde_json::Value;

use super::datum::Datum;
use crate::query::filter::{Geo, LngLat};

/// A point this close to an edge is on it; some six millimetres on the ground.
const ON_EDGE_RADIANS: f64 = 1e-9;

/// Whether `geo` holds for a field with this `__type`.
pub(super) fn holds(geo: &Geo, tag: Option<&str>, value: &Datum<'_>) -> bool {
    match (tag, value) {
        (Some("GeoPoint"), Datum::Array(pair)) => pair_of(pair).is_some_and(|point| point_is(geo, point)),
        (Some("Polygon"), Datum::Object(shape)) => {
            let ring = shape.get("coordinates").and_then(|rings| rings.get(0));
            let ring = ring.and_then(Value::as_array).into_iter().flatten();
            let ring: Option<Vec<LngLat>> = ring.map(|point| pair_of(point.as_array()?)).collect();
            ring.is_some_and(|ring| polygon_is(geo, &ring))
        }
        _ => false,
    }
}

fn pair_of(pair: &[Value]) -> Option<LngLat> {
    match pair {
        [longitude, latitude] => Some([longitude.as_f64()?, latitude.as_f64()?]),
        _ => None,
    }
}

fn point_is(geo: &Geo, point: LngLat) -> bool {
    match geo {
        Geo::Near {
            point: center,
            max_radians,
        } => max_radians.is_none_or(|radians| distance(*center, point) <= radians),
        Geo::Sphere { center, radians } => distance(*center, point) <= *radians,
        Geo::Box { southwest, northeast } => (0..2).all(|axis| {
            let (one, other) = (southwest[axis], northeast[axis]);
            (one.min(other)..=one.max(other)).contains(&point[axis])
        }),
        Geo::Polygon(ring) => is_inside_flat(ring, point),
        Geo::Contains(other) => *other == point,
    }
}

fn polygon_is(geo: &Geo, ring: &[LngLat]) -> bool {
    match geo {
        Geo::Contains(point) => is_inside_on_globe(ring, *point),
        Geo::Sphere { center, radians } => ring.iter().all(|corner| distance(*center, *corner) <= *radians),
        _ => false,
    }
}

/// Crossings of a ray to the east, counted. Of the rim, MongoDB takes the corners, what is level, and the northern
/// and eastern edges to be inside.
fn is_inside_flat(ring: &[LngLat], [x, y]: LngLat) -> bool {
    let mut inside = false;
    for (&[x1, y1], &[x2, y2]) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        let is_level = y == y1 && y == y2 && (x1.min(x2)..=x1.max(x2)).contains(&x);
        if is_level || [x, y] == [x1, y1] {
            return true;
        }
        if y <= y1.min(y2) || y > y1.max(y2) || x > x1.max(x2) {
            continue;
        }
        if x1 == x2 && x == x1 {
            return true;
        }
        if x1 == x2 || x <= (y - y1) * (x2 - x1) / (y2 - y1) + x1 {
            inside = !inside;
        }
    }
    inside
}

type Vector = [f64; 3];

fn on_globe([longitude, latitude]: LngLat) -> Vector {
    let (longitude, latitude) = (longitude.to_radians(), latitude.to_radians());
    [
        latitude.cos() * longitude.cos(),
        latitude.cos() * longitude.sin(),
        latitude.sin(),
    ]
}

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: Vector, b: Vector) -> Vector {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

fn length(a: Vector) -> f64 {
    dot(a, a).sqrt()
}

fn angle(a: Vector, b: Vector) -> f64 {
    length(cross(a, b)).atan2(dot(a, b))
}

/// Radians along the great circle.
fn distance(a: LngLat, b: LngLat) -> f64 {
    angle(on_globe(a), on_globe(b))
}

/// Edges are parts of great circles; of the two areas a ring bounds, the smaller one is meant.
fn is_inside_on_globe(ring: &[LngLat], point: LngLat) -> bool {
    let point = on_globe(point);
    let corners: Vec<Vector> = ring.iter().copied().map(on_globe).collect();
    let edges = || {
        let pairs = corners.iter().zip(corners.iter().cycle().skip(1));
        pairs
            .map(|(from, to)| (*from, *to))
            .filter(|(from, to)| from != to)
    };
    if edges().any(|(from, to)| is_on_edge(from, to, point)) {
        return true;
    }
    let first = corners.first().copied().unwrap_or(point);
    let area: f64 = edges().map(|(from, to)| signed_area(first, from, to)).sum();
    let full = 4.0 * std::f64::consts::PI;
    let area = area - full * (area / full).round();
    // How often the rim turns around the point, counter-clockwise, seen from outside.
    let turns: f64 = edges().map(|(from, to)| turn(point, from, to)).sum();
    turns * area.signum() > std::f64::consts::PI
}

fn is_on_edge(from: Vector, to: Vector, point: Vector) -> bool {
    let normal = cross(from, to);
    let off = dot(normal, point).abs() <= ON_EDGE_RADIANS * length(normal);
    let between = dot(cross(normal, from), point) >= 0.0 && dot(cross(to, normal), point) >= 0.0;
    off && between || angle(from, point).min(angle(point, to)) <= ON_EDGE_RADIANS
}

/// Area of a spherical triangle, positive if counter-clockwise.
fn signed_area(a: Vector, b: Vector, c: Vector) -> f64 {
    2.0 * dot(a, cross(b, c)).atan2(1.0 + dot(a, b) + dot(b, c) + dot(c, a))
}

/// The angle at `point` from the direction of `from` to that of `to`.
fn turn(point: Vector, from: Vector, to: Vector) -> f64 {
    let (from, to) = (cross(point, from), cross(point, to));
    dot(point, cross(from, to)).atan2(dot(from, to))
}
