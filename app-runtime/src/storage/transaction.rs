//! Several operations as one: all of them take place, or none.
//!
//! While [`Storage::transaction`] runs its work, every read and write of objects, sessions, installations and relations
//! that the same task makes joins the transaction by itself; callers need not know. Defining classes, fields and indexes
//! stays outside, as MongoDB wants it, and so do counts of failed log-ins, which no failure may undo.
//!
//! An index of a collection that the transaction has touched can only be made when the transaction is over: it is
//! given up, the index is made, and the work begins anew.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mongodb::error::{Error, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT};
use mongodb::options::{ReadConcern, WriteConcern};
use mongodb::{ClientSession, IndexModel};
use rand::Rng;
use tokio::sync::{OwnedMutexGuard, watch};

use crate::protocol::error::{ParseError, ParseResult, code};
use crate::storage::Storage;
use crate::storage::error::{StorageError, StorageResult};

/// The longest pauses before the work is done again after a conflict with others; then it is given up.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(10),
    Duration::from_millis(30),
    Duration::from_millis(80),
    Duration::from_millis(200),
    Duration::from_millis(400),
];

/// How often a commit of unknown outcome is repeated.
const COMMITS: usize = 5;

tokio::task_local! {
    static CURRENT: Arc<Transaction>;
}

/// An open transaction.
struct Transaction {
    session: Arc<tokio::sync::Mutex<ClientSession>>,
    state: Mutex<State>,
    /// Says at the end whether it took place.
    outcome: watch::Sender<Option<bool>>,
}

#[derive(Default)]
struct State {
    /// Collections that the transaction has read or written.
    touched: HashSet<String>,
    indexes: Indexes,
    /// The work may succeed when it is done again.
    conflict: bool,
}

/// Indexes that the work asked for, in this attempt and those before.
#[derive(Default)]
struct Indexes {
    made: HashSet<String>,
    wanted: Vec<Wanted>,
}

struct Wanted {
    class: String,
    models: Vec<IndexModel>,
}

/// The right to run one operation in the transaction.
pub(super) struct Membership {
    pub session: OwnedMutexGuard<ClientSession>,
    transaction: Arc<Transaction>,
}

/// Runs an action on a collection, in the transaction of this task if there is one.
macro_rules! within {
    ($collection:expr, $action:expr) => {{
        let action = $action;
        match $crate::storage::transaction::join($collection.name()).await {
            Some(mut membership) => {
                let result = action.session(&mut *membership.session).await;
                membership.note(result)
            }
            None => action.await,
        }
    }};
}
pub(super) use within;

/// A place in the transaction of this task, if there is one.
pub(super) async fn join(collection: &str) -> Option<Membership> {
    let transaction = CURRENT.try_with(Arc::clone).ok()?;
    transaction.state().touched.insert(collection.to_owned());
    let session = Arc::clone(&transaction.session).lock_owned().await;
    Some(Membership { session, transaction })
}

/// Whether this task is in a transaction.
pub(super) fn is_open() -> bool {
    CURRENT.try_with(|_| ()).is_ok()
}

/// Whether what this task does now takes place: known when its transaction has ended, and at once without one.
pub fn takes_place() -> impl Future<Output = bool> + Send + use<> {
    let outcome = CURRENT.try_with(|current| current.outcome.subscribe()).ok();
    async move {
        match outcome {
            None => true,
            Some(mut outcome) => {
                let settled = outcome.wait_for(Option::is_some).await;
                settled.is_ok_and(|taken| *taken == Some(true))
            }
        }
    }
}

/// Whether an index may be made now; if not, it is noted down to be made between two attempts.
pub(super) fn admits_index(class: &str, collection: &str, models: &[IndexModel]) -> StorageResult<bool> {
    let admitted = CURRENT.try_with(|transaction| {
        let mut state = transaction.state();
        if !state.indexes.made.insert(key(collection, models)) {
            return Ok(false);
        }
        if !state.touched.contains(collection) {
            return Ok(true);
        }
        state.indexes.wanted.push(Wanted {
            class: class.to_owned(),
            models: models.to_vec(),
        });
        Err(StorageError::Postponed)
    });
    admitted.unwrap_or(Ok(true))
}

fn key(collection: &str, models: &[IndexModel]) -> String {
    let keys: Vec<String> = models.iter().map(|model| model.keys.to_string()).collect();
    format!("{collection} {}", keys.join(" "))
}

impl Membership {
    /// Remembers that a failed operation may succeed when everything is done again.
    pub fn note<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &result
            && error.contains_label(TRANSIENT_TRANSACTION_ERROR)
        {
            self.transaction.state().conflict = true;
        }
        result
    }
}

impl Transaction {
    async fn begin(storage: &Storage, indexes: Indexes) -> StorageResult<Self> {
        let mut session = storage.database().client().start_session().await?;
        session
            .start_transaction()
            .read_concern(ReadConcern::snapshot())
            .write_concern(WriteConcern::majority())
            .await?;
        Ok(Self {
            session: Arc::new(tokio::sync::Mutex::new(session)),
            state: Mutex::new(State {
                indexes,
                ..State::default()
            }),
            outcome: watch::Sender::new(None),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No statement under this lock can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Commits what went well, gives everything else up.
    async fn end<T>(&self, worked: ParseResult<T>) -> ParseResult<T> {
        let mut session = self.session.lock().await;
        let ended = match worked {
            Ok(value) => self.commit(&mut session).await.map(|()| value),
            Err(error) => {
                // What cannot be aborted, as after a conflict, has been already.
                let _ = session.abort_transaction().await;
                Err(error)
            }
        };
        self.outcome.send_replace(Some(ended.is_ok()));
        ended
    }

    async fn commit(&self, session: &mut ClientSession) -> ParseResult<()> {
        commit(session).await.map_err(|error| {
            self.state().conflict = error.contains_label(TRANSIENT_TRANSACTION_ERROR);
            StorageError::from(error).into()
        })
    }
}

/// Commits, again while the outcome is not known.
pub(super) async fn commit(session: &mut ClientSession) -> Result<(), Error> {
    let mut committed = session.commit_transaction().await;
    for _ in 1..COMMITS {
        match &committed {
            Err(error) if error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT) => {
                committed = session.commit_transaction().await;
            }
            _ => break,
        }
    }
    committed
}

impl Storage {
    /// Does `work` as one transaction: written by the majority when it succeeds, without a trace when it fails. After a
    /// conflict with somebody else's writes it is done again, up to five times; it must not have other effects.
    pub async fn transaction<T>(&self, mut work: impl AsyncFnMut() -> ParseResult<T>) -> ParseResult<T> {
        let mut pauses = PAUSES.iter();
        let mut indexes = Indexes::default();
        loop {
            let transaction = Arc::new(Transaction::begin(self, indexes).await?);
            let worked = CURRENT.scope(Arc::clone(&transaction), work()).await;
            let ended = transaction.end(worked).await;
            let state = std::mem::take(&mut *transaction.state());
            indexes = state.indexes;
            let wanted = std::mem::take(&mut indexes.wanted);
            match ended {
                Err(_) if !wanted.is_empty() => {
                    for index in wanted {
                        self.make_indexes(&index.class, &index.models).await?;
                    }
                }
                Err(_) if state.conflict => match pauses.next() {
                    // Whoever met once must not come back at the same moment.
                    Some(pause) => {
                        tokio::time::sleep(pause.mul_f64(rand::rng().random_range(0.1..1.0))).await
                    }
                    None => return Err(conflict()),
                },
                ended => return ended,
            }
        }
    }
}

fn conflict() -> ParseError {
    ParseError::new(
        code::INTERNAL_SERVER_ERROR,
        "The transaction met with others that change the same objects. Nothing was changed; try again.",
    )
}
