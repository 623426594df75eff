//! Hashes of tokens, and the CSRF token that is derived from a session's.

use sha2::{Digest, Sha256};

/// SHA-256 of the parts in a row. Tokens are long and random, so a plain hash is enough to store.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// The CSRF token of a session, derived from its secret token: the console can be given it again at any
/// time, and the database alone cannot produce it.
pub fn csrf_token(session_token: &str) -> String {
    hex::encode(sha256(&[b"slipway csrf", session_token.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_csrf_token_belongs_to_one_session() {
        assert_eq!(csrf_token("a"), csrf_token("a"));
        assert_ne!(csrf_token("a"), csrf_token("b"));
    }
}
