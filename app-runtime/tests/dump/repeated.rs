//! Commands that were interrupted, and commands that are given twice.

use bson::{Document, RawDocumentBuf, doc};

use crate::support::{Move, documents, fill, indexes};

#[tokio::test]
async fn an_interrupted_restore_is_completed_by_repeating_it() {
    let apps = Move::new().await;
    fill(&apps.source, "A", 2500).await;
    fill(&apps.source, "B", 10).await;
    let command = doc! { "createIndexes": "A", "indexes": [{ "key": { "text": 1 }, "name": "text_1" }] };
    apps.source.run_command(command).await.unwrap();
    apps.dump(&[]).await.fine();
    // As an interruption leaves it: some of the documents, in whatever order, and no index.
    let some: Vec<_> = documents(&apps.source, "A")
        .await
        .into_iter()
        .step_by(3)
        .collect();
    apps.target
        .collection::<RawDocumentBuf>("A")
        .insert_many(some)
        .await
        .unwrap();

    let said = apps.restore(&[]).await.fine();

    assert!(said.contains("A: 1666 inserted, 834 there already"), "{said}");
    for name in ["A", "B"] {
        assert_eq!(
            documents(&apps.target, name).await,
            documents(&apps.source, name).await
        );
        assert_eq!(
            indexes(&apps.target, name).await,
            indexes(&apps.source, name).await
        );
    }
    let said = apps.restore(&[]).await.fine();
    assert!(
        said.contains("0 documents inserted, 2510 there already"),
        "{said}"
    );
}

#[tokio::test]
async fn a_document_that_differs_is_kept_and_the_restore_says_so() {
    let apps = Move::new().await;
    fill(&apps.source, "A", 5).await;
    apps.dump(&[]).await.fine();
    let mine = doc! { "_id": 3, "text": "mine" };
    apps.target
        .collection::<Document>("A")
        .insert_one(&mine)
        .await
        .unwrap();

    apps.restore(&[])
        .await
        .failed(&["A: 4 inserted, 1 kept that differ", "--drop"]);

    let kept: Option<Document> = apps
        .target
        .collection("A")
        .find_one(doc! { "_id": 3 })
        .await
        .unwrap();
    assert_eq!(kept, Some(mine));
    apps.restore(&["--drop"]).await.fine();
    assert_eq!(
        documents(&apps.target, "A").await,
        documents(&apps.source, "A").await
    );
}

#[tokio::test]
async fn a_document_that_another_unique_index_refuses_is_an_error() {
    let apps = Move::new().await;
    fill(&apps.source, "A", 5).await;
    apps.dump(&[]).await.fine();
    let command = doc! { "createIndexes": "A", "indexes": [{ "key": { "text": 1 }, "name": "text_1", "unique": true }] };
    apps.target.run_command(command).await.unwrap();
    let taken = doc! { "_id": "other", "text": "row 2" };
    apps.target.collection("A").insert_one(taken).await.unwrap();

    apps.restore(&[])
        .await
        .failed(&["collection A", "at byte", "text_1"]);
}

#[tokio::test]
async fn options_of_an_existing_collection_must_be_those_of_the_dump() {
    let apps = Move::new().await;
    let command = doc! { "create": "A", "collation": { "locale": "de" } };
    apps.source.run_command(command).await.unwrap();
    apps.dump(&[]).await.fine();
    fill(&apps.target, "A", 1).await;

    apps.restore(&[])
        .await
        .failed(&["collection A exists with other options", "--drop"]);

    apps.restore(&["--drop"]).await.fine();
    // Once more over the same options.
    apps.restore(&[]).await.fine();
}

#[tokio::test]
async fn a_repeated_dump_writes_only_what_is_missing() {
    let apps = Move::new().await;
    fill(&apps.source, "A", 5).await;
    fill(&apps.source, "B", 5).await;
    apps.dump(&[]).await.fine();
    let first = std::fs::read(apps.file("A.bson")).unwrap();
    // As an interruption in the middle of B leaves it.
    std::fs::rename(apps.file("B.bson"), apps.file("B.bson.part")).unwrap();
    apps.source
        .collection("A")
        .insert_one(doc! { "_id": "new" })
        .await
        .unwrap();
    apps.restore(&[]).await.failed(&["B.bson.part", "did not finish"]);
    assert!(documents(&apps.target, "A").await.is_empty());

    let said = apps.dump(&[]).await.fine();

    assert!(
        said.contains("A: complete already, kept") && said.contains("B: dumped, 5 documents"),
        "{said}"
    );
    assert_eq!(std::fs::read(apps.file("A.bson")).unwrap(), first);
    assert!(!apps.file("B.bson.part").exists());
    apps.dump(&["--overwrite", "--gzip"]).await.fine();
    assert!(!apps.file("A.bson").exists() && !apps.file("A.metadata.json").exists());
    apps.restore(&[]).await.fine();
    assert_eq!(documents(&apps.target, "A").await.len(), 6);
}

#[tokio::test]
async fn what_an_interrupted_dump_of_another_kind_left_is_no_part_of_this_one() {
    let apps = Move::new().await;
    fill(&apps.source, "A", 5).await;
    let capped = doc! { "create": "Capped", "capped": true, "size": 100_000 };
    apps.source.run_command(capped).await.unwrap();
    for number in [3, 1, 2] {
        let row = doc! { "_id": number };
        apps.source.collection("Capped").insert_one(row).await.unwrap();
    }
    apps.dump(&[]).await.fine();
    let in_their_order = std::fs::read(apps.file("Capped.bson")).unwrap();
    for name in ["A.bson", "Capped.bson"] {
        std::fs::rename(apps.file(name), apps.file(&format!("{name}.part"))).unwrap();
    }

    let said = apps.dump(&[]).await.fine();

    assert!(said.contains("A: dumping goes on after 5 documents"), "{said}");
    assert!(!said.contains("Capped: dumping goes on"), "{said}");
    assert_eq!(std::fs::read(apps.file("Capped.bson")).unwrap(), in_their_order);
    // Neither a dump that is packed nor one that writes everything goes on with it.
    for options in [&["--gzip"][..], &["--overwrite"]] {
        apps.dump(&["--overwrite"]).await.fine();
        std::fs::rename(apps.file("A.bson"), apps.file("A.bson.part")).unwrap();
        let said = apps.dump(options).await.fine();
        assert!(!said.contains("goes on"), "{said}");
        assert!(!apps.file("A.bson.part").exists());
    }
}
