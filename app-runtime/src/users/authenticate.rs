//! From what a request says about itself to who it acts as (reference section 1.1, "Key checks").

use std::net::IpAddr;

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::app::AppState;
use crate::objects::caller::Caller;
use crate::protocol::envelope::Credentials;
use crate::protocol::error::{ParseError, ParseResult};
use crate::settings::{IpRanges, Settings};
use crate::users::{roles, sessions};

/// What a route makes of a session token that comes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenUse {
    Ignored,
    Session,
    /// As `Session`, but an unknown one was "not found": the route is about the session itself.
    OwnSession,
    /// Tokens from before sessions were objects count, too.
    SessionOrLegacy,
}

/// Verifies keys and session.
pub async fn authenticate(
    app: &AppState,
    credentials: &Credentials,
    ip: IpAddr,
    token_use: TokenUse,
) -> ParseResult<Caller> {
    let mut caller = match privileged(&app.settings, credentials, ip)? {
        Some(caller) => caller,
        None => {
            check_client_keys(&app.settings, credentials)?;
            match (&credentials.session_token, token_use) {
                (None, _) | (_, TokenUse::Ignored) => Caller::public(),
                (Some(token), TokenUse::SessionOrLegacy) if !token.starts_with("r:") => {
                    sessions::resolve_legacy(app, token).await?
                }
                (Some(token), TokenUse::OwnSession) => {
                    let session = sessions::resolve(app, token).await;
                    let session = session.map_err(ParseError::session_not_found)?;
                    let group = roles::group_of(app, &session.user).await?;
                    Caller::of_session(session, group)
                }
                (Some(token), _) => {
                    let session = sessions::resolve(app, token).await?;
                    let group = roles::group_of(app, &session.user).await?;
                    Caller::of_session(session, group)
                }
            }
        }
    };
    caller.installation_id = credentials.installation_id.clone();
    Ok(caller)
}

/// The caller that one of the owner's keys makes. The right key from a wrong address is refused; a wrong key counts as none.
fn privileged(settings: &Settings, credentials: &Credentials, ip: IpAddr) -> ParseResult<Option<Caller>> {
    type Key<'a> = (
        &'a Option<String>,
        Option<&'a SecretString>,
        &'a IpRanges,
        fn() -> Caller,
    );
    let keys: [Key<'_>; 3] = [
        (
            &credentials.maintenance_key,
            settings.maintenance_key.as_ref(),
            &settings.maintenance_key_ips,
            Caller::maintenance,
        ),
        (
            &credentials.master_key,
            Some(&settings.master_key),
            &settings.master_key_ips,
            Caller::master,
        ),
        (
            &credentials.master_key,
            settings.read_only_master_key.as_ref(),
            &settings.read_only_master_key_ips,
            Caller::read_only_master,
        ),
    ];
    for (sent, known, addresses, caller) in keys {
        if !matches(sent.as_deref(), known) {
            continue;
        }
        if !addresses.contains(ip) {
            tracing::warn!(%ip, "a privileged key was used from an address that is not allowed");
            return Err(ParseError::unauthorized());
        }
        return Ok(Some(caller()));
    }
    Ok(None)
}

/// If the app has client keys, one of them must have been sent.
fn check_client_keys(settings: &Settings, credentials: &Credentials) -> ParseResult<()> {
    let keys = [
        (&credentials.client_key, &settings.client_key),
        (&credentials.javascript_key, &settings.javascript_key),
        (&credentials.rest_api_key, &settings.rest_api_key),
        (&credentials.dot_net_key, &settings.dot_net_key),
    ];
    let none_configured = keys.iter().all(|(_, known)| known.is_none());
    if none_configured
        || keys
            .iter()
            .any(|(sent, known)| matches(sent.as_deref(), known.as_ref()))
    {
        return Ok(());
    }
    Err(ParseError::unauthorized())
}

fn matches(sent: Option<&str>, known: Option<&SecretString>) -> bool {
    match (sent, known) {
        (Some(sent), Some(known)) => sent.as_bytes().ct_eq(known.expose_secret().as_bytes()).into(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const ELSEWHERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 9));

    fn settings() -> Settings {
        Settings {
            javascript_key: Some("js".to_owned().into()),
            ..Settings::for_tests("app", "mongodb://localhost/x")
        }
    }

    fn sent(change: impl FnOnce(&mut Credentials)) -> Credentials {
        let mut credentials = Credentials::default();
        change(&mut credentials);
        credentials
    }

    #[test]
    fn a_configured_client_key_must_be_sent() {
        let settings = settings();
        assert!(check_client_keys(&settings, &sent(|c| c.javascript_key = Some("js".into()))).is_ok());
        for credentials in [
            Credentials::default(),
            sent(|c| c.javascript_key = Some("x".into())),
            sent(|c| c.client_key = Some("js".into())),
        ] {
            assert_eq!(
                check_client_keys(&settings, &credentials),
                Err(ParseError::unauthorized())
            );
        }
    }

    #[test]
    fn the_master_key_works_from_listed_addresses_only() {
        let settings = settings();
        let master = sent(|c| c.master_key = Some("master".into()));
        assert!(
            privileged(&settings, &master, HERE)
                .unwrap()
                .unwrap()
                .writes_all()
        );
        assert_eq!(
            privileged(&settings, &master, ELSEWHERE).unwrap_err(),
            ParseError::unauthorized()
        );
        let wrong = sent(|c| c.master_key = Some("guess".into()));
        assert!(privileged(&settings, &wrong, ELSEWHERE).unwrap().is_none());
    }

    #[test]
    fn an_empty_key_never_matches_a_missing_one() {
        let settings = Settings::for_tests("app", "mongodb://localhost/x");
        let empty = sent(|c| c.maintenance_key = Some(String::new()));
        assert!(privileged(&settings, &empty, HERE).unwrap().is_none());
    }
}
