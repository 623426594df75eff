//! Signatures of OAuth 1.0a (RFC 5849), for a POST of a form by HMAC-SHA1.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use url::Url;

use crate::protocol::dates::Millis;

/// The app, as the provider knows it.
pub struct Consumer<'a> {
    pub key: &'a str,
    pub secret: &'a str,
}

/// What is signed.
pub struct Request<'a> {
    pub url: &'a Url,
    pub token: &'a str,
    /// Empty where the token has none, or it is not known.
    pub token_secret: &'a str,
    pub form: &'a [(&'a str, &'a str)],
}

impl Request<'_> {
    /// The value of the `Authorization` header.
    pub fn authorization(&self, consumer: &Consumer<'_>, now: Millis, nonce: &str) -> String {
        let timestamp = (now / 1000).to_string();
        let mut fields = vec![
            ("oauth_consumer_key", consumer.key),
            ("oauth_nonce", nonce),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", &timestamp),
            ("oauth_token", self.token),
            ("oauth_version", "1.0"),
        ];
        let signature = self.signature(consumer, &fields);
        fields.push(("oauth_signature", &signature));
        let fields: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}=\"{}\"", encode(value)))
            .collect();
        format!("OAuth {}", fields.join(", "))
    }

    /// RFC 5849, section 3.4.
    fn signature(&self, consumer: &Consumer<'_>, fields: &[(&str, &str)]) -> String {
        let mut pairs: Vec<(String, String)> = fields
            .iter()
            .chain(self.form)
            .map(|(name, value)| (encode(name), encode(value)))
            .chain(
                self.url
                    .query_pairs()
                    .map(|(name, value)| (encode(&name), encode(&value))),
            )
            .collect();
        pairs.sort_unstable();
        let pairs: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut address = self.url.clone();
        address.set_query(None);
        let base = format!("POST&{}&{}", encode(address.as_str()), encode(&pairs.join("&")));
        let key = format!("{}&{}", encode(consumer.secret), encode(self.token_secret));
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes());
        BASE64.encode(hmac::sign(&key, base.as_bytes()))
    }
}

/// A number used once, in hexadecimal digits.
pub fn nonce() -> String {
    let mut bytes = [0; 16];
    // Without randomness the provider refuses a repeated nonce; nothing is lost.
    let _ = SystemRandom::new().fill(&mut bytes);
    hex::encode(bytes)
}

/// Everything but the unreserved characters is percent-encoded (RFC 5849, section 3.6).
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The request for token credentials of RFC 5849, section 1.2.
    #[test]
    fn a_known_request_has_its_known_signature() {
        let url = Url::parse("https://photos.example.net/token").unwrap();
        let request = Request {
            url: &url,
            token: "hh5s93j4hdidpola",
            token_secret: "hdhd0244k9j7ao03",
            form: &[("oauth_verifier", "hfdp7dh39dks9884")],
        };
        let consumer = Consumer {
            key: "dpf43f3p2l4k3l03",
            secret: "kd94hf93k423kf44",
        };
        let fields = [
            ("oauth_consumer_key", consumer.key),
            ("oauth_token", request.token),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "137131201"),
            ("oauth_nonce", "walatlh"),
        ];
        assert_eq!(
            request.signature(&consumer, &fields),
            "gKgrFCywp7rO0OXSjdot/IHF7IU="
        );
    }

    #[test]
    fn only_unreserved_characters_stay() {
        assert_eq!(encode("Ladies + Gentlemen-._~"), "Ladies%20%2B%20Gentlemen-._~");
        assert_eq!(encode("☃"), "%E2%98%83");
    }
}
