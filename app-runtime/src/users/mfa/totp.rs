//! Time-based one-time passwords (RFC 6238) over HOTP (RFC 4226).

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;

use crate::protocol::dates::Millis;
use crate::settings::{MfaAlgorithm, MfaSettings};

/// Steps before and after the present one whose codes count, for clocks that differ.
const WINDOW: i64 = 1;

/// The time step whose code this is, of those around `now`; `None` if it is none of them.
pub fn step_of(settings: &MfaSettings, secret: &[u8], code: &str, now: Millis) -> Option<i64> {
    let period = i64::try_from(settings.period).ok()?;
    let present = now.div_euclid(1_000).div_euclid(period);
    let mut found = None;
    // All are compared, so that the time taken tells nothing.
    for step in present - WINDOW..=present + WINDOW {
        let expected = code_at(settings, secret, step)?;
        if bool::from(expected.as_bytes().ct_eq(code.as_bytes())) {
            found = Some(step);
        }
    }
    found
}

/// The code of a time step.
pub fn code_at(settings: &MfaSettings, secret: &[u8], step: i64) -> Option<String> {
    let counter = step.to_be_bytes();
    let hash = match settings.algorithm {
        MfaAlgorithm::Sha1 => hash::<Hmac<Sha1>>(secret, &counter),
        MfaAlgorithm::Sha256 => hash::<Hmac<Sha256>>(secret, &counter),
        MfaAlgorithm::Sha512 => hash::<Hmac<Sha512>>(secret, &counter),
    }?;
    let offset = usize::from(hash.last()? & 0x0f);
    let bytes: [u8; 4] = hash.get(offset..offset + 4)?.try_into().ok()?;
    let number = u64::from(u32::from_be_bytes(bytes) & 0x7fff_ffff) % 10_u64.pow(settings.digits);
    Some(format!("{number:0width$}", width = settings.digits as usize))
}

fn hash<M: Mac + KeyInit>(secret: &[u8], counter: &[u8]) -> Option<Vec<u8>> {
    let mut mac = <M as KeyInit>::new_from_slice(secret).ok()?;
    mac.update(counter);
    Some(mac.finalize().into_bytes().to_vec())
}

/// Reads base 32 (RFC 4648) as authenticator apps show it: either case, spaces between, with or without padding.
pub fn decode_base32(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut buffer, mut bits) = (Vec::new(), 0_u32, 0);
    for character in text
        .trim_end_matches('=')
        .chars()
        .filter(|character| *character != ' ')
    {
        let value = match character.to_ascii_uppercase() {
            letter @ 'A'..='Z' => u32::from(letter) - u32::from('A'),
            digit @ '2'..='7' => u32::from(digit) - u32::from('2') + 26,
            _ => return None,
        };
        buffer = (buffer << 5 | value) & 0xffff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((buffer >> bits & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(digits: u32, algorithm: MfaAlgorithm) -> MfaSettings {
        MfaSettings {
            digits,
            period: 30,
            algorithm,
        }
    }

    /// Appendix B of RFC 6238.
    #[test]
    fn the_codes_of_the_standard() {
        let long = b"1234567890123456789012345678901234567890123456789012345678901234";
        for (seconds, sha1, sha256, sha512) in [
            (59, "94287082", "46119246", "90693936"),
            (1_111_111_109, "07081804", "68084774", "25091201"),
            (20_000_000_000, "65353130", "77737706", "47863826"),
        ] {
            let step = seconds / 30;
            for (algorithm, secret, expected) in [
                (MfaAlgorithm::Sha1, &long[..20], sha1),
                (MfaAlgorithm::Sha256, &long[..32], sha256),
                (MfaAlgorithm::Sha512, &long[..], sha512),
            ] {
                assert_eq!(
                    code_at(&settings(8, algorithm), secret, step).unwrap(),
                    expected,
                    "{algorithm:?} at {seconds}"
                );
            }
        }
    }

    #[test]
    fn a_code_counts_one_period_around_its_own() {
        let settings = settings(6, MfaAlgorithm::Sha1);
        let secret = b"12345678901234567890";
        let code = code_at(&settings, secret, 100).unwrap();
        for (seconds, found) in [
            (2_969, None),
            (2_970, Some(100)),
            (3_000, Some(100)),
            (3_059, Some(100)),
            (3_060, None),
        ] {
            assert_eq!(
                step_of(&settings, secret, &code, seconds * 1_000),
                found,
                "{seconds}"
            );
        }
        for wrong in ["", "0", "12345", "1234567", "abcdef"] {
            assert_eq!(step_of(&settings, secret, wrong, 3_000_000), None);
        }
    }

    #[test]
    fn secrets_are_read_as_apps_show_them() {
        for text in ["MZXW6YTBOI======", "mzxw6ytboi", "MZXW 6YTB OI"] {
            assert_eq!(decode_base32(text).unwrap(), b"foobar", "{text}");
        }
        assert!(decode_base32("MZXW1").is_none() && decode_base32("é").is_none());
    }
}
