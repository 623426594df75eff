//! Damaged files are found before anything is changed.

use std::fs::{self, OpenOptions};
use std::path::Path;

use bson::{RawDocumentBuf, rawdoc};

use crate::support::{Move, documents, fill};

/// A dump of `A` and `B`, and a target whose `A` must survive the attempts to restore it.
async fn dumped(options: &[&str]) -> Move {
    let apps = Move::new().await;
    fill(&apps.source, "A", 3).await;
    fill(&apps.source, "B", 3).await;
    apps.dump(options).await.fine();
    fill(&apps.target, "A", 1).await;
    apps
}

/// Restoring fails, says this, and leaves the target alone even when it was told to drop.
async fn refused(apps: &Move, parts: &[&str]) {
    for options in [&[][..], &["--drop"]] {
        apps.restore(options).await.failed(parts);
        assert_eq!(documents(&apps.target, "A").await.len(), 1);
        assert!(documents(&apps.target, "B").await.is_empty());
    }
}

fn cut(path: &Path, bytes: u64) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(file.metadata().unwrap().len() - bytes).unwrap();
}

async fn last_offset(apps: &Move) -> u64 {
    let all = documents(&apps.source, "B").await;
    all[..2]
        .iter()
        .map(|document| document.as_bytes().len() as u64)
        .sum()
}

#[tokio::test]
async fn a_truncated_file_is_named_with_the_place() {
    let apps = dumped(&[]).await;
    cut(&apps.file("B.bson"), 1);
    let place = format!(
        "B.bson ends in the middle of the document at byte {}",
        last_offset(&apps).await
    );
    refused(&apps, &[&place]).await;
    let length = fs::metadata(apps.file("B.bson")).unwrap().len();
    cut(&apps.file("B.bson"), length - last_offset(&apps).await - 2);
    refused(&apps, &[&place]).await;
}

#[tokio::test]
async fn a_truncated_packed_file_is_named() {
    let apps = dumped(&["--gzip"]).await;
    cut(&apps.file("B.bson.gz"), 3);
    refused(&apps, &["B.bson.gz ends in the middle"]).await;
}

#[tokio::test]
async fn a_packed_file_with_a_changed_byte_is_named() {
    let apps = dumped(&["--gzip"]).await;
    let mut bytes = fs::read(apps.file("B.bson.gz")).unwrap();
    let checksum = bytes.len() - 8;
    bytes[checksum] ^= 1;
    fs::write(apps.file("B.bson.gz"), bytes).unwrap();
    refused(&apps, &["B.bson.gz is damaged at byte"]).await;
}

#[tokio::test]
async fn damage_inside_a_file_is_named_with_the_place() {
    let apps = dumped(&[]).await;
    let good = fs::read(apps.file("B.bson")).unwrap();
    let place = usize::try_from(last_offset(&apps).await).unwrap();
    let mut deep = RawDocumentBuf::new();
    for _ in 0..300 {
        deep = rawdoc! { "a": deep };
    }
    // A length that cannot be, a type that does not exist, a text longer than its document, nesting without end.
    let changes: [(usize, &[u8]); 4] = [
        (place, &[0xff, 0xff, 0xff, 0x7f]),
        (place + 4, &[0x42]),
        (place + 15, &[0xff, 0xff]),
        (place, deep.as_bytes()),
    ];
    for (at, bytes) in changes {
        let mut changed = good.clone();
        changed.truncate(changed.len().max(at));
        changed.splice(at..changed.len().min(at + bytes.len()), bytes.iter().copied());
        fs::write(apps.file("B.bson"), changed).unwrap();
        refused(&apps, &[&format!("B.bson is damaged at byte {place}")]).await;
    }
}

#[tokio::test]
async fn metadata_that_cannot_be_read_is_named() {
    let apps = dumped(&[]).await;
    fs::write(apps.file("B.metadata.json"), "{").unwrap();
    refused(&apps, &["B.metadata.json is not mongodump's metadata"]).await;
}
