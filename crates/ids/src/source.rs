//! Where ids and secrets take their randomness from.

use std::sync::{Mutex, PoisonError};

use rand::{Rng, RngCore, SeedableRng, rngs::StdRng};
use ulid::Ulid;

use crate::clock::{Clock, SystemClock};

/// Makes ULIDs and random bytes. One instance is shared by a whole process.
pub trait IdSource: Send + Sync {
    /// A ULID that was never returned before.
    fn ulid(&self) -> Ulid;

    /// Fills `bytes` with values an attacker cannot predict.
    fn fill(&self, bytes: &mut [u8]);
}

/// The source of production: the system clock and a cryptographically secure generator seeded by the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemIds;

impl IdSource for SystemIds {
    fn ulid(&self) -> Ulid {
        let milliseconds = u64::try_from(SystemClock.now().timestamp_millis()).unwrap_or_default();
        Ulid::from_parts(milliseconds, rand::rng().random())
    }

    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// A source for tests: ULIDs count up from one, and the bytes are the same on every run. Never use it for real secrets.
#[derive(Debug)]
pub struct SequentialIds(Mutex<Sequence>);

#[derive(Debug)]
struct Sequence {
    last: u128,
    bytes: StdRng,
}

impl SequentialIds {
    /// Sources with different seeds return different bytes; ULIDs do not depend on the seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(Sequence {
            last: 0,
            bytes: StdRng::seed_from_u64(seed),
        }))
    }
}

impl Default for SequentialIds {
    fn default() -> Self {
        Self::new(0)
    }
}

impl IdSource for SequentialIds {
    fn ulid(&self) -> Ulid {
        let mut sequence = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sequence.last += 1;
        Ulid(sequence.last)
    }

    fn fill(&self, bytes: &mut [u8]) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .bytes
            .fill_bytes(bytes);
    }
}

impl<S: IdSource + ?Sized> IdSource for std::sync::Arc<S> {
    fn ulid(&self) -> Ulid {
        (**self).ulid()
    }

    fn fill(&self, bytes: &mut [u8]) {
        (**self).fill(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequential_ids_count_and_repeat_on_every_run() {
        let (one, two) = (SequentialIds::new(7), SequentialIds::new(7));
        assert_eq!([one.ulid(), one.ulid()], [two.ulid(), two.ulid()]);
        assert_eq!(one.ulid(), Ulid(3));

        let (mut a, mut b) = ([0; 16], [0; 16]);
        one.fill(&mut a);
        two.fill(&mut b);
        assert_eq!(a, b);
        SequentialIds::new(8).fill(&mut b);
        assert_ne!(a, b);
    }

    #[test]
    fn system_ids_carry_the_present_time_and_differ() {
        let (a, b) = (SystemIds.ulid(), SystemIds.ulid());
        assert_ne!(a, b);
        assert!(a.timestamp_ms() > 1_700_000_000_000);
    }
}
