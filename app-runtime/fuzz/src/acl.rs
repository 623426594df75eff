//! Access control lists. An input is one, as JSON.

use app_runtime::objects::schema::ClassSchema;
use app_runtime::protocol::acl::Acl;
use app_runtime::storage::{Files, NewObject, Times, View, new_document, write_object};
use bson::RawDocumentBuf;
use serde_json::{Map, Value};

/// Whoever a list names has the same rights after it was written out, and after it was stored.
pub fn run(input: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(input) else {
        return;
    };
    let Ok(acl) = Acl::decode(&value) else { return };
    let names = value.as_object().map(Map::len).unwrap_or_default();
    assert!(acl.read.len() <= names && acl.write.len() <= names);
    let wire = acl.encode();
    let again = Acl::decode(&wire).expect("our own form is read");
    assert_eq!(rights(&again), rights(&acl));
    assert_eq!(
        Acl::decode(&again.encode()).expect("our own form is read"),
        again,
        "written twice it stays"
    );
    assert_eq!(rights(&stored(acl.clone())), rights(&acl));
}

fn rights(acl: &Acl) -> (Vec<&String>, Vec<&String>) {
    (sorted(&acl.read), sorted(&acl.write))
}

fn sorted(list: &[String]) -> Vec<&String> {
    let mut list: Vec<_> = list.iter().collect();
    list.sort_unstable();
    list
}

/// The list as it comes back from the database.
fn stored(acl: Acl) -> Acl {
    let schema = ClassSchema::new("A");
    let object = NewObject {
        id: "x".into(),
        times: Times {
            created: 0,
            updated: 0,
        },
        acl: Some(acl),
        fields: Map::new(),
    };
    let document = RawDocumentBuf::try_from(&new_document(&schema, object)).expect("what we accept is BSON");
    let (files, mut out) = (Files::default(), Vec::new());
    write_object(&View::full(&schema, &files), &document, &mut out).expect("what we stored can be read");
    let object: Value = serde_json::from_slice(&out).expect("an answer is JSON");
    Acl::decode(&object["ACL"]).expect("an answer has a list")
}
