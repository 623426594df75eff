//! Sessions and the names of users in ACLs, held in memory, so that a request of a user asks the database nothing.
//!
//! What the app itself changes is forgotten at once, what others change as soon as the change stream tells
//! ([`crate::watch`]): a few milliseconds after the database has acknowledged it. Should the stream fall silent, that is
//! noticed within [`Pulse::LASTS`]; from then on nothing older than `cacheTTL` counts, as in Parse Server. So a logout on
//! another replica is obeyed at the latest after the longer of the two, five seconds as the settings come.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use moka::future::Cache;
use moka::notification::{ListenerFuture, RemovalCause};
use moka::ops::compute::Op;

use crate::objects::caller::Session;
use crate::pulse::Pulse;

/// How long an entry is kept while the change stream is followed.
const LONGEST: Duration = Duration::from_secs(300);

/// See the module.
pub struct AccountMemory {
    /// By token.
    sessions: Cache<String, Entry<Session>>,
    /// The same by id, the one thing a change stream tells of a session that is gone. A session is here for as long as it
    /// is in `sessions`, or somebody who is signed out would stay signed in.
    by_id: Cache<String, Arc<Session>>,
    /// By user.
    groups: Cache<String, Entry<[String]>>,
    /// Goes up with everything that is forgotten, so that what was read before then is not kept after.
    epoch: AtomicU64,
    pulse: Arc<Pulse>,
    unwatched: Duration,
}

struct Entry<T: ?Sized> {
    value: Arc<T>,
    kept_at: Instant,
}

/// The moment from which something is read, to be kept afterwards.
#[derive(Debug, Clone, Copy)]
pub struct Epoch(u64);

impl AccountMemory {
    /// Keeps at most `size` entries of a kind; none older than `unwatched` counts while nobody watches the database.
    pub fn new(unwatched: Duration, size: u64, pulse: Arc<Pulse>) -> Self {
        let longest = LONGEST.max(unwatched);
        // Without a size of its own: what is not in `sessions` any more is taken out by `leave`.
        let by_id = Cache::builder().time_to_live(longest + LONGEST).build();
        let left = by_id.clone();
        let sessions = Cache::builder()
            .max_capacity(size)
            .time_to_live(longest)
            .async_eviction_listener(move |_, entry, cause| leave(left.clone(), entry, cause))
            .build();
        Self {
            sessions,
            by_id,
            groups: Cache::builder().max_capacity(size).time_to_live(longest).build(),
            epoch: AtomicU64::new(0),
            pulse,
            unwatched,
        }
    }

    /// To be taken before reading what is then kept.
    pub fn epoch(&self) -> Epoch {
        Epoch(self.epoch.load(Ordering::SeqCst))
    }

    /// The session of a token.
    pub async fn session(&self, token: &str) -> Option<Arc<Session>> {
        self.fresh(self.sessions.get(token).await)
    }

    /// Keeps a session that was read after `since`.
    pub async fn keep_session(&self, since: Epoch, session: &Arc<Session>) {
        self.by_id.insert(session.id.clone(), Arc::clone(session)).await;
        self.place_session(since, session).await;
    }

    async fn place_session(&self, since: Epoch, session: &Arc<Session>) {
        let token = session.token.clone();
        self.sessions.insert(token, Entry::new(session)).await;
        if self.epoch().0 != since.0 {
            // By token: whoever forgot its id may have done so before the session was here.
            self.sessions.invalidate(&session.token).await;
        }
    }

    /// The names of a user in ACLs.
    pub async fn group(&self, user: &str) -> Option<Arc<[String]>> {
        self.fresh(self.groups.get(user).await)
    }

    /// Keeps the names of a user that were read after `since`.
    pub async fn keep_group(&self, since: Epoch, user: &str, group: &Arc<[String]>) {
        self.groups.insert(user.to_owned(), Entry::new(group)).await;
        if self.epoch().0 != since.0 {
            self.groups.invalidate(user).await;
        }
    }

    /// The session with this id has changed or ended.
    pub async fn forget_session(&self, id: &str) {
        self.advance();
        self.take_session(id).await;
    }

    /// The session with this token has ended.
    pub async fn forget_token(&self, token: &str) {
        self.advance();
        self.sessions.invalidate(token).await;
    }

    /// The sessions of a user have changed or ended, and perhaps the user as well.
    pub async fn forget_user(&self, user: &str) {
        self.advance();
        for (token, entry) in &self.sessions {
            if entry.value.user == user {
                self.sessions.invalidate(token.as_str()).await;
            }
        }
        self.groups.invalidate(user).await;
    }

    /// A user's roles have changed.
    pub async fn forget_roles_of(&self, user: &str) {
        self.advance();
        self.groups.invalidate(user).await;
    }

    /// Any user's roles may have changed.
    pub fn forget_roles(&self) {
        self.advance();
        self.groups.invalidate_all();
    }

    /// Anything may have changed.
    pub fn clear(&self) {
        self.advance();
        self.sessions.invalidate_all();
        self.groups.invalidate_all();
    }

    fn advance(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }

    async fn take_session(&self, id: &str) {
        // Left in `by_id`, where somebody else may just have put it before it gets into `sessions`.
        if let Some(session) = self.by_id.get(id).await {
            self.sessions.invalidate(&session.token).await;
        }
    }

    fn fresh<T: ?Sized>(&self, entry: Option<Entry<T>>) -> Option<Arc<T>> {
        entry
            .filter(|entry| entry.kept_at.elapsed() < self.unwatched || self.pulse.is_alive())
            .map(|entry| entry.value)
    }
}

/// A session is not in `sessions` any more; takes it out of `by_id`, unless that has been put there anew.
fn leave(by_id: Cache<String, Arc<Session>>, entry: Entry<Session>, cause: RemovalCause) -> ListenerFuture {
    async move {
        let gone = entry.value;
        if cause == RemovalCause::Replaced {
            return;
        }
        let remove = |held: Option<moka::Entry<String, Arc<Session>>>| {
            let same = held.is_some_and(|held| Arc::ptr_eq(held.value(), &gone));
            std::future::ready(if same { Op::Remove } else { Op::Nop })
        };
        by_id.entry_by_ref(&gone.id).and_compute_with(remove).await;
    }
    .boxed()
}

impl<T: ?Sized> Entry<T> {
    fn new(value: &Arc<T>) -> Self {
        Self {
            value: Arc::clone(value),
            kept_at: Instant::now(),
        }
    }
}

impl<T: ?Sized> Clone for Entry<T> {
    fn clone(&self) -> Self {
        Self {
            value: Arc::clone(&self.value),
            kept_at: self.kept_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_user_is_forgotten_and_nobody_else() {
        let memory = AccountMemory::new(Duration::from_secs(5), 10, Arc::new(Pulse::default()));
        let other = Arc::new(Session {
            user: "bert".to_owned(),
            ..(*session("c")).clone()
        });
        for session in [session("a"), session("b"), other] {
            memory.keep_session(memory.epoch(), &session).await;
        }
        for user in ["anna", "bert"] {
            memory
                .keep_group(memory.epoch(), user, &Arc::from([user.to_owned()]))
                .await;
        }
        memory.forget_user("anna").await;
        assert!(memory.session("r:a").await.is_none() && memory.session("r:b").await.is_none());
        assert!(memory.group("anna").await.is_none());
        assert!(memory.session("r:c").await.is_some() && memory.group("bert").await.is_some());
    }

    fn session(id: &str) -> Arc<Session> {
        Arc::new(Session {
            id: id.to_owned(),
            token: format!("r:{id}"),
            user: "anna".to_owned(),
            expires_at: None,
        })
    }

    fn memory(unwatched: Duration) -> AccountMemory {
        AccountMemory::new(unwatched, 100, Arc::new(Pulse::default()))
    }

    #[tokio::test]
    async fn while_nobody_watches_entries_live_as_long_as_the_settings_say() {
        for (unwatched, remembered) in [(Duration::ZERO, false), (Duration::from_secs(60), true)] {
            let memory = memory(unwatched);
            memory.keep_session(memory.epoch(), &session("a")).await;
            assert_eq!(memory.session("r:a").await.is_some(), remembered);
            memory.pulse.beat(Instant::now());
            assert!(memory.session("r:a").await.is_some(), "somebody watches");
            memory.pulse.stop();
            assert_eq!(memory.session("r:a").await.is_some(), remembered, "not any more");
        }
    }

    #[tokio::test]
    async fn what_changed_is_forgotten_and_nothing_else() {
        let memory = memory(Duration::from_secs(60));
        let group: Arc<[String]> = Arc::from(["*".to_owned(), "anna".to_owned()]);
        for id in ["a", "b"] {
            memory.keep_session(memory.epoch(), &session(id)).await;
        }
        for user in ["anna", "bert"] {
            memory.keep_group(memory.epoch(), user, &group).await;
        }
        memory.forget_session("a").await;
        memory.forget_roles_of("anna").await;
        assert!(memory.session("r:a").await.is_none());
        assert!(memory.group("anna").await.is_none());
        assert!(memory.session("r:b").await.is_some());
        assert!(memory.group("bert").await.is_some());
        memory.forget_roles();
        assert!(memory.group("bert").await.is_none());
        memory.forget_token("r:b").await;
        assert!(memory.session("r:b").await.is_none());
    }

    #[tokio::test]
    async fn what_was_read_before_a_change_is_not_kept_after_it() {
        let memory = memory(Duration::from_secs(60));
        let group: Arc<[String]> = Arc::from(["*".to_owned()]);
        let before = memory.epoch();
        memory.forget_session("a").await;
        memory.keep_session(before, &session("a")).await;
        memory.keep_group(before, "anna", &group).await;
        assert!(memory.session("r:a").await.is_none());
        assert!(memory.group("anna").await.is_none());
    }

    #[tokio::test]
    async fn session_that_came_into_a_full_memory_is_forgotten_like_any_other() {
        let memory = AccountMemory::new(Duration::from_secs(60), 1, Arc::new(Pulse::default()));
        memory.keep_session(memory.epoch(), &session("a")).await;
        memory.sessions.run_pending_tasks().await;
        // Asked for until it is worth more than the other.
        for _ in 0..20 {
            memory.session("r:b").await;
        }
        memory.keep_session(memory.epoch(), &session("b")).await;
        memory.by_id.run_pending_tasks().await;
        memory.sessions.run_pending_tasks().await;
        assert!(memory.session("r:b").await.is_some(), "it has taken the place");
        assert!(memory.session("r:a").await.is_none());
        assert!(!memory.by_id.contains_key("a"), "nothing of the other is left");
        memory.forget_session("b").await;
        assert!(memory.session("r:b").await.is_none());
    }

    #[tokio::test]
    async fn session_that_is_forgotten_while_it_is_being_kept_does_not_stay() {
        let memory = memory(Duration::from_secs(60));
        let (before, session) = (memory.epoch(), session("a"));
        // Between the two steps of keeping it, or before the first.
        memory.forget_session("a").await;
        memory.place_session(before, &session).await;
        assert!(memory.session("r:a").await.is_none());
    }
}
