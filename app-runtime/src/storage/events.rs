//! What happens to classes, sessions and roles, whoever does it: one change stream of the app's database.

use std::time::{Duration, Instant};

use bson::{Bson, Document, doc};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, poll_immediate};
use mongodb::change_stream::ChangeStream;

use crate::storage::Storage;
use crate::storage::error::{StorageError, StorageResult};

/// How long the database waits before it says that nothing has happened.
const QUIET: Duration = Duration::from_secs(2);

/// The rows of the relations between users and roles, and between roles.
pub const ROLE_MEMBERS: &str = "_Join:users:_Role";
/// See [`ROLE_MEMBERS`].
pub const ROLE_CHILDREN: &str = "_Join:roles:_Role";

/// Something that makes what is held in memory wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A class was made, changed or dropped.
    Classes,
    /// The session with this id was changed or ended.
    Session(String),
    /// This user became a member of a role.
    RolesOf(String),
    /// Roles, or who is a member of which, were changed.
    Roles,
    /// Users or a whole collection are gone.
    Accounts,
    /// The database was dropped.
    Everything,
}

/// What the change stream says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    One(Event),
    /// Everything that happened before this moment has been told.
    All(Instant),
}

/// A running change stream.
pub struct Events {
    /// The stream comes back with its next event.
    asked: BoxFuture<'static, Answer>,
    /// All that the database has sent has been told; it has been asked for more.
    waiting: bool,
    /// When it last sent something.
    answered: Instant,
    prefix: String,
}

type Answer = (
    ChangeStream<Document>,
    Result<Option<Document>, mongodb::error::Error>,
);

impl Storage {
    /// Follows the changes from now on. Needs a replica set.
    pub async fn events(&self) -> StorageResult<Events> {
        let name = |class: &str| self.collection_name(class);
        let whole = [super::schema::COLLECTION, "_Role", ROLE_MEMBERS, ROLE_CHILDREN].map(name);
        let kinds = ["drop", "rename", "dropDatabase", "invalidate"];
        // New sessions and users make nothing wrong, and neither does what is written to a user's row.
        let of_interest = doc! { "$match": { "$or": [
            { "ns.coll": { "$in": whole.to_vec() } },
            { "ns.coll": name("_Session"), "operationType": { "$ne": "insert" } },
            { "ns.coll": name("_User"), "operationType": "delete" },
            { "operationType": { "$in": kinds.to_vec() } },
        ] } };
        let parts = doc! { "$project": {
            "operationType": 1, "ns": 1, "documentKey": 1, "fullDocument.relatedId": 1,
        } };
        let stream = self
            .database()
            .watch()
            .pipeline([of_interest, parts])
            .max_await_time(QUIET)
            .await?;
        Ok(Events {
            asked: ask(stream.with_type()),
            waiting: false,
            answered: Instant::now(),
            prefix: self.prefix.clone(),
        })
    }
}

impl Events {
    /// The next change, or that there is none left. Waits at most two seconds.
    pub async fn next(&mut self) -> StorageResult<Heard> {
        if !self.waiting {
            // What has been sent already is there at once; anything else takes a request to the database.
            let Some(answer) = poll_immediate(&mut self.asked).await else {
                self.waiting = true;
                return Ok(Heard::All(self.answered));
            };
            return self.tell(answer);
        }
        let answer = (&mut self.asked).await;
        self.waiting = false;
        self.answered = Instant::now();
        self.tell(answer)
    }

    fn tell(&mut self, (stream, event): Answer) -> StorageResult<Heard> {
        let is_alive = stream.is_alive();
        self.asked = ask(stream);
        match event? {
            Some(event) => Ok(Heard::One(read(&event, &self.prefix))),
            None if is_alive => Ok(Heard::All(self.answered)),
            None => Err(StorageError::Interrupted),
        }
    }
}

fn ask(mut stream: ChangeStream<Document>) -> BoxFuture<'static, Answer> {
    async move {
        let event = stream.next_if_any().await;
        (stream, event)
    }
    .boxed()
}

fn read(event: &Document, prefix: &str) -> Event {
    let operation = event.get_str("operationType").unwrap_or_default();
    let within = |path: &[&str]| {
        let (last, parents) = path.split_last()?;
        let parent = parents
            .iter()
            .try_fold(event, |document, key| document.get_document(key).ok());
        parent?.get(last).and_then(Bson::as_str)
    };
    let collection = within(&["ns", "coll"]).and_then(|name| name.strip_prefix(prefix));
    match (collection, operation) {
        (_, "dropDatabase" | "invalidate" | "rename") => Event::Everything,
        (Some(super::schema::COLLECTION), _) => Event::Classes,
        (Some("_Session"), "update" | "replace" | "delete") => match within(&["documentKey", "_id"]) {
            Some(id) => Event::Session(id.to_owned()),
            None => Event::Accounts,
        },
        (Some(ROLE_MEMBERS), "insert") => match within(&["fullDocument", "relatedId"]) {
            Some(user) => Event::RolesOf(user.to_owned()),
            None => Event::Roles,
        },
        (Some("_Role" | ROLE_MEMBERS | ROLE_CHILDREN), _) => Event::Roles,
        _ => Event::Accounts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_say_what_they_make_wrong() {
        let event = |operation: &str, collection: &str| {
            doc! {
                "operationType": operation, "ns": { "db": "app", "coll": format!("p_{collection}") },
                "documentKey": { "_id": "x" }, "fullDocument": { "relatedId": "anna" },
            }
        };
        for (operation, collection, change) in [
            ("update", "_SCHEMA", Event::Classes),
            ("delete", "_Session", Event::Session("x".into())),
            ("drop", "_Session", Event::Accounts),
            ("delete", "_User", Event::Accounts),
            ("insert", ROLE_MEMBERS, Event::RolesOf("anna".into())),
            ("delete", ROLE_MEMBERS, Event::Roles),
            ("insert", ROLE_CHILDREN, Event::Roles),
            ("update", "_Role", Event::Roles),
            ("rename", "_Role", Event::Everything),
        ] {
            assert_eq!(
                read(&event(operation, collection), "p_"),
                change,
                "{operation} {collection}"
            );
        }
        assert_eq!(
            read(&doc! { "operationType": "dropDatabase" }, ""),
            Event::Everything
        );
        let odd =
            doc! { "operationType": "delete", "ns": { "coll": "_Session" }, "documentKey": { "_id": 1 } };
        assert_eq!(read(&odd, ""), Event::Accounts);
    }
}
