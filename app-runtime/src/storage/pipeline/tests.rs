#![allow(clippy::unwrap_used)]

use super::*;

fn stages(stages: Value) -> Translated {
    stages_in(stages, Forms::default())
}

fn stages_in(stages: Value, forms: Forms) -> Translated {
    let mut schema = ClassSchema::new("Task");
    schema
        .fields
        .insert("owner".into(), FieldType::Pointer("_User".into()));
    schema.fields.insert("due".into(), FieldType::Date);
    let stages: Vec<Stage> = stages
        .as_array()
        .unwrap()
        .iter()
        .map(|stage| stage.as_object().unwrap().iter().next().unwrap())
        .map(|(name, argument)| (name.clone(), argument.clone()))
        .collect();
    translate(&schema, "p_", &stages, forms).unwrap()
}

#[test]
fn raw_values_are_left_as_they_are_sent() {
    let forms = Forms {
        raw_values: true,
        raw_names: false,
    };
    let translated = stages_in(
        json!([
            {"$match": {"due": {"$date": "1970-01-01T00:00:00.005Z"}, "owner": "u1"}},
            {"$match": {"createdAt": {"$gt": {"$date": "1970-01-01T00:00:00.005Z"}}, "owner": {"$in": ["_User$u1"]}}},
            {"$match": {"due": "1970-01-01T00:00:00.005Z"}},
        ]),
        forms,
    );
    let at = bson::DateTime::from_millis(5);
    assert_eq!(
        translated.stages,
        [
            doc! { "$match": { "due": at, "_p_owner": "u1" } },
            doc! { "$match": { "_created_at": { "$gt": at }, "_p_owner": { "$in": ["_User$u1"] } } },
            doc! { "$match": { "due": "1970-01-01T00:00:00.005Z" } },
        ]
    );
}

#[test]
fn raw_names_are_left_as_they_are_sent_and_dates_are_still_dates() {
    let forms = Forms {
        raw_values: false,
        raw_names: true,
    };
    let translated = stages_in(
        json!([
            {"$match": {"due": {"$lt": "1970-01-01T00:00:00.005Z"}, "_p_owner": "_User$u1", "owner": "u1"}},
            {"$group": {"_id": "$owner"}},
        ]),
        forms,
    );
    let at = bson::DateTime::from_millis(5);
    assert_eq!(
        translated.stages,
        [
            doc! { "$match": { "due": { "$lt": at }, "_p_owner": "_User$u1", "owner": "u1" } },
            doc! { "$group": { "_id": "$owner" } },
        ]
    );
}

#[test]
fn fields_take_their_columns_until_the_shape_changes() {
    let translated = stages(json!([
        {"$match": {"owner": "u1", "createdAt": {"$gt": "1970-01-01T00:00:00.005Z"}, "$or": [{"objectId": "x"}]}},
        {"$sort": {"updatedAt": -1}},
        {"$group": {"_id": "$owner", "createdAt": {"$max": "$createdAt"}}},
        {"$match": {"objectId": "u1", "createdAt": {"$exists": true}}},
    ]));
    let at = bson::DateTime::from_millis(5);
    assert_eq!(
        translated.stages,
        [
            doc! { "$match": { "_p_owner": "_User$u1", "_created_at": { "$gt": at }, "$or": [{ "_id": "x" }] } },
            doc! { "$sort": { "_updated_at": -1 } },
            doc! { "$group": { "_id": "$_p_owner", "createdAt": { "$max": "$_created_at" } } },
            doc! { "$match": { "_id": "u1", "createdAt": { "$exists": true } } },
        ]
    );
    assert!(translated.shaped && translated.by_pointer);
}

#[test]
fn dates_and_pointers_are_converted_wherever_they_stand() {
    let at = json!({"__type": "Date", "iso": "1970-01-01T00:00:00.005Z"});
    let owner = json!({"__type": "Pointer", "className": "_User", "objectId": "u1"});
    let translated = stages(json!([
        {"$match": {"$expr": {"$gt": ["$due", at]}}},
        {"$match": {"owner": {"$in": ["u1", owner]}, "due": at}},
    ]));
    let at = bson::DateTime::from_millis(5);
    assert_eq!(
        translated.stages,
        [
            doc! { "$match": { "$expr": { "$gt": ["$due", at] } } },
            doc! { "$match": { "_p_owner": { "$in": ["_User$u1", "_User$u1"] }, "due": at } },
        ]
    );
}

#[test]
fn password_hashes_are_taken_out_of_users_first() {
    let secrets = doc! { "$unset": ["_hashed_password", "_password_history"] };
    let translated = translate(
        &ClassSchema::new("_User"),
        "",
        &[("$limit".into(), json!(1))],
        Forms::default(),
    )
    .unwrap();
    assert_eq!(translated.stages[0], secrets);
    let lookup = stages(
        json!([{"$lookup": {"from": "_User", "localField": "objectId", "foreignField": "_id", "as": "u"}}]),
    );
    let argument = lookup.stages[0].get_document("$lookup").unwrap();
    assert_eq!(argument.get_str("from").unwrap(), "p__User");
    assert_eq!(
        argument.get_array("pipeline").unwrap(),
        &[Bson::Document(secrets)]
    );
}
