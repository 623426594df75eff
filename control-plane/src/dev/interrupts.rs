//! Ctrl-C and its relatives: the first asks for an orderly end, the second for an immediate one.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Both wishes of the person at the terminal.
#[derive(Clone, Debug, Default)]
pub struct Interrupts {
    /// Ctrl-C, SIGTERM, or the terminal was closed.
    pub stop: CancellationToken,
    /// The same once more.
    pub force: CancellationToken,
}

impl Interrupts {
    /// Listens from now on; the signals no longer end the process by themselves.
    pub fn listen() -> io::Result<Self> {
        let interrupts = Self::default();
        for kind in [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ] {
            let (mut signals, interrupts) = (signal(kind)?, interrupts.clone());
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    interrupts.received();
                }
            });
        }
        Ok(interrupts)
    }

    fn received(&self) {
        if self.stop.is_cancelled() {
            self.force.cancel();
        }
        self.stop.cancel();
    }
}
