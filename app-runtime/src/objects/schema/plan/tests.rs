//! What may be done to a class, and what each refusal says.

#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

const RULES: Rules = Rules { custom_ids: false };

fn class() -> ClassSchema {
    let mut class = ClassSchema::new("Task");
    for (name, kind) in [
        ("title", FieldType::String),
        ("owner", FieldType::Pointer("_User".into())),
        ("watchers", FieldType::Array),
        ("place", FieldType::GeoPoint),
        ("likes", FieldType::Relation("_User".into())),
    ] {
        class.fields.insert(name.into(), kind);
    }
    class
}

fn plan(body: Value) -> ParseResult<Plan> {
    read(&class(), body.as_object().unwrap(), RULES)
}

#[test]
fn fields_come_go_and_change_their_rules() {
    let plan = plan(json!({"fields": {
        "points": {"type": "Number", "required": true, "defaultValue": 5},
        "parent": {"type": "Pointer", "targetClass": "Task"},
        "likes": {"__op": "Delete"},
        "title": {"type": "String", "required": true},
        "watchers": {"type": "Array"},
    }}))
    .unwrap();
    assert_eq!(
        plan.removed,
        [("likes".to_owned(), FieldType::Relation("_User".into()))]
    );
    assert_eq!(
        plan.added
            .iter()
            .map(|(name, kind, _)| (name.as_str(), kind.to_string()))
            .collect::<Vec<_>>(),
        [
            ("points", "Number".to_owned()),
            ("parent", "Pointer<Task>".to_owned())
        ]
    );
    assert_eq!(plan.changed.len(), 1, "what stays the same is no change");
    assert!(plan.result.options["title"].is_required() && plan.result.field("likes").is_none());
}

#[test]
fn each_bad_field_has_its_code_and_sentence() {
    for (fields, code, message) in [
        (
            json!({"title": {"type": "Number"}}),
            255,
            "Field title exists, cannot update.",
        ),
        (
            json!({"none": {"__op": "Delete"}}),
            255,
            "Field none does not exist, cannot delete.",
        ),
        (
            json!({"owner": {"type": "Pointer", "targetClass": "Task"}}),
            111,
            "schema mismatch for Task.owner; expected Pointer<_User> but got Pointer<Task>",
        ),
        (
            json!({"objectId": {"__op": "Delete"}}),
            136,
            "field objectId cannot be changed",
        ),
        (
            json!({"objectId": {"type": "String", "required": true}}),
            136,
            "field objectId cannot be changed",
        ),
        (json!({"a-b": {"type": "String"}}), 105, "invalid field name: a-b"),
        (json!({"a": {"type": "Text"}}), 111, "invalid field type: Text"),
        (json!({"a": {"type": "ACL"}}), 111, "invalid field type: ACL"),
        (json!({"a": {"type": 7}}), 107, "invalid JSON"),
        (json!({"a": "String"}), 107, "invalid JSON"),
        (
            json!({"a": {"type": "Pointer"}}),
            135,
            "type Pointer needs a class name",
        ),
        (
            json!({"a": {"type": "Pointer", "targetClass": 1}}),
            107,
            "invalid JSON",
        ),
        (
            json!({"a": {"type": "Relation", "targetClass": "_X"}}),
            103,
            "Invalid classname: _X, classnames can only have alphanumeric characters and _, and must start with an alpha character ",
        ),
        (
            json!({"a": {"type": "Number", "defaultValue": "x"}}),
            111,
            "schema mismatch for Task.a default value; expected Number but got String",
        ),
        (
            json!({"a": {"type": "Relation", "targetClass": "Task", "required": true}}),
            111,
            "The 'required' option is not applicable for Relation<Task>",
        ),
        (
            json!({"a": {"type": "GeoPoint"}}),
            111,
            "currently, only one GeoPoint field may exist in an object. Adding a when place already exists.",
        ),
    ] {
        let error = plan(json!({ "fields": fields })).unwrap_err();
        assert_eq!(
            (error.code, error.message.as_str()),
            (Some(code), message),
            "{fields}"
        );
    }
    assert!(plan(json!({"fields": {"objectId": {"type": "String"}, "ACL": {"type": "ACL"}}})).is_ok());
}

#[test]
fn permissions_are_checked_to_the_last_key() {
    for (permissions, message) in [
        (
            json!({"play": {}}),
            "play is not a valid operation for class level permissions",
        ),
        (
            json!({"find": true}),
            "'true' is not a valid value for class level permissions find - must be an object",
        ),
        (
            json!({"find": {"*": false}}),
            "'false' is not a valid value for class level permissions acl find:*",
        ),
        (
            json!({"find": {"a b": true}}),
            "'a b' is not a valid key for class level permissions",
        ),
        (
            json!({"find": {"pointerFields": "owner"}}),
            "'owner' is not a valid value for find[pointerFields] - expected an array.",
        ),
        (
            json!({"find": {"pointerFields": ["title"]}}),
            "'title' is not a valid column for class level pointer permissions find",
        ),
        (
            json!({"readUserFields": "owner"}),
            "'owner' is not a valid value for class level permissions readUserFields - must be an array",
        ),
        (
            json!({"writeUserFields": ["likes"]}),
            "'likes' is not a valid column for class level pointer permissions writeUserFields",
        ),
        (
            json!({"protectedFields": {"*": "title"}}),
            "'title' is not a valid value for protectedFields[*] - expected an array.",
        ),
        (
            json!({"protectedFields": {"*": ["none"]}}),
            "Field 'none' in protectedFields:* does not exist",
        ),
        (
            json!({"protectedFields": {"*": ["objectId"]}}),
            "Default field 'objectId' can not be protected",
        ),
        (
            json!({"protectedFields": {"some body": []}}),
            "'some body' is not a valid key for class level permissions",
        ),
        (
            json!({"ACL": {"*": true}}),
            "'true' is not a valid value for class level permissions acl",
        ),
        (
            json!({"ACL": {"*": {"execute": true}}}),
            "'execute' is not a valid key for class level permissions acl",
        ),
        (
            json!({"ACL": {"*": {"read": 1}}}),
            "'1' is not a valid value for class level permissions acl",
        ),
    ] {
        let error = plan(json!({ "classLevelPermissions": permissions })).unwrap_err();
        assert_eq!((error.code, error.message.as_str()), (Some(107), message));
    }
    let every_form = json!({
        "find": {"*": true, "role:Admin": true, "u1": true}, "get": {"requiresAuthentication": true},
        "update": {"pointerFields": ["owner", "watchers"]}, "readUserFields": ["owner"],
        "protectedFields": {"*": ["title"], "authenticated": [], "userField:owner": []},
        "ACL": {"currentUser": {"read": true, "write": true}},
    });
    assert!(plan(json!({ "classLevelPermissions": every_form })).is_ok());
}

#[test]
fn a_custom_id_may_be_any_text() {
    let body = json!({"classLevelPermissions": {"find": {"anna@example.org": true}}});
    assert!(plan(body.clone()).is_err());
    assert!(read(&class(), body.as_object().unwrap(), Rules { custom_ids: true }).is_ok());
}

#[test]
fn indexes_need_fields_and_new_names() {
    let made =
        plan(json!({"indexes": {"by_title": {"title": 1, "_p_owner": -1}, "words": {"title": "text"}}}))
            .unwrap();
    assert_eq!(
        made.result.indexes.keys().collect::<Vec<_>>(),
        ["_id_", "by_title", "words"]
    );
    let body = json!({"indexes": {"by_title": {"__op": "Delete"}}});
    let dropped = read(&made.result, body.as_object().unwrap(), RULES).unwrap();
    assert_eq!(dropped.dropped_indexes, ["by_title"]);
    for (indexes, message) in [
        (
            json!({"x": {"none": 1}}),
            "Field none does not exist, cannot add index.",
        ),
        (
            json!({"x": {"__op": "Delete"}}),
            "Index x does not exist, cannot delete.",
        ),
        (json!({"_id_": {"title": 1}}), "Index _id_ exists, cannot update."),
        (
            json!({"_id_": {"__op": "Delete"}}),
            "Index _id_ cannot be deleted.",
        ),
    ] {
        let error = plan(json!({ "indexes": indexes })).unwrap_err();
        assert_eq!((error.code, error.message.as_str()), (Some(102), message));
    }
    assert!(plan(json!({"indexes": {"x": {"title": {"$gt": 1}}}})).is_err());
}
