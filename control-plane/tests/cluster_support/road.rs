//! A road to an API server that a test can cut.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Carries connections to `127.0.0.1:<server>`.
pub struct Road {
    address: SocketAddr,
    server: u16,
    sent: Arc<AtomicU64>,
    carrying: Option<JoinHandle<()>>,
}

impl Road {
    pub async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut road = Self {
            address: listener.local_addr().unwrap(),
            server,
            sent: Arc::default(),
            carrying: None,
        };
        road.carry(listener);
        road
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Bytes that went towards the server.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Refuses connections from now on, and breaks off those that are open.
    pub async fn cut(&mut self) {
        if let Some(carrying) = self.carrying.take() {
            carrying.abort();
            let _ = carrying.await;
        }
    }

    /// Carries connections again, at the same port.
    pub fn mend(&mut self) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(self.address).unwrap();
        self.carry(socket.listen(64).unwrap());
    }

    fn carry(&mut self, listener: TcpListener) {
        let (server, sent) = (self.server, self.sent.clone());
        self.carrying = Some(tokio::spawn(async move {
            // Dropped with this task, and with it every connection.
            let mut connections = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                connections.spawn(connection(near, server, sent.clone()));
            }
        }));
    }
}

async fn connection(near: TcpStream, server: u16, sent: Arc<AtomicU64>) {
    let Ok(far) = TcpStream::connect(("127.0.0.1", server)).await else {
        return;
    };
    let ((mut near_reads, mut near_writes), (mut far_reads, mut far_writes)) =
        (near.into_split(), far.into_split());
    let there = async {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(count @ 1..) = near_reads.read(&mut buffer).await {
            sent.fetch_add(count as u64, Ordering::Relaxed);
            if far_writes.write_all(&buffer[..count]).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        () = there => {}
        _ = tokio::io::copy(&mut far_reads, &mut near_writes) => {}
    }
}
