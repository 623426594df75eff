//! What `slipway dev` tells the person in front of it: short lines, each with the time it took.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

/// A step that takes longer than this says that it is still at it, and again each time.
const PATIENCE: Duration = Duration::from_secs(3);

/// A line of its own.
pub fn line(text: impl Display) {
    // A closed terminal must not end the databases in the middle of something.
    let _ = std::io::Write::write_all(&mut std::io::stdout().lock(), format!("{text}\n").as_bytes());
}

/// Something works: `✓ PostgreSQL 15 ready on 127.0.0.1:5433 (1.2 s)`.
pub fn done(text: impl Display, since: Instant) {
    line(format_args!("✓ {text} ({})", seconds(since.elapsed())));
}

/// Something went wrong and is being dealt with.
pub fn trouble(text: impl Display) {
    line(format_args!("! {text}"));
}

/// Something is under way.
pub fn doing(text: impl Display) {
    line(format_args!("· {text}"));
}

/// Waits for `work`, and says every few seconds what it is that takes so long.
pub async fn patiently<T>(what: &str, work: impl Future<Output = T>) -> T {
    let started = Instant::now();
    let mut work = std::pin::pin!(work);
    loop {
        match tokio::time::timeout(PATIENCE, &mut work).await {
            Ok(result) => return result,
            Err(_) => doing(format_args!("{what} … {:.0} s", started.elapsed().as_secs_f64())),
        }
    }
}

fn seconds(elapsed: Duration) -> String {
    format!("{:.1} s", elapsed.as_secs_f64())
}
