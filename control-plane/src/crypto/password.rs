//! Hashes and verifies account passwords with argon2id (RFC 9106; 19 MiB, two passes, OWASP's choice).
//!
//! A hash costs some 20 ms of CPU and 19 MiB, so at most `parallel` run at once, off the async threads;
//! who waits longer than [`PATIENCE`] is told to come back. An unknown account costs the same time as a
//! wrong password.

use std::{sync::Arc, time::Duration};

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

const PATIENCE: Duration = Duration::from_secs(10);

/// Why a password could not be hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// More sign-ins at once than this machine can hash in time.
    #[error("too many passwords are being checked at this moment")]
    Busy,
    /// The hash in the database is not a PHC string, or the hasher failed.
    #[error("argon2: {0}")]
    Argon2(String),
    /// The hashing thread went away.
    #[error("the hashing task did not finish")]
    Lost(#[from] tokio::task::JoinError),
}

/// The password hasher of the process.
#[derive(Clone)]
pub struct Passwords {
    slots: Arc<Semaphore>,
    nobody: Arc<str>,
}

impl Passwords {
    /// Allows `parallel` hashes at once. Makes one hash that belongs to nobody, to compare against when an
    /// account does not exist.
    pub fn new(parallel: usize) -> Result<Self, HashError> {
        let nobody = hash_now(b"the password of nobody")?;
        Ok(Self {
            slots: Arc::new(Semaphore::new(parallel.max(1))),
            nobody: nobody.into(),
        })
    }

    /// The PHC string to store.
    pub async fn hash(&self, password: &SecretString) -> Result<String, HashError> {
        let password = password.clone();
        self.off_thread(move || hash_now(password.expose_secret().as_bytes()))
            .await
    }

    /// Whether `password` is the one behind `stored`. Without a stored hash the answer is no, after the
    /// same work.
    pub async fn verify(&self, password: &SecretString, stored: Option<&str>) -> Result<bool, HashError> {
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.nobody).to_owned();
        let password = password.clone();
        let matches = self
            .off_thread(move || {
                let hash = PasswordHash::new(&stored).map_err(argon2_error)?;
                Ok(Argon2::default()
                    .verify_password(password.expose_secret().as_bytes(), &hash)
                    .is_ok())
            })
            .await?;
        Ok(matches && known)
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let slot = tokio::time::timeout(PATIENCE, self.slots.clone().acquire_owned())
            .await
            .map_err(|_| HashError::Busy)?
            .map_err(|_| HashError::Busy)?;
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(slot);
            result
        })
        .await?
    }
}

fn hash_now(password: &[u8]) -> Result<String, HashError> {
    let hash: PasswordHash = Argon2::default().hash_password(password).map_err(argon2_error)?;
    Ok(hash.to_string())
}

fn argon2_error(error: impl std::fmt::Display) -> HashError {
    HashError::Argon2(error.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_verifies() {
        let passwords = Passwords::new(2).unwrap();
        let stored = passwords.hash(&"correct horse battery".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$"), "{stored}");
        assert!(
            passwords
                .verify(&"correct horse battery".into(), Some(&stored))
                .await
                .unwrap()
        );
        assert!(!passwords.verify(&"wrong".into(), Some(&stored)).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_has_no_password() {
        let passwords = Passwords::new(1).unwrap();
        assert!(!passwords.verify(&"anything".into(), None).await.unwrap());
    }
}
