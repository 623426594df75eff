//! Real servers and patient waiting for the tests of every crate.
//!
//! [`postgres`] and [`mongo`] hand out a fresh, empty database of a server that the whole test
//! binary shares. The server is started by the first test that asks, keeps its files in a
//! temporary folder without syncing them to disk, and ends with the test binary however that
//! ends. [`kubernetes`] is a Kubernetes API without nodes, shared in the same way. A helper that cannot do its work panics with the cause: a test has nothing to recover.
#![allow(clippy::unwrap_used, reason = "only tests link this crate")]

pub mod binaries;
mod janitor;
mod keeper;
mod kubernetes;
mod mongo;
mod net;
mod postgres;
mod wait;

pub use kubernetes::{Kubernetes, kubernetes};
pub use mongo::{MongoDatabase, mongo};
pub use net::free_port;
pub use postgres::{PostgresDatabase, postgres};
pub use wait::wait_until;

/// Makes ring the process-wide rustls provider, as every binary of ours does first thing.
///
/// Calling it again changes nothing. [`postgres`] and [`mongo`] call it themselves.
pub fn install_crypto_provider() {
    // The error only says that a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A name for a database or a folder that no other test uses: `prefix_` and twelve characters.
pub fn unique_name(prefix: &str) -> String {
    use rand::Rng;
    let mut random = rand::rng();
    let tail: String = (0..12)
        .map(|_| char::from(random.random_range(b'a'..=b'z')))
        .collect();
    format!("{prefix}_{tail}")
}
