//! A dump that is killed in the middle of a collection, over a line that goes dead.

use std::path::Path;
use std::time::Duration;

use bson::{Document, doc};
use test_kit::wait_until;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Ended, Move, documents};

const DEADLINE: Duration = Duration::from_secs(60);

/// Of some 64 kB each: more than two batches, of which the database makes the second as large as it may.
const ROWS: u32 = 500;
/// Enough for the first two batches.
const BEFORE_IT_IS_DEAD: usize = 25 << 20;
/// Of which this much is on disk for sure.
const WRITTEN: u64 = 6 << 20;

/// A way to a database server that answers so many bytes and then nothing more.
pub struct Line {
    pub port: u16,
}

impl Line {
    async fn to(server: String, bytes: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                let (mut answers, mut questions) = server.into_split();
                let (mut from_client, mut to_client) = client.into_split();
                tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut questions).await });
                tokio::spawn(async move {
                    let mut first = (&mut answers).take(bytes as u64);
                    let _ = tokio::io::copy(&mut first, &mut to_client).await;
                    let _ = to_client.flush().await;
                    // Open, and silent.
                    std::future::pending::<()>().await;
                });
            }
        });
        Self { port }
    }
}

/// Texts that hardly pack, the same ones every time.
async fn fill(apps: &Move) {
    let mut state = 1_u64;
    let mut digit = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b' ' + u8::try_from(state >> 58).unwrap())
    };
    let rows: Vec<Document> = (0..ROWS)
        .map(|number| {
            let text: String = (0..64_000).map(|_| digit()).collect();
            // Ids of several types, in another order than that of the inserts.
            let number = (number * 7919) % ROWS;
            match number % 3 {
                0 => doc! { "_id": i64::from(number), "text": text },
                1 => doc! { "_id": format!("id {number}"), "text": text },
                _ => doc! { "_id": { "n": number }, "text": text },
            }
        })
        .collect();
    let collection = apps.source.collection::<Document>("Large");
    for rows in rows.chunks(100) {
        collection.insert_many(rows).await.unwrap();
    }
}

fn length(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// Kills a dump in the middle, repeats it, and compares with one that nobody disturbed.
async fn killed_and_repeated(file: &str, options: &[&str]) {
    let apps = Move::new().await;
    fill(&apps).await;
    apps.dump(options).await.fine();
    let undisturbed = std::fs::read(apps.file(file)).unwrap();
    std::fs::remove_dir_all(apps.folder()).unwrap();

    let line = Line::to(apps.source_address(), BEFORE_IT_IS_DEAD).await;
    let mut dump = apps.start_dump(&line, options);
    let part = apps.file(&format!("{file}.part"));
    wait_until(DEADLINE, "a part of the collection is on disk", async || {
        length(&part) > WRITTEN
    })
    .await;
    // SIGKILL: nothing is tidied up.
    dump.kill().await.unwrap();
    let half = std::fs::read(&part).unwrap();
    assert!(half.len() < undisturbed.len() && !apps.file(file).exists());
    apps.restore(&[]).await.failed(&["did not finish"]);

    let said = repeated(&apps, options).await;
    assert!(said.contains("Large: dumping goes on after"), "{said}");
    assert!(
        said.contains(&format!("Large: dumped, {ROWS} documents")),
        "{said}"
    );
    assert_eq!(apps.folder().read_dir().unwrap().count(), 1);
    assert!(
        std::fs::read(apps.file(file)).unwrap() == undisturbed,
        "other bytes"
    );

    // What follows the last whole document is as if it had not been written, wherever the file ends.
    for (cut, torn) in [
        (half.len() - 1, true),
        (half.len() / 2, true),
        (3, false),
        (0, false),
    ] {
        std::fs::remove_file(apps.file(file)).unwrap();
        std::fs::write(&part, &half[..cut]).unwrap();
        let said = repeated(&apps, options).await;
        assert_eq!(said.contains("goes on after"), torn, "{cut}: {said}");
        assert!(
            std::fs::read(apps.file(file)).unwrap() == undisturbed,
            "cut at {cut}"
        );
    }
    apps.restore(&[]).await.fine();
    assert_eq!(
        documents(&apps.target, "Large").await,
        documents(&apps.source, "Large").await
    );
}

async fn repeated(apps: &Move, options: &[&str]) -> String {
    let ended: Ended = apps.dump(options).await;
    ended.fine()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_dump_goes_on_after_its_last_whole_document() {
    killed_and_repeated("Large.bson", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_dump_goes_on_after_its_last_whole_packed_part() {
    killed_and_repeated("Large.bson.gz", &["--gzip"]).await;
}
