//! Who runs PostgreSQL: it refuses root, so root runs it as another user.
//!
//! That user may not be able to pass the folders above its data (a home folder is 0700). Then it keeps
//! one capability to pass and read them; the data itself belongs to it.

use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

use super::error::DevError;
use super::tools::on_path;
use crate::regions::local::process::{Launch, RunAs};

/// Prepares `folder` for PostgreSQL and says whom to run it as; `None` is ourselves.
pub async fn prepare(folder: &Path) -> Result<Option<RunAs>, DevError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let metadata = std::fs::metadata(folder).map_err(DevError::folder(folder))?;
    // A folder that was used before keeps its user.
    let (uid, gid) = match metadata.uid() {
        0 => postgres_or_nobody()?,
        uid => (uid, metadata.gid()),
    };
    chown(folder, Some(uid), Some(gid)).map_err(DevError::folder(folder))?;
    for capability in [None, Some("dac_read_search"), Some("dac_override")] {
        let candidate = RunAs { uid, gid, capability };
        if can_enter(&candidate, folder).await {
            return Ok(Some(candidate));
        }
    }
    Err(DevError::Unreachable {
        path: folder.to_owned(),
        uid,
    })
}

async fn can_enter(run_as: &RunAs, folder: &Path) -> bool {
    // Not test(1): it asks access(2), which looks at the user alone and not at capabilities.
    let Some(stat) = on_path("stat") else { return false };
    let launch = Launch::new(&stat).args([folder.join(".")]);
    launch
        .run_as(Some(run_as.clone()))
        .output()
        .await
        .is_ok_and(|output| output.status.success())
}

fn postgres_or_nobody() -> Result<(u32, u32), DevError> {
    let users = std::fs::read_to_string("/etc/passwd").map_err(DevError::io("reading /etc/passwd"))?;
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| ids_of(&users, name))
        .ok_or_else(|| DevError::Missing {
            program: "A user for PostgreSQL",
            advice: "It refuses to run as root: create a user named postgres.".to_owned(),
        })
}

/// User and group id from the lines of passwd(5).
fn ids_of(users: &str, name: &str) -> Option<(u32, u32)> {
    let mut fields = users.lines().map(|line| line.split(':')).find_map(|mut fields| {
        let found = fields.next() == Some(name);
        found.then_some(fields)
    })?;
    let uid = fields.nth(1)?.parse().ok()?;
    Some((uid, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_from_passwd_lines() {
        let users = "root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(ids_of(users, "postgres"), Some((101, 104)));
        assert_eq!(ids_of(users, "nobody"), None);
    }
}
