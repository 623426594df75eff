//! Makes a new PostgreSQL database cluster in a draft that is renamed when it is whole, so that neither
//! Ctrl-C nor a crash leaves half a cluster or a process that goes on writing into one.

use std::path::Path;

use super::error::DevError;
use crate::regions::local::log_cause;
use crate::regions::local::process::{EndsWithChildren, Launch, PidFile};

/// Runs `initdb`, whose `launch` writes to `draft`, and puts the cluster in its place.
pub async fn run(
    launch: Launch,
    log: &Path,
    pid_file: &PidFile,
    draft: &Path,
    place: &Path,
) -> Result<(), DevError> {
    if let Some((left_over, _)) = pid_file.adopt() {
        drop(EndsWithChildren::of(&left_over));
    }
    if draft.exists() {
        std::fs::remove_dir_all(draft).map_err(DevError::folder(draft))?;
    }
    let process = launch.spawn(log).map_err(DevError::io("running initdb"))?;
    let _with_children = EndsWithChildren::of(&process);
    let written = pid_file.write(process.identity(), "");
    written.map_err(DevError::io("writing the pid file of initdb"))?;
    let status = process.exited().await;
    pid_file
        .remove()
        .map_err(DevError::io("removing the pid file of initdb"))?;
    if status.is_some_and(|status| status.success()) {
        return std::fs::rename(draft, place).map_err(DevError::folder(draft));
    }
    let cause = log_cause::cause(log).unwrap_or_else(|| "it says nothing".to_owned());
    Err(DevError::Service {
        service: "initdb",
        cause,
        log: log.to_owned(),
    })
}
