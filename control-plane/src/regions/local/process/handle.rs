//! A hold on one process: wait for its end, signal it, stop it.

use std::io;
use std::os::fd::OwnedFd;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::watch;

use super::Identity;

/// How a stop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopOutcome {
    /// It left by itself within the deadline.
    Graceful,
    /// It had to be killed.
    Killed,
}

/// A process we started, or one we found again. Cloning shares the hold; dropping lets the process
/// run on.
#[derive(Clone, Debug)]
pub struct Process {
    identity: Identity,
    pidfd: Arc<AsyncFd<OwnedFd>>,
    /// Exit status of an own child, once reaped; `None` for an adopted process.
    status: Option<watch::Receiver<Option<ExitStatus>>>,
}

impl Process {
    /// Takes hold of a process that runs already. `NotFound` when it is gone.
    pub fn adopt(identity: Identity) -> io::Result<Self> {
        Self::open(identity, None)
    }

    pub(super) fn child(identity: Identity, status: watch::Receiver<Option<ExitStatus>>) -> io::Result<Self> {
        Self::open(identity, Some(status))
    }

    fn open(identity: Identity, status: Option<watch::Receiver<Option<ExitStatus>>>) -> io::Result<Self> {
        let pid = Pid::from_raw(identity.pid).ok_or(io::ErrorKind::NotFound)?;
        let pidfd = pidfd_open(pid, PidfdFlags::empty())?;
        // Checked after opening: from here on the descriptor cannot mean another process. An own
        // child may be dead already, but its pid is ours until it is reaped.
        if status.is_none() && !identity.is_alive() {
            return Err(io::ErrorKind::NotFound.into());
        }
        // The new constructor is unsafe for types that could close the descriptor early; an `OwnedFd`
        // inside the `AsyncFd` cannot.
        #[allow(deprecated)]
        let pidfd = Arc::new(AsyncFd::with_interest(pidfd, Interest::READABLE)?);
        Ok(Self {
            identity,
            pidfd,
            status,
        })
    }

    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    pub fn is_alive(&self) -> bool {
        self.identity.is_alive()
    }

    /// Sends a signal; to a process that is gone it does nothing.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        match pidfd_send_signal(self.pidfd.get_ref(), signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits for the end. The status is known for own children only.
    pub async fn exited(&self) -> Option<ExitStatus> {
        if let Some(mut status) = self.status.clone() {
            return status
                .wait_for(Option::is_some)
                .await
                .ok()
                .and_then(|status| *status);
        }
        // A pidfd becomes readable at the end of the process and stays so (pidfd_open(2)).
        let _ = self.pidfd.readable().await;
        None
    }

    /// Sends `signal`, waits up to `deadline` for the end, then kills.
    pub async fn stop(&self, signal: Signal, deadline: Duration) -> io::Result<StopOutcome> {
        self.signal(signal)?;
        if tokio::time::timeout(deadline, self.exited()).await.is_ok() {
            return Ok(StopOutcome::Graceful);
        }
        self.signal(Signal::KILL)?;
        self.exited().await;
        Ok(StopOutcome::Killed)
    }
}
