//! The app's database as files in mongodump's directory format, and back: `slipway-runtime dump` and `restore`.
//!
//! `<database>/<collection>.bson` holds the documents one after the other in the order of their ids, exactly as the
//! database stores them, `<collection>.metadata.json` the options and indexes; with gzip both end in `.gz`. Promises:
//! memory for a few batches however large the collection is; a file under its final name is complete; both commands may be
//! repeated after an interruption and then finish the rest, a dump from the last whole document on; a restore looks at
//! every file before it changes anything.
//!
//! Source of the format: <https://www.mongodb.com/docs/database-tools/mongodump/>.

mod error;
mod files;
mod folder;
mod insert;
mod metadata;
mod names;
mod part;
mod progress;
mod read;
mod restore;
mod resume;
mod store;
mod write;

use std::path::PathBuf;

use mongodb::Database;

pub use error::DumpError;
pub use files::Moved;
pub use restore::Restored;
use store::FileStore;
pub use store::FilesUrl;
pub use write::Dumped;

use crate::settings::Settings;

/// What to write, and where.
#[derive(Debug, Clone)]
pub struct Dump {
    /// The database's folder is made in this one.
    pub folder: PathBuf,
    pub gzip: bool,
    /// Write collections again that an earlier dump completed.
    pub overwrite: bool,
}

/// What to read.
#[derive(Debug, Clone)]
pub struct Restore {
    /// A database's folder, or the folder it is in.
    pub folder: PathBuf,
    /// Replace collections that the dump has, in place of adding to them.
    pub drop: bool,
    /// Where the files of GridFS move to; without it they stay there.
    pub files: Option<FilesUrl>,
}

/// Writes the collections of the app's database. Prints its progress on stderr.
pub async fn dump(settings: &Settings, order: &Dump) -> Result<Dumped, DumpError> {
    write::dump(&connect(settings).await?, &settings.collection_prefix, order).await
}

/// Reads a dump into the app's database, whatever database it was made of. Prints its progress on stderr.
pub async fn restore(settings: &Settings, order: &Restore) -> Result<Restored, DumpError> {
    let plan = folder::plan(&order.folder)?;
    let store = order.files.as_ref().map(FileStore::open).transpose()?;
    let database = connect(settings).await?;
    let mut restored = restore::restore(&database, &plan, order.drop).await?;
    if let Some(store) = &store {
        restored.files = Some(files::move_all(&database, store).await?);
    }
    Ok(restored)
}

/// Nothing is prepared as `Storage::connect` does it: rows and indexes of ours must not precede those of the dump.
async fn connect(settings: &Settings) -> Result<Database, DumpError> {
    let database = super::open(settings).await?;
    database.run_command(bson::doc! { "ping": 1 }).await?;
    Ok(database)
}
