//! Updates of objects that wait at the same moment, made together: one command with a statement for each row, one find
//! for what they report, one commit (decision 12 of the architecture).
//!
//! They share a transaction, so that everyone gets the values their own update made, although others write the same rows.
//! What has to differ goes alone, as one `findAndModify`: a lone update, and all of a transaction that the database
//! refused, since then one of its statements concerns no row, is wrong, or met with somebody else's write.
//! Increments of one row become one statement; the value after each of them follows by arithmetic.

mod increments;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use bson::{Bson, Document, RawDocumentBuf, doc};
use futures_util::{StreamExt, TryStreamExt, stream};
use mongodb::error::{Error, ErrorKind, TRANSIENT_TRANSACTION_ERROR};
use mongodb::options::{ReturnDocument, WriteConcern};
use mongodb::{ClientSession, Database};

use crate::storage::error::{StorageError, StorageResult};
use crate::storage::transaction::{self, within};
use increments::{before, merged};

/// Updates that go alone at the same time, after they could not go together.
const SIDE_BY_SIDE: usize = 16;

/// Updates go together when they are of one collection and report the same columns.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UpdateLane {
    pub collection: String,
    pub reported: Arc<[String]>,
}

/// An update of one row by its id.
#[derive(Debug, Clone)]
pub struct Update {
    pub id: String,
    /// Holds the id, and whatever else must be true of the row.
    pub filter: Document,
    pub statement: Document,
}

/// What is done to one row.
struct Change<'a> {
    id: &'a str,
    filter: &'a Document,
    statement: &'a Document,
}

impl Update {
    fn change(&self) -> Change<'_> {
        Change {
            id: &self.id,
            filter: &self.filter,
            statement: &self.statement,
        }
    }

    /// Its bytes in a command, roughly.
    pub fn weight(&self) -> usize {
        fn of(value: &Bson) -> usize {
            16 + match value {
                Bson::String(text) => text.len(),
                Bson::Array(items) => items.iter().map(of).sum(),
                Bson::Document(document) => document.iter().map(|(key, value)| key.len() + of(value)).sum(),
                Bson::Binary(binary) => binary.bytes.len(),
                _ => 0,
            }
        }
        let weigh = |document: &Document| {
            document
                .iter()
                .map(|(key, value)| key.len() + of(value))
                .sum::<usize>()
        };
        weigh(&self.filter) + weigh(&self.statement)
    }
}

/// The id and the reported columns of the row after the update; `None`: no row was meant.
pub type Outcome = StorageResult<Option<RawDocumentBuf>>;

/// Makes the updates and answers in their order. Each is acknowledged by the majority, or has failed.
pub async fn make(database: &Database, lane: &UpdateLane, updates: Vec<Update>) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = updates.iter().map(|_| Err(StorageError::Interrupted)).collect();
    let mut open: Vec<usize> = (0..updates.len()).collect();
    while !open.is_empty() {
        let (round, later) = next_round(&updates, open);
        let made = make_round(database, lane, &updates, &round).await;
        for (group, outcome) in round.iter().zip(made) {
            group.settle(outcome, &updates, &mut outcomes);
        }
        open = later;
    }
    outcomes
}

/// Updates of one row that are made by one statement.
#[derive(Debug, PartialEq)]
struct Group<'a> {
    members: Vec<usize>,
    statement: Cow<'a, Document>,
}

/// One group for each row, and what has to wait until these are through.
fn next_round(updates: &[Update], open: Vec<usize>) -> (Vec<Group<'_>>, Vec<usize>) {
    let mut round: Vec<Group<'_>> = Vec::with_capacity(open.len());
    let mut of_row: HashMap<&str, usize> = HashMap::with_capacity(open.len());
    let mut later = Vec::new();
    for member in open {
        let update = &updates[member];
        match of_row.get(update.id.as_str()) {
            None => {
                of_row.insert(&update.id, round.len());
                round.push(Group {
                    members: vec![member],
                    statement: Cow::Borrowed(&update.statement),
                });
            }
            Some(position) => {
                let group = &mut round[*position];
                let same_rows = updates[group.members[0]].filter == update.filter;
                match same_rows
                    .then(|| merged(&group.statement, &update.statement))
                    .flatten()
                {
                    Some(statement) => {
                        group.statement = Cow::Owned(statement);
                        group.members.push(member);
                    }
                    None => later.push(member),
                }
            }
        }
    }
    (round, later)
}

impl Group<'_> {
    /// Gives every member its own outcome: what the row was after its part of the statement.
    fn settle(&self, outcome: Outcome, updates: &[Update], outcomes: &mut [Outcome]) {
        let [.., last] = self.members.as_slice() else {
            return;
        };
        if let Ok(Some(row)) = &outcome {
            for (position, member) in self.members.iter().enumerate().take(self.members.len() - 1) {
                let after = &self.members[position + 1..];
                outcomes[*member] = before(row, after.iter().map(|other| &updates[*other])).map(Some);
            }
        } else {
            for member in self.members.iter().filter(|member| *member != last) {
                outcomes[*member] = outcome.clone();
            }
        }
        outcomes[*last] = outcome;
    }
}

async fn make_round(
    database: &Database,
    lane: &UpdateLane,
    updates: &[Update],
    round: &[Group<'_>],
) -> Vec<Outcome> {
    let rows: Vec<Change<'_>> = round
        .iter()
        .map(|group| Change {
            statement: &group.statement,
            ..updates[group.members[0]].change()
        })
        .collect();
    if let [only] = rows.as_slice() {
        return vec![make_alone(database, lane, only).await];
    }
    match together(database, lane, &rows).await {
        Ok(outcomes) => outcomes,
        Err(Failure::Unmade) => {
            let each: Vec<_> = rows.iter().map(|row| make_alone(database, lane, row)).collect();
            stream::iter(each).buffered(SIDE_BY_SIDE).collect().await
        }
        Err(Failure::Told(error)) => rows.iter().map(|_| Err(error.clone())).collect(),
    }
}

/// One `findAndModify`, or a bare update where nothing is reported; in the transaction of this task if there is one.
pub async fn alone(database: &Database, lane: &UpdateLane, update: &Update) -> Outcome {
    make_alone(database, lane, &update.change()).await
}

async fn make_alone(database: &Database, lane: &UpdateLane, change: &Change<'_>) -> Outcome {
    let collection = database.collection::<RawDocumentBuf>(&lane.collection);
    let (filter, statement) = (change.filter.clone(), change.statement.clone());
    if lane.reported.is_empty() {
        let result = within!(collection, collection.update_one(filter, statement))?;
        return Ok((result.matched_count == 1).then(RawDocumentBuf::new));
    }
    let update = collection
        .find_one_and_update(filter, statement)
        .projection(projection(&lane.reported))
        .return_document(ReturnDocument::After);
    Ok(within!(collection, update)?)
}

/// The columns that are reported, and the id.
fn projection(reported: &[String]) -> Document {
    let columns = reported.iter().map(|column| (column.clone(), Bson::Int32(1)));
    std::iter::once(("_id".to_owned(), Bson::Int32(1)))
        .chain(columns)
        .collect()
}

/// Why updates were not made together.
enum Failure {
    /// Nothing was changed, and each may succeed by itself.
    Unmade,
    /// The database is away, or the outcome is not known.
    Told(StorageError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error.kind.as_ref() {
            // The driver refuses what is too large before it sends it.
            ErrorKind::Command(_) | ErrorKind::Write(_) | ErrorKind::InvalidArgument { .. } => Self::Unmade,
            _ => Self::Told(error.into()),
        }
    }
}

/// A commit that did not take place leaves everything to be done; of any other nobody knows whether it did.
fn uncommitted(error: Error) -> Failure {
    if error.contains_label(TRANSIENT_TRANSACTION_ERROR) {
        Failure::Unmade
    } else {
        Failure::Told(error.into())
    }
}

/// All rows in one transaction, or none.
async fn together(
    database: &Database,
    lane: &UpdateLane,
    rows: &[Change<'_>],
) -> Result<Vec<Outcome>, Failure> {
    let mut session = database.client().start_session().await?;
    session
        .start_transaction()
        .write_concern(WriteConcern::majority())
        .await?;
    match change(database, lane, rows, &mut session).await {
        Ok(found) => {
            transaction::commit(&mut session).await.map_err(uncommitted)?;
            Ok(found.into_iter().map(|row| Ok(Some(row))).collect())
        }
        Err(failure) => {
            // What the database has aborted already cannot be aborted again.
            let _ = session.abort_transaction().await;
            Err(failure)
        }
    }
}

async fn change(
    database: &Database,
    lane: &UpdateLane,
    rows: &[Change<'_>],
    session: &mut ClientSession,
) -> Result<Vec<RawDocumentBuf>, Failure> {
    let statements: Vec<Bson> = rows
        .iter()
        .map(|row| Bson::Document(doc! { "q": row.filter.clone(), "u": row.statement.clone() }))
        .collect();
    let command = doc! { "update": &lane.collection, "updates": statements };
    let reply = database.run_command(command).session(&mut *session).await?;
    let changed = reply.get_i32("n").ok().and_then(|n| usize::try_from(n).ok());
    if changed != Some(rows.len()) || reply.contains_key("writeErrors") {
        return Err(Failure::Unmade);
    }
    if lane.reported.is_empty() {
        return Ok(rows.iter().map(|_| RawDocumentBuf::new()).collect());
    }
    let ids: Vec<&str> = rows.iter().map(|row| row.id).collect();
    let found: Vec<RawDocumentBuf> = database
        .collection::<RawDocumentBuf>(&lane.collection)
        .find(doc! { "_id": { "$in": ids } })
        .projection(projection(&lane.reported))
        .batch_size(u32::try_from(rows.len()).unwrap_or(u32::MAX).saturating_add(1))
        .session(&mut *session)
        .await?
        .stream(session)
        .try_collect()
        .await?;
    let mut found: HashMap<String, RawDocumentBuf> = found
        .into_iter()
        .filter_map(|row| Some((row.get_str("_id").ok()?.to_owned(), row)))
        .collect();
    rows.iter()
        .map(|row| found.remove(row.id).ok_or(Failure::Unmade))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::increments::whole;
    use super::*;
    use bson::DateTime;

    fn update(id: &str, statement: Document) -> Update {
        Update {
            id: id.into(),
            filter: doc! { "_id": id },
            statement,
        }
    }

    fn plus(at: i64, amount: i32) -> Document {
        doc! { "$set": { "_updated_at": DateTime::from_millis(at) }, "$inc": { "hits": amount } }
    }

    #[test]
    fn increments_of_one_row_become_one_statement() {
        let updates = [
            update("a", plus(5, 1)),
            update("b", plus(6, 1)),
            update("a", plus(4, 2)),
        ];
        let (round, later) = next_round(&updates, vec![0, 1, 2]);
        assert!(later.is_empty());
        let groups: Vec<_> = round
            .into_iter()
            .map(|group| (group.members, group.statement.into_owned()))
            .collect();
        assert_eq!(groups, [(vec![0, 2], plus(5, 3)), (vec![1], plus(6, 1))]);
    }

    #[test]
    fn everything_else_on_one_row_takes_turns() {
        let set = doc! { "$set": { "_updated_at": DateTime::from_millis(1), "hits": 5 } };
        let nested = doc! { "$set": { "_updated_at": DateTime::from_millis(1) }, "$inc": { "a.b": 1 } };
        let half = doc! { "$set": { "_updated_at": DateTime::from_millis(1) }, "$inc": { "hits": 0.5 } };
        let other = doc! { "$set": { "_updated_at": DateTime::from_millis(1) }, "$inc": { "misses": 1 } };
        for second in [set, nested, half, other] {
            let updates = [update("a", plus(1, 1)), update("a", second.clone())];
            let (round, later) = next_round(&updates, vec![0, 1]);
            assert_eq!((round.len(), later), (1, vec![1]), "{second}");
        }
    }

    #[test]
    fn rows_that_different_people_may_change_are_asked_for_one_by_one() {
        let mut foreign = update("a", plus(1, 1));
        foreign.filter.insert("_wperm", doc! { "$in": [null, "*"] });
        let updates = [update("a", plus(1, 1)), foreign];
        let (round, later) = next_round(&updates, vec![0, 1]);
        assert_eq!((round.len(), later), (1, vec![1]));
    }

    #[test]
    fn everyone_learns_the_value_after_their_own_increment() {
        let updates = [
            update("a", plus(1, 1)),
            update("a", plus(1, 10)),
            update("a", plus(1, -4)),
        ];
        let (round, _) = next_round(&updates, vec![0, 1, 2]);
        for (stored, expected) in [
            (Bson::Int32(107), [101, 111, 107]),
            (Bson::Double(107.0), [101, 111, 107]),
        ] {
            let row = RawDocumentBuf::try_from(&doc! { "_id": "a", "hits": stored }).unwrap();
            let mut outcomes: Vec<Outcome> = (0..3).map(|_| Ok(None)).collect();
            round[0].settle(Ok(Some(row)), &updates, &mut outcomes);
            let value = |outcome: Outcome| {
                let row = Document::try_from(outcome.unwrap().unwrap()).unwrap();
                let hits = row.get("hits").unwrap();
                hits.as_f64().unwrap_or_else(|| whole(hits).unwrap() as f64) as i64
            };
            assert_eq!(outcomes.into_iter().map(value).collect::<Vec<_>>(), expected);
        }
    }
}
