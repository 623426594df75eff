//! Work that many want done at the same moment, such as reading all classes again or fetching a provider's keys: it is
//! done by one of them at a time, and the others are content with it if it began after they asked.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

/// See the module. `T` is what comes of the work.
pub struct Turns<T> {
    begun: AtomicU64,
    /// Number and outcome of the last turn that came to its end.
    last: Mutex<Option<(u64, T)>>,
}

impl<T: Clone> Turns<T> {
    /// Does `work`, or waits for somebody else's that begins from now on, whatever comes of it. Never two at a time.
    pub async fn take(&self, work: impl Future<Output = T>) -> T {
        self.take_unless(|| None, work).await
    }

    /// The same, but nothing is done where `enough`, asked when it is one's turn, finds what one came for.
    pub async fn take_unless(&self, enough: impl FnOnce() -> Option<T>, work: impl Future<Output = T>) -> T {
        let asked = self.begun.load(Ordering::SeqCst);
        let mut last = self.last.lock().await;
        if let Some((number, outcome)) = last.as_ref()
            && *number > asked
        {
            return outcome.clone();
        }
        if let Some(outcome) = enough() {
            return outcome;
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let outcome = work.await;
        *last = Some((number, outcome.clone()));
        outcome
    }
}

impl<T> Default for Turns<T> {
    fn default() -> Self {
        Self {
            begun: AtomicU64::new(0),
            last: Mutex::new(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt;
    use futures_util::future::join_all;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn many_who_ask_meanwhile_are_content_with_one_more_turn() {
        let (turns, done) = (Turns::default(), AtomicU64::new(0));
        let ask = || {
            turns.take(async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                done.fetch_add(1, Ordering::SeqCst) + 1
            })
        };
        let outcomes = join_all((0..100).map(|_| ask())).await;
        // Those who asked while the first was at work cannot know what it had read by then.
        assert_eq!((outcomes[0], &outcomes[1..]), (1, &[2; 99][..]));
        assert_eq!(ask().await, 3, "what is over is too old");
    }

    #[tokio::test(start_paused = true)]
    async fn who_finds_enough_does_nothing_and_leaves_the_others_their_turn() {
        let (turns, done) = (Turns::default(), AtomicU64::new(0));
        let ask = |enough: Option<u64>| {
            turns.take_unless(move || enough, async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                done.fetch_add(1, Ordering::SeqCst) + 1
            })
        };
        let outcomes = join_all([ask(None), ask(Some(7)), ask(None), ask(Some(8)), ask(None)]).await;
        assert_eq!(outcomes, [1, 7, 2, 2, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn turn_that_is_given_up_contents_nobody() {
        let turns = Turns::default();
        let mut given_up = Box::pin(turns.take(std::future::pending::<&str>()));
        assert!((&mut given_up).now_or_never().is_none());
        let mut other = Box::pin(turns.take(async { "done" }));
        assert!((&mut other).now_or_never().is_none(), "one at a time");
        drop(given_up);
        assert_eq!(other.await, "done");
    }
}
