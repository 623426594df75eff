//! An account that somebody guesses at is locked for a while.

use app_runtime::settings::AccountLockout;
use bson::{DateTime, doc};

use super::{error, log_in, row, set};
use crate::support::{App, app};

const LOCKED: &str =
    "Your account is locked due to multiple failed login attempts. Please try again after 5 minute(s)";

/// An app that locks an account for five minutes after three failures.
async fn locking() -> App {
    app(|settings| {
        settings.account_lockout = Some(AccountLockout {
            threshold: 3,
            minutes: 5.0,
            unlock_on_password_reset: false,
        });
    })
    .await
}

async fn failures_counted(app: &App, id: &str) -> i32 {
    let user = row(app, "_User", doc! { "_id": id }).await;
    user.get_i32("_failed_login_count").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_in_a_row_lock_the_account_for_a_while() {
    let app = locking().await;
    let (id, _) = app.user("anna").await;
    for _ in 0..2 {
        assert_eq!(
            error(&log_in(&app, "anna", "x").await),
            "Invalid username/password."
        );
    }
    log_in(&app, "anna", "pw").await.ok();
    assert_eq!(failures_counted(&app, &id).await, 0);
    for _ in 0..3 {
        assert_eq!(
            error(&log_in(&app, "anna", "x").await),
            "Invalid username/password."
        );
    }
    for password in ["x", "pw"] {
        let answer = log_in(&app, "anna", password).await;
        assert_eq!((answer.refusal(), error(&answer)), ((404, 101), LOCKED));
    }
    let past = doc! { "_account_lockout_expires_at": DateTime::from_millis(0) };
    set(&app, "_User", doc! { "_id": &id }, past).await;
    log_in(&app, "anna", "pw").await.ok();
    assert_eq!(
        error(&log_in(&app, "nobody", "x").await),
        "Invalid username/password."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_the_same_moment_count_as_many() {
    let app = locking().await;
    let (id, _) = app.user("anna").await;
    let guesses = (0..8).map(|_| log_in(&app, "anna", "x"));
    let answers = futures_util::future::join_all(guesses).await;
    let locked = answers.iter().filter(|answer| error(answer) == LOCKED).count();
    assert_eq!(locked, 5);
    assert_eq!(failures_counted(&app, &id).await, 3);
}
