//! The benchmark's third row: what a scenario costs straight through the `mongodb` driver, one command a request and no
//! HTTP, as the limit of a plain design. `make bench` starts it on the database that it has filled for the runtime:
//!
//!     bench-direct MONGODB_URI SCENARIO CONNECTIONS SECONDS
//!
//! Prints `RESULT {"requests", "perSecond", "p50Ms", "p99Ms"}`.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bson::oid::ObjectId;
use bson::{Bson, DateTime, Document, RawDocumentBuf, doc};
use futures_util::TryStreamExt;
use mongodb::options::ReturnDocument;
use mongodb::{Client, Collection, Database};
use rand::Rng;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Objects that share one value of `group`, and of `team`.
const GROUPS: i32 = 500;

struct Bench {
    database: Database,
    notes: Vec<String>,
    counters: Vec<String>,
    people: Vec<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    telemetry::install_crypto_provider();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [uri, scenario, connections, seconds] = arguments.as_slice() else {
        eprintln!("usage: bench-direct MONGODB_URI SCENARIO CONNECTIONS SECONDS");
        return ExitCode::FAILURE;
    };
    match run(uri, scenario, connections, seconds).await {
        Ok(result) => {
            println!("RESULT {result}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench-direct: {scenario}: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(uri: &str, scenario: &str, connections: &str, seconds: &str) -> Result<String, Failure> {
    let (connections, seconds): (usize, f64) = (connections.parse()?, seconds.parse()?);
    let client = Client::with_uri_str(uri).await?;
    let database = client.default_database().ok_or("the address names no database")?;
    let bench = Arc::new(Bench {
        notes: ids(&database, "Note").await?,
        counters: ids(&database, "Counter").await?,
        people: ids(&database, "_User").await?,
        database,
    });
    let begun = Instant::now();
    let until = begun + Duration::from_secs_f64(seconds);
    let workers: Vec<_> = (0..connections)
        .map(|_| tokio::spawn(work(Arc::clone(&bench), scenario.to_owned(), until)))
        .collect();
    let mut times = Vec::new();
    for worker in workers {
        times.extend(worker.await??);
    }
    times.sort_unstable();
    let took = begun.elapsed().as_secs_f64();
    let at = |part: f64| {
        let index = (times.len() as f64 * part) as usize;
        times
            .get(index)
            .map_or(0.0, |time: &Duration| time.as_secs_f64() * 1e3)
    };
    Ok(format!(
        r#"{{"requests":{},"perSecond":{:.2},"p50Ms":{:.3},"p99Ms":{:.3}}}"#,
        times.len(),
        times.len() as f64 / took,
        at(0.5),
        at(0.99)
    ))
}

async fn ids(database: &Database, collection: &str) -> Result<Vec<String>, Failure> {
    let rows = database
        .collection::<Document>(collection)
        .find(doc! {})
        .projection(doc! { "_id": 1 })
        .await?;
    let rows: Vec<Document> = rows.try_collect().await?;
    Ok(rows
        .iter()
        .filter_map(|row| row.get_str("_id").ok().map(str::to_owned))
        .collect())
}

async fn work(bench: Arc<Bench>, scenario: String, until: Instant) -> Result<Vec<Duration>, Failure> {
    let mut times = Vec::new();
    while Instant::now() < until {
        let begun = Instant::now();
        bench.once(&scenario).await?;
        times.push(begun.elapsed());
    }
    Ok(times)
}

impl Bench {
    async fn once(&self, scenario: &str) -> Result<(), Failure> {
        let group = rand::rng().random_range(0..GROUPS);
        match scenario {
            "create" => drop(self.raw("Written").insert_one(note()?).await?),
            "batch of 50" => {
                let notes = (0..50).map(|_| note()).collect::<Result<Vec<_>, _>>()?;
                self.raw("Written").insert_many(notes).ordered(false).await?;
            }
            "get" => drop(
                self.raw("Note")
                    .find_one(readable(doc! { "_id": any(&self.notes) }))
                    .await?,
            ),
            "find by index" => drop(self.twenty(doc! { "group": group }).await?),
            "find by scan" => drop(self.twenty(doc! { "team": group }).await?),
            "find with include" => self.with_authors(group).await?,
            "count by scan" => drop(
                self.raw("Note")
                    .count_documents(readable(doc! { "team": group }))
                    .await?,
            ),
            "increment spread" => self.increment(any(&self.counters)).await?,
            "increment hot row" => {
                self.increment(self.counters.first().map_or("", String::as_str))
                    .await?
            }
            "login" => self.login(any(&self.people)).await?,
            other => return Err(format!("no scenario is called {other}").into()),
        }
        Ok(())
    }

    fn raw(&self, collection: &str) -> Collection<RawDocumentBuf> {
        self.database.collection(collection)
    }

    async fn twenty(&self, filter: Document) -> Result<Vec<RawDocumentBuf>, Failure> {
        let found = self
            .raw("Note")
            .find(readable(filter))
            .limit(100)
            .batch_size(101)
            .await?;
        Ok(found.try_collect().await?)
    }

    async fn with_authors(&self, group: i32) -> Result<(), Failure> {
        let notes = self.twenty(doc! { "group": group }).await?;
        let author = |note: &RawDocumentBuf| {
            let pointer = note.get_str("_p_author").ok()?;
            pointer.split_once('$').map(|(_, id)| Bson::from(id))
        };
        let authors: Vec<Bson> = notes.iter().filter_map(author).collect();
        let filter = readable(doc! { "_id": { "$in": authors } });
        let _: Vec<RawDocumentBuf> = self.raw("Author").find(filter).await?.try_collect().await?;
        Ok(())
    }

    async fn increment(&self, id: &str) -> Result<(), Failure> {
        let statement = doc! { "$set": { "_updated_at": DateTime::from_millis(0) }, "$inc": { "hits": 1 } };
        let filter = doc! { "_id": id, "_wperm": { "$in": [null, "*"] } };
        self.raw("Counter")
            .find_one_and_update(filter, statement)
            .projection(doc! { "hits": 1 })
            .return_document(ReturnDocument::After)
            .await?;
        Ok(())
    }

    /// The password is checked as bcrypt does it, at the cost that is stored; then a session is made.
    async fn login(&self, id: &str) -> Result<(), Failure> {
        let user = self
            .raw("_User")
            .find_one(doc! { "_id": id })
            .await?
            .ok_or("no such user")?;
        let hash = user.get_str("_hashed_password")?.to_owned();
        tokio::task::spawn_blocking(move || bcrypt::verify("a-password-of-the-bench", &hash)).await??;
        let session = doc! { "_id": ObjectId::new().to_hex(), "_p_user": format!("_User${id}") };
        self.raw("_Session")
            .insert_one(RawDocumentBuf::try_from(&session)?)
            .await?;
        Ok(())
    }
}

fn any(ids: &[String]) -> &str {
    ids.get(rand::rng().random_range(0..ids.len().max(1)))
        .map_or("", String::as_str)
}

fn readable(mut filter: Document) -> Document {
    filter.insert("_rperm", doc! { "$in": [null, "*"] });
    filter
}

/// The object of `scenarios.js`, as it is stored.
fn note() -> Result<RawDocumentBuf, Failure> {
    let now = DateTime::now();
    Ok(RawDocumentBuf::try_from(&doc! {
        "_id": ObjectId::new().to_hex(),
        "title": "A note with a title of usual length, number 1",
        "score": 1,
        "done": false,
        "tags": ["first", "second", "third"],
        "place": [13.4, 52.5],
        "at": now,
        "_created_at": now,
        "_updated_at": now,
    })?)
}
