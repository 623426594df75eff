//! The private PostgreSQL and MongoDB of `slipway dev`, as real processes.
#![allow(clippy::unwrap_used)]

mod local_support;

use std::net::TcpListener;

use bson::{Document, doc};
use control_plane::dev::folder::DataFolder;
use control_plane::dev::mongodb::Mongo;
use control_plane::dev::postgres::Postgres;
use control_plane::dev::secrets::DevSecrets;
use control_plane::dev::service::Supervised;
use control_plane::dev::tools::Tools;
use local_support::{Folder, PATIENCE, is_running, kill, runtime};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{Connection, PgConnection};

struct Place {
    _folder: Folder,
    data: DataFolder,
    secrets: DevSecrets,
    tools: Tools,
}

fn place() -> Place {
    test_kit::install_crypto_provider();
    let folder = Folder::new();
    let data = DataFolder::open(folder.path()).unwrap();
    let secrets = DevSecrets::load(&data).unwrap();
    let bin = test_kit::binaries::postgres("initdb")
        .parent()
        .unwrap()
        .to_owned();
    let tools = Tools {
        mongod: test_kit::binaries::mongod(),
        postgres_bin: bin,
        runtime: runtime(),
    };
    Place {
        _folder: folder,
        data,
        secrets,
        tools,
    }
}

async fn start_postgres(place: &Place) -> (Postgres, Supervised) {
    let password = &place.secrets.postgres_password;
    let postgres = Postgres::prepare(&place.data, &place.tools, password)
        .await
        .unwrap();
    let server = Supervised::start(postgres.service(&place.data)).unwrap();
    postgres.until_ready(&server).await.unwrap();
    (postgres, server)
}

async fn start_mongo(place: &Place) -> (Mongo, Supervised) {
    let password = &place.secrets.mongo_password;
    let mongo = Mongo::prepare(&place.data, place.tools.mongod.clone(), password).unwrap();
    let server = Supervised::start(mongo.service(&place.data)).unwrap();
    mongo.until_ready(&server).await.unwrap();
    (mongo, server)
}

async fn run(postgres: &Postgres, statement: &'static str) -> sqlx::Result<()> {
    let mut connection = PgConnection::connect(postgres.url().expose_secret()).await?;
    sqlx::query(statement).execute(&mut connection).await.map(drop)
}

async fn things(mongo: &Mongo) -> mongodb::Collection<Document> {
    let client = mongodb::Client::with_uri_str(mongo.uri().expose_secret())
        .await
        .unwrap();
    client.database("test").collection("Thing")
}

fn run_file_exists(place: &Place, name: &str) -> bool {
    place.data.path().join("run").join(name).exists()
}

#[tokio::test]
async fn postgres_keeps_its_data_over_a_stop_and_a_start() {
    let place = place();
    let (postgres, mut server) = start_postgres(&place).await;
    run(&postgres, "CREATE TABLE kept (id int)").await.unwrap();
    let pid = server.process().identity().pid;
    server.stop().await;
    assert!(!is_running(pid) && !run_file_exists(&place, "postgres.pid"));
    let (again, _server) = start_postgres(&place).await;
    assert_eq!(again.port, postgres.port);
    run(&again, "INSERT INTO kept VALUES (1)").await.unwrap();
}

#[tokio::test]
async fn postgres_lets_nobody_in_without_the_password() {
    let place = place();
    let (postgres, _server) = start_postgres(&place).await;
    let without = format!("postgres://slipway@127.0.0.1:{}/slipway", postgres.port);
    assert!(PgConnection::connect(&without).await.is_err());
    let wrong = format!("postgres://slipway:guess@127.0.0.1:{}/slipway", postgres.port);
    assert!(PgConnection::connect(&wrong).await.is_err());
}

#[tokio::test]
async fn postgres_left_running_by_a_killed_supervisor_is_adopted() {
    let place = place();
    let (_, first) = start_postgres(&place).await;
    let identity = first.process().identity().clone();
    std::mem::forget(first);
    std::fs::remove_file(place.data.path().join("run/postgres.pid")).unwrap();
    let (postgres, mut second) = start_postgres(&place).await;
    assert!(second.is_adopted());
    assert_eq!(second.process().identity(), &identity);
    run(&postgres, "SELECT 1").await.unwrap();
    second.stop().await;
    assert!(!identity.is_alive());
}

#[tokio::test]
async fn dead_postgres_is_started_again() {
    let place = place();
    let (postgres, server) = start_postgres(&place).await;
    kill(server.process().identity().pid);
    server.process().exited().await;
    test_kit::wait_until(PATIENCE, "PostgreSQL answers again", async || {
        run(&postgres, "SELECT 1").await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn interrupted_initdb_leaves_nothing_in_the_way() {
    let place = place();
    let draft = place.data.path().join("postgres/data.new");
    std::fs::create_dir_all(draft.join("base")).unwrap();
    std::fs::write(draft.join("PG_VERSION"), "15\n").unwrap();
    let (postgres, _server) = start_postgres(&place).await;
    run(&postgres, "SELECT 1").await.unwrap();
    assert!(!draft.exists());
}

#[tokio::test]
async fn mongo_keeps_its_data_and_moves_when_its_port_is_taken() {
    let place = place();
    let (mongo, mut server) = start_mongo(&place).await;
    things(&mongo).await.insert_one(doc! { "_id": 1 }).await.unwrap();
    server.stop().await;
    let stranger = TcpListener::bind(("127.0.0.1", mongo.port)).unwrap();
    // It hangs up on everybody, as a server of another protocol would.
    std::thread::spawn(move || stranger.incoming().for_each(drop));
    let (moved, _server) = start_mongo(&place).await;
    assert_ne!(moved.port, mongo.port);
    let things = things(&moved).await;
    assert_eq!(things.count_documents(doc! {}).await.unwrap(), 1);
    things.insert_one(doc! { "_id": 2 }).await.unwrap();
}

#[tokio::test]
async fn mongo_lets_nobody_in_without_the_password() {
    let place = place();
    let (mongo, _server) = start_mongo(&place).await;
    let uri = format!("mongodb://127.0.0.1:{}/?directConnection=true", mongo.port);
    let client = mongodb::Client::with_uri_str(uri).await.unwrap();
    assert!(client.list_database_names().await.is_err());
    let mine: &SecretString = &place.secrets.mongo_password;
    assert!(mongo.uri().expose_secret().contains(mine.expose_secret()));
}

#[tokio::test]
async fn killed_mongo_is_started_again_and_then_adopted() {
    let place = place();
    let (mongo, server) = start_mongo(&place).await;
    kill(server.process().identity().pid);
    test_kit::wait_until(PATIENCE, "MongoDB takes writes again", async || {
        things(&mongo).await.insert_one(doc! {}).await.is_ok()
    })
    .await;
    std::mem::forget(server);
    let (_, adopted) = start_mongo(&place).await;
    assert!(adopted.is_adopted());
}

#[tokio::test]
async fn server_that_cannot_start_says_why() {
    let place = place();
    std::fs::write(place.data.secret("mongo-keyfile"), "short").unwrap();
    let mongo = Mongo::prepare(
        &place.data,
        place.tools.mongod.clone(),
        &place.secrets.mongo_password,
    )
    .unwrap();
    let server = Supervised::start(mongo.service(&place.data)).unwrap();
    let error = mongo.until_ready(&server).await.unwrap_err().to_string();
    assert!(
        error.contains("MongoDB does not start") && error.contains("mongod.log"),
        "{error}"
    );
}
