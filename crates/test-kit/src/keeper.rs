//! Runs a server that ends with this process, also when this process is killed.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The shell reads from a pipe that only we hold open; its end means that we are gone.
const UNTIL_STDIN_ENDS: &str = r#"
folder=$1; signal=$2; shift 2
"$@" & server=$!
cat >/dev/null
kill -s "$signal" "$server" 2>/dev/null
wait "$server"
rm -rf "$folder"
"#;

/// A running server with its own temporary folder, which is removed after the server has ended.
pub(crate) struct Keeper {
    shell: Child,
    folder: PathBuf,
}

impl Keeper {
    /// Starts `command` in the background, with its output in `server.log` below `folder`.
    /// `signal` is what ends it quickly, such as `QUIT`.
    pub(crate) fn start(folder: PathBuf, signal: &str, command: &[&OsStr]) -> Keeper {
        let log = File::create(folder.join("server.log")).expect("the server's log could not be created");
        let shell = Command::new("sh")
            .args(["-c", UNTIL_STDIN_ENDS, "keeper"])
            .arg(&folder)
            .arg(signal)
            .args(command)
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            // A Ctrl-C at the terminal ends us; the shell must outlive that to clean up.
            .process_group(0)
            .spawn()
            .expect("sh could not be started");
        Keeper { shell, folder }
    }

    /// Blocks until `ready` says yes.
    ///
    /// # Panics
    /// After 60 seconds, with the end of the server's log.
    pub(crate) fn wait_until_ready(&self, mut ready: impl FnMut() -> bool) {
        let start = Instant::now();
        while !ready() {
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "the server did not start:\n{}",
                self.log_end()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn log_end(&self) -> String {
        let log = fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Keeper {
    /// Only for a server that failed to start: the others live in statics, which never drop.
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}
