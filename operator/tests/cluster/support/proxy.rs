//! Stands between an operator and its database. All is well with the connection, but it can keep users from being asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, split};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

/// A command, and one of the same length that no server knows.
const SPOILED: (&[u8], &[u8]) = (b"usersInfo", b"usersInfx");

pub struct Proxy {
    port: u16,
    spoils: Arc<AtomicBool>,
    _listener: AbortOnDropHandle<()>,
}

impl Proxy {
    /// In front of the server of this connection string.
    pub async fn before(uri: &str) -> Self {
        let server = uri.split("://").nth(1).unwrap().split('/').next().unwrap();
        let (server, spoils) = (server.to_owned(), Arc::new(AtomicBool::new(false)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let plan = spoils.clone();
        let listener = AbortOnDropHandle::new(tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(forward(client, server, plan.clone()));
            }
        }));
        Self {
            port,
            spoils,
            _listener: listener,
        }
    }

    pub fn uri(&self) -> String {
        format!("mongodb://127.0.0.1:{}/?directConnection=true", self.port)
    }

    /// Whether, from now on, nobody learns which users there are.
    pub fn spoil(&self, spoils: bool) {
        self.spoils.store(spoils, Ordering::Relaxed);
    }
}

/// Until either side ends.
async fn forward(client: TcpStream, server: TcpStream, spoils: Arc<AtomicBool>) {
    let ((mut requests, mut answers), (mut from, mut to)) = (split(client), split(server));
    let ask = async {
        let mut buffer = vec![0; 65_536];
        while let Ok(length @ 1..) = requests.read(&mut buffer).await {
            let sent = &mut buffer[..length];
            let (command, other) = SPOILED;
            let found = sent.windows(command.len()).position(|window| window == command);
            if let Some(at) = found.filter(|_| spoils.load(Ordering::Relaxed)) {
                sent[at..at + other.len()].copy_from_slice(other);
            }
            if to.write_all(sent).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = ask => {}
        _ = copy(&mut from, &mut answers) => {}
    }
}
