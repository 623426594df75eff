//! Players of Apple's Game Center, with an authority and certificates made for the test run.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ids::{Clock, SystemClock};
use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, PKCS_RSA_SHA256,
};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde_json::{Value, json};

use super::keys::rsa_pkcs8;
use super::provider::{Provider, Reply};
use super::{app, sign_in, signed_in, users};
use crate::support::App;

const BUNDLE: &str = "org.example.game";

/// The authority, Apple, and somebody with a certificate of their own making.
struct World {
    authority: String,
    apple: Signer,
    forger: Signer,
    /// Certified by the authority, but for web servers.
    web_server: Signer,
}

struct Signer {
    key: Vec<u8>,
    certificate: Vec<u8>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let key = rsa_pkcs8();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&pair(&key)).unwrap().pem();
    let issuer = Issuer::new(params, pair(&key));
    let certified = |purpose| {
        let key = rsa_pkcs8();
        let certificate = params_for(purpose).signed_by(&pair(&key), &issuer).unwrap();
        Signer {
            key,
            certificate: certificate.der().to_vec(),
        }
    };
    let forged = rsa_pkcs8();
    let own = params_for(ExtendedKeyUsagePurpose::CodeSigning);
    World {
        authority,
        apple: certified(ExtendedKeyUsagePurpose::CodeSigning),
        web_server: certified(ExtendedKeyUsagePurpose::ServerAuth),
        forger: Signer {
            certificate: own.self_signed(&pair(&forged)).unwrap().der().to_vec(),
            key: forged,
        },
    }
});

fn pair(key: &[u8]) -> KeyPair {
    KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(key.to_vec()), &PKCS_RSA_SHA256).unwrap()
}

fn params_for(purpose: ExtendedKeyUsagePurpose) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.extended_key_usages = vec![purpose];
    params
}

impl Signer {
    /// What the client sends for player `id`, signed at `timestamp` for `bundle`.
    fn proof(&self, url: &str, id: &str, bundle: &str, timestamp: i64) -> Value {
        let salt = b"salt";
        let message = [id.as_bytes(), bundle.as_bytes(), &timestamp.to_be_bytes(), salt].concat();
        let key = RsaKeyPair::from_pkcs8(&self.key).unwrap();
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &message, &mut signature)
            .unwrap();
        json!({
            "id": id, "publicKeyUrl": url, "timestamp": timestamp,
            "salt": BASE64.encode(salt), "signature": BASE64.encode(signature),
        })
    }
}

fn now() -> i64 {
    SystemClock.now().timestamp_millis()
}

async fn configured() -> (Provider, App) {
    let provider = Provider::start().await;
    let world = &*WORLD;
    let files = [
        ("/authority.pem", world.authority.as_bytes()),
        ("/apple.cer", &world.apple.certificate),
        ("/forger.cer", &world.forger.certificate),
        ("/web.cer", &world.web_server.certificate),
        ("/nonsense.cer", b"nonsense"),
    ];
    for (path, content) in files {
        provider.on(path, move |_| Reply {
            status: 200,
            headers: String::new(),
            body: content.to_vec(),
        });
    }
    let options = json!({
        "bundleId": BUNDLE, "publicKeyOrigin": provider.url,
        "rootCertificateUrl": format!("{}/authority.pem", provider.url),
    });
    let app = app(&provider, json!({ "gcenter": options })).await;
    (provider, app)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_player_signs_up_and_then_in_and_each_signature_counts_once() {
    let (provider, app) = configured().await;
    let url = format!("{}/apple.cer", provider.url);
    let proof = |timestamp| json!({ "gcenter": WORLD.apple.proof(&url, "G:7", BUNDLE, timestamp) });
    let first = sign_in(&app, proof(now())).await;
    assert_eq!(first.status, 201, "{first:?}");
    let again = sign_in(&app, proof(now() - 1000)).await;
    assert_eq!(again.status, 200, "{again:?}");
    assert_eq!(signed_in(&first).0, signed_in(&again).0);

    let mut as_text = proof(now() - 2000);
    as_text["gcenter"]["timestamp"] = as_text["gcenter"]["timestamp"].to_string().into();
    assert_eq!(sign_in(&app, as_text.clone()).await.status, 200);
    assert_eq!(sign_in(&app, as_text).await.refusal(), (404, 101), "replayed");
    assert_eq!(users(&app).await, 1);
    let fetched = provider.calls("/apple.cer").len();
    assert_eq!(fetched, 1, "the certificate is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2022_31083_nothing_counts_but_apples_signature_for_this_app() {
    let (provider, app) = configured().await;
    let at = |path: &str| format!("{}{path}", provider.url);
    let world = &*WORLD;
    let good = world.apple.proof(&at("/apple.cer"), "G:7", BUNDLE, now());
    let but = |field: &str, value: Value| {
        let mut proof = good.clone();
        proof[field] = value;
        proof
    };
    let hour = 3_600_000;
    for (what, proof) in [
        (
            "another app",
            world
                .apple
                .proof(&at("/apple.cer"), "G:7", "org.example.other", now()),
        ),
        (
            "too old",
            world
                .apple
                .proof(&at("/apple.cer"), "G:7", BUNDLE, now() - 25 * hour),
        ),
        (
            "of the future",
            world.apple.proof(&at("/apple.cer"), "G:7", BUNDLE, now() + hour),
        ),
        (
            "a certificate of their own",
            world.forger.proof(&at("/forger.cer"), "G:7", BUNDLE, now()),
        ),
        (
            "a certificate for servers",
            world.web_server.proof(&at("/web.cer"), "G:7", BUNDLE, now()),
        ),
        (
            "another key",
            world.forger.proof(&at("/apple.cer"), "G:7", BUNDLE, now()),
        ),
        (
            "no certificate",
            world.apple.proof(&at("/nonsense.cer"), "G:7", BUNDLE, now()),
        ),
        ("another player", but("id", json!("G:8"))),
        ("another time", but("timestamp", json!(now() - 60_000))),
        ("another salt", but("salt", json!("c2FsdHk="))),
        ("no Base64", but("signature", json!("%"))),
        (
            "somebody's address",
            but("publicKeyUrl", json!("https://example.org/apple.cer")),
        ),
        ("no address", but("publicKeyUrl", json!("apple.cer"))),
    ] {
        let refused = sign_in(&app, json!({ "gcenter": proof })).await;
        assert_eq!(refused.refusal(), (404, 101), "{what}: {refused:?}");
    }
    for field in ["publicKeyUrl", "timestamp", "salt", "signature"] {
        let refused = sign_in(&app, json!({ "gcenter": but(field, Value::Null) })).await;
        assert_eq!(refused.refusal(), (400, 142), "{field}: {refused:?}");
    }
    assert_eq!(users(&app).await, 0);
    assert_eq!(sign_in(&app, json!({ "gcenter": good })).await.status, 201);
}
