//! A row's access control list, from its two columns straight to JSON.

use bson::RawBsonRef;
use indexmap::IndexMap;

use crate::storage::decode::values::write_text;
use crate::storage::error::StorageResult;

/// Who may read and who may write, as far as the row says it.
#[derive(Default)]
pub(super) struct RowAcl<'d> {
    readers: Option<RawBsonRef<'d>>,
    writers: Option<RawBsonRef<'d>>,
}

/// Whether one may read, and whether one may write.
type Rights = (bool, bool);

impl<'d> RowAcl<'d> {
    pub fn read(&mut self, column: RawBsonRef<'d>) {
        self.readers = Some(column);
    }

    pub fn write(&mut self, column: RawBsonRef<'d>) {
        self.writers = Some(column);
    }

    pub fn is_stored(&self) -> bool {
        self.readers.is_some() || self.writers.is_some()
    }

    /// Appends `{"<who>":{"read":true,"write":true}}`, readers first.
    pub fn encode(&self, out: &mut Vec<u8>) -> StorageResult<()> {
        let mut rights: IndexMap<&str, Rights> = IndexMap::new();
        for_each(self.readers, |who| rights.entry(who).or_default().0 = true)?;
        for_each(self.writers, |who| rights.entry(who).or_default().1 = true)?;
        let mut before = b'{';
        for (who, rights) in &rights {
            out.push(before);
            before = b',';
            write_text(who, out);
            out.extend_from_slice(match rights {
                (true, true) => br#":{"read":true,"write":true}"#,
                (true, false) => br#":{"read":true}"#,
                (false, _) => br#":{"write":true}"#,
            });
        }
        out.extend_from_slice(if rights.is_empty() { b"{}" } else { b"}" });
        Ok(())
    }
}

fn for_each<'d>(column: Option<RawBsonRef<'d>>, mut grant: impl FnMut(&'d str)) -> StorageResult<()> {
    for who in column.and_then(RawBsonRef::as_array).into_iter().flatten() {
        if let RawBsonRef::String(who) = who? {
            grant(who);
        }
    }
    Ok(())
}
