//! `restore --files`: what was in GridFS is in the store, or still in GridFS, and nowhere by half.

use std::fs;

use bson::{Binary, Bson, Document, doc};
use futures_util::{AsyncWriteExt, TryStreamExt};
use mongodb::Database;

use crate::bucket::Bucket;
use crate::support::Move;

/// What GridFS cuts files into.
const CHUNK: usize = 255 * 1024;

/// Bytes that are others at every place and in every file.
fn contents(name: &str, length: usize) -> Vec<u8> {
    let seed: usize = name.bytes().map(usize::from).sum();
    (0..length).map(|at| ((at + seed) * 31 / 7 % 251) as u8).collect()
}

async fn upload(database: &Database, name: &str, contents: &[u8]) -> Bson {
    let metadata = doc! { "contentType": "image/png" };
    let mut stream = database
        .gridfs_bucket(None)
        .open_upload_stream(name)
        .metadata(metadata)
        .await
        .unwrap();
    stream.write_all(contents).await.unwrap();
    stream.close().await.unwrap();
    stream.id().clone()
}

/// A dump with these files, each with its own contents.
async fn dumped(files: &[(&str, usize)]) -> Move {
    let apps = Move::new().await;
    for (name, length) in files {
        upload(&apps.source, name, &contents(name, *length)).await;
    }
    apps.dump(&[]).await.fine();
    apps
}

/// The option that moves files into a folder beside the dump.
fn store(apps: &Move) -> String {
    format!("--files=file://{}", apps.beside("store").display())
}

fn stored(apps: &Move, name: &str) -> Option<Vec<u8>> {
    fs::read(apps.beside("store").join(name)).ok()
}

async fn names_in_gridfs(apps: &Move) -> Vec<String> {
    let name = |file: &Document| file.get_str("filename").unwrap_or("-").to_owned();
    let mut names: Vec<_> = rows(apps, "fs.files").await.iter().map(name).collect();
    names.sort();
    names
}

async fn rows(apps: &Move, collection: &str) -> Vec<Document> {
    let collection = apps.target.collection::<Document>(collection);
    let found = collection.find(doc! {}).await.unwrap();
    found.try_collect().await.unwrap()
}

#[tokio::test]
async fn files_of_every_size_are_in_the_store_and_no_longer_in_gridfs() {
    let files = [
        ("nothing", 0),
        ("byte", 1),
        ("chunk", CHUNK),
        ("photos/2026/ä b.png", 3_000_000),
        ("50%41 [#x]?*.txt", CHUNK + 1),
        // More than one part of an upload.
        ("film", 17 << 20),
    ];
    let apps = dumped(&files).await;
    for _ in 0..2 {
        let said = apps.restore(&[&store(&apps)]).await.fine();

        assert!(said.contains("moved 6 files"), "{said}");
        for (name, length) in files {
            assert!(stored(&apps, name) == Some(contents(name, length)), "{name}");
        }
        assert!(rows(&apps, "fs.files").await.is_empty());
        assert!(rows(&apps, "fs.chunks").await.is_empty());
    }
    assert_eq!(fs::read_dir(apps.beside("store")).unwrap().count(), files.len());
}

#[tokio::test]
async fn without_a_store_files_stay_in_gridfs() {
    let apps = dumped(&[("byte", 1)]).await;
    let said = apps.restore(&[]).await.fine();
    assert!(!said.contains("moved"), "{said}");
    assert_eq!(names_in_gridfs(&apps).await, ["byte"]);
}

#[tokio::test]
async fn a_move_that_was_interrupted_goes_on_with_what_is_left() {
    let files = [("a", 10), ("b", 3_000_000), ("c", 20), ("d", 30)];
    let apps = dumped(&files).await;
    apps.restore(&[]).await.fine();
    // As an interruption leaves it: one moved, one arrived but still in GridFS, one half removed, one half written.
    let bucket = apps.target.gridfs_bucket(None);
    let all = rows(&apps, "fs.files").await;
    let id = |name: &str| {
        let mut files = all.iter();
        let file = files.find(|file| file.get_str("filename").is_ok_and(|found| found == name));
        file.unwrap()["_id"].clone()
    };
    fs::create_dir(apps.beside("store")).unwrap();
    for name in ["b", "c", "d"] {
        let (_, length) = files.iter().find(|file| file.0 == name).unwrap();
        fs::write(apps.beside("store").join(name), contents(name, *length)).unwrap();
    }
    bucket.delete(id("d")).await.unwrap();
    let remains = apps.target.collection::<Document>("fs.files");
    remains.delete_one(doc! { "_id": id("b") }).await.unwrap();
    fs::write(apps.beside("store").join("a#1"), "half").unwrap();

    apps.restore(&[&store(&apps)]).await.fine();

    for (name, length) in files {
        assert!(stored(&apps, name) == Some(contents(name, length)), "{name}");
    }
    assert!(rows(&apps, "fs.files").await.is_empty());
    assert!(rows(&apps, "fs.chunks").await.is_empty());
}

#[tokio::test]
async fn an_incomplete_file_is_named_and_stays_and_the_others_go_on() {
    let apps = Move::new().await;
    let (source, size) = (&apps.source, 3 * CHUNK);
    let mut ids = Vec::new();
    for name in ["first", "gap", "end", "short", "more", "zero"] {
        ids.push(upload(source, name, &contents(name, size)).await);
    }
    upload(source, "last", &contents("last", size)).await;
    let chunks = source.collection::<Document>("fs.chunks");
    for (id, n) in [(&ids[1], 1), (&ids[2], 2)] {
        let gone = chunks.delete_one(doc! { "files_id": id, "n": n }).await.unwrap();
        assert_eq!(gone.deleted_count, 1);
    }
    let cut = Binary {
        subtype: bson::spec::BinarySubtype::Generic,
        bytes: vec![0; 5],
    };
    let change = doc! { "$set": { "data": cut } };
    let last = doc! { "files_id": &ids[3], "n": 2 };
    chunks.update_one(last, change).await.unwrap();
    let rows = source.collection::<Document>("fs.files");
    for (id, change) in [
        (&ids[4], doc! { "length": (2 * CHUNK) as i64 }),
        (&ids[5], doc! { "chunkSize": 0 }),
    ] {
        rows.update_one(doc! { "_id": id }, doc! { "$set": change })
            .await
            .unwrap();
    }
    apps.dump(&[]).await.fine();

    apps.restore(&[&store(&apps)]).await.failed(&[
        "\"gap\": stays in GridFS: its chunk 1 of 3 is missing",
        "\"end\": stays in GridFS: its chunk 2 of 3 is missing",
        "\"short\": stays in GridFS: its chunk 2 of 3 has 5 bytes in place of 261120",
        "\"more\": stays in GridFS: it has more than its 2 chunks",
        "\"zero\": stays in GridFS: its chunkSize cannot be 0",
        "moved 2 files",
        "5 files stay in GridFS",
    ]);

    assert_eq!(
        names_in_gridfs(&apps).await,
        ["end", "gap", "more", "short", "zero"]
    );
    for name in ["first", "last"] {
        assert!(stored(&apps, name) == Some(contents(name, size)));
    }
    assert_eq!(fs::read_dir(apps.beside("store")).unwrap().count(), 2);
}

#[tokio::test]
async fn a_name_no_object_can_have_is_reported_and_stays() {
    let names = ["../out", "/abs", "a//b", "", ".", "dir/", "x#1", "line\nbreak"];
    let mut files = names.map(|name| (name, 5)).to_vec();
    files.push(("good", 5));
    let apps = Move::new().await;
    for (name, length) in &files {
        upload(&apps.source, name, &contents(name, *length)).await;
    }
    let nameless = upload(&apps.source, "-", b"x").await;
    let rows = apps.source.collection::<Document>("fs.files");
    rows.update_one(doc! { "_id": nameless }, doc! { "$unset": { "filename": 1 } })
        .await
        .unwrap();
    apps.dump(&[]).await.fine();

    apps.restore(&[&store(&apps)]).await.failed(&[
        "\"../out\": stays in GridFS",
        "\"line\\nbreak\": stays",
        "this file has no name",
        "9 files stay in GridFS",
    ]);

    let mut left: Vec<_> = names.map(str::to_owned).to_vec();
    left.push("-".into());
    left.sort();
    assert_eq!(names_in_gridfs(&apps).await, left);
    assert_eq!(stored(&apps, "good"), Some(contents("good", 5)));
    assert_eq!(fs::read_dir(apps.beside("store")).unwrap().count(), 1);
    assert!(!apps.beside("out").exists());
}

#[tokio::test]
async fn the_newest_revision_wins_and_stays_with_the_older_ones_when_it_is_damaged() {
    let apps = Move::new().await;
    let mut newest = Vec::new();
    for name in ["fine", "damaged"] {
        // The newest is neither the first nor the last that was written.
        for (text, day) in [("old", 1), ("new", 3), ("older", 2)] {
            let id = upload(&apps.source, name, text.as_bytes()).await;
            let date = bson::DateTime::from_millis(day * 86_400_000);
            let change = doc! { "$set": { "uploadDate": date } };
            let rows = apps.source.collection::<Document>("fs.files");
            rows.update_one(doc! { "_id": &id }, change).await.unwrap();
            if day == 3 {
                newest.push(id);
            }
        }
    }
    let chunks = apps.source.collection::<Document>("fs.chunks");
    chunks.delete_one(doc! { "files_id": &newest[1] }).await.unwrap();
    apps.dump(&[]).await.fine();

    apps.restore(&[&store(&apps)]).await.failed(&[
        "\"damaged\": stays",
        "moved 1 files",
        "2 older revisions",
    ]);

    assert_eq!(stored(&apps, "fine"), Some(b"new".to_vec()));
    assert_eq!(stored(&apps, "damaged"), None);
    assert_eq!(names_in_gridfs(&apps).await, ["damaged"; 3]);
}

#[tokio::test]
async fn a_store_that_cannot_be_is_refused_before_anything_is_changed() {
    let apps = dumped(&[("byte", 1)]).await;
    fs::write(apps.beside("store"), "a file").unwrap();
    apps.restore(&[&store(&apps)]).await.failed(&["store"]);
    for url in ["files", "ftp://host/x", "s3:///x", "file://folder/x"] {
        let ended = apps.restore(&["--files", url]).await;
        assert_eq!(ended.code, Some(2), "{}", ended.said);
        assert!(ended.said.contains("--files <URL>"), "{}", ended.said);
    }
    assert!(names_in_gridfs(&apps).await.is_empty());
}

#[tokio::test]
async fn a_bucket_gets_the_files_with_their_types_and_gets_none_twice() {
    let files = [("photos/ä b.png", 10), ("film", 17 << 20), ("nothing", 0)];
    let apps = dumped(&files).await;
    let bucket = Bucket::start();
    let options = ["--files", "s3://bucket/app/files"];
    for _ in 0..2 {
        apps.restore_with(&bucket.variables(), &options).await.fine();

        for (name, length) in files {
            let object = bucket.object(&format!("/bucket/app/files/{name}")).unwrap();
            assert!(object.contents == contents(name, length), "{name}");
            assert_eq!(object.content_type, "image/png");
            assert_eq!(object.parts, if name == "film" { 3 } else { 0 });
        }
        assert_eq!((bucket.puts(), bucket.unfinished()), (3, 0));
        assert!(rows(&apps, "fs.chunks").await.is_empty());
    }
    // Another revision of the same length is another file.
    let other = vec![7; 10];
    upload(&apps.target, "photos/ä b.png", &other).await;
    apps.restore_with(&bucket.variables(), &options).await.fine();
    let object = bucket.object("/bucket/app/files/photos/ä b.png").unwrap();
    assert_eq!(object.contents, other);
}

#[tokio::test]
async fn a_bucket_that_refuses_ends_the_move_and_all_stays_in_gridfs() {
    let names = ["a", "b", "c", "d", "e"];
    let apps = dumped(&names.map(|name| (name, 10))).await;
    let bucket = Bucket::start();
    bucket.refuse(true);
    let options = ["--files", "s3://bucket"];

    apps.restore_with(&bucket.variables(), &options).await.failed(&[
        "\"e\": stays",
        "\"c\": stays",
        "file store s3://bucket",
        "AccessDenied",
        "goes on",
    ]);

    assert_eq!(names_in_gridfs(&apps).await, names);
    bucket.refuse(false);
    apps.restore_with(&bucket.variables(), &options).await.fine();
    assert_eq!(bucket.puts(), 5);
    assert!(names_in_gridfs(&apps).await.is_empty());
}

#[tokio::test]
async fn a_file_that_ends_in_the_middle_leaves_nothing_of_itself_in_the_store() {
    let apps = Move::new().await;
    // The gap is met when parts are on their way already: MongoDB sends sixteen megabytes at once.
    let id = upload(&apps.source, "film", &contents("film", 40 << 20)).await;
    let chunks = apps.source.collection::<Document>("fs.chunks");
    let gap = doc! { "files_id": &id, "n": 150 };
    chunks.delete_one(gap).await.unwrap();
    apps.dump(&[]).await.fine();
    let stays = ["\"film\": stays in GridFS: its chunk 150 of 161 is missing"];

    let bucket = Bucket::start();
    apps.restore_with(&bucket.variables(), &["--files", "s3://bucket"])
        .await
        .failed(&stays);
    assert_eq!((bucket.puts(), bucket.unfinished()), (1, 0));
    assert!(bucket.object("/bucket/film").is_none());

    apps.restore(&[&store(&apps)]).await.failed(&stays);
    assert_eq!(fs::read_dir(apps.beside("store")).unwrap().count(), 0);
    assert_eq!(names_in_gridfs(&apps).await, ["film"]);
}
