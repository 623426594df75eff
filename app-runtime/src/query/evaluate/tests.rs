use super::*;
use crate::query::where_clause::{self, Reader};
use serde_json::json;

fn found(object: Value, clause: Value) -> bool {
    let reader = Reader { master: true, now: 0 };
    matches(
        &object,
        &where_clause::parse(clause.as_object().unwrap(), reader).unwrap(),
    )
}

/// Each clause, and whether the object is found by it.
fn check(object: Value, clauses: &[(Value, bool)]) {
    for (clause, expected) in clauses {
        assert_eq!(
            found(object.clone(), clause.clone()),
            *expected,
            "{object} {clause}"
        );
    }
}

#[test]
fn null_is_missing_but_exists() {
    check(
        json!({"a": null}),
        &[
            (json!({"a": null}), true),
            (json!({"b": null}), true),
            (json!({"a": {"$exists": true}}), true),
            (json!({"b": {"$exists": false}}), true),
            (json!({"b": {"$in": [null]}}), true),
            (json!({"b": {"$nin": [null]}}), false),
            (json!({"b": {"$nin": [1]}}), true),
            (json!({"b": {"$ne": 1}}), true),
            (json!({"b": {"$gt": 1}}), false),
            (json!({"b": {"$lt": 1}}), false),
            (json!({"b": {"$gte": null}}), true),
            (json!({"b": {"$gt": null}}), false),
        ],
    );
}

#[test]
fn only_values_of_one_type_are_ordered() {
    check(
        json!({"n": 5, "s": "b", "f": true, "d": {"__type": "Date", "iso": "1970-01-02T00:00:00.000Z"}}),
        &[
            (json!({"n": {"$gt": 4.5, "$lte": 5.0}}), true),
            (json!({"n": {"$gt": "4"}}), false),
            (json!({"n": 5.0}), true),
            (json!({"n": true}), false),
            (json!({"s": {"$gt": "a", "$lt": "c"}}), true),
            (json!({"s": {"$gt": 1}}), false),
            (json!({"f": {"$gt": false}}), true),
            (
                json!({"d": {"$gt": {"__type": "Date", "iso": "1970-01-01"}}}),
                true,
            ),
            (json!({"d": {"$gt": "1970-01-01T00:00:00.000Z"}}), true),
            (json!({"d": {"$gt": 0}}), false),
        ],
    );
}

#[test]
fn built_in_fields() {
    check(
        json!({"objectId": "x", "createdAt": "1970-01-02T00:00:00.000Z", "owner": {"__type": "Pointer", "className": "_User", "objectId": "u1"}}),
        &[
            (json!({"objectId": "x"}), true),
            (json!({"objectId": {"$in": ["y"]}}), false),
            (
                json!({"createdAt": {"$gt": {"__type": "Date", "iso": "1970-01-01T00:00:00.000Z"}}}),
                true,
            ),
            (
                json!({"owner": {"__type": "Pointer", "className": "_User", "objectId": "u1"}}),
                true,
            ),
            (
                json!({"owner": {"objectId": "u1", "__type": "Pointer", "className": "_User"}}),
                true,
            ),
            (
                json!({"owner": {"__type": "Pointer", "className": "_User", "objectId": "u2"}}),
                false,
            ),
            (json!({"owner.objectId": "u1"}), false),
        ],
    );
}

#[test]
fn arrays_contain() {
    check(
        json!({"a": [1, "x", [2, 3], null, {"b": 4}], "e": []}),
        &[
            (json!({"a": 1}), true),
            (json!({"a": 2}), false),
            (json!({"a": [2, 3]}), true),
            (json!({"a": null}), true),
            (json!({"e": null}), false),
            (json!({"a": {"$ne": 1}}), false),
            (json!({"a": {"$all": [1, "x"]}}), true),
            (json!({"a": {"$all": []}}), false),
            (json!({"a": {"$all": [1, 9]}}), false),
            (json!({"a": {"$all": [{"$regex": "^x"}]}}), true),
            (json!({"e": {"$containedBy": [1]}}), true),
            (
                json!({"a": {"$containedBy": [1, "x", [2, 3], null, {"b": 4}, 5]}}),
                true,
            ),
            (json!({"a": {"$containedBy": [1]}}), false),
            (json!({"m": {"$containedBy": [1]}}), true),
            (json!({"a": {"b": 4}}), true),
            (json!({"e": {"$nin": []}}), true),
            (json!({"e": {"$in": []}}), false),
        ],
    );
}

#[test]
fn paths_enter_arrays_by_object_and_by_position() {
    check(
        json!({"a": [{"b": 1}, {"b": [2, 3]}, 4, {"0": 5}], "n": [[6, 7]], "o": {"0": {"x": 8}}}),
        &[
            (json!({"a.b": 1}), true),
            (json!({"a.b": 3}), true),
            (json!({"a.1.b": 2}), true),
            (json!({"a.0.b": 2}), false),
            (json!({"a.2": 4}), true),
            (json!({"a.02": 4}), false),
            (json!({"a.0": 5}), true),
            (json!({"a.b": null}), true),
            (json!({"a.c": {"$exists": true}}), false),
            (json!({"n.0.1": 7}), true),
            (json!({"n.0": 6}), false),
            (json!({"n.0": [6, 7]}), true),
            (json!({"o.0.x": 8}), true),
            (json!({"n.x": null}), false),
            (json!({"m.x.y": null}), true),
        ],
    );
}

#[test]
fn objects_are_equal_with_their_keys_in_order() {
    check(
        json!({"o": {"a": 1, "b": {"c": [1]}}}),
        &[
            (json!({"o": {"a": 1.0, "b": {"c": [1]}}}), true),
            (json!({"o": {"b": {"c": [1]}, "a": 1}}), false),
            (json!({"o": {"a": 1}}), false),
            (json!({"o.b": {"c": [1]}}), true),
            (json!({"o": {"$gt": {"a": 1}}}), true),
        ],
    );
}

#[test]
fn what_needs_the_database_never_matches() {
    let owner = json!({"__type": "Pointer", "className": "A", "objectId": "x"});
    check(
        json!({"a": "x", "r": {"__type": "Relation", "className": "A"}}),
        &[
            (json!({"$relatedTo": {"object": owner, "key": "r"}}), false),
            (
                json!({"a": {"$notInQuery": {"className": "A", "where": {}}}}),
                false,
            ),
            (json!({"a": {"$text": {"$search": {"$term": "x"}}}}), false),
            (json!({"r": {"$ne": owner}}), false),
            (json!({"$or": [{"a": "y"}, {"$nor": [{"a": "y"}]}]}), true),
        ],
    );
}

fn point(latitude: f64, longitude: f64) -> Value {
    json!({"__type": "GeoPoint", "latitude": latitude, "longitude": longitude})
}

#[test]
fn places() {
    let berlin = point(52.52, 13.4);
    let square = [
        point(50.0, 10.0),
        point(50.0, 15.0),
        point(55.0, 15.0),
        point(55.0, 10.0),
    ];
    check(
        json!({"at": berlin, "area": {"__type": "Polygon", "coordinates": [[50, 10], [50, 15], [55, 15], [55, 10], [50, 10]]}}),
        &[
            (json!({"at": berlin}), true),
            (json!({"at": {"$nearSphere": point(52.4, 13.0)}}), true),
            (
                json!({"at": {"$nearSphere": point(52.4, 13.0), "$maxDistanceInKilometers": 31}}),
                true,
            ),
            (
                json!({"at": {"$nearSphere": point(52.4, 13.0), "$maxDistanceInKilometers": 30}}),
                false,
            ),
            (
                json!({"at": {"$within": {"$box": [point(52.0, 13.0), point(53.0, 14.0)]}}}),
                true,
            ),
            (
                json!({"at": {"$within": {"$box": [point(52.0, 14.0), point(53.0, 15.0)]}}}),
                false,
            ),
            (json!({"at": {"$geoWithin": {"$polygon": square}}}), true),
            (
                json!({"at": {"$geoWithin": {"$centerSphere": [[13.0, 52.4], 0.01]}}}),
                true,
            ),
            (
                json!({"at": {"$geoWithin": {"$centerSphere": [[13.0, 52.4], 0.001]}}}),
                false,
            ),
            (json!({"none": {"$nearSphere": berlin}}), false),
            (json!({"area": {"$geoIntersects": {"$point": berlin}}}), true),
            (
                json!({"area": {"$geoIntersects": {"$point": point(50.0, 10.0)}}}),
                true,
            ),
            // The northern edge is a great circle and bends north of the parallel.
            (
                json!({"area": {"$geoIntersects": {"$point": point(55.02, 12.5)}}}),
                true,
            ),
            (
                json!({"area": {"$geoIntersects": {"$point": point(50.01, 12.5)}}}),
                false,
            ),
            (
                json!({"area": {"$geoIntersects": {"$point": point(-52.0, -167.0)}}}),
                false,
            ),
            (
                json!({"area": {"$geoIntersects": {"$point": point(60.0, 12.0)}}}),
                false,
            ),
        ],
    );
}

#[test]
fn of_a_polygons_rim_corners_and_level_edges_are_inside() {
    let triangle = [point(45.0, 5.0), point(49.0, 7.5), point(0.0, 0.0)];
    check(
        json!({"at": point(0.0, 0.0)}),
        &[(json!({"at": {"$geoWithin": {"$polygon": triangle}}}), true)],
    );
    let flat = [point(46.0, 5.0), point(46.0, 9.0), point(46.0, 5.0)];
    let clause = json!({"at": {"$geoWithin": {"$polygon": flat}}});
    check(json!({"at": point(46.0, 8.5)}), &[(clause.clone(), true)]);
    check(json!({"at": point(46.0, 9.5)}), &[(clause, false)]);
    let slanting = [point(48.5, 12.0), point(48.0, 12.5), point(50.5, 7.5)];
    let clause = json!({"at": {"$geoWithin": {"$polygon": slanting}}});
    check(json!({"at": point(48.5, 11.5)}), &[(clause, false)]);
}

/// MongoDB's flat index does not look beyond 180 degrees; the globe does.
#[test]
fn nearness_goes_on_behind_the_date_line() {
    let near = json!({"$nearSphere": point(0.0, 179.5), "$maxDistance": 0.1});
    check(json!({"at": point(0.0, -179.5)}), &[(json!({"at": near}), true)]);
}
