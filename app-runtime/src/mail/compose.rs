//! The mails themselves: own texts of the app, or ours.

use std::borrow::Cow;

use lettre::Message;
use lettre::message::{Mailbox, MultiPart};

use super::texts;
use crate::settings::MailSettings;
use crate::templates::{Medium, render};

/// What a mail is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter<'a> {
    pub kind: Kind,
    /// The address it goes to.
    pub to: &'a str,
    pub app_name: &'a str,
    pub username: &'a str,
    /// Where the reader shall go.
    pub link: &'a str,
    /// The languages that the reader understands, best first.
    pub languages: &'a [&'a str],
}

/// Occasions for a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Verification,
    PasswordReset,
}

/// The message, in plain text and HTML.
///
/// # Errors
/// A sentence about what cannot be mailed, such as an address that is none.
pub fn compose(settings: &MailSettings, letter: &Letter<'_>) -> Result<Message, String> {
    let own = match letter.kind {
        Kind::Verification => &settings.verification,
        Kind::PasswordReset => &settings.password_reset,
    };
    let texts = texts::choose(own, letter.kind, letter.languages);
    let to = letter
        .to
        .parse()
        .map_err(|error| format!("the address of the user is none: {error}"))?;
    let fill = |template: &str, medium| render(template, medium, &|name| letter.value(name));
    // A line break in a name must not begin another header.
    let subject = fill(texts.subject, Medium::Plain).replace(['\r', '\n'], " ");
    let text = fill(texts.text, Medium::Plain);
    let builder = Message::builder()
        .from(settings.from.clone())
        .to(Mailbox::new(None, to))
        .subject(subject);
    let builder = match &settings.reply_to {
        Some(address) => builder.reply_to(address.clone()),
        None => builder,
    };
    match texts.html {
        Some(html) => builder.multipart(MultiPart::alternative_plain_html(text, fill(&html, Medium::Html))),
        None => builder.body(text),
    }
    .map_err(|error| error.to_string())
}

impl Letter<'_> {
    fn value(&self, name: &str) -> Option<Cow<'_, str>> {
        match name {
            "appName" => Some(self.app_name.into()),
            "link" => Some(self.link.into()),
            "username" => Some(self.username.into()),
            "email" => Some(self.to.into()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{MailTemplate, MailTexts};

    fn settings() -> MailSettings {
        MailSettings {
            smtp_url: "smtp://localhost".to_owned().into(),
            from: "Notes <notes@example.org>".parse().unwrap(),
            reply_to: None,
            trusted_certificates: Vec::new(),
            verification: MailTemplate::default(),
            password_reset: MailTemplate::default(),
        }
    }

    fn letter(kind: Kind) -> Letter<'static> {
        Letter {
            kind,
            to: "anna@example.org",
            app_name: "Notes",
            username: "<Anna>",
            link: "https://example.org/x?token=1",
            languages: &[],
        }
    }

    fn written(settings: &MailSettings, letter: &Letter<'_>) -> String {
        let mail = compose(settings, letter).unwrap().formatted();
        // Soft line ends of quoted-printable parts.
        String::from_utf8(mail).unwrap().replace("=\r\n", "")
    }

    #[test]
    fn a_mail_says_who_asks_and_where_to_go() {
        let mail = written(&settings(), &letter(Kind::PasswordReset));
        for part in [
            "Subject: Password Reset for Notes",
            "To: anna@example.org",
            "From: Notes <notes@example.org>",
            "text/plain",
            "text/html",
            "&lt;Anna&gt;",
        ] {
            assert!(mail.contains(part), "{part}: {mail}");
        }
    }

    #[test]
    fn own_texts_replace_ours_as_a_whole() {
        let own = MailTexts {
            subject: Some("Hallo {{username}}\r\nBcc: all@example.org".into()),
            text: Some("Hier: {{link}}".into()),
            html: None,
        };
        let settings = MailSettings {
            verification: MailTemplate {
                texts: own,
                ..MailTemplate::default()
            },
            ..settings()
        };
        let mail = written(&settings, &letter(Kind::Verification));
        assert!(
            mail.contains("Hier: https://example.org/x?token=1") && !mail.contains("text/html"),
            "{mail}"
        );
        assert!(!mail.contains("\nBcc:"), "{mail}");
    }

    #[test]
    fn an_address_cannot_smuggle_headers_or_further_readers() {
        for to in [
            "a@b.c\r\nBcc: x@y.z",
            "a@b.c, x@y.z",
            "nobody",
            "a@b.c> RCPT TO:<x@y.z",
        ] {
            let letter = Letter {
                to,
                ..letter(Kind::Verification)
            };
            assert!(compose(&settings(), &letter).is_err(), "{to}");
        }
    }
}
