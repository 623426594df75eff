//! Has one control plane at a time work on a region, however many there are.
//!
//! They may differ in what no generation counts, such as the runtime's version while a new release rolls out, and would
//! otherwise undo each other's work. The turn is a lock that a connection of its own holds: it ends with the process,
//! and with the connection, and then another process goes on within seconds. A change that was asked of a process
//! without the turn arrives with the regular look of the one that has it.

use std::sync::Arc;
use std::time::Duration;

use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Context;
use super::reconcile::Reconciler;
use crate::regions::{Region, RegionDriver};
use crate::store::region_turn;

/// A process without the turn asks for it this often, and the one with it asks whether it still has it.
const EVERY: Duration = Duration::from_millis(500);
/// A database that takes longer to answer is away. Shorter than PostgreSQL takes to give the turn of a lost connection
/// to another one, so that this process has stopped by then.
const PATIENCE: Duration = Duration::from_secs(3);

/// Works on the region whenever it is this process's turn, until `shutdown`.
pub async fn run(
    context: Context,
    region: Region,
    driver: Arc<dyn RegionDriver>,
    wake: watch::Receiver<()>,
    shutdown: CancellationToken,
) {
    while let Some(mut turn) = shutdown
        .run_until_cancelled(Turn::come(&context.pool, region))
        .await
    {
        tracing::info!(%region, "this process works on the region");
        let reconciler = Reconciler::new(context.clone(), region, driver.clone());
        tokio::select! {
            () = reconciler.run(wake.clone(), shutdown.clone()) => return turn.end().await,
            // Dropping the reconciler ends its steps where they are.
            error = turn.lost() => tracing::warn!(%region, %error, "turn is lost, the work on the region stops"),
        }
    }
}

/// The right to work on a region.
struct Turn {
    region: Region,
    session: PgConnection,
}

impl Turn {
    /// Waits for it.
    async fn come(pool: &PgPool, region: Region) -> Self {
        loop {
            match Self::wait(pool, region).await {
                Ok(turn) => return turn,
                Err(error) => tracing::warn!(%region, %error, "turn could not be asked for"),
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    async fn wait(pool: &PgPool, region: Region) -> Result<Self, sqlx::Error> {
        let mut session = soon(pool.connect_options().connect()).await?;
        soon(region_turn::watch_over(&mut session)).await?;
        let mut told = false;
        while !soon(region_turn::take(&mut session, region)).await? {
            if !told {
                tracing::info!(%region, "another process works on the region, this one stands by");
                told = true;
            }
            tokio::time::sleep(EVERY).await;
        }
        Ok(Self { region, session })
    }

    /// Resolves when it is this process's no more.
    async fn lost(&mut self) -> sqlx::Error {
        loop {
            tokio::time::sleep(EVERY).await;
            match soon(region_turn::is_held(&mut self.session, self.region)).await {
                Ok(true) => {}
                Ok(false) => return sqlx::Error::Protocol("the session does not hold it".to_owned()),
                Err(error) => return error,
            }
        }
    }

    /// Gives it to whoever waits.
    async fn end(self) {
        if let Err(error) = soon(self.session.close()).await {
            tracing::debug!(region = %self.region, %error, "the connection that held the turn was not closed in order");
        }
    }
}

async fn soon<T>(answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    let silent = Err(sqlx::Error::PoolTimedOut);
    tokio::time::timeout(PATIENCE, answer).await.unwrap_or(silent)
}
