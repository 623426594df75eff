//! `mail` (ours) and the options about proving e-mail addresses: from JSON to their typed forms.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use lettre::message::Mailbox;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use super::pages::is_locale;
use super::section::Section;
use super::smtp;

/// How the app sends mail.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// `smtp://user:password@host:587?tls=required`, `smtps://…`; holds a password.
    pub smtp_url: SecretString,
    pub from: Mailbox,
    pub reply_to: Option<Mailbox>,
    /// Certificates (PEM) of private authorities that the mail server may show, beside the system's.
    pub trusted_certificates: Vec<String>,
    pub verification: MailTemplate,
    pub password_reset: MailTemplate,
}

/// The own texts of a mail: those for every language that has none of its own, and by locale.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailTemplate {
    pub texts: MailTexts,
    pub translations: BTreeMap<String, MailTexts>,
}

/// An own text of a mail, with `{{appName}}`, `{{link}}`, `{{username}}` and `{{email}}`; absent parts are ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailTexts {
    pub subject: Option<String>,
    pub text: Option<String>,
    pub html: Option<String>,
}

/// Whether and how users prove their address.
#[derive(Clone, Debug)]
pub struct EmailVerification {
    /// `verifyUserEmails`
    pub required: bool,
    /// `sendUserEmailVerification`
    pub send: bool,
    pub prevents_login: bool,
    pub prevents_signup: bool,
    pub token_validity: Option<Duration>,
    pub token_reuse_if_valid: bool,
    /// Requests about unknown or proven addresses succeed like any other.
    pub success_on_invalid_email: bool,
}

/// Reads `mail`.
pub fn mail(value: &Value) -> Result<MailSettings, String> {
    let section = Section::of(
        value,
        &[
            "smtpUrl",
            "from",
            "replyTo",
            "trustedCertificates",
            "verification",
            "passwordReset",
        ],
    )?;
    let needed = |name: &str| format!("needs the field {name:?}");
    let smtp_url = section.text("smtpUrl")?.ok_or_else(|| needed("smtpUrl"))?;
    // Whatever makes no transport is refused here, so that the runtime never has to.
    smtp::transport(&smtp_url, &[])
        .map_err(|_| "has an smtpUrl that must look like smtps://user:password@host:465".to_owned())?;
    check_password(&smtp_url)?;
    let trusted_certificates = section.list("trustedCertificates")?.unwrap_or_default();
    let is_pem = |text: &String| CertificateDer::from_pem_slice(text.as_bytes()).is_ok();
    if !trusted_certificates.iter().all(is_pem) || smtp::transport(&smtp_url, &trusted_certificates).is_err()
    {
        return Err("has trustedCertificates that are no certificates in PEM".to_owned());
    }
    let from = section.text("from")?.ok_or_else(|| needed("from"))?;
    Ok(MailSettings {
        smtp_url: smtp_url.into(),
        from: mailbox("from", &from)?,
        reply_to: section
            .text("replyTo")?
            .map(|text| mailbox("replyTo", &text))
            .transpose()?,
        trusted_certificates,
        verification: template(section.value("verification"))?,
        password_reset: template(section.value("passwordReset"))?,
    })
}

/// A password never leaves this machine in the clear.
fn check_password(url: &str) -> Result<(), String> {
    let Ok(url) = Url::parse(url) else { return Ok(()) };
    let encrypted = url.scheme() == "smtps"
        || url
            .query_pairs()
            .any(|(name, value)| name == "tls" && value == "required");
    let local = match url.host_str() {
        Some("localhost") => true,
        Some(host) => host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|ip| ip.is_loopback()),
        None => false,
    };
    if url.password().is_none() || encrypted || local {
        return Ok(());
    }
    Err(
        "has an smtpUrl that would send its password in the clear; use smtps:// or add ?tls=required"
            .to_owned(),
    )
}

fn mailbox(name: &str, text: &str) -> Result<Mailbox, String> {
    text.parse()
        .map_err(|_| format!("has a field {name:?} that must be an address such as App <app@example.org>"))
}

fn template(value: Option<&Value>) -> Result<MailTemplate, String> {
    let Some(value) = value else {
        return Ok(MailTemplate::default());
    };
    let section = Section::of(value, &["subject", "text", "html", "translations"])?;
    let translations = match section.value("translations") {
        None => BTreeMap::new(),
        Some(Value::Object(locales)) => locales.iter().map(translation).collect::<Result<_, _>>()?,
        Some(_) => return Err("has translations that must look like {\"de\": {\"subject\": …}}".to_owned()),
    };
    Ok(MailTemplate {
        texts: texts(&section)?,
        translations,
    })
}

fn translation((locale, value): (&String, &Value)) -> Result<(String, MailTexts), String> {
    if !is_locale(locale) {
        return Err(format!(
            "has translations for {locale:?}, which is no locale such as de or pt-BR"
        ));
    }
    let section = Section::of(value, &["subject", "text", "html"])?;
    Ok((locale.clone(), texts(&section)?))
}

fn texts(section: &Section<'_>) -> Result<MailTexts, String> {
    Ok(MailTexts {
        subject: section.text("subject")?,
        text: section.text("text")?,
        html: section.text("html")?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn mail_needs_a_server_and_a_sender() {
        let good = json!({"smtpUrl": "smtp://u:p@localhost:2525", "from": "Notes <notes@example.org>"});
        let settings = mail(&good).unwrap();
        assert_eq!(settings.from.to_string(), "Notes <notes@example.org>");
        assert!(!format!("{settings:?}").contains("u:p"));
        for (bad, part) in [
            (json!({"from": "a@b.c"}), "smtpUrl"),
            (json!({"smtpUrl": "smtp://h"}), "from"),
            (json!({"smtpUrl": "http://h", "from": "a@b.c"}), "smtps://"),
            (
                json!({"smtpUrl": "smtp://u:p@h", "from": "a@b.c"}),
                "in the clear",
            ),
            (
                json!({"smtpUrl": "smtp://u:p@h?tls=opportunistic", "from": "a@b.c"}),
                "in the clear",
            ),
            (
                json!({"smtpUrl": "smtps://h", "from": "a@b.c", "trustedCertificates": ["x"]}),
                "trustedCertificates",
            ),
            (
                json!({"smtpUrl": "smtp://h", "from": "nobody"}),
                "App <app@example.org>",
            ),
            (
                json!({"smtpUrl": "smtp://h", "from": "a@b.c", "verification": {"body": "x"}}),
                "\"body\"",
            ),
            (
                json!({"smtpUrl": "smtp://h", "from": "a@b.c", "verification": {"translations": {"german": {}}}}),
                "no locale",
            ),
            (
                json!({"smtpUrl": "smtp://h", "from": "a@b.c", "verification": {"translations": {"de": {"body": "x"}}}}),
                "\"body\"",
            ),
            (
                json!({"smtpUrl": "smtp://h", "from": "a@b.c", "passwordReset": {"translations": ["de"]}}),
                "must look like",
            ),
        ] {
            let reason = mail(&bad).unwrap_err();
            assert!(reason.contains(part), "{bad}: {reason}");
        }
    }
}
