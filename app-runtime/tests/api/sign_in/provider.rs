//! A provider: an HTTPS server on this machine that answers as a test says, and remembers what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::{CancellationToken, DropGuard};

/// A request that the provider got.
#[derive(Debug, Clone, Default)]
pub struct Call {
    pub method: String,
    pub path: String,
    pub query: BTreeMap<String, String>,
    /// By name in lower case.
    pub headers: BTreeMap<String, String>,
    pub form: BTreeMap<String, String>,
}

/// Status, and a body.
pub struct Reply {
    pub status: u16,
    pub headers: String,
    pub body: Vec<u8>,
}

type Handler = Arc<dyn Fn(&Call) -> Reply + Send + Sync>;

#[derive(Default)]
struct Shared {
    handlers: Mutex<BTreeMap<String, Handler>>,
    calls: Mutex<Vec<Call>>,
}

/// The server; it ends when dropped.
pub struct Provider {
    /// `https://127.0.0.1:port`
    pub url: String,
    /// PEM.
    pub certificate: String,
    shared: Arc<Shared>,
    _stop: DropGuard,
}

impl Provider {
    pub async fn start() -> Self {
        test_kit::install_crypto_provider();
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared::default());
        let stop = CancellationToken::new();
        tokio::spawn(serve(
            listener,
            TlsAcceptor::from(Arc::new(config)),
            shared.clone(),
            stop.clone(),
        ));
        Self {
            url,
            certificate: made.cert.pem(),
            shared,
            _stop: stop.drop_guard(),
        }
    }

    /// Answers `path` from now on in this way.
    pub fn on(&self, path: &str, handler: impl Fn(&Call) -> Reply + Send + Sync + 'static) {
        let mut handlers = self.shared.handlers.lock().unwrap();
        handlers.insert(path.to_owned(), Arc::new(handler));
    }

    /// Answers `path` from now on with this JSON.
    pub fn json(&self, path: &str, body: Value) {
        self.on(path, move |_| ok(body.clone()));
    }

    /// The calls that `path` got.
    pub fn calls(&self, path: &str) -> Vec<Call> {
        let calls = self.shared.calls.lock().unwrap();
        calls.iter().filter(|call| call.path == path).cloned().collect()
    }
}

/// 200 with JSON.
pub fn ok(body: Value) -> Reply {
    reply(200, body)
}

/// JSON with this status.
pub fn reply(status: u16, body: Value) -> Reply {
    Reply {
        status,
        headers: "Content-Type: application/json\r\n".to_owned(),
        body: body.to_string().into_bytes(),
    }
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, shared: Arc<Shared>, stop: CancellationToken) {
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { return };
                tokio::spawn(answer(stream, tls.clone(), shared.clone()));
            }
            () = stop.cancelled() => return,
        }
    }
}

/// One request per connection; a client that does not trust the certificate goes away.
async fn answer(stream: TcpStream, tls: TlsAcceptor, shared: Arc<Shared>) -> Option<()> {
    let mut stream = tls.accept(stream).await.ok()?;
    let call = read(&mut stream).await?;
    let handler = shared.handlers.lock().unwrap().get(&call.path).cloned();
    let reply = match handler {
        Some(handler) => handler(&call),
        None => reply(404, Value::Null),
    };
    shared.calls.lock().unwrap().push(call);
    let head = format!(
        "HTTP/1.1 {} Answer\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n",
        reply.status,
        reply.body.len(),
        reply.headers
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(&reply.body).await.ok()?;
    stream.shutdown().await.ok()
}

async fn read(stream: &mut TlsStream<TcpStream>) -> Option<Call> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        (stream.read_buf(&mut bytes).await.ok()? > 0).then_some(())?;
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).ok()?;
    let (first, rest) = head.split_once("\r\n")?;
    let headers: BTreeMap<String, String> = rest
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers
        .get("content-length")
        .map_or(0, |length| length.parse().unwrap());
    while bytes.len() < head_end + 4 + length {
        (stream.read_buf(&mut bytes).await.ok()? > 0).then_some(())?;
    }
    let mut words = first.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Some(Call {
        method: method.to_owned(),
        path: path.to_owned(),
        query: pairs(query.as_bytes()),
        form: pairs(&bytes[head_end + 4..]),
        headers,
    })
}

fn pairs(encoded: &[u8]) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(encoded).into_owned().collect()
}
