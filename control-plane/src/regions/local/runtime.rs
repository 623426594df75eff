//! One running runtime process: started or found again, and how it has answered so far.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use runtime_settings::document_hash;
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::app_folder::AppFolder;
use super::health::{Answer, Health};
use super::process::{Identity, Launch, Process, Signal, find_by_arguments};
use crate::regions::RegionError;

/// A serving runtime is asked this often.
const PROBE_EVERY: Duration = Duration::from_secs(5);
/// A process that does not answer at all for so long hangs.
const HUNG_AFTER: Duration = Duration::from_secs(30);
/// A process that is not ready by then has a problem worth telling.
const SLOW_AFTER: Duration = Duration::from_secs(15);

/// A runtime and what is known about it.
#[derive(Debug)]
pub struct Runtime {
    pub process: Process,
    pub port: u16,
    /// Hash of the settings it was started with and can only be started with; empty when that is not known.
    pub hash: String,
    /// The settings file that lies in its folder.
    pub file: SettingsFile,
    /// Names the settings file it last said it serves by.
    in_force: Option<String>,
    /// Those settings are known not to turn everybody away.
    open: bool,
    since: Instant,
    ready_since: Option<Instant>,
    last_answer: Instant,
    next_probe: Instant,
}

/// What matters of a settings file once it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsFile {
    /// See [`document_hash`].
    pub hash: String,
    /// Everybody is to be turned away.
    suspended: bool,
}

impl SettingsFile {
    pub fn of(text: &[u8]) -> Self {
        let document: Value = serde_json::from_slice(text).unwrap_or_default();
        Self {
            hash: document_hash(text),
            suspended: document.get("suspended").is_some(),
        }
    }
}

impl Runtime {
    /// Starts a process with the settings that lie in the folder, and remembers it there.
    pub fn start(folder: &AppFolder, program: &Path, port: u16, hash: &str) -> Result<Self, RegionError> {
        let process = Launch::new(program)
            .args([
                "serve".as_ref(),
                "--settings".as_ref(),
                folder.settings().as_os_str(),
            ])
            .folder(folder.path())
            .spawn(&folder.log())
            .map_err(RegionError::io("starting slipway-runtime"))?;
        folder
            .pid_file()
            .write(process.identity(), hash)
            .map_err(RegionError::io("writing the runtime's pid file"))?;
        Ok(Self::new(folder, process, port, hash.to_owned()))
    }

    /// Finds the runtime that an earlier control plane started for this app, if it still runs.
    pub fn adopt(folder: &AppFolder) -> Option<Self> {
        let (process, hash) = folder.pid_file().adopt().or_else(|| {
            let identity = orphan(folder)?;
            Some((Process::adopt(identity).ok()?, String::new()))
        })?;
        let port = folder.port().unwrap_or_default();
        tracing::info!(app.folder = %folder.path().display(), pid = process.identity().pid, "runtime adopted");
        Some(Self::new(folder, process, port, hash))
    }

    fn new(folder: &AppFolder, process: Process, port: u16, hash: String) -> Self {
        let now = Instant::now();
        let file = std::fs::read(folder.settings()).unwrap_or_default();
        Self {
            process,
            port,
            hash,
            file: SettingsFile::of(&file),
            in_force: None,
            open: false,
            since: now,
            ready_since: None,
            last_answer: now,
            next_probe: now,
        }
    }

    /// Wakes `changed` when the process ends.
    pub fn watch(&self, changed: Arc<Notify>) {
        let process = self.process.clone();
        tokio::spawn(async move {
            process.exited().await;
            changed.notify_one();
        });
    }

    pub fn is_ready(&self) -> bool {
        self.ready_since.is_some()
    }

    /// Whether it said that it serves by the settings file in its folder.
    pub fn serves_by_its_file(&self) -> bool {
        self.in_force.as_ref() == Some(&self.file.hash)
    }

    /// Whether it answers those who use the app, as of its last answer.
    pub fn answers(&self) -> bool {
        self.is_ready() && self.open
    }

    /// Its folder holds another settings file now, which it is to take up.
    pub fn has_new_file(&mut self, file: SettingsFile, now: Instant) {
        self.file = file;
        self.next_probe = now;
        // One that has not served yet may not listen to signals yet; it finds the file by itself.
        if self.is_ready() && self.process.signal(Signal::HUP).is_err() {
            tracing::debug!(
                pid = self.process.identity().pid,
                "runtime is gone before its new settings"
            );
        }
    }

    /// How long it has been serving without a break.
    pub fn served_for(&self, now: Instant) -> Duration {
        self.ready_since
            .map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }

    /// Whether it is time to ask it again.
    pub fn probe_is_due(&self, now: Instant) -> bool {
        now >= self.next_probe
    }

    /// Books an answer.
    pub fn answered(&mut self, answer: &Answer, now: Instant) {
        let health = answer.health;
        if health != Health::Silent {
            self.last_answer = now;
        }
        if health == Health::Ready {
            self.in_force.clone_from(&answer.settings);
            if self.serves_by_its_file() {
                self.open = !self.file.suspended;
            }
            self.ready_since.get_or_insert(now);
            self.next_probe = if self.serves_by_its_file() {
                now + PROBE_EVERY
            } else {
                now
            };
        } else {
            self.ready_since = None;
            self.next_probe = now;
        }
    }

    /// Whether it has had its time to become ready.
    pub fn is_slow_to_start(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) > SLOW_AFTER
    }

    /// Whether it runs and has not answered for so long that only a restart can help.
    pub fn hangs(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last_answer) > HUNG_AFTER
    }
}

/// A runtime whose pid file was never written: we died between its start and the file.
fn orphan(folder: &AppFolder) -> Option<Identity> {
    find_by_arguments(&["--settings", folder.settings().to_str()?])
}
