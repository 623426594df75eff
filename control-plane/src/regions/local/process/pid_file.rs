//! Remembers a process across our own restarts: a small file with its identity.
//!
//! One value a line: pid, start time, boot id, and a note of the owner (the driver keeps the hash of
//! the settings the process was started with). The pid comes first, as tools expect of a pid file.

use std::io;
use std::path::{Path, PathBuf};

use super::{Identity, Process};

/// The pid file of one process.
#[derive(Clone, Debug)]
pub struct PidFile {
    path: PathBuf,
}

impl PidFile {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces the content in one step; a reader sees the old or the new file, never half of one.
    pub fn write(&self, identity: &Identity, note: &str) -> io::Result<()> {
        let text = format!(
            "{}\n{}\n{}\n{note}\n",
            identity.pid, identity.started, identity.boot
        );
        let draft = self.path.with_extension("pid.new");
        std::fs::write(&draft, text)?;
        std::fs::rename(draft, &self.path)
    }

    /// What was written, if it is there and whole.
    pub fn read(&self) -> Option<(Identity, String)> {
        let text = std::fs::read_to_string(&self.path).ok()?;
        let mut lines = text.lines();
        let identity = Identity {
            pid: lines.next()?.parse().ok()?,
            started: lines.next()?.parse().ok()?,
            boot: lines.next()?.to_owned(),
        };
        Some((identity, lines.next().unwrap_or_default().to_owned()))
    }

    /// Takes hold of the remembered process if it still runs, with the note.
    pub fn adopt(&self) -> Option<(Process, String)> {
        let (identity, note) = self.read()?;
        Process::adopt(identity).ok().map(|process| (process, note))
    }

    /// Forgets the process; nothing to forget is fine.
    pub fn remove(&self) -> io::Result<()> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::regions::local::process::{Launch, Signal, StopOutcome};
    use std::time::Duration;

    #[tokio::test]
    async fn remembered_process_is_adopted_until_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let file = PidFile::new(folder.path().join("sleep.pid"));
        assert!(file.adopt().is_none());
        let process = Launch::new(Path::new("/bin/sleep"))
            .args(["60"])
            .spawn(&folder.path().join("log"))
            .unwrap();
        file.write(process.identity(), "a note").unwrap();

        let (adopted, note) = file.adopt().unwrap();
        assert_eq!(
            (adopted.identity(), note.as_str()),
            (process.identity(), "a note")
        );
        let outcome = adopted.stop(Signal::TERM, Duration::from_secs(5)).await.unwrap();
        assert_eq!(outcome, StopOutcome::Graceful);
        assert!(
            process.exited().await.is_some(),
            "our child, so its status is known"
        );
        assert!(file.adopt().is_none());
        file.remove().unwrap();
        file.remove().unwrap();
    }

    #[tokio::test]
    async fn process_that_ignores_the_signal_is_killed() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let process = Launch::new(Path::new("/bin/sh"))
            .args(["-c", "trap '' TERM; echo trapped; while :; do sleep 0.05; done"])
            .spawn(&log)
            .unwrap();
        let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
        while !std::fs::read_to_string(&log).unwrap().contains("trapped") {
            assert!(tokio::time::Instant::now() < deadline);
            tokio::task::yield_now().await;
        }
        let outcome = process
            .stop(Signal::TERM, Duration::from_millis(200))
            .await
            .unwrap();
        assert_eq!(outcome, StopOutcome::Killed);
        assert!(!process.is_alive());
    }

    #[tokio::test]
    async fn launched_process_leads_its_own_session_without_our_environment() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let process = Launch::new(Path::new("/bin/sh"))
            .args([
                "-c",
                "echo $$ $(ps -o sid= -p $$) [$CARGO_MANIFEST_DIR] [$GREETING]",
            ])
            .env("GREETING", "hello")
            .spawn(&log)
            .unwrap();
        process.exited().await;
        let line = std::fs::read_to_string(&log).unwrap();
        let pid = process.identity().pid;
        assert_eq!(
            line.split_whitespace().collect::<Vec<_>>(),
            [
                pid.to_string().as_str(),
                pid.to_string().as_str(),
                "[]",
                "[hello]",
            ]
        );
    }

    #[tokio::test]
    async fn missing_program_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let error = Launch::new(Path::new("/nowhere/mongod"))
            .spawn(&folder.path().join("log"))
            .unwrap_err();
        assert!(error.to_string().contains("/nowhere/mongod"), "{error}");
    }
}
