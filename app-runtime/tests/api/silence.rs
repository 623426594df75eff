//! The change stream falls silent: its connection stays open, and nothing comes any more, while all else goes on. Another
//! replica's changes are obeyed nevertheless.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::support::{App, As, app, on};

/// Hands everything on to the database and back; from a moment on, nothing more of what belongs to a change stream.
struct Relay {
    address: SocketAddr,
    silent: watch::Sender<bool>,
}

impl Relay {
    async fn to(database: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let silent = watch::Sender::new(false);
        let watched = silent.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&database).await.unwrap();
                tokio::spawn(hand_on(client, server, watched.subscribe()));
            }
        });
        Self { address, silent }
    }
}

/// Both ways, until one end closes.
async fn hand_on(client: TcpStream, server: TcpStream, silent: watch::Receiver<bool>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let follows = Arc::new(AtomicBool::new(false));
    let asks = {
        let (follows, mut silent) = (Arc::clone(&follows), silent.clone());
        async move {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
                // How a stream of a whole database is opened, and how the next of it is asked for.
                let sent = &buffer[..length];
                let is_stream = contains(sent, b"$changeStream") || contains(sent, b"$cmd.aggregate");
                follows.store(is_stream, Ordering::SeqCst);
                if is_stream {
                    silent.wait_for(|silent| !silent).await.unwrap();
                }
                to_server.write_all(sent).await.unwrap();
            }
        }
    };
    let mut silent = silent;
    let answers = async move {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from_server.read(&mut buffer).await {
            if follows.load(Ordering::SeqCst) {
                silent.wait_for(|silent| !silent).await.unwrap();
            }
            if to_client.write_all(&buffer[..length]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = asks => {}
        () = answers => {}
    }
}

fn contains(sent: &[u8], part: &[u8]) -> bool {
    sent.windows(part.len()).any(|window| window == part)
}

async fn comes_to(app: &App, who: &As, status: u16) {
    let what = format!("{who:?} gets {status}");
    let answers = async || app.get(who, "/classes/Note").await.status == status;
    test_kit::wait_until(Duration::from_secs(30), &what, answers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_reach_a_replica_whose_stream_has_fallen_silent() {
    let one = app(|settings| settings.allow_client_class_creation = true).await;
    let (_, rest) = one.mongo.uri().split_once("mongodb://").unwrap();
    let (host, _) = rest.split_once('/').unwrap();
    let relay = Relay::to(host.to_owned()).await;
    let uri = format!(
        "mongodb://{}/{}?directConnection=true",
        relay.address,
        one.mongo.name()
    );
    let other = on(Arc::clone(&one.mongo), |settings| {
        settings.database_uri = uri.into();
        settings.allow_client_class_creation = true;
        settings.cache_ttl = Duration::from_secs(1);
    })
    .await;
    one.create(&As::Master, "Note", json!({})).await;
    let (_, as_anna) = one.user("anna").await;
    comes_to(&other, &As::Nobody, 200).await;
    comes_to(&other, &as_anna, 200).await;

    relay.silent.send_replace(true);
    one.post(&as_anna, "/logout", json!({})).await.ok();
    let closed = json!({"classLevelPermissions": {"find": {"requiresAuthentication": true}}});
    one.put(&As::Master, "/schemas/Note", closed).await.ok();
    comes_to(&other, &as_anna, 400).await;
    comes_to(&other, &As::Nobody, 404).await;
    let (_, as_bert) = one.user("bert").await;
    comes_to(&other, &as_bert, 200).await;

    relay.silent.send_replace(false);
    let open = json!({"classLevelPermissions": {"find": {"*": true}}});
    one.put(&As::Master, "/schemas/Note", open).await.ok();
    comes_to(&other, &As::Nobody, 200).await;
}
