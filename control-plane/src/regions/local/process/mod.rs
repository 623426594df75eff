//! Processes of this machine that must outlive us: started in a session of their own, recognised
//! again after a restart, signalled without ever hitting a stranger.
//!
//! Called by the local region driver (app runtimes) and by `dev` (PostgreSQL, MongoDB). Promises: an
//! [`Identity`] names one process for ever, however often its pid is used again; a [`Process`] holds a
//! pidfd, so a signal reaches that process or nobody; children are reaped.

mod group;
mod handle;
mod identity;
mod launch;
mod pid_file;
mod scan;

pub use group::EndsWithChildren;
pub use handle::{Process, StopOutcome};
pub use identity::Identity;
pub use launch::{Launch, RunAs};
pub use pid_file::PidFile;
pub use rustix::process::Signal;
pub use scan::find_by_arguments;
