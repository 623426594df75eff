//! Which process exactly: the pid together with the moment it started.
//!
//! The kernel hands a pid out again; pid, start time in clock ticks and boot id together are never
//! repeated (proc(5), `/proc/pid/stat` field 22).

use std::io;

/// One process of this machine, for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub pid: i32,
    /// Clock ticks between boot and start.
    pub started: u64,
    /// `/proc/sys/kernel/random/boot_id` of the boot it belongs to.
    pub boot: String,
}

impl Identity {
    /// Reads the identity of the process that has this pid now. `NotFound` when there is none or
    /// when it is dead and only waits to be reaped.
    pub fn of(pid: i32) -> io::Result<Self> {
        match Self::read(pid)? {
            ('Z' | 'X', _) => Err(io::ErrorKind::NotFound.into()),
            (_, identity) => Ok(identity),
        }
    }

    /// State letter and identity, of a dead and unreaped process too.
    pub(super) fn read(pid: i32) -> io::Result<(char, Self)> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let (state, started) = parse_stat(&stat)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "unreadable /proc/pid/stat"))?;
        Ok((
            state,
            Self {
                pid,
                started,
                boot: boot_id()?,
            },
        ))
    }

    /// Whether this very process still runs.
    pub fn is_alive(&self) -> bool {
        Self::of(self.pid).is_ok_and(|now| now == *self)
    }
}

/// State letter and start time. The command name may hold spaces and parentheses, so the fields are
/// counted from its last closing one.
fn parse_stat(stat: &str) -> Option<(char, u64)> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    // Field 3 is the state; field 22, the start time, is 19 further on.
    let started = fields.nth(18)?.parse().ok()?;
    Some((state, started))
}

fn boot_id() -> io::Result<String> {
    Ok(std::fs::read_to_string("/proc/sys/kernel/random/boot_id")?
        .trim()
        .to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn stat_of_a_process_with_a_hostile_name_is_read() {
        let stat = "7 (a) R (b) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 99 1";
        assert_eq!(parse_stat(stat), Some(('S', 4711)));
        assert_eq!(parse_stat("7 nonsense"), None);
    }

    #[test]
    fn own_process_is_alive_and_an_older_one_with_its_pid_is_not() {
        let own = Identity::of(std::process::id() as i32).unwrap();
        assert!(own.is_alive());
        let older = Identity {
            started: own.started - 1,
            ..own.clone()
        };
        assert!(!older.is_alive());
        let before_reboot = Identity {
            boot: "another".into(),
            ..own
        };
        assert!(!before_reboot.is_alive());
    }

    #[test]
    fn dead_child_that_nobody_reaped_is_not_alive() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let identity = Identity::of(child.id() as i32).unwrap();
        child.kill().unwrap();
        // Waits for the death without reaping.
        let pid = rustix::process::Pid::from_raw(identity.pid).unwrap();
        let options = rustix::process::WaitIdOptions::EXITED | rustix::process::WaitIdOptions::NOWAIT;
        rustix::process::waitid(rustix::process::WaitId::Pid(pid), options).unwrap();
        assert!(!identity.is_alive());
        child.wait().unwrap();
    }
}
