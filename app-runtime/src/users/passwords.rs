//! Password hashes as Parse Server stores them: bcrypt, cost 10. Existing hashes of any bcrypt prefix verify.
//!
//! Hashing takes some 50 ms of a core, so it runs on the blocking pool, and no more of it at once than there are cores: the
//! others wait without a thread, and nobody's is slowed down by everybody else's.

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};

use tokio::sync::Semaphore;

use crate::protocol::error::{ParseError, ParseResult, code};

const COST: u32 = 10;

/// Compared with when there is no user, so that an unknown name takes as long as a wrong password.
static DUMMY: LazyLock<String> = LazyLock::new(|| hash_now("nobody has this password").unwrap_or_default());

/// One for each core of this machine.
static CORES: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    Arc::new(Semaphore::new(cores))
});

/// Passwords compared with a hash by this process.
static CHECKS: AtomicU64 = AtomicU64::new(0);

/// How many passwords this process has compared with a hash, those of unknown names among them.
pub fn checks() -> u64 {
    CHECKS.load(Relaxed)
}

/// The stored form of a password.
pub async fn hash(password: String) -> ParseResult<String> {
    blocking(move || hash_now(&password)).await?.map_err(internal)
}

/// Whether `password` belongs to `hash`; takes the same time when there is no hash.
pub async fn verify(password: String, hash: Option<String>) -> ParseResult<bool> {
    let known = hash.is_some();
    let compare = move || {
        CHECKS.fetch_add(1, Relaxed);
        bcrypt::verify(password, hash.as_deref().unwrap_or(&DUMMY)).unwrap_or(false)
    };
    let matches = blocking(compare).await?;
    Ok(known && matches)
}

fn hash_now(password: &str) -> Result<String, bcrypt::BcryptError> {
    Ok(bcrypt::hash_with_result(password, COST)?.format_for_version(bcrypt::Version::TwoY))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> ParseResult<T> {
    on_one_of(&CORES, work).await
}

/// The work keeps its core until it is done, even when nobody waits for it any more.
async fn on_one_of<T: Send + 'static>(
    cores: &Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> ParseResult<T> {
    let core = Arc::clone(cores).acquire_owned().await.map_err(internal)?;
    let work = move || {
        let done = work();
        drop(core);
        done
    };
    tokio::task::spawn_blocking(work).await.map_err(internal)
}

fn internal(error: impl std::fmt::Display) -> ParseError {
    tracing::error!(%error, "hashing a password failed");
    ParseError::new(code::INTERNAL_SERVER_ERROR, "An internal server error occurred")
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_hash_verifies_its_own_password_only() {
        let hash = hash("secret".into()).await.unwrap();
        assert!(hash.starts_with("$2y$10$"));
        assert!(verify("secret".into(), Some(hash.clone())).await.unwrap());
        assert!(!verify("other".into(), Some(hash)).await.unwrap());
        assert!(!verify("nobody has this password".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn hashes_of_other_parse_hosts_verify() {
        let foreign = bcrypt::hash_with_result("secret", 4).unwrap();
        for version in [
            bcrypt::Version::TwoA,
            bcrypt::Version::TwoB,
            bcrypt::Version::TwoX,
        ] {
            assert!(
                verify("secret".into(), Some(foreign.format_for_version(version)))
                    .await
                    .unwrap()
            );
        }
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_any_more_keeps_its_core() {
        let cores = Arc::new(Semaphore::new(1));
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let given_up = Box::pin(on_one_of(&cores, move || ended.recv()));
        assert!(given_up.now_or_never().is_none(), "it works");
        assert_eq!(cores.available_permits(), 0);
        end.send(()).unwrap();
        assert!(on_one_of(&cores, || ()).await.is_ok(), "and then it is free");
    }
}
