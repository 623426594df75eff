//! Keys and tokens: a prefix that tells a reader (and a leak scanner) what it is, then base62 from a secure generator.
//!
//! 32 base62 characters carry 190 bits, 40 carry 238: nobody guesses them, so they need no checksum and no slow hash.

use crate::{AppId, IdSource};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Prefix of an app's client key, for SDKs in mobile apps.
pub const CLIENT_KEY: &str = "ck_";
/// Prefix of an app's JavaScript key.
pub const JAVASCRIPT_KEY: &str = "js_";
/// Prefix of an app's REST key.
pub const REST_KEY: &str = "rest_";
/// Prefix of an app's master key.
pub const MASTER_KEY: &str = "master_";
/// Prefix of a person's API token.
pub const API_TOKEN: &str = "slip_";
/// Prefix of the token an app's runtime reports its usage with.
pub const USAGE_TOKEN: &str = "usage_";

/// Random characters after the prefix of an app key.
pub const KEY_LENGTH: usize = 32;
/// Random characters after the prefix of a token.
pub const TOKEN_LENGTH: usize = 40;

/// `prefix` and `length` random base62 characters.
pub fn secret(source: &(impl IdSource + ?Sized), prefix: &str, length: usize) -> String {
    format!("{prefix}{}", random_text(source, BASE62, length))
}

/// The token with which the runtime of `app` reports its usage: `usage_<bare app id>_<40 base62>`.
pub fn usage_token(source: &(impl IdSource + ?Sized), app: AppId) -> String {
    secret(source, &format!("{USAGE_TOKEN}{}_", app.bare()), TOKEN_LENGTH)
}

/// Which app a usage token claims to speak for. The claim is worth nothing until the whole token has been compared.
pub fn app_of_usage_token(token: &str) -> Option<AppId> {
    let (bare, random) = token.strip_prefix(USAGE_TOKEN)?.split_once('_')?;
    let well_formed = random.len() == TOKEN_LENGTH && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
    AppId::from_bare(bare).ok().filter(|_| well_formed)
}

/// `length` characters of `alphabet`, each equally likely: a byte beyond the last whole multiple is drawn again.
pub(crate) fn random_text(source: &(impl IdSource + ?Sized), alphabet: &[u8], length: usize) -> String {
    let usable = 256 - 256 % alphabet.len();
    let mut text = String::with_capacity(length);
    let mut bytes = [0; 64];
    while text.len() < length {
        source.fill(&mut bytes);
        let drawn = bytes
            .iter()
            .map(|byte| usize::from(*byte))
            .filter(|byte| *byte < usable);
        text.extend(
            drawn
                .take(length - text.len())
                .map(|byte| char::from(alphabet[byte % alphabet.len()])),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::{SequentialIds, SystemIds};

    #[test]
    fn a_secret_is_its_prefix_and_base62() {
        let key = secret(&SystemIds, MASTER_KEY, KEY_LENGTH);
        let random = key.strip_prefix("master_").expect("the prefix");
        assert_eq!(random.len(), 32);
        assert!(random.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }

    #[test]
    fn secrets_do_not_repeat() {
        let secrets: HashSet<_> = (0..1_000)
            .map(|_| secret(&SystemIds, API_TOKEN, TOKEN_LENGTH))
            .collect();
        assert_eq!(secrets.len(), 1_000);
    }

    #[test]
    fn every_character_is_about_equally_likely() {
        let text = random_text(&SequentialIds::new(1), BASE62, 62_000);
        for character in BASE62 {
            let count = text.bytes().filter(|byte| byte == character).count();
            assert!(
                (850..1_150).contains(&count),
                "{} came {count} times",
                char::from(*character)
            );
        }
    }

    #[test]
    fn a_usage_token_names_its_app() {
        let source = SequentialIds::default();
        let app = AppId::new(&source);
        let token = usage_token(&source, app);
        assert_eq!(app_of_usage_token(&token), Some(app));
    }

    #[test]
    fn a_malformed_usage_token_names_no_app() {
        let source = SequentialIds::default();
        let token = usage_token(&source, AppId::new(&source));
        let cut = &token[..token.len() - 1];
        let spaced = format!("{cut} ");
        for bad in [
            "",
            "usage_",
            "usage_abc_def",
            cut,
            &spaced,
            &token.replace("usage_", "slip_"),
        ] {
            assert_eq!(app_of_usage_token(bad), None, "{bad:?}");
        }
    }
}
