//! What the operating system lets this process have, and how much of the machine it takes.

use std::num::NonZero;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// 5,000 clients, MongoDB's pool, log and listener, with room to spare.
const WANTED_FILES: u64 = 16_384;

/// Raises the number of open files as far as allowed, because every connection is one. Says so when it is too few.
pub fn raise_open_files() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(soft, hard)| {
        let target = WANTED_FILES.min(hard).max(soft);
        setrlimit(Resource::RLIMIT_NOFILE, target, hard).map(|()| target)
    });
    match raised {
        Ok(files) if files >= WANTED_FILES => tracing::debug!(files, "open files are limited generously"),
        Ok(files) => tracing::warn!(
            files,
            "this process may open only {files} files, so about {} clients can be connected at once; raise the hard \
             limit (ulimit -Hn, or LimitNOFILE of the service)",
            files.saturating_sub(64)
        ),
        Err(error) => tracing::warn!(%error, "cannot read or raise the limit of open files"),
    }
}

/// Threads that serve requests: one per core this process may use, no more than its engine is sold with when it runs
/// for a control plane (many apps share that machine).
#[must_use]
pub fn workers(engine: &str, hosted: bool) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let sold = match engine {
        _ if !hosted => usize::MAX,
        "dev" | "s" | "m" => 2,
        "l" => 4,
        "xl" => 8,
        _ => usize::MAX,
    };
    cores.min(sold)
}

/// Bytes of memory the process holds; `None` where `/proc` does not tell.
#[must_use]
pub fn resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    let page = nix::unistd::sysconf(nix::unistd::SysconfVar::PAGE_SIZE).ok()??;
    Some(pages * u64::try_from(page).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosted_engines_are_capped_and_an_own_server_is_not() {
        assert!((1..=2).contains(&workers("dev", true)));
        assert!(workers("dev", false) >= workers("dev", true));
        assert!(workers("xl", true) <= 8);
    }

    #[test]
    fn a_running_process_holds_memory() {
        assert!(resident_bytes().is_none_or(|bytes| bytes > 100_000));
    }
}
