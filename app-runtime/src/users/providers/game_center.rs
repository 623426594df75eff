//! `gcenter`: Apple's Game Center, whose players prove themselves by a signature that Apple made for this app
//! (`GKLocalPlayer.fetchItems(forIdentityVerificationSignature:)`).
//!
//! The client says where Apple's certificate is. Only addresses of Apple's are asked (CVE-2022-24901), and what is found
//! there counts only if the authority that certifies Apple has signed it (CVE-2022-31083).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::digest::{SHA256, digest};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, UnixTime};
use serde_json::Value;
use url::Url;
use webpki::ring::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::http::unreachable_provider;
use super::{Attempt, OneTime, Verified};
use crate::protocol::dates::Millis;
use crate::protocol::error::ParseResult;
use crate::settings::GameCenterSettings;

/// 1.3.6.1.5.5.7.3.3, "code signing": what Apple's certificate is for.
const CODE_SIGNING: KeyUsage = KeyUsage::required(&[0x2b, 6, 1, 5, 5, 7, 3, 3]);

/// How long a signature counts, and how far clocks may differ.
const SIGNATURE_LASTS: Millis = 24 * 3_600_000;
const SKEW: Millis = 10 * 60_000;

/// How long a certificate is kept, and how many are.
const KEPT_FOR: Millis = 24 * 3_600_000;
const MOST_KEPT: usize = 16;

/// Verifies players of one app.
pub struct GameCenter {
    settings: GameCenterSettings,
    certificates: Mutex<HashMap<Url, Kept>>,
}

struct Kept {
    certificate: Arc<CertificateDer<'static>>,
    fetched_at: Millis,
}

/// What the client sends, well formed.
struct Claim<'a> {
    player: &'a str,
    certificate: Url,
    timestamp: u64,
    salt: Vec<u8>,
    signature: Vec<u8>,
}

impl GameCenter {
    pub fn new(settings: &GameCenterSettings) -> Self {
        Self {
            settings: settings.clone(),
            certificates: Mutex::default(),
        }
    }

    pub async fn validate(&self, attempt: Attempt<'_>) -> ParseResult<Verified> {
        let claim = self.read(&attempt)?;
        let signed_at = Millis::try_from(claim.timestamp).unwrap_or(Millis::MAX);
        let age = attempt.now.saturating_sub(signed_at);
        if !(-SKEW..SIGNATURE_LASTS).contains(&age) {
            return Err(attempt.refuse("the signature is too old, or of the future"));
        }
        let authority = self.certificate(&attempt, &self.settings.authority).await?;
        let certificate = self.certificate(&attempt, &claim.certificate).await?;
        let message = message(&claim, &self.settings.bundle_id);
        check(&certificate, &authority, attempt.now, &message, &claim.signature)
            .map_err(|flaw| attempt.refuse(flaw))?;
        let mut verified = Verified::new(claim.player, []);
        verified.once = Some(OneTime {
            key: format!(
                "auth:{}:{}",
                attempt.name,
                hex::encode(digest(&SHA256, &claim.signature))
            ),
            until: signed_at.saturating_add(SIGNATURE_LASTS),
        });
        Ok(verified)
    }

    fn read<'a>(&self, attempt: &Attempt<'a>) -> ParseResult<Claim<'a>> {
        let text = |field| attempt.text(field).ok_or_else(|| attempt.lacks(field));
        let bytes = |field| {
            let decoded = BASE64.decode(text(field)?);
            decoded.map_err(|_| attempt.refuse(format_args!("{field} is no Base64")))
        };
        let timestamp = match attempt.data.get("timestamp") {
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(digits)) => digits.parse().ok(),
            _ => None,
        };
        let certificate = Url::parse(text("publicKeyUrl")?)
            .ok()
            .filter(|url| self.is_apples(url))
            .ok_or_else(|| attempt.refuse("publicKeyUrl is not Apple's"))?;
        Ok(Claim {
            player: attempt.id().ok_or_else(|| attempt.lacks("id"))?,
            certificate,
            timestamp: timestamp.ok_or_else(|| attempt.lacks("timestamp"))?,
            salt: bytes("salt")?,
            signature: bytes("signature")?,
        })
    }

    /// `https://….apple.com/….cer`, or below the address that the settings name in its place.
    fn is_apples(&self, url: &Url) -> bool {
        let plain = url.username().is_empty() && url.password().is_none() && url.path().ends_with(".cer");
        let place = match &self.settings.key_origin {
            Some(own) => url.origin() == own.origin(),
            None => {
                let host = url.host_str().unwrap_or_default();
                let apples = host == "apple.com" || host.ends_with(".apple.com");
                apples && url.scheme() == "https" && url.port().is_none()
            }
        };
        plain && place
    }

    /// A certificate, in PEM or DER, fetched once a day.
    async fn certificate(
        &self,
        attempt: &Attempt<'_>,
        url: &Url,
    ) -> ParseResult<Arc<CertificateDer<'static>>> {
        if let Some(found) = self.kept(attempt.now).get(url) {
            return Ok(Arc::clone(&found.certificate));
        }
        // Nobody waits here for anybody else's call: the client names the address.
        let answer = attempt.http.get(url.clone(), None).await?;
        let bytes = answer.bytes().ok_or_else(|| {
            tracing::warn!(provider = attempt.name, %url, "there is no certificate");
            unreachable_provider()
        })?;
        let certificate =
            CertificateDer::from_pem_slice(bytes).unwrap_or_else(|_| CertificateDer::from(bytes.to_vec()));
        let certificate = Arc::new(certificate);
        let mut kept = self.kept(attempt.now);
        if kept.len() < MOST_KEPT {
            let fetched_at = attempt.now;
            let certificate = Arc::clone(&certificate);
            kept.insert(
                url.clone(),
                Kept {
                    certificate,
                    fetched_at,
                },
            );
        }
        Ok(certificate)
    }

    /// The certificates that are young enough.
    fn kept(&self, now: Millis) -> MutexGuard<'_, HashMap<Url, Kept>> {
        let mut kept = self.certificates.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, kept| now.saturating_sub(kept.fetched_at) < KEPT_FOR);
        kept
    }
}

/// What Apple signs: player, bundle, timestamp (64 bits, the highest first) and salt.
fn message(claim: &Claim<'_>, bundle_id: &str) -> Vec<u8> {
    [
        claim.player.as_bytes(),
        bundle_id.as_bytes(),
        &claim.timestamp.to_be_bytes(),
        &claim.salt,
    ]
    .concat()
}

/// The authority has certified the certificate for signing, it is valid now, and its key has made the signature.
fn check(
    certificate: &CertificateDer<'_>,
    authority: &CertificateDer<'_>,
    now: Millis,
    message: &[u8],
    signature: &[u8],
) -> Result<(), webpki::Error> {
    let now = UnixTime::since_unix_epoch(Duration::from_millis(u64::try_from(now).unwrap_or_default()));
    let anchors = [anchor_from_trusted_cert(authority)?];
    let certificate = EndEntityCert::try_from(certificate)?;
    certificate.verify_for_usage(
        &[
            RSA_PKCS1_2048_8192_SHA256,
            RSA_PKCS1_2048_8192_SHA384,
            RSA_PKCS1_2048_8192_SHA512,
        ],
        &anchors,
        &[],
        now,
        CODE_SIGNING,
        None,
        None,
    )?;
    certificate.verify_signature(RSA_PKCS1_2048_8192_SHA256, message, signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cve_2022_24901_only_apples_addresses_are_asked() {
        let settings = GameCenterSettings {
            bundle_id: "org.example.game".to_owned(),
            authority: Url::parse("https://ca.example/ca.pem").unwrap(),
            key_origin: None,
        };
        let game_center = GameCenter::new(&settings);
        let is_apples = |url: &str| Url::parse(url).is_ok_and(|url| game_center.is_apples(&url));
        assert!(is_apples("https://static.gc.apple.com/public-key/gc-prod-10.cer"));
        for bad in [
            "http://static.gc.apple.com/public-key/gc-prod-10.cer",
            "https://static.gc.apple.com:8443/a.cer",
            "https://example.org/static.gc.apple.com/a.cer",
            "https://apple.com.example.org/a.cer",
            "https://evilapple.com/a.cer",
            "https://static.gc.apple.com@example.org/a.cer",
            "https://user@static.gc.apple.com/a.cer",
            "https://static.gc.apple.com/a.php?x=.cer",
            "file:///apple.com/a.cer",
        ] {
            assert!(!is_apples(bad), "{bad}");
        }
    }
}
