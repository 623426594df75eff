//! One SMTP server (aiosmtpd) for all tests, and the mails that reached it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use app_runtime::settings::{MailSettings, MailTemplate, Settings};
use tempfile::TempDir;

/// `scripts/setup test` installs this, too.
const PACKAGE: &str = "aiosmtpd==1.4.6";

/// The server ends with this process, which holds its standard input.
pub struct Server {
    pub port: u16,
    mailbox: TempDir,
    _process: Mutex<Child>,
}

/// How a server wants to be spoken to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Manner {
    /// In the clear, by anybody.
    Open,
    /// By `mailer` with the password `p@ss word`, after STARTTLS.
    StartTls,
    /// By `mailer`, encrypted from the start.
    Tls,
}

impl Manner {
    fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::StartTls => "starttls",
            Self::Tls => "tls",
        }
    }
}

/// Certificate and key of the encrypted servers, in PEM.
pub struct Identity {
    pub certificate: String,
    key: String,
}

pub static CERTIFICATE: LazyLock<Identity> = LazyLock::new(|| {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    Identity {
        certificate: made.cert.pem(),
        key: made.signing_key.serialize_pem(),
    }
});

static SERVER: LazyLock<Server> = LazyLock::new(|| Server::start(test_kit::free_port()));

impl Server {
    /// A server on this port.
    pub fn start(port: u16) -> Self {
        Self::start_as(port, Manner::Open)
    }

    /// A server on this port that has its manners.
    pub fn start_as(port: u16, manner: Manner) -> Self {
        let mailbox = tempfile::tempdir().unwrap();
        let maildir = mailbox.path().join("mails");
        let [certificate, key] = ["certificate.pem", "key.pem"].map(|name| mailbox.path().join(name));
        std::fs::write(&certificate, &CERTIFICATE.certificate).unwrap();
        std::fs::write(&key, &CERTIFICATE.key).unwrap();
        let mut process = Command::new("python3")
            .arg("-c")
            .arg(include_str!("smtp_server.py"))
            .args([maildir.to_str().unwrap(), &port.to_string(), manner.name()])
            .args([certificate, key])
            .env("PYTHONPATH", modules())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, "ready\n", "the SMTP server does not start");
        Self {
            port,
            mailbox,
            _process: Mutex::new(process),
        }
    }

    fn mails_to(&self, address: &str) -> Vec<String> {
        let folder = self.mailbox.path().join("mails/new");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap())
            .collect();
        files.sort_by_key(|file| file.metadata().and_then(|data| data.modified()).ok());
        files
            .iter()
            .filter_map(|file| std::fs::read_to_string(file.path()).ok())
            .filter(|mail| mail.contains(&format!("To: {address}\n")))
            .map(|mail| mail.replace("=\n", "").replace("=3D", "="))
            .collect()
    }

    /// Whether a mail to this address has arrived.
    pub fn has_mail_to(&self, address: &str) -> bool {
        !self.mails_to(address).is_empty()
    }
}

/// The folder with the server's Python modules; fetched if it is not there.
fn modules() -> PathBuf {
    let cache = std::env::var_os("SLIPWAY_CACHE").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/slipway"),
        PathBuf::from,
    );
    let folder = cache.join("smtp");
    if !folder.join("aiosmtpd").is_dir() {
        let status = Command::new("python3")
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--root-user-action=ignore",
                "--target",
            ])
            .arg(&folder)
            .arg(PACKAGE)
            .status()
            .unwrap();
        assert!(
            status.success(),
            "{PACKAGE} cannot be installed; `scripts/setup test` does it, too"
        );
    }
    folder
}

/// Settings of an app that mails through the server.
pub fn mailing(settings: &mut Settings) {
    settings.app_name = Some("Notes & More".to_owned());
    settings.public_server_url = Some("https://notes.example/parse".to_owned());
    settings.mail = Some(MailSettings {
        smtp_url: format!("smtp://127.0.0.1:{}", SERVER.port).into(),
        from: "Notes <notes@example.org>".parse().unwrap(),
        reply_to: None,
        trusted_certificates: Vec::new(),
        verification: MailTemplate::default(),
        password_reset: MailTemplate::default(),
    });
}

/// An address that no other test writes to.
pub fn address(name: &str) -> String {
    format!("{}@example.org", test_kit::unique_name(name))
}

/// The mails to an address so far, oldest first, with quoted-printable line ends undone.
pub fn mails_to(address: &str) -> Vec<String> {
    SERVER.mails_to(address)
}

/// Waits for the `number`th mail to an address and returns the token in its link.
pub async fn token_in_mail(address: &str, number: usize) -> String {
    let arrived = async || mails_to(address).len() >= number;
    test_kit::wait_until(Duration::from_secs(20), "a mail arrives", arrived).await;
    let mail = mails_to(address).swap_remove(number - 1);
    let (_, after) = mail.split_once("?token=").unwrap();
    after.chars().take_while(char::is_ascii_alphanumeric).collect()
}
