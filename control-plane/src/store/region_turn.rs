//! Whose turn it is to work on a region: one PostgreSQL session at a time, by an advisory lock that ends with the
//! session. A pooler between must therefore keep sessions apart (PgBouncer: `pool_mode = session`).

use sqlx::{PgConnection, PgExecutor};

use crate::regions::Region;

/// The first half of the locks' keys, so that they are nobody else's.
const LOCKS: i32 = 0x534C_4950;

/// Has PostgreSQL notice within some ten seconds that the other end of this session is gone without a word, such as
/// with its node.
pub async fn watch_over(session: &mut PgConnection) -> Result<(), sqlx::Error> {
    let settings =
        "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3";
    sqlx::raw_sql(settings).execute(session).await?;
    Ok(())
}

/// Takes the turn for this session; `false` while another one has it.
pub async fn take(session: &mut PgConnection, region: Region) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT pg_try_advisory_lock($1, $2) AS "taken!""#,
        LOCKS,
        key(region),
    )
    .fetch_one(session)
    .await
}

/// Whether this session has the turn.
pub async fn is_held(session: impl PgExecutor<'_>, region: Region) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (
            SELECT
            FROM pg_locks
            WHERE locktype = 'advisory'
              AND classid::bigint = $1
              AND objid::bigint = $2
              AND pid = pg_backend_pid()
              AND granted
        ) AS "held!""#,
        i64::from(LOCKS),
        i64::from(key(region)),
    )
    .fetch_one(session)
    .await
}

/// The second half. Two releases side by side must mean the same by it.
fn key(region: Region) -> i32 {
    match region {
        Region::Eu => 1,
        Region::Na => 2,
    }
}
