//! Requests counted in windows of one length, each key's from its first request on, as Parse Server counts them
//! (`MemoryStore` of express-rate-limit): until a window is over nothing is given back, and what was refused counts, too.
//!
//! Memory is bounded. Keys live in two generations; one that is counted moves to the young, and when that has lasted for a
//! window or has no room, the old one is forgotten. So a window is lost before its end only to many more callers than there
//! is room for.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Keys of one generation; some 5 MB with the other one.
const ROOM: usize = 32_768;

/// The windows of one limit.
pub struct Windows<K> {
    length: Duration,
    generations: Mutex<Generations<K>>,
}

struct Generations<K> {
    began: Option<Instant>,
    young: HashMap<K, Window>,
    old: HashMap<K, Window>,
}

struct Window {
    began: Instant,
    requests: u32,
}

impl<K: Eq + Hash> Windows<K> {
    pub fn new(length: Duration) -> Self {
        Self {
            length,
            generations: Mutex::new(Generations {
                began: None,
                young: HashMap::new(),
                old: HashMap::new(),
            }),
        }
    }

    /// Counts a request. Beyond `most` within its window it is too many; the error says how long the window still lasts.
    pub fn count(&self, key: K, most: u32, now: Instant) -> Result<(), Duration> {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        let forgotten = generations.make_room(&key, self.length, now);
        let window = generations.window(key, self.length, now);
        window.requests = window.requests.saturating_add(1);
        let left = self
            .length
            .saturating_sub(now.saturating_duration_since(window.began));
        let passes = window.requests <= most;
        drop(generations);
        // Not under the lock: there may be many.
        drop(forgotten);
        if passes { Ok(()) } else { Err(left) }
    }
}

impl<K: Eq + Hash> Generations<K> {
    /// Begins a new generation if it is time; returns what is forgotten.
    fn make_room(&mut self, key: &K, length: Duration, now: Instant) -> Option<HashMap<K, Window>> {
        let began = *self.began.get_or_insert(now);
        let lasted = now.saturating_duration_since(began) >= length;
        let full = self.young.len() >= ROOM && !self.young.contains_key(key);
        if !lasted && !full {
            return None;
        }
        self.began = Some(now);
        let last = std::mem::take(&mut self.young);
        Some(std::mem::replace(&mut self.old, last))
    }

    fn window(&mut self, key: K, length: Duration, now: Instant) -> &mut Window {
        let fresh = Window {
            began: now,
            requests: 0,
        };
        let earlier = self.old.remove(&key);
        let window = self.young.entry(key).or_insert(earlier.unwrap_or(fresh));
        if now.saturating_duration_since(window.began) >= length {
            *window = Window {
                began: now,
                requests: 0,
            };
        }
        window
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: Duration = Duration::from_secs(6);

    /// What passes of requests at these milliseconds, in the windows of a limit of `most`.
    fn passing(most: u32, times: impl IntoIterator<Item = u64>) -> String {
        let (windows, start) = (Windows::new(LENGTH), Instant::now());
        let one = |millis| {
            windows
                .count("one", most, start + Duration::from_millis(millis))
                .is_ok()
        };
        times
            .into_iter()
            .map(|millis| if one(millis) { '.' } else { 'x' })
            .collect()
    }

    #[test]
    fn after_the_limit_nothing_passes_until_the_window_is_over() {
        let every_half = (0..13).map(|n| n * 500);
        assert_eq!(passing(3, every_half), "...xxxxxxxxx.");
    }

    #[test]
    fn window_begins_with_the_first_request_of_its_key() {
        assert_eq!(
            passing(2, [5_000, 5_000, 5_000, 10_999, 11_000, 11_000, 11_000]),
            "..xx..x"
        );
        assert_eq!(passing(1, [0, 5_900, 6_000, 11_900, 12_000]), ".x.x.");
    }

    #[test]
    fn refusal_says_how_long_the_window_lasts() {
        let (windows, start) = (Windows::new(LENGTH), Instant::now());
        assert_eq!(windows.count(1, 1, start), Ok(()));
        assert_eq!(
            windows.count(1, 1, start + Duration::from_secs(2)),
            Err(Duration::from_secs(4))
        );
        assert_eq!(
            windows.count(2, 1, start + Duration::from_secs(2)),
            Ok(()),
            "another key"
        );
    }

    #[test]
    fn many_callers_take_bounded_memory_and_do_not_free_one_who_keeps_asking() {
        let (windows, now) = (Windows::new(LENGTH), Instant::now());
        assert_eq!(windows.count(usize::MAX, 1, now), Ok(()));
        for key in 0..5 * ROOM {
            assert_eq!(windows.count(key, 1, now), Ok(()));
            if key % 1_000 == 0 {
                assert!(windows.count(usize::MAX, 1, now).is_err(), "{key}");
            }
        }
        let generations = windows.generations.lock().unwrap();
        assert!(generations.young.len() <= ROOM && generations.old.len() <= ROOM);
    }

    #[test]
    fn windows_that_are_over_are_forgotten() {
        let (windows, start) = (Windows::new(LENGTH), Instant::now());
        for (key, seconds) in [(1, 0), (2, 1), (3, 7), (4, 14)] {
            assert_eq!(
                windows.count(key, 1, start + Duration::from_secs(seconds)),
                Ok(())
            );
        }
        let generations = windows.generations.lock().unwrap();
        let known = |key| generations.young.contains_key(&key) || generations.old.contains_key(&key);
        assert_eq!([1, 2, 3, 4].map(known), [false, false, true, true]);
    }
}
