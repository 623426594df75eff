//! Every type, index and option comes back.

use bson::{Document, RawDocumentBuf, doc, rawdoc};

use crate::support::{Move, collections, documents, fill, indexes};

/// One document with one value: its type's number and its bytes, so that types a library hides are there, too.
fn value(name: &str, kind: u8, bytes: &[u8]) -> RawDocumentBuf {
    let mut document = rawdoc! { "_id": name }.into_bytes();
    document.pop();
    document.push(kind);
    document.extend(b"value\0");
    document.extend(bytes);
    document.push(0);
    let length = u32::try_from(document.len()).unwrap().to_le_bytes();
    document[..4].copy_from_slice(&length);
    RawDocumentBuf::from_bytes(document).unwrap()
}

fn text(text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len() + 1).unwrap().to_le_bytes();
    [&length[..], text.as_bytes(), b"\0"].concat()
}

fn binary(subtype: u8, bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap().to_le_bytes();
    [&length[..], &[subtype], bytes].concat()
}

/// <https://bsonspec.org/spec.html>, in the order of its table.
fn every_type() -> Vec<RawDocumentBuf> {
    let inner = rawdoc! { "a": { "b": [1, "two", { "c": null }] }, "": "no name" };
    let code_with_scope = {
        let rest = [text("return x"), rawdoc! { "x": 1 }.into_bytes()].concat();
        let length = u32::try_from(rest.len() + 4).unwrap().to_le_bytes();
        [&length[..], &rest].concat()
    };
    let mut all = vec![
        value("double", 1, &1.5_f64.to_le_bytes()),
        value("double NaN", 1, &f64::NAN.to_le_bytes()),
        value(
            "double NaN with a payload",
            1,
            &0x7ff8_0000_dead_beef_u64.to_le_bytes(),
        ),
        value("double -0", 1, &(-0.0_f64).to_le_bytes()),
        value("double infinity", 1, &f64::NEG_INFINITY.to_le_bytes()),
        value("string", 2, &text("Grüße \0 \u{1f600}")),
        value("string not UTF-8", 2, b"\x03\0\0\0\xff\xfe\0"),
        value("document", 3, inner.as_bytes()),
        value("array", 4, rawdoc! { "0": 1_i64, "1": "b", "2": {} }.as_bytes()),
        value("undefined", 6, b""),
        value("object id", 7, &[7; 12]),
        value("false", 8, &[0]),
        value("true", 8, &[1]),
        value("date", 9, &1_700_000_000_123_i64.to_le_bytes()),
        value("date before the epoch", 9, &i64::MIN.to_le_bytes()),
        value("null", 10, b""),
        value("regex", 11, b"^a.*\\Q(\\E\0imx\0"),
        value("db pointer", 12, &[text("db.collection"), vec![9; 12]].concat()),
        value("javascript", 13, &text("function () {}")),
        value("symbol", 14, &text("sym")),
        value("javascript with scope", 15, &code_with_scope),
        value("int32", 16, &i32::MIN.to_le_bytes()),
        value("timestamp", 17, &[3, 0, 0, 0, 7, 0, 0, 0]),
        value("int64", 18, &i64::MAX.to_le_bytes()),
        value(
            "decimal128",
            19,
            &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0x40, 0x30],
        ),
        value("max key", 127, b""),
        value("min key", 255, b""),
    ];
    for subtype in [0, 1, 3, 4, 5, 6, 7, 8, 9, 0x80, 0xff] {
        all.push(value(&format!("binary {subtype}"), 5, &binary(subtype, &[0; 16])));
    }
    all.push(value(
        "binary 2",
        5,
        &binary(2, &[&4_u32.to_le_bytes()[..], b"four"].concat()),
    ));
    all
}

async fn every_type_comes_back(options: &[&str]) {
    let apps = Move::new().await;
    let all = every_type();
    apps.source
        .collection::<RawDocumentBuf>("Types")
        .insert_many(&all)
        .await
        .unwrap();
    apps.dump(options).await.fine();
    apps.restore(&[]).await.fine();
    let (before, after) = (
        documents(&apps.source, "Types").await,
        documents(&apps.target, "Types").await,
    );
    assert_eq!(before.len(), all.len());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.as_bytes(), after.as_bytes(), "{:?}", before.get_str("_id"));
        assert!(
            all.contains(before),
            "{:?} was changed by the insert",
            before.get_str("_id")
        );
    }
    assert_eq!(after.len(), all.len());
}

#[tokio::test]
async fn every_type_comes_back_byte_for_byte() {
    every_type_comes_back(&[]).await;
}

#[tokio::test]
async fn every_type_comes_back_from_packed_files() {
    every_type_comes_back(&["--gzip"]).await;
}

#[tokio::test]
async fn the_file_of_a_collection_is_its_documents_and_nothing_else() {
    let apps = Move::new().await;
    fill(&apps.source, "_Join:users:_Role", 3).await;
    apps.dump(&[]).await.fine();
    let stored = documents(&apps.source, "_Join:users:_Role").await;
    let expected: Vec<u8> = stored
        .iter()
        .flat_map(|document| document.as_bytes().to_vec())
        .collect();
    assert_eq!(
        std::fs::read(apps.file("_Join%3Ausers%3A_Role.bson")).unwrap(),
        expected
    );
    let metadata = std::fs::read(apps.file("_Join%3Ausers%3A_Role.metadata.json")).unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&metadata).unwrap();
    assert_eq!(metadata["collectionName"], "_Join:users:_Role");
    assert_eq!(metadata["type"], "collection");
    assert_eq!(metadata["uuid"].as_str().unwrap().len(), 32);
    assert_eq!(metadata["indexes"][0]["key"]["_id"]["$numberInt"], "1");
}

#[tokio::test]
async fn documents_of_the_largest_size_come_back() {
    let apps = Move::new().await;
    let largest = (16 << 20) - rawdoc! { "_id": 0, "text": "" }.as_bytes().len();
    let rows = (0..3).map(|number| rawdoc! { "_id": number, "text": "x".repeat(largest) });
    let admin = apps.source.client().database("admin");
    for row in rows {
        // The small cache of the tests' server has no room for two of them that are not on disk yet.
        admin.run_command(doc! { "fsync": 1 }).await.unwrap();
        apps.source
            .collection::<RawDocumentBuf>("Large")
            .insert_one(row)
            .await
            .unwrap();
    }
    apps.dump(&["--gzip"]).await.fine();
    apps.restore(&[]).await.fine();
    assert!(documents(&apps.source, "Large").await == documents(&apps.target, "Large").await);
}

fn index_list() -> Vec<Document> {
    let german = doc! { "locale": "de", "strength": 2 };
    vec![
        doc! { "key": { "email": 1 }, "name": "email_1", "unique": true, "sparse": true },
        doc! { "key": { "username": 1 }, "name": "case_insensitive_username", "collation": german },
        doc! { "key": { "expiresAt": 1 }, "name": "ttl", "expireAfterSeconds": 3600 },
        doc! { "key": { "title": "text", "body": "text" }, "name": "words", "weights": { "title": 10, "body": 1 },
        "default_language": "german" },
        doc! { "key": { "place": "2dsphere", "b": -1, "a": 1.0 }, "name": "place" },
        doc! { "key": { "location": "2d" }, "name": "location_2d", "min": -90.5, "max": 90.5 },
        doc! { "key": { "_id": "hashed" }, "name": "_id_hashed" },
        doc! { "key": { "rank": -1_i64 }, "name": "rank", "partialFilterExpression": { "rank": { "$gt": 5_i64 } } },
        doc! { "key": { "$**": 1 }, "name": "all", "wildcardProjection": { "secret": 0 } },
        doc! { "key": { "shown": 1 }, "name": "shown_1", "hidden": true },
    ]
}

#[tokio::test]
async fn indexes_come_back_as_they_were() {
    let apps = Move::new().await;
    fill(&apps.source, "Notes", 10).await;
    let command = doc! { "createIndexes": "Notes", "indexes": index_list() };
    apps.source.run_command(command).await.unwrap();
    apps.dump(&[]).await.fine();
    apps.restore(&[]).await.fine();
    let before = indexes(&apps.source, "Notes").await;
    assert_eq!(before.len(), 11);
    assert_eq!(indexes(&apps.target, "Notes").await, before);
}

#[tokio::test]
async fn collections_come_back_with_their_options_and_views() {
    let apps = Move::new().await;
    let german = doc! { "locale": "de", "strength": 2 };
    for command in [
        doc! { "create": "Log", "capped": true, "size": 8192_i64, "max": 50 },
        doc! { "create": "Names", "collation": german },
        doc! { "create": "Checked", "validator": { "rank": { "$gte": 0.5 } }, "validationLevel": "moderate" },
        doc! { "create": "Clustered", "clusteredIndex": { "key": { "_id": 1 }, "unique": true, "name": "ids" } },
        doc! { "create": "Empty" },
        doc! { "create": "A view", "viewOn": "Names", "pipeline": [{ "$match": { "a": 1_i64 } }] },
    ] {
        apps.source.run_command(command).await.unwrap();
    }
    fill(&apps.source, "Log", 20).await;
    fill(&apps.source, "Clustered", 5).await;
    fill(&apps.source, "fs.chunks", 5).await;
    apps.dump(&[]).await.fine();
    apps.restore(&[]).await.fine();
    let expected = collections(&apps.source).await;
    assert_eq!(expected.len(), 7);
    assert_eq!(collections(&apps.target).await, expected);
    for name in ["Log", "Names", "Clustered"] {
        assert_eq!(
            indexes(&apps.target, name).await,
            indexes(&apps.source, name).await
        );
        assert_eq!(
            documents(&apps.target, name).await,
            documents(&apps.source, name).await
        );
    }
}
