//! Work of one kind that waits at the same moment, done by one command (decision 12 of the architecture).
//!
//! MongoDB's cost is per command, not per document. A lane has a few slots; whoever finds a free one is sent at once, so a
//! lone request waits for nothing, and whatever gathers while the slots are taken goes together as soon as one is free.
//! There is no timer. A batch is taken after everyone in it has asked, and everyone gets their own result.

use std::collections::HashMap;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Items of one command.
const MOST: usize = 256;

/// Does the work of one batch; answers in the order of the items.
pub type Work<K, I, O> = Arc<dyn Fn(K, Vec<I>) -> Pin<Box<dyn Future<Output = Vec<O>> + Send>> + Send + Sync>;

/// How much is done at the same time.
#[derive(Debug)]
pub struct Bounds<I> {
    /// Commands of one lane.
    pub slots: usize,
    /// What an item weighs,
    pub weigh: fn(&I) -> usize,
    /// and what the items of one command weigh together. A heavier one goes alone.
    pub capacity: usize,
}

/// The lanes of one kind of work, by what must be the same for items to go together.
pub struct Lanes<K, I, O> {
    shared: Arc<Shared<K, I, O>>,
    /// The runtime the database driver lives on, not the one of the worker that happens to ask.
    runtime: Handle,
}

struct Shared<K, I, O> {
    lanes: Mutex<HashMap<K, Lane<I, O>>>,
    work: Work<K, I, O>,
    bounds: Bounds<I>,
}

struct Lane<I, O> {
    waiting: Vec<(I, oneshot::Sender<O>)>,
    running: usize,
}

impl<K, I, O> Lanes<K, I, O>
where
    K: Clone + Eq + Hash + Send + 'static,
    I: Send + 'static,
    O: Send + 'static,
{
    /// Lanes that are driven on `runtime`.
    pub fn new(runtime: Handle, bounds: Bounds<I>, work: Work<K, I, O>) -> Self {
        Self {
            shared: Arc::new(Shared {
                lanes: Mutex::new(HashMap::new()),
                work,
                bounds,
            }),
            runtime,
        }
    }

    /// Has `item` done together with what else is in the lane `key`; `None` if the work itself was lost.
    pub async fn submit(&self, key: K, item: I) -> Option<O> {
        let (done, result) = oneshot::channel();
        let starts = {
            let mut lanes = self.shared.lock();
            let lane = lanes.entry(key.clone()).or_insert_with(|| Lane {
                waiting: Vec::new(),
                running: 0,
            });
            lane.waiting.push((item, done));
            let starts = lane.running < self.shared.bounds.slots;
            lane.running += usize::from(starts);
            starts
        };
        if starts {
            self.runtime.spawn(Arc::clone(&self.shared).drive(key));
        }
        result.await.ok()
    }
}

impl<K, I, O> Shared<K, I, O>
where
    K: Eq + Hash,
{
    fn lock(&self) -> MutexGuard<'_, HashMap<K, Lane<I, O>>> {
        // A panic elsewhere cannot leave the map half changed: each change is one statement.
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, I, O> Shared<K, I, O>
where
    K: Clone + Eq + Hash,
{
    /// Keeps one slot of a lane busy until nothing waits.
    async fn drive(self: Arc<Self>, key: K) {
        let mut slot = Slot {
            shared: Arc::clone(&self),
            key: key.clone(),
            is_held: true,
        };
        while let Some(batch) = slot.next_batch() {
            let (items, senders): (Vec<I>, Vec<_>) = batch.into_iter().unzip();
            let results = (self.work)(key.clone(), items).await;
            for (sender, result) in senders.into_iter().zip(results) {
                // Whoever asked may have gone away; the work is done all the same.
                let _ = sender.send(result);
            }
        }
    }
}

/// A slot of a lane, given back when nothing waits, and also when the work panics.
struct Slot<K: Eq + Hash, I, O> {
    shared: Arc<Shared<K, I, O>>,
    key: K,
    is_held: bool,
}

impl<K: Eq + Hash, I, O> Slot<K, I, O> {
    /// What waits now, as much as goes together.
    fn next_batch(&mut self) -> Option<Vec<(I, oneshot::Sender<O>)>> {
        let mut lanes = self.shared.lock();
        let waiting = &mut lanes.get_mut(&self.key)?.waiting;
        let Bounds { weigh, capacity, .. } = self.shared.bounds;
        let mut weight = 0;
        let fits = waiting.iter().take(MOST).take_while(|(item, _)| {
            weight += weigh(item);
            weight <= capacity
        });
        let most = fits.count().max(1).min(waiting.len());
        if most == 0 {
            self.is_held = false;
            release(&mut lanes, &self.key);
            return None;
        }
        Some(waiting.drain(..most).collect())
    }
}

impl<K: Eq + Hash, I, O> Drop for Slot<K, I, O> {
    fn drop(&mut self) {
        if self.is_held {
            let mut lanes = self.shared.lock();
            // Whoever waits is told that their work was lost, rather than to wait for nobody.
            if let Some(lane) = lanes.get_mut(&self.key)
                && lane.running == 1
            {
                lane.waiting.clear();
            }
            release(&mut lanes, &self.key);
        }
    }
}

fn release<K: Eq + Hash, I, O>(lanes: &mut HashMap<K, Lane<I, O>>, key: &K) {
    let Some(lane) = lanes.get_mut(key) else { return };
    lane.running -= 1;
    if lane.running == 0 {
        lanes.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use tokio::sync::Semaphore;

    const SLOTS: usize = 2;
    const BOUNDS: Bounds<u32> = Bounds {
        slots: SLOTS,
        weigh: |item| *item as usize,
        capacity: 1_000,
    };

    /// Doubles numbers; each command takes a permit, so a test decides when commands end.
    fn doubling(gate: Arc<Semaphore>, commands: Arc<AtomicUsize>) -> Lanes<&'static str, u32, u32> {
        let work: Work<&'static str, u32, u32> = Arc::new(move |_, items| {
            let (gate, commands) = (Arc::clone(&gate), Arc::clone(&commands));
            Box::pin(async move {
                commands.fetch_add(1, SeqCst);
                gate.acquire().await.unwrap().forget();
                items.into_iter().map(|item| item * 2).collect()
            })
        });
        Lanes::new(Handle::current(), BOUNDS, work)
    }

    #[tokio::test]
    async fn a_lone_item_is_sent_at_once() {
        let commands = Arc::new(AtomicUsize::new(0));
        let lanes = doubling(Arc::new(Semaphore::new(1)), Arc::clone(&commands));
        assert_eq!(lanes.submit("a", 4).await, Some(8));
        assert_eq!(commands.load(SeqCst), 1);
        assert!(lanes.shared.lock().is_empty(), "an idle lane costs nothing");
    }

    #[tokio::test]
    async fn what_gathers_goes_together_and_each_gets_its_own_result() {
        let (gate, commands) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
        let lanes = doubling(Arc::clone(&gate), Arc::clone(&commands));
        let all = futures_util::future::join_all((0..100).map(|n| lanes.submit("a", n)));
        let opened = async {
            tokio::task::yield_now().await;
            gate.add_permits(100);
        };
        let (results, ()) = tokio::join!(all, opened);
        assert_eq!(results, (0..100).map(|n| Some(n * 2)).collect::<Vec<_>>());
        assert!(
            // 0 + 1 + … + 99 is 4,950.
            commands.load(SeqCst) <= SLOTS + 7,
            "{commands:?} commands for 100 items"
        );
    }

    #[tokio::test]
    async fn what_is_too_heavy_together_goes_in_several_commands_and_the_heaviest_alone() {
        let (gate, commands) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
        let lanes = doubling(Arc::clone(&gate), Arc::clone(&commands));
        let all = futures_util::future::join_all([1, 1, 600, 600, 5_000].map(|n| lanes.submit("a", n)));
        let opened = async {
            tokio::task::yield_now().await;
            gate.add_permits(100);
        };
        let (results, ()) = tokio::join!(all, opened);
        assert_eq!(results, [2, 2, 1_200, 1_200, 10_000].map(Some));
        assert_eq!(commands.load(SeqCst), 3, "1 + 1 + 600, 600, 5,000");
    }

    #[tokio::test]
    async fn work_that_panics_is_lost_and_the_next_is_done() {
        let work: Work<&'static str, u32, u32> = Arc::new(|_, items| {
            Box::pin(async move {
                tokio::task::yield_now().await;
                assert!(!items.contains(&13), "a panic of the test");
                items
            })
        });
        let bounds = Bounds { slots: 1, ..BOUNDS };
        let lanes = Lanes::new(Handle::current(), bounds, work);
        let (lost, waiting) = tokio::join!(lanes.submit("a", 13), lanes.submit("a", 1));
        assert_eq!((lost, waiting), (None, None));
        assert_eq!(lanes.submit("a", 2).await, Some(2));
    }

    #[tokio::test]
    async fn lanes_do_not_mix() {
        let lanes = doubling(Arc::new(Semaphore::new(10)), Arc::new(AtomicUsize::new(0)));
        let (a, b) = tokio::join!(lanes.submit("a", 1), lanes.submit("b", 2));
        assert_eq!((a, b), (Some(2), Some(4)));
    }

    #[tokio::test]
    async fn an_asker_who_goes_away_does_not_disturb_the_others() {
        let gate = Arc::new(Semaphore::new(0));
        let lanes = Arc::new(doubling(Arc::clone(&gate), Arc::new(AtomicUsize::new(0))));
        let gone = tokio::spawn({
            let lanes = Arc::clone(&lanes);
            async move { lanes.submit("a", 1).await }
        });
        tokio::task::yield_now().await;
        gone.abort();
        gate.add_permits(10);
        assert_eq!(lanes.submit("a", 2).await, Some(4));
    }
}
