//! A signed token (JWT): its signature against the provider's keys. What it says is for `claims` to judge.

use jsonwebtoken::errors::Error;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};

use super::Attempt;
use super::keys::KeyRing;
use crate::protocol::error::ParseResult;

/// What a token says, its signature being good.
///
/// Unsigned tokens (CVE-2026-27804) and such as are signed with a shared secret have no way in: the algorithm must be
/// of the kind of the key, and every key is a public one.
pub async fn verify(attempt: &Attempt<'_>, keys: &KeyRing, token: &str) -> ParseResult<Map<String, Value>> {
    let header = decode_header(token).map_err(|error| attempt.refuse(error))?;
    let key = keys
        .find(attempt.http, header.kid.as_deref(), attempt.now)
        .await?
        .ok_or_else(|| attempt.refuse("the token names an unknown key"))?;
    if !allows(&key, header.alg) {
        return Err(attempt.refuse("the key is for another algorithm"));
    }
    signed_claims(token, &key, header.alg).map_err(|error| attempt.refuse(error))
}

fn signed_claims(token: &str, key: &Jwk, algorithm: Algorithm) -> Result<Map<String, Value>, Error> {
    let mut validation = Validation::new(algorithm);
    // `claims` checks these, by the app's own clock.
    validation.required_spec_claims.clear();
    (validation.validate_exp, validation.validate_aud) = (false, false);
    Ok(decode(token, &DecodingKey::from_jwk(key)?, &validation)?.claims)
}

/// Whether the key, which may name its one algorithm, is meant for this one.
fn allows(key: &Jwk, algorithm: Algorithm) -> bool {
    let named = key.common.key_algorithm.map(|named| format!("{named:?}"));
    named.is_none_or(|named| named == format!("{algorithm:?}"))
}
