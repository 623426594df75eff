//! Keys of providers that are slow, away, or asked for too much.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::future::join_all;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

const HOUR: Millis = 3_600_000;

/// A provider on this machine that publishes the key `known` while it is `up`, and else hangs up.
#[derive(Clone, Default)]
struct Fake {
    up: Arc<AtomicBool>,
    calls: Arc<AtomicUsize>,
}

impl Fake {
    async fn start(self) -> KeyRing {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ring = ring(&listener);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                self.calls.fetch_add(1, Ordering::SeqCst);
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                if !self.up.load(Ordering::SeqCst) {
                    continue;
                }
                let body =
                    json!({"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "known"}]}).to_string();
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all((head + &body).as_bytes()).await;
            }
        });
        ring
    }
}

/// The keys that are an hour's, at the address of this listener.
fn ring(listener: &TcpListener) -> KeyRing {
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    KeyRing::new(&KeySource {
        place: KeyPlace::Keys(Url::parse(&url).unwrap()),
        max_age: Duration::from_secs(3600),
    })
}

fn http() -> Http {
    test_kit::install_crypto_provider();
    Http::new(&[])
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_for_a_silent_provider_are_refused_together() {
    // Whoever connects is never accepted, let alone answered.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (ring, http, began) = (ring(&listener), http(), Instant::now());
    let all = join_all((0..100).map(|_| ring.find(&http, Some("known"), HOUR))).await;
    assert!(all.iter().all(Result::is_err));
    let waited = began.elapsed();
    let once = Duration::from_secs(1)..=Duration::from_secs(10);
    assert!(once.contains(&waited), "{waited:?}");

    assert!(ring.find(&http, Some("known"), HOUR).await.is_err());
    assert_eq!(began.elapsed(), waited, "the failure is remembered");
    tokio::time::advance(LEFT_ALONE).await;
    assert!(ring.find(&http, Some("known"), HOUR).await.is_err());
    assert!(began.elapsed() > waited + LEFT_ALONE, "for some seconds");
}

#[tokio::test]
async fn keys_that_are_known_stand_in_for_a_day_for_such_as_cannot_be_fetched() {
    let fake = Fake::default();
    let (up, calls) = (Arc::clone(&fake.up), Arc::clone(&fake.calls));
    let (ring, http) = (fake.start().await, http());
    let found = async |id: &str, now: Millis| {
        let found = ring.find(&http, Some(id), now).await;
        found.map(|key| key.is_some()).ok()
    };
    up.store(true, Ordering::SeqCst);
    assert_eq!(found("known", 0).await, Some(true));
    up.store(false, Ordering::SeqCst);
    assert_eq!(found("known", HOUR - 1).await, Some(true));
    assert_eq!(calls.load(Ordering::SeqCst), 1, "within the hour nobody asks");
    for (id, now, expected) in [
        ("known", HOUR, Some(true)),
        ("known", 25 * HOUR - 1, Some(true)),
        ("unheard", HOUR, None),
        ("known", 25 * HOUR, None),
    ] {
        ring.past().failed_at = None;
        assert_eq!(found(id, now).await, expected, "{id} {now}");
    }
    assert_eq!(
        calls.load(Ordering::SeqCst),
        5,
        "a provider that is back would be heard"
    );
    up.store(true, Ordering::SeqCst);
    assert_eq!(found("known", 25 * HOUR).await, None, "it is left alone for now");
    ring.past().failed_at = None;
    assert_eq!(found("known", 25 * HOUR).await, Some(true));
}

#[tokio::test]
async fn those_who_wait_share_keys_that_come() {
    let fake = Fake::default();
    let calls = Arc::clone(&fake.calls);
    fake.up.store(true, Ordering::SeqCst);
    let (ring, http) = (fake.start().await, http());
    let all = join_all((0..100).map(|_| ring.find(&http, Some("known"), 0))).await;
    assert!(all.iter().all(|found| matches!(found, Ok(Some(_)))));
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    let unheard = join_all((0..100).map(|_| ring.find(&http, Some("unheard"), 0))).await;
    assert!(unheard.iter().all(|found| matches!(found, Ok(None))));
    assert!(
        calls.load(Ordering::SeqCst) <= 3,
        "one call, and one for those who came meanwhile"
    );
}

#[test]
fn invented_key_ids_are_looked_up_a_few_times_a_minute_only() {
    let mut past = Past::default();
    let admitted = (0..100).filter(|_| past.admit(90_000)).count();
    assert_eq!(admitted, REFETCHES_PER_MINUTE as usize);
    assert!(past.admit(120_000), "a new minute");
}

#[test]
fn a_shared_secret_in_a_key_set_is_no_key() {
    let key = |json: Value| serde_json::from_value::<Jwk>(json).is_ok_and(|key| is_public_signing_key(&key));
    assert!(key(json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "1"})));
    assert!(!key(json!({"kty": "oct", "k": "c2VjcmV0", "kid": "1"})));
    assert!(!key(
        json!({"kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB"})
    ));
}
