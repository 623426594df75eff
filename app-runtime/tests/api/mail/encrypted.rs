//! Mail servers that want to know who sends, and that nobody listens.

use std::time::Duration;

use app_runtime::settings::smtp::transport;

use super::verifying;
use crate::smtp::{CERTIFICATE, Manner, Server, address};
use crate::support::As;
use serde_json::json;

async fn start(manner: Manner) -> Server {
    let start = move || Server::start_as(test_kit::free_port(), manner);
    tokio::task::spawn_blocking(start).await.unwrap()
}

/// The URL of a server for this manner of speaking, with this user and password.
fn url(server: &Server, manner: Manner, who: &str) -> String {
    let port = server.port;
    match manner {
        Manner::Open => format!("smtp://{who}localhost:{port}"),
        Manner::StartTls => format!("smtp://{who}localhost:{port}?tls=required"),
        Manner::Tls => format!("smtps://{who}localhost:{port}"),
    }
}

const MAILER: &str = "mailer:p%40ss%20word@";

#[tokio::test(flavor = "multi_thread")]
async fn mails_go_through_servers_that_want_a_password_and_encryption() {
    for manner in [Manner::StartTls, Manner::Tls] {
        let server = start(manner).await;
        let smtp_url = url(&server, manner, MAILER);
        let app = verifying(move |settings| {
            let mail = settings.mail.as_mut().unwrap();
            mail.smtp_url = smtp_url.into();
            mail.trusted_certificates = vec![CERTIFICATE.certificate.clone()];
        })
        .await;
        let email = address("anna");
        let user = json!({"username": "anna", "password": "pw", "email": email});
        app.post(&As::Nobody, "/users", user).await.ok();
        let arrived = async || server.has_mail_to(&email);
        test_kit::wait_until(Duration::from_secs(20), "the mail arrives", arrived).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_mail_and_no_password_goes_to_a_server_that_cannot_be_trusted() {
    test_kit::install_crypto_provider();
    let trusted = [CERTIFICATE.certificate.clone()];
    let connects = async |url: String, trusted: &[String]| {
        let connected = transport(&url, trusted).unwrap().test_connection().await;
        connected.unwrap_or(false)
    };
    for manner in [Manner::StartTls, Manner::Tls] {
        let server = start(manner).await;
        assert!(
            connects(url(&server, manner, MAILER), &trusted).await,
            "{manner:?}"
        );
        assert!(
            !connects(url(&server, manner, "mailer:wrong@"), &trusted).await,
            "{manner:?}: password"
        );
        assert!(
            !connects(url(&server, manner, MAILER), &[]).await,
            "{manner:?}: authority"
        );
        let elsewhere = url(&server, manner, MAILER).replace("localhost", "127.0.0.1");
        assert!(!connects(elsewhere, &trusted).await, "{manner:?}: name");
    }
    let open = start(Manner::Open).await;
    assert!(connects(url(&open, Manner::Open, ""), &[]).await);
    for manner in [Manner::StartTls, Manner::Tls] {
        assert!(
            !connects(url(&open, manner, ""), &trusted).await,
            "{manner:?}: in the clear"
        );
    }
}
