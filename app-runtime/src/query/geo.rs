//! Conditions on places, read from their many wire forms into degrees and radians.

use serde_json::{Map, Value};

use crate::protocol::error::ParseResult;
use crate::protocol::types;
use crate::query::constraints::invalid;
use crate::query::filter::{Geo, LngLat};

const EARTH_MILES: f64 = 3959.0;
const EARTH_KILOMETERS: f64 = 6371.0;

/// `$nearSphere` with its companions.
pub fn near(operand: &Value, all: &Map<String, Value>) -> ParseResult<Geo> {
    let point = geo_point(operand).ok_or_else(|| invalid("bad $nearSphere value, should be a GeoPoint"))?;
    let scales =
        [("$maxDistance", 1.0), ("$maxDistanceInRadians", 1.0), ("$maxDistanceInMiles", EARTH_MILES), ("$maxDistanceInKilometers", EARTH_KILOMETERS)];
    let mut max_radians = None;
    for (name, radius) in scales {
        if let Some(value) = all.get(name) {
            let distance = value.as_f64().filter(|distance| *distance >= 0.0);
            max_radians = Some(distance.ok_or_else(|| invalid(&format!("bad {name} value")))? / radius);
        }
    }
    Ok(Geo::Near { point, max_radians })
}

/// `$within: {$box: [southwest, northeast]}`
pub fn within(operand: &Value) -> ParseResult<Geo> {
    let bad = || invalid("malformatted $within arg");
    let corners = operand.get("$box").and_then(Value::as_array).ok_or_else(bad)?;
    match corners.iter().map(geo_point).collect::<Option<Vec<_>>>().ok_or_else(bad)?.as_slice() {
        [southwest, northeast] => Ok(Geo::Box { southwest: *southwest, northeast: *northeast }),
        _ => Err(bad()),
    }
}

/// `$geoWithin` with `$polygon` or `$centerSphere`.
pub fn geo_within(operand: &Value) -> ParseResult<Geo> {
    match (operand.get("$polygon"), operand.get("$centerSphere")) {
        (Some(polygon), _) => self::polygon(polygon),
        (None, Some(sphere)) => self::sphere(sphere),
        _ => Err(invalid("bad $geoWithin value")),
    }
}

fn polygon(value: &Value) -> ParseResult<Geo> {
    let bad = |why: &str| invalid(&format!("bad $geoWithin value; {why}"));
    let points = match value {
        Value::Array(points) => points.iter().map(|point| geo_point(point).or_else(|| pair(point))).collect::<Option<Vec<_>>>(),
        Value::Object(map) if types::tag(map) == Some("Polygon") => {
            Some(types::polygon(map)?.into_iter().map(|[latitude, longitude]| [longitude, latitude]).collect())
        }
        _ => return Err(bad("$polygon should be Polygon object or Array of Parse.GeoPoint's")),
    };
    let points = points.ok_or_else(|| bad("$polygon should contain GeoPoints"))?;
    if points.len() < 3 {
        return Err(bad("$polygon should contain at least 3 GeoPoints"));
    }
    Ok(Geo::Polygon(points))
}

fn sphere(value: &Value) -> ParseResult<Geo> {
    let bad = |why: &str| invalid(&format!("bad $geoWithin value; $centerSphere {why}"));
    let Some([center, radians]) = value.as_array().map(Vec::as_slice) else {
        return Err(bad("should be an array of Parse.GeoPoint and distance"));
    };
    let center = geo_point(center).or_else(|| pair(center)).ok_or_else(|| bad("geo point invalid"))?;
    let radians = radians.as_f64().filter(|radians| *radians >= 0.0).ok_or_else(|| bad("distance invalid"))?;
    Ok(Geo::Sphere { center, radians })
}

/// `$geoIntersects: {$point: GeoPoint}`
pub fn intersects(operand: &Value) -> ParseResult<Geo> {
    let point = operand.get("$point").and_then(geo_point);
    point.map(Geo::Contains).ok_or_else(|| invalid("bad $geoIntersect value; $point should be GeoPoint"))
}

/// A GeoPoint on the globe.
fn geo_point(value: &Value) -> Option<LngLat> {
    let (latitude, longitude) = types::coordinates(value.as_object()?)?;
    on_the_globe([longitude, latitude])
}

/// The bare array form, which is `[longitude, latitude]`.
fn pair(value: &Value) -> Option<LngLat> {
    match value.as_array()?.as_slice() {
        [longitude, latitude] => on_the_globe([longitude.as_f64()?, latitude.as_f64()?]),
        _ => None,
    }
}

fn on_the_globe([longitude, latitude]: LngLat) -> Option<LngLat> {
    ((-180.0..=180.0).contains(&longitude) && (-90.0..=90.0).contains(&latitude)).then_some([longitude, latitude])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn distances_become_radians() {
        let point = json!({"__type": "GeoPoint", "latitude": 10, "longitude": 20});
        let all = json!({"$nearSphere": point, "$maxDistanceInKilometers": 6371});
        let near = near(&point, all.as_object().unwrap()).unwrap();
        assert_eq!(near, Geo::Near { point: [20.0, 10.0], max_radians: Some(1.0) });
    }

    #[test]
    fn what_is_not_on_the_globe_is_refused() {
        for (latitude, longitude) in [(91, 0), (0, 181), (-91, 0)] {
            let point = json!({"__type": "GeoPoint", "latitude": latitude, "longitude": longitude});
            assert_eq!(near(&point, &Map::new()).unwrap_err().code, Some(107));
            assert_eq!(intersects(&json!({"$point": point})).unwrap_err().code, Some(107));
        }
        assert_eq!(geo_within(&json!({"$centerSphere": [[0, 0], -1]})).unwrap_err().code, Some(107));
        assert_eq!(geo_within(&json!({"$polygon": [[0, 0], [1, 1]]})).unwrap_err().code, Some(107));
        assert_eq!(within(&json!({"$box": [1]})).unwrap_err().code, Some(107));
    }
}
