//! Objects of a class: find, count, insert, update, delete. One command each.

use std::sync::Arc;

use bson::{Bson, Document, RawBsonRef, RawDocumentBuf, doc};
use mongodb::options::Hint;
use serde_json::{Map, Value};

use crate::objects::schema::ClassSchema;
use crate::protocol::acl::{Acl, PUBLIC};
use crate::protocol::dates::Millis;
use crate::protocol::ops::Op;
use crate::query::{Filter, Order};
use crate::storage::coalesce::{self, Documents, ReadLane};
use crate::storage::decode::{self, View};
use crate::storage::encode::{self, NewObject};
use crate::storage::error::{StorageError, StorageResult};
use crate::storage::found::Found;
use crate::storage::reported;
use crate::storage::transaction::{self, within};
use crate::storage::updates::{self, Update, UpdateLane};
use crate::storage::{Storage, filter};

/// MongoDB's answers to `$nearSphere` on a field without an index for it.
const NO_GEO_INDEX: &[i32] = &[2, 27, 291];

/// Largest document that MongoDB stores, in bytes.
const MAX_DOCUMENT: usize = 16 * 1024 * 1024;

/// Which objects an operation may touch.
#[derive(Debug, Clone)]
pub struct Selection<'a> {
    pub schema: &'a ClassSchema,
    pub filter: &'a Filter,
    /// Names of the caller in ACLs; `None`: all objects, whatever their ACL.
    pub acl_group: Option<&'a Arc<[String]>>,
}

/// Which part of the selected objects a find returns, and in which order.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// `None`: all.
    pub limit: Option<u32>,
    pub skip: u64,
    pub order: Vec<Order>,
    /// Name or keys of the index to use.
    pub hint: Option<Value>,
}

impl Page {
    /// Whether it is all that is selected, in whatever order.
    pub(super) fn is_whole(&self) -> bool {
        self.limit.is_none() && self.skip == 0 && self.order.is_empty() && self.hint.is_none()
    }
}

/// Changes to one object.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// The new `updatedAt`.
    pub at: Millis,
    /// `None`: unchanged.
    pub acl: Option<Acl>,
    /// Protocol path and what happens there.
    pub ops: Vec<(String, Op)>,
}

impl Selection<'_> {
    fn reading(&self) -> Document {
        self.document("_rperm")
    }

    fn writing(&self) -> Document {
        self.document("_wperm")
    }

    fn document(&self, permission: &str) -> Document {
        let mut document = filter::translate(self.schema, self.filter);
        debug_assert!(
            self.acl_group
                .is_none_or(|group| group.iter().any(|who| who == PUBLIC))
        );
        coalesce::restrict(&mut document, permission, self.acl_group.map(|group| &**group));
        document
    }
}

/// An index by name or by keys; anything else is no hint.
fn index_hint(hint: &Value) -> StorageResult<Hint> {
    match (hint, encode::nested(hint.clone())) {
        (Value::String(name), _) => Ok(Hint::Name(name.clone())),
        (_, Bson::Document(keys)) => Ok(Hint::Keys(keys)),
        _ => Err(StorageError::Refused {
            code: 2,
            message: "hint must be the name or the keys of an index".into(),
        }),
    }
}

impl Storage {
    /// Appends the found objects to `out` as JSON, separated by commas, and returns their number.
    pub async fn find(
        &self,
        view: &View<'_>,
        selection: &Selection<'_>,
        page: &Page,
        out: &mut Vec<u8>,
    ) -> StorageResult<usize> {
        let documents = self
            .start_find(selection, page, view.projected().as_deref())
            .await?;
        let mut found = 0;
        documents
            .each(|document| {
                if found > 0 {
                    out.push(b',');
                }
                found += 1;
                decode::write_object(view, document, out)
            })
            .await?;
        Ok(found)
    }

    pub(super) async fn start_find(
        &self,
        selection: &Selection<'_>,
        page: &Page,
        keys: Option<&[String]>,
    ) -> StorageResult<Found> {
        let started = self.try_find(selection, page, keys).await;
        match (started, selection.filter.near_field()) {
            (Err(StorageError::Refused { code, .. }), Some(field)) if NO_GEO_INDEX.contains(&code) => {
                self.create_point_index(&selection.schema.name, field).await?;
                self.try_find(selection, page, keys).await
            }
            (started, _) => started,
        }
    }

    async fn try_find(
        &self,
        selection: &Selection<'_>,
        page: &Page,
        keys: Option<&[String]>,
    ) -> StorageResult<Found> {
        let collection = self.raw(&selection.schema.name);
        let mut find = collection.find(selection.reading()).skip(page.skip);
        if let Some(limit) = page.limit {
            find = find.limit(i64::from(limit));
            if limit <= 1000 {
                find = find.batch_size(limit.max(1) + 1);
            }
        }
        if !page.order.is_empty() {
            find = find.sort(filter::sort(selection.schema, &page.order));
        }
        if let Some(hint) = &page.hint {
            find = find.hint(index_hint(hint)?);
        }
        if let Some(limit) = self.query_timeout {
            find = find.max_time(limit);
        }
        let scored = filter::asks_for_score(&page.order, keys);
        if let Some(keys) = keys {
            find = find.projection(filter::projection(selection.schema, keys));
        } else if scored {
            find = find.projection(doc! { "score": { "$meta": "textScore" } });
        }
        Found::start(&collection, find).await
    }

    /// The plan by which the database would find the selected objects.
    pub async fn explain(
        &self,
        selection: &Selection<'_>,
        page: &Page,
        verbosity: &str,
    ) -> StorageResult<Value> {
        let mut find =
            doc! { "find": self.raw(&selection.schema.name).name(), "filter": selection.reading() };
        if !page.order.is_empty() {
            find.insert("sort", filter::sort(selection.schema, &page.order));
        }
        if let Some(limit) = page.limit {
            find.insert("limit", i64::from(limit));
        }
        if let Some(hint) = &page.hint {
            find.insert("hint", encode::nested(hint.clone()));
        }
        let plan = self
            .database()
            .run_command(doc! { "explain": find, "verbosity": verbosity })
            .await?;
        decode::nested_value(RawBsonRef::Document(&RawDocumentBuf::try_from(&plan)?))
    }

    /// The first selected object as JSON; `false` if there is none.
    pub async fn get(
        &self,
        view: &View<'_>,
        selection: &Selection<'_>,
        out: &mut Vec<u8>,
    ) -> StorageResult<bool> {
        if let (Some(id), None) = (selection.filter.single_id(), &view.keys)
            && !transaction::is_open()
        {
            let found = self.by_ids(selection, vec![id.to_owned()]).await?;
            return match found.first() {
                Some(document) => decode::write_object(view, document, out).map(|()| true),
                None => Ok(false),
            };
        }
        let collection = self.raw(&selection.schema.name);
        let mut find = collection.find_one(selection.reading());
        if let Some(limit) = self.query_timeout {
            find = find.max_time(limit);
        }
        if let Some(keys) = view.projected() {
            find = find.projection(filter::projection(selection.schema, &keys));
        }
        match within!(collection, find)? {
            Some(document) => decode::write_object(view, &document, out).map(|()| true),
            None => Ok(false),
        }
    }

    /// The documents with these ids that the selection's caller may see, read together with what others ask for now.
    pub(super) async fn by_ids(
        &self,
        selection: &Selection<'_>,
        ids: Vec<String>,
    ) -> StorageResult<Documents> {
        let lane = ReadLane {
            collection: self.collection_name(&selection.schema.name),
            acl_group: selection.acl_group.cloned(),
        };
        self.clients.here().coalescer.read(lane, ids).await
    }

    /// The first selected object as a value, for the rules that look into it.
    pub async fn get_value(
        &self,
        view: &View<'_>,
        selection: &Selection<'_>,
    ) -> StorageResult<Option<Value>> {
        let collection = self.raw(&selection.schema.name);
        within!(collection, collection.find_one(selection.reading()))?
            .map(|document| decode::to_value(view, &document))
            .transpose()
    }

    /// Number of selected objects, exact.
    pub async fn count(&self, selection: &Selection<'_>) -> StorageResult<u64> {
        let counting = filter::countable(selection.reading());
        let collection = self.documents(&selection.schema.name);
        let mut count = collection.count_documents(counting);
        if let Some(limit) = self.query_timeout {
            count = count.max_time(limit);
        }
        Ok(within!(collection, count)?)
    }

    /// Stores a new object. Acknowledged means written by the majority.
    pub async fn insert(&self, schema: &ClassSchema, object: NewObject) -> StorageResult<()> {
        let document = RawDocumentBuf::try_from(&encode::new_document(schema, object))?;
        // The driver would refuse all that go with it.
        if document.as_bytes().len() > MAX_DOCUMENT {
            return Err(StorageError::Refused {
                code: 10334,
                message: "the object is larger than 16 MB".into(),
            });
        }
        if transaction::is_open() {
            let collection = self.raw(&schema.name);
            within!(collection, collection.insert_one(document))?;
            return Ok(());
        }
        self.clients
            .here()
            .coalescer
            .create(self.collection_name(&schema.name), document)
            .await
    }

    /// Changes the first selected object and returns the new values of `reported` paths; `None` if nothing matched.
    pub async fn update(
        &self,
        selection: &Selection<'_>,
        changes: Changes,
        reported: &[String],
        view: &View<'_>,
    ) -> StorageResult<Option<Map<String, Value>>> {
        let lane = UpdateLane {
            collection: self.collection_name(&selection.schema.name),
            reported: reported::columns(selection.schema, reported),
        };
        let single = selection.filter.single_id().filter(|_| !transaction::is_open());
        let update = Update {
            id: single.unwrap_or_default().to_owned(),
            filter: selection.writing(),
            statement: encode::update_document(selection.schema, changes.at, changes.acl, changes.ops),
        };
        let updated = match single {
            Some(_) => self.clients.updates.make(lane, update).await?,
            None => updates::alone(self.database(), &lane, &update).await?,
        };
        let Some(document) = updated else { return Ok(None) };
        if reported.is_empty() {
            return Ok(Some(Map::new()));
        }
        Ok(Some(reported::values(
            &decode::to_value(view, &document)?,
            reported,
        )))
    }

    /// Deletes the first selected object; `false` if nothing matched.
    pub async fn delete(&self, selection: &Selection<'_>) -> StorageResult<bool> {
        let collection = self.documents(&selection.schema.name);
        let result = within!(collection, collection.delete_one(selection.writing()))?;
        Ok(result.deleted_count == 1)
    }
}
