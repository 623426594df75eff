//! Seals small secrets for the database with XChaCha20-Poly1305 under the key-encryption key (KEK).
//!
//! The KEK comes from the configuration and never touches the database. Every sealed text is bound to the
//! place it was made for (table, row, kind): moved anywhere else, it does not open. The id of the KEK is
//! kept beside each text, so that a wrong or changed KEK is told apart from damage.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use rand::{TryRngCore, rngs::OsRng};
use secrecy::{ExposeSecret, SecretString};

use super::sha256;

const NONCE_BYTES: usize = 24;

/// A sealed secret: 24 bytes of nonce, then the ciphertext with its tag.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// Which KEK sealed it.
    pub key_id: String,
    /// Nonce and ciphertext.
    pub bytes: Vec<u8>,
}

/// Why a secret could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The text was sealed under another KEK than the configured one.
    #[error(
        "sealed with key {sealed_with}, but secrets.kek is key {configured}; configure the key it was sealed with"
    )]
    OtherKey {
        /// Id of the KEK the text was sealed with.
        sealed_with: String,
        /// Id of the configured KEK.
        configured: String,
    },
    /// The text is damaged, or was moved from another row.
    #[error("the sealed text does not open: it is damaged or belongs to another row")]
    Damaged,
    /// The system gave no randomness, or the cipher refused.
    #[error("could not seal a secret")]
    Seal,
}

/// Seals and opens under one KEK.
#[derive(Clone)]
pub struct Sealer {
    cipher: XChaCha20Poly1305,
    key_id: String,
}

impl Sealer {
    /// Takes the 32 bytes of the KEK.
    pub fn new(kek: &[u8; 32]) -> Self {
        let key_id = hex::encode(&sha256(&[b"slipway kek id", kek])[..6]);
        Self {
            cipher: XChaCha20Poly1305::new(kek.into()),
            key_id,
        }
    }

    /// Names the KEK without giving it away: the first six bytes of a hash, in hex.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Seals `secret` for `place`, e.g. `["app_secrets", "app_01…", "master_key"]`.
    pub fn seal(&self, place: &[&str], secret: &SecretString) -> Result<Sealed, SealError> {
        let mut nonce = [0_u8; NONCE_BYTES];
        OsRng.try_fill_bytes(&mut nonce).map_err(|_| SealError::Seal)?;
        let payload = Payload {
            msg: secret.expose_secret().as_bytes(),
            aad: &associated_data(place),
        };
        let text = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| SealError::Seal)?;
        Ok(Sealed {
            key_id: self.key_id.clone(),
            bytes: [nonce.as_slice(), &text].concat(),
        })
    }

    /// Opens what [`Sealer::seal`] made for the same `place`.
    pub fn open(&self, place: &[&str], sealed: &Sealed) -> Result<SecretString, SealError> {
        if sealed.key_id != self.key_id {
            return Err(SealError::OtherKey {
                sealed_with: sealed.key_id.clone(),
                configured: self.key_id.clone(),
            });
        }
        let (nonce, text) = sealed
            .bytes
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(SealError::Damaged)?;
        let payload = Payload {
            msg: text,
            aad: &associated_data(place),
        };
        let plain = self
            .cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| SealError::Damaged)?;
        String::from_utf8(plain)
            .map(SecretString::from)
            .map_err(|_| SealError::Damaged)
    }
}

/// Joins the parts with their lengths, so that `["ab", "c"]` and `["a", "bc"]` differ.
fn associated_data(place: &[&str]) -> Vec<u8> {
    let mut data = b"slipway sealed v1".to_vec();
    for part in place {
        data.extend_from_slice(&(part.len() as u64).to_le_bytes());
        data.extend_from_slice(part.as_bytes());
    }
    data
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const PLACE: [&str; 3] = ["app_secrets", "app_1", "master_key"];

    fn sealed(sealer: &Sealer) -> Sealed {
        sealer.seal(&PLACE, &"correct horse".into()).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_in_its_place() {
        let sealer = Sealer::new(&[7; 32]);
        let opened = sealer.open(&PLACE, &sealed(&sealer)).unwrap();
        assert_eq!(opened.expose_secret(), "correct horse");
    }

    #[test]
    fn the_same_secret_never_looks_the_same_twice() {
        let sealer = Sealer::new(&[7; 32]);
        assert_ne!(sealed(&sealer).bytes, sealed(&sealer).bytes);
    }

    #[test]
    fn a_text_moved_to_another_row_does_not_open() {
        let sealer = Sealer::new(&[7; 32]);
        let elsewhere = ["app_secrets", "app_2", "master_key"];
        assert!(matches!(
            sealer.open(&elsewhere, &sealed(&sealer)),
            Err(SealError::Damaged)
        ));
    }

    #[test]
    fn a_flipped_bit_does_not_open() {
        let sealer = Sealer::new(&[7; 32]);
        let mut text = sealed(&sealer);
        *text.bytes.last_mut().unwrap() ^= 1;
        assert!(matches!(sealer.open(&PLACE, &text), Err(SealError::Damaged)));
    }

    #[test]
    fn another_kek_is_named_in_the_error() {
        let text = sealed(&Sealer::new(&[7; 32]));
        let error = Sealer::new(&[8; 32]).open(&PLACE, &text).unwrap_err();
        assert!(error.to_string().contains(&text.key_id), "{error}");
    }

    #[test]
    fn parts_of_a_place_do_not_run_together() {
        assert_ne!(associated_data(&["ab", "c"]), associated_data(&["a", "bc"]));
    }
}
