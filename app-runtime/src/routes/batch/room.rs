//! What the answers of one batch may hold together. Only reads are kept within it: a write that has been made is said to
//! have been made.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

use crate::protocol::error::{ParseError, ParseResult, code};
use crate::routes::context::Reply;
use crate::storage::MAX_ANSWER;

/// Answers up to this size do not count.
const SMALL: usize = 16_384;

/// Reads of one batch that run at the same time: each may come to hold a whole answer before its size is known.
const READS_SIDE_BY_SIDE: usize = 4;

/// See the module.
pub struct Room {
    used: AtomicUsize,
    reads: Semaphore,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            used: AtomicUsize::new(0),
            reads: Semaphore::new(READS_SIDE_BY_SIDE),
        }
    }
}

impl Room {
    /// Carries out one request. A read fails if its answer does not fit, without being made if nothing fits any more.
    pub async fn run(
        &self,
        is_read: bool,
        request: impl Future<Output = ParseResult<Reply>>,
    ) -> ParseResult<Reply> {
        if !is_read {
            let reply = request.await?;
            self.add(&reply);
            return Ok(reply);
        }
        // It is never closed.
        let _turn = self.reads.acquire().await.ok();
        if self.used.load(Ordering::Relaxed) >= MAX_ANSWER {
            return Err(too_large());
        }
        let reply = request.await?;
        match self.add(&reply) {
            true => Ok(reply),
            false => Err(too_large()),
        }
    }

    /// Whether there is room for it.
    fn add(&self, reply: &Reply) -> bool {
        let bytes = reply.body.len();
        bytes <= SMALL || self.used.fetch_add(bytes, Ordering::Relaxed) + bytes <= MAX_ANSWER
    }
}

fn too_large() -> ParseError {
    ParseError::new(
        code::INVALID_QUERY,
        "The answer of the batch would be larger than 64 MB.",
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::future::join_all;

    use super::*;

    async fn sized(bytes: usize) -> ParseResult<Reply> {
        Ok(Reply::json(vec![0; bytes]))
    }

    #[tokio::test]
    async fn read_that_does_not_fit_fails_and_a_write_never_does() {
        let room = Room::default();
        assert!(room.run(true, sized(MAX_ANSWER - SMALL)).await.is_ok());
        assert!(room.run(true, sized(2 * SMALL)).await.is_err());
        assert!(room.run(false, sized(2 * SMALL)).await.is_ok());
        let not_made = async { unreachable!("there is no room for it") };
        assert_eq!(room.run(true, not_made).await.err().unwrap().code, Some(102));
    }

    #[tokio::test(start_paused = true)]
    async fn few_reads_run_at_the_same_time_and_any_number_of_writes() {
        let room = Room::default();
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let request = async || {
            most.fetch_max(running.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_secs(1)).await;
            running.fetch_sub(1, Ordering::Relaxed);
            sized(1).await
        };
        for (is_read, expected) in [(true, READS_SIDE_BY_SIDE), (false, 50)] {
            most.store(0, Ordering::Relaxed);
            join_all((0..50).map(|_| room.run(is_read, request()))).await;
            assert_eq!(most.load(Ordering::Relaxed), expected);
        }
    }
}
