//! Keys that a provider signs its tokens with, made for the test run.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ids::{Clock, SystemClock};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RsaKeyPair,
};
use serde_json::{Value, json};

/// A private key, with the id it is published under.
pub struct SigningKey {
    id: &'static str,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
}

/// RS256.
pub static RSA: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::rsa("first"));
/// RS256, the key that comes after.
pub static NEXT_RSA: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::rsa("second"));
/// ES256.
pub static EC: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::ec("curve"));

/// A new RSA key. ring signs by such keys, but makes none.
fn rsa_der() -> Vec<u8> {
    openssl(
        &[
            "genpkey",
            "-algorithm",
            "RSA",
            "-pkeyopt",
            "rsa_keygen_bits:2048",
            "-outform",
            "DER",
        ],
        &[],
    )
}

/// A new RSA key in the form of PKCS #8.
pub fn rsa_pkcs8() -> Vec<u8> {
    let convert = ["pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-outform", "DER"];
    openssl(&convert, &rsa_der())
}

fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut process = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("these tests make RSA keys by the program openssl");
    process.stdin.take().unwrap().write_all(input).unwrap();
    let made = process.wait_with_output().unwrap();
    assert!(made.status.success(), "openssl {arguments:?}: {}", made.status);
    made.stdout
}

impl SigningKey {
    fn rsa(id: &'static str) -> Self {
        let made = rsa_der();
        // Which of the two forms comes out depends on the version of openssl.
        let pair = RsaKeyPair::from_pkcs8(&made).or_else(|_| RsaKeyPair::from_der(&made));
        Self {
            id,
            pair: Pair::Rsa(pair.unwrap()),
        }
    }

    fn ec(id: &'static str) -> Self {
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let made = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self {
            id,
            pair: Pair::Ec(EcdsaKeyPair::from_pkcs8(algorithm, made.as_ref(), &random).unwrap()),
        }
    }

    /// What the provider publishes.
    pub fn public(&self) -> Value {
        match &self.pair {
            Pair::Rsa(pair) => {
                let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id, "n": BASE64.encode(n), "e": BASE64.encode(e)})
            }
            Pair::Ec(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "use": "sig", "kid": self.id, "x": BASE64.encode(x), "y": BASE64.encode(y)})
            }
        }
    }

    /// A token that says this.
    pub fn sign(&self, claims: &Value) -> String {
        let algorithm = match self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::Ec(_) => "ES256",
        };
        self.sign_as(&json!({"alg": algorithm, "kid": self.id, "typ": "JWT"}), claims)
    }

    /// A token with this header, whose signature is good.
    pub fn sign_as(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let encoding = match header["alg"].as_str() {
                    Some("RS384") => &RSA_PKCS1_SHA384,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(encoding, &random, message.as_bytes(), &mut signature)
                    .unwrap();
                signature
            }
            Pair::Ec(pair) => pair.sign(&random, message.as_bytes()).unwrap().as_ref().to_vec(),
        };
        format!("{message}.{}", BASE64.encode(signature))
    }

    /// A token "signed" with the public key as if that were a shared secret.
    pub fn confuse(&self, claims: &Value) -> String {
        let message = message(&json!({"alg": "HS256", "kid": self.id}), claims);
        let public = self.public();
        let secret = BASE64.decode(public["n"].as_str().unwrap()).unwrap();
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &secret);
        format!(
            "{message}.{}",
            BASE64.encode(ring::hmac::sign(&key, message.as_bytes()))
        )
    }

    /// A token that nobody signed.
    pub fn unsigned(&self, claims: &Value) -> String {
        format!("{}.", message(&json!({"alg": "none", "kid": self.id}), claims))
    }
}

fn message(header: &Value, claims: &Value) -> String {
    let part = |part: &Value| BASE64.encode(part.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// A key set of these keys.
pub fn key_set(keys: &[&SigningKey]) -> Value {
    let keys: Vec<Value> = keys.iter().map(|key| key.public()).collect();
    json!({ "keys": keys })
}

/// Seconds since 1970, so many from now.
pub fn seconds_from_now(seconds: i64) -> i64 {
    SystemClock.now().timestamp() + seconds
}
