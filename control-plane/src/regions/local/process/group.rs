//! A process with all its children, ended together.

use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

use super::Process;

/// How long the end of killed processes is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
const CHECK: Duration = Duration::from_millis(5);

/// Kills what is left of a launched process and its children when it is dropped, and waits for their
/// end: also when the work that waited for them was abandoned in the middle.
#[derive(Debug)]
pub struct EndsWithChildren {
    leader: i32,
}

impl EndsWithChildren {
    /// `process` was started by a [`super::Launch`], so it leads a session and a group of its own.
    pub fn of(process: &Process) -> Self {
        Self {
            leader: process.identity().pid,
        }
    }
}

impl Drop for EndsWithChildren {
    fn drop(&mut self) {
        let Some(group) = Pid::from_raw(self.leader) else {
            return;
        };
        if kill_process_group(group, Signal::KILL).is_err() {
            return;
        }
        #[allow(clippy::disallowed_methods)] // nothing to inject in a destructor
        let end = Instant::now() + PATIENCE;
        #[allow(clippy::disallowed_methods)]
        while test_kill_process_group(group) != Err(Errno::SRCH) && Instant::now() < end {
            std::thread::sleep(CHECK);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::regions::local::process::{Launch, find_by_arguments};
    use std::path::Path;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn children_end_with_their_parent() {
        let folder = tempfile::tempdir().unwrap();
        let launch = Launch::new(Path::new("/bin/sh")).args(["-c", "sleep 63.0815 & wait"]);
        let process = launch.spawn(&folder.path().join("log")).unwrap();
        let end = tokio::time::Instant::now() + Duration::from_secs(5);
        while find_by_arguments(&["sleep", "63.0815"]).is_none() {
            assert!(tokio::time::Instant::now() < end);
            tokio::task::yield_now().await;
        }
        drop(EndsWithChildren::of(&process));
        assert_eq!(find_by_arguments(&["sleep", "63.0815"]), None);
        assert!(!process.is_alive());
    }
}
