//! The steps that bring one app to what is desired. Each looks at what is there and may be repeated.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use ids::AppId;
use serde_json::Value;
use tokio::time::Instant;

use super::app_folder::AppFolder;
use super::files::{rotate_log, write_private};
use super::health::{self, Health, Refused};
use super::process::{Signal, StopOutcome};
use super::runtime::{Runtime, SettingsFile};
use super::slot::{Slot, observed};
use super::{LocalDriver, database, log_cause, ports, runtime_settings};
use crate::regions::{DesiredApp, ObservedApp, ObservedState, RegionError};

/// The runtime drains for up to 10 s at SIGTERM; after this it is killed.
const STOP_DEADLINE: Duration = Duration::from_secs(15);
/// A runtime's log is moved aside beyond this size, in bytes.
const LOG_LIMIT: u64 = 4 * 1024 * 1024;

impl LocalDriver {
    /// One step towards a serving app.
    pub(super) async fn run(&self, app: &DesiredApp, slot: &mut Slot) -> Result<ObservedApp, RegionError> {
        let folder = self.folder(&app.id);
        self.find_runtime(&folder, slot);
        self.ensure_user(app, slot).await?;
        self.take_note_of_exit(&folder, slot).await;
        if let Some(runtime) = &mut slot.runtime {
            let document = runtime_settings::document(app, &self.settings, runtime.port);
            if runtime.hash == runtime_settings::restart_hash(&document) {
                hand_over(&folder, runtime, &document)?;
                return Ok(self.look_after(app, &folder, slot).await);
            }
            tracing::info!(app.id = %app.id, "settings changed that need a restart, restarting the runtime");
            self.stop(&app.id, slot).await?;
            slot.forget_failures();
        }
        if slot.may_start(Instant::now()) {
            self.start(app, &folder, slot)?;
        }
        Ok(slot.down(app))
    }

    /// Stops the app's runtime, whoever started it, and forgets it.
    pub(super) async fn stop(&self, id: &AppId, slot: &mut Slot) -> Result<(), RegionError> {
        let folder = self.folder(id);
        self.find_runtime(&folder, slot);
        if let Some(runtime) = &slot.runtime {
            let stopping = runtime.process.stop(Signal::TERM, STOP_DEADLINE);
            let outcome = stopping.await.map_err(RegionError::io("stopping the runtime"))?;
            if outcome == StopOutcome::Killed {
                tracing::warn!(app.id = %id, "runtime did not drain in time and was killed");
            }
        }
        slot.runtime = None;
        slot.forget_failures();
        folder
            .pid_file()
            .remove()
            .map_err(RegionError::io("removing the runtime's pid file"))
    }

    fn find_runtime(&self, folder: &AppFolder, slot: &mut Slot) {
        if slot.runtime.is_none() && !slot.searched {
            slot.runtime = Runtime::adopt(folder);
            slot.searched = true;
            slot.was_ready |= slot.runtime.is_some();
            if let Some(runtime) = &slot.runtime {
                runtime.watch(self.changed.clone());
            }
        }
    }

    /// A running app does not depend on this step: MongoDB may be away for a moment.
    async fn ensure_user(&self, app: &DesiredApp, slot: &mut Slot) -> Result<(), RegionError> {
        if slot.database_generation == Some(app.generation) {
            return Ok(());
        }
        match database::ensure_user(&self.mongodb, app).await {
            Ok(()) => slot.database_generation = Some(app.generation),
            Err(error) if slot.runtime.is_none() => return Err(error),
            Err(error) => tracing::debug!(app.id = %app.id, %error, "database user not checked yet"),
        }
        Ok(())
    }

    async fn take_note_of_exit(&self, folder: &AppFolder, slot: &mut Slot) {
        let Some(runtime) = &slot.runtime else { return };
        if runtime.process.is_alive() {
            return;
        }
        let how = how_it_ended(runtime.process.exited().await);
        let cause = match log_cause::cause(&folder.log()) {
            Some(line) => format!("The app's process {how}: {line}"),
            None => format!("The app's process {how}."),
        };
        tracing::warn!(app.folder = %folder.path().display(), pid = runtime.process.identity().pid, cause, "runtime went away");
        slot.failed(cause, Instant::now());
    }

    fn start(&self, app: &DesiredApp, folder: &AppFolder, slot: &mut Slot) -> Result<(), RegionError> {
        folder
            .create()
            .map_err(RegionError::io("creating the app's folder"))?;
        rotate_log(&folder.log(), LOG_LIMIT).map_err(RegionError::io("rotating the runtime's log"))?;
        let port = ports::port_for_start(&self.apps, folder, &self.settings.port_range)?;
        let document = runtime_settings::document(app, &self.settings, port);
        write_settings(folder, &runtime_settings::text(&document))?;
        let hash = runtime_settings::restart_hash(&document);
        let runtime = Runtime::start(folder, &self.settings.runtime, port, &hash)?;
        runtime.watch(self.changed.clone());
        tracing::info!(app.id = %app.id, pid = runtime.process.identity().pid, port, "runtime started");
        slot.runtime = Some(runtime);
        Ok(())
    }

    /// Asks a running app how it is, when it is time to.
    async fn look_after(&self, app: &DesiredApp, folder: &AppFolder, slot: &mut Slot) -> ObservedApp {
        let Some(runtime) = &mut slot.runtime else {
            return slot.down(app);
        };
        let (was_ready, answered) = (runtime.is_ready(), runtime.answers());
        if !runtime.probe_is_due(Instant::now()) {
            return serving(app, runtime, answered);
        }
        let answer = health::probe(&self.http, runtime.port, app.id.as_str()).await;
        let now = Instant::now();
        runtime.answered(&answer, now);
        match answer.health {
            Health::Ready => {
                slot.was_ready = true;
                let _ = rotate_log(&folder.log(), LOG_LIMIT);
                return refusing(app, runtime, answer.refused)
                    .unwrap_or_else(|| serving(app, runtime, runtime.answers()));
            }
            // One missed answer of a serving app is no news yet; the next look comes at once.
            _ if was_ready => return serving(app, runtime, answered),
            Health::NotReady if slot.was_ready => {
                slot.database_generation = None;
                let message = "The app runs, but its database does not answer.".to_owned();
                return observed(app, ObservedState::Restarting, false, None, Some(message));
            }
            _ => {}
        }
        if runtime.hangs(now) {
            tracing::warn!(app.id = %app.id, "runtime does not answer and is killed");
            let _ = runtime.process.signal(Signal::KILL);
        } else if runtime.is_slow_to_start(now) {
            let why = log_cause::cause(&folder.log()).unwrap_or_else(|| "it logs nothing".to_owned());
            let message = format!("The app's process runs but does not become ready: {why}");
            return observed(app, ObservedState::Failing, false, None, Some(message));
        }
        slot.down(app)
    }
}

/// Gives a running runtime settings it can take up as it runs.
fn hand_over(folder: &AppFolder, runtime: &mut Runtime, document: &Value) -> Result<(), RegionError> {
    let text = runtime_settings::text(document);
    let file = SettingsFile::of(text.as_bytes());
    if runtime.file != file {
        write_settings(folder, &text)?;
        tracing::info!(app.folder = %folder.path().display(), "settings changed, the runtime takes them up");
        runtime.has_new_file(file, Instant::now());
    }
    Ok(())
}

fn write_settings(folder: &AppFolder, text: &str) -> Result<(), RegionError> {
    write_private(&folder.settings(), text.as_bytes())
        .map_err(RegionError::io("writing the runtime's settings"))
}

/// An app whose runtime answers: ready once it does so by the present settings, or stopped when those are to turn
/// everybody away.
fn serving(app: &DesiredApp, runtime: &Runtime, answers: bool) -> ObservedApp {
    let state = match (runtime.serves_by_its_file(), app.suspended) {
        (false, _) => ObservedState::Restarting,
        (true, None) => ObservedState::Ready,
        (true, Some(_)) => ObservedState::Stopped,
    };
    observed(
        app,
        state,
        answers,
        Some(runtime_settings::url(runtime.port)),
        None,
    )
}

/// An app that serves by older settings because it does not take the present ones.
fn refusing(app: &DesiredApp, runtime: &Runtime, refused: Option<Refused>) -> Option<ObservedApp> {
    let refused = refused.filter(|refused| refused.hash.as_ref() == Some(&runtime.file.hash))?;
    let message = match refused.options.as_slice() {
        [] => "The app goes on with its old settings until its database answers.".to_owned(),
        options => format!(
            "The app goes on with its old settings: it does not take the new value of {}. Change it.",
            options.join(", ")
        ),
    };
    let url = Some(runtime_settings::url(runtime.port));
    let answers = runtime.answers();
    Some(observed(app, ObservedState::Failing, answers, url, Some(message)))
}

/// In words, for the owner: "ended with code 1", "was ended by signal 9".
fn how_it_ended(status: Option<ExitStatus>) -> String {
    match status.map(|status| (status.code(), status.signal())) {
        Some((Some(code), _)) => format!("ended with code {code}"),
        Some((_, Some(signal))) => format!("was ended by signal {signal}"),
        _ => "went away".to_owned(),
    }
}
