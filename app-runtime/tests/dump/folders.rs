//! Which folders are taken for a dump.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::{Move, documents, fill};

#[tokio::test]
async fn the_database_s_folder_itself_is_a_dump_too() {
    let apps = Move::new().await;
    fill(&apps.source, "A", 3).await;
    apps.dump(&["--gzip"]).await.fine();
    apps.restore_folder(apps.file("A.bson.gz").parent().unwrap(), &[])
        .await
        .fine();
    assert_eq!(documents(&apps.target, "A").await.len(), 3);
}

#[tokio::test]
async fn a_dump_of_a_whole_server_needs_the_name_of_a_database() {
    let apps = Move::new().await;
    fill(&apps.source, "A", 3).await;
    apps.dump(&[]).await.fine();
    // The server's own databases and the oplog are in such a dump as well.
    let admin = apps.folder().join("admin");
    fs::create_dir(&admin).unwrap();
    fs::write(admin.join("system.users.bson"), "").unwrap();
    fs::write(apps.folder().join("oplog.bson"), "").unwrap();
    apps.restore(&[]).await.fine();
    assert_eq!(documents(&apps.target, "A").await.len(), 3);

    let other = apps.folder().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("B.bson"), "").unwrap();
    apps.restore(&[]).await.failed(&["several databases", "other"]);
}

#[tokio::test]
async fn a_folder_that_is_no_dump_is_refused() {
    let apps = Move::new().await;
    apps.restore(&[]).await.failed(&["dump: "]);
    fs::create_dir(apps.folder()).unwrap();
    apps.restore(&[]).await.failed(&["is not a dump"]);
}

#[tokio::test]
async fn a_collection_in_two_forms_is_refused() {
    let apps = Move::new().await;
    fill(&apps.source, "A", 3).await;
    apps.dump(&[]).await.fine();
    fs::write(apps.file("A.bson.gz"), "").unwrap();
    apps.restore(&[])
        .await
        .failed(&["A.bson", "are the same collection"]);
}

#[tokio::test]
async fn system_collections_stay_where_they_are() {
    let apps = Move::new().await;
    fill(&apps.source, "A", 1).await;
    fill(&apps.source, "system.js", 1).await;
    apps.dump(&[]).await.fine();
    assert!(!apps.file("system.js.bson").exists());
    fs::copy(apps.file("A.bson"), apps.file("system.js.bson")).unwrap();
    apps.restore(&[]).await.fine();
    assert!(documents(&apps.target, "system.js").await.is_empty());
}

#[tokio::test]
async fn only_the_owner_can_read_a_dump() {
    let apps = Move::new().await;
    fill(&apps.source, "A", 1).await;
    apps.dump(&[]).await.fine();
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(apps.file("A.bson")), 0o600);
    assert_eq!(mode(apps.folder()), 0o700);
}
