//! Increments of one row, added up to one statement and taken apart again.

use bson::{Bson, Document, RawDocumentBuf, doc};

use super::Update;
use crate::storage::error::StorageResult;

/// One statement for two that do nothing but increment the same columns by whole numbers.
pub(super) fn merged(first: &Document, second: &Document) -> Option<Document> {
    let (at, amounts) = increments(first)?;
    let (later, more) = increments(second)?;
    if amounts.len() != more.len() {
        return None;
    }
    let sums = amounts
        .iter()
        .map(|(column, amount)| {
            let sum = whole(amount)?.checked_add(whole(more.get(column)?)?)?;
            Some((column.clone(), shortest(sum)))
        })
        .collect::<Option<Document>>()?;
    Some(doc! { "$set": { "_updated_at": at.max(later) }, "$inc": sums })
}

/// The time and the amounts of a statement that sets nothing but the time.
fn increments(statement: &Document) -> Option<(bson::DateTime, &Document)> {
    let (set, amounts) = (
        statement.get_document("$set").ok()?,
        statement.get_document("$inc").ok()?,
    );
    let plain = statement.len() == 2 && set.len() == 1 && amounts.keys().all(|column| !column.contains('.'));
    plain.then_some((*set.get_datetime("_updated_at").ok()?, amounts))
}

pub(super) fn whole(number: &Bson) -> Option<i64> {
    match number {
        Bson::Int32(number) => Some(i64::from(*number)),
        Bson::Int64(number) => Some(*number),
        _ => None,
    }
}

fn shortest(number: i64) -> Bson {
    i32::try_from(number).map_or(Bson::Int64(number), Bson::Int32)
}

/// The row as it was before these increments.
pub(super) fn before<'u>(
    row: &RawDocumentBuf,
    later: impl Iterator<Item = &'u Update>,
) -> StorageResult<RawDocumentBuf> {
    let mut row = Document::try_from(row)?;
    for (_, amounts) in later.filter_map(|update| increments(&update.statement)) {
        for (column, amount) in amounts {
            let amount = whole(amount).unwrap_or_default();
            let earlier = match row.get(column) {
                Some(Bson::Double(value)) => Bson::Double(value - amount as f64),
                Some(value) => Bson::Int64(whole(value).unwrap_or_default().wrapping_sub(amount)),
                None => continue,
            };
            row.insert(column, earlier);
        }
    }
    Ok(RawDocumentBuf::try_from(&row)?)
}
