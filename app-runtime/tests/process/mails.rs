//! Mails that wait when the process ends.

use std::sync::{Arc, Mutex};

use nix::sys::signal::Signal;
use serde_json::json;
use test_kit::{mongo, wait_until};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::runtime::{DEADLINE, Runtime, options};

/// A mail server that can take nothing for now, until it is told to.
#[derive(Default)]
struct MailServer {
    takes: bool,
    put_off: usize,
    taken: Vec<String>,
}

async fn mail_server() -> (u16, Arc<Mutex<MailServer>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = Arc::new(Mutex::new(MailServer::default()));
    let state = Arc::clone(&server);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(serve(client, Arc::clone(&state)));
        }
    });
    (port, server)
}

/// One connection, as far as a sender of plain mails goes (RFC 5321).
async fn serve(client: TcpStream, server: Arc<Mutex<MailServer>>) -> std::io::Result<()> {
    let (reading, mut writing) = client.into_split();
    let mut lines = BufReader::new(reading).lines();
    writing.write_all(b"220 here\r\n").await?;
    let mut in_data = false;
    while let Some(line) = lines.next_line().await? {
        if in_data && line != "." {
            continue;
        }
        let answer = match line.split([' ', ':']).next().unwrap_or_default() {
            "RCPT" => recipient(&line, &server),
            "DATA" => "354 go on",
            _ => "250 good",
        };
        in_data = answer.starts_with("354");
        writing.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

fn recipient(line: &str, server: &Mutex<MailServer>) -> &'static str {
    let mut server = server.lock().unwrap();
    if server.takes {
        server.taken.push(line.to_owned());
        return "250 good";
    }
    server.put_off += 1;
    "450 not now"
}

#[tokio::test]
async fn mails_of_earlier_settings_go_out_before_the_process_ends() {
    let database = mongo().await;
    let (port, server) = mail_server().await;
    let mailing = |from: &str| {
        let mail = json!({"smtpUrl": format!("smtp://127.0.0.1:{port}"), "from": from});
        let more = json!({"mail": mail, "appName": "Notes", "publicServerURL": "https://notes.example/parse",
            "verifyUserEmails": true, "drainTimeout": 30});
        options(database.uri(), more)
    };
    let mut runtime = Runtime::ready(&mailing("first@example.org")).await;
    let anna = json!({"username": "anna", "password": "pw", "email": "anna@example.org"});
    let signed_up = runtime.post("/users").json(&anna).send().await.unwrap();
    assert_eq!(signed_up.status(), 201, "{:?}", signed_up.text().await);
    wait_until(DEADLINE, "the mail is put off", async || {
        server.lock().unwrap().put_off > 0
    })
    .await;

    let hash = runtime.rewrite(&mailing("second@example.org"));
    runtime.signal(Signal::SIGHUP);
    wait_until(DEADLINE, "the new settings are in force", async || {
        let health = runtime.health().await;
        health.is_some_and(|answer| answer.headers()["x-slipway-settings"] == hash)
    })
    .await;
    server.lock().unwrap().takes = true;
    runtime.signal(Signal::SIGTERM);
    assert!(runtime.ended().await.success());
    let taken = server.lock().unwrap().taken.clone();
    assert_eq!(taken.len(), 1, "{taken:?}\n{}", runtime.log());
    assert!(taken[0].contains("anna@example.org"), "{taken:?}");
}
