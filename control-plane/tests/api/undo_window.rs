//! The last moment of the undo window: a deletion is either taken back or final, never both.

use std::time::Duration;

use chrono::TimeDelta;
use control_plane::{regions::DesiredState, store};
use serde_json::json;
use sqlx::{Postgres, Transaction};

use crate::support::{PASSWORD, Person, Server};

const PATIENCE: Duration = Duration::from_secs(10);

/// A deleted app and its owner, one second before the undo window ends.
async fn one_second_before_the_end(server: &Server) -> (Person, String) {
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    server.until_status(&ada, &id, "ready").await;
    ada.delete(&format!("/api/v1/apps/{id}")).await;
    server.clock.advance(TimeDelta::days(14) - TimeDelta::seconds(1));
    let stopped = async || {
        let last = server.driver.last(&id);
        last.is_some_and(|app| app.state == DesiredState::Deleted)
    };
    test_kit::wait_until(PATIENCE, "the region stops it", stopped).await;
    let login = server.nobody().log_in("ada@example.com", PASSWORD).await;
    (server.nobody().signed_in(&login), id)
}

/// Waits until so many statements of the control plane stand before a lock of the test's or each other's.
async fn until_waiting(watching: &mut Transaction<'_, Postgres>, how_many: i64) {
    let sql = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    test_kit::wait_until(PATIENCE, &format!("{how_many} statements wait"), async || {
        // Inside a transaction the view would stay as it was first read.
        sqlx::query("SELECT pg_stat_clear_snapshot()")
            .execute(&mut **watching)
            .await
            .unwrap();
        let waiting = sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut **watching).await;
        waiting.unwrap() >= how_many
    })
    .await;
}

/// Holds every undelete after it changed the row and before it commits, until this is over.
async fn hold_before_commit(server: &Server) -> Transaction<'static, Postgres> {
    let mut barrier = server.pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE audit_log IN EXCLUSIVE MODE")
        .execute(&mut *barrier)
        .await
        .unwrap();
    barrier
}

#[tokio::test]
async fn an_undelete_that_came_first_wins_although_the_window_ends_before_it_commits() {
    let server = Server::start().await;
    let (ada, id) = one_second_before_the_end(&server).await;
    let path = format!("/api/v1/apps/{id}/undelete");
    let mut barrier = hold_before_commit(&server).await;
    let meanwhile = async {
        until_waiting(&mut barrier, 1).await;
        server.clock.advance(TimeDelta::seconds(2));
        until_waiting(&mut barrier, 2).await;
        barrier.rollback().await.unwrap();
    };
    let (undeleted, ()) = tokio::join!(ada.post(&path, json!({})), meanwhile);
    assert_eq!(undeleted.status, 200, "{}", undeleted.text);
    server.until_status(&ada, &id, "ready").await;
    assert!(!server.driver.has_purged(&id));
}

#[tokio::test]
async fn an_undelete_that_comes_after_the_purge_has_begun_is_refused() {
    let server = Server::start().await;
    let (ada, id) = one_second_before_the_end(&server).await;
    let path = format!("/api/v1/apps/{id}/undelete");
    let end = ids::Clock::now(&*server.clock) + TimeDelta::seconds(1);
    let mut purge = server.pool.begin().await.unwrap();
    let begun = store::desired::begin_purge(&mut *purge, id.parse().unwrap(), end).await;
    assert!(begun.unwrap());
    let meanwhile = async {
        until_waiting(&mut purge, 1).await;
        purge.commit().await.unwrap();
    };
    let (refused, ()) = tokio::join!(ada.post(&path, json!({})), meanwhile);
    assert_eq!(refused.error(), (409, "undo_window_over"), "{}", refused.text);
    test_kit::wait_until(PATIENCE, "the purge is completed", async || {
        server.driver.has_purged(&id)
    })
    .await;
}

#[tokio::test]
async fn two_undeletes_at_once_do_not_claim_that_the_window_is_over() {
    let server = Server::start().await;
    let (ada, id) = one_second_before_the_end(&server).await;
    let path = format!("/api/v1/apps/{id}/undelete");
    let mut barrier = hold_before_commit(&server).await;
    let release = async {
        until_waiting(&mut barrier, 2).await;
        barrier.rollback().await.unwrap();
    };
    let (one, two, ()) = tokio::join!(ada.post(&path, json!({})), ada.post(&path, json!({})), release);
    let mut codes = [one.error(), two.error()];
    codes.sort_unstable();
    assert_eq!(codes, [(200, "no error"), (409, "app_not_deleted")]);
}
