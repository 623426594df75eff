//! `dump` and `restore`: the app's database to files and back.

use std::path::PathBuf;
use std::process::ExitCode;

use super::{SettingsArgs, wrong_settings};
use crate::settings::Settings;
use crate::storage::dump::{self, Dump, DumpError, Dumped, FilesUrl, Moved, Restore, Restored};

/// What the commands say about files of the app's users.
pub(super) const DUMPED_FILES: &str = "GridFS files (fs.files and fs.chunks) are copied as the collections they are. \
    `restore --files` moves them from there into an object store.";
pub(super) const RESTORED_FILES: &str = "\
GridFS files (fs.files and fs.chunks) are restored as the collections they are. With --files each of them then moves into an \
object store, as URL/<filename> with its content type, and leaves GridFS when the store has all of it; of several revisions the \
newest. A file that is incomplete, or whose name no object can have, is named and stays, and the command ends with an error.

For s3:// the environment says the rest: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or the role of the \
machine; AWS_REGION; AWS_ENDPOINT_URL for other services than Amazon's, and AWS_ALLOW_HTTP=true when that one has no TLS.";

#[derive(Debug, clap::Args)]
pub(super) struct DumpArgs {
    /// Folder for the dump; made when it is missing, readable by its owner only.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Pack the files: <collection>.bson.gz and <collection>.metadata.json.gz.
    #[arg(long)]
    gzip: bool,
    /// Write collections again that an earlier dump into this folder completed.
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct RestoreArgs {
    /// Folder of the dump, or of one database in it; packed files are known by their names.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Replace collections that the dump has, in place of adding to them.
    #[arg(long)]
    drop: bool,
    /// Then move the files of GridFS into this store: file:///folder or s3://bucket/prefix.
    #[arg(long, value_name = "URL")]
    files: Option<FilesUrl>,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) fn dump(args: &DumpArgs) -> ExitCode {
    let order = Dump {
        folder: args.folder.clone(),
        gzip: args.gzip,
        overwrite: args.overwrite,
    };
    run(&args.settings, async |settings| {
        dump::dump(settings, &order).await.map(|done| dumped(&done))
    })
}

fn dumped(done: &Dumped) -> ExitCode {
    eprintln!(
        "dumped {} collections with {} documents, {} bytes; {} were complete already",
        done.collections, done.documents, done.bytes, done.kept
    );
    ExitCode::SUCCESS
}

pub(super) fn restore(args: &RestoreArgs) -> ExitCode {
    let order = Restore {
        folder: args.folder.clone(),
        drop: args.drop,
        files: args.files.clone(),
    };
    run(&args.settings, async |settings| {
        dump::restore(settings, &order).await.map(|done| restored(&done))
    })
}

/// A restore that left something out of the dump behind does not pass for a success.
fn restored(done: &Restored) -> ExitCode {
    eprintln!(
        "restored {} collections: {} documents inserted, {} there already",
        done.collections, done.inserted, done.present
    );
    let files = done.files.as_ref().is_none_or(moved);
    if done.different > 0 {
        eprintln!(
            "slipway-runtime: {} documents of the dump were not written, because the database has others with their _id. \
             To have the dump's, restore with --drop",
            done.different
        );
    }
    if files && done.different == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Whether no file stays in GridFS.
fn moved(done: &Moved) -> bool {
    eprintln!(
        "moved {} files to the store, of which it had {}; {} older revisions were removed",
        done.files, done.present, done.superseded
    );
    if done.left > 0 {
        eprintln!(
            "slipway-runtime: {} files stay in GridFS, for the reasons above",
            done.left
        );
    }
    done.left == 0
}

fn run(
    settings: &SettingsArgs,
    work: impl AsyncFnOnce(&Settings) -> Result<ExitCode, DumpError>,
) -> ExitCode {
    let loaded = match settings.load() {
        Ok(loaded) => loaded,
        Err(error) => return wrong_settings(&error),
    };
    // One task does everything, files included; the driver's connections need the other thread.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    let done = match runtime {
        Ok(runtime) => runtime
            .block_on(work(&loaded.settings))
            .map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    done.unwrap_or_else(|error| {
        eprintln!("slipway-runtime: {error}");
        ExitCode::FAILURE
    })
}
