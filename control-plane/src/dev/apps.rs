//! The last resort against app processes that do not end.

use super::folder::DataFolder;
use crate::regions::local::process::{PidFile, Signal};

/// Kills every app process that the data folder knows of.
pub fn kill_all(folder: &DataFolder) {
    let Ok(apps) = std::fs::read_dir(folder.path().join("apps")) else {
        return;
    };
    for app in apps.filter_map(Result::ok) {
        let file = PidFile::new(app.path().join("runtime.pid"));
        if let Some((process, _)) = file.adopt() {
            let _ = process.signal(Signal::KILL);
        }
        let _ = file.remove();
    }
}
