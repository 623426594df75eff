//! Finds a process whose pid file was lost: a crash between its start and the writing of the file.

use super::Identity;

/// The process whose arguments contain `words`, one after the other. Words with an own absolute path
/// in them (a settings file, a data folder) make the match unmistakable.
pub fn find_by_arguments(words: &[&str]) -> Option<Identity> {
    let entries = std::fs::read_dir("/proc").ok()?;
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| arguments_contain(*pid, words))
        .find_map(|pid| Identity::of(pid).ok())
}

fn arguments_contain(pid: i32, words: &[&str]) -> bool {
    let Ok(line) = std::fs::read(format!("/proc/{pid}/cmdline")) else {
        return false;
    };
    let arguments: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
    !words.is_empty()
        && arguments.windows(words.len()).any(|window| {
            window
                .iter()
                .zip(words)
                .all(|(have, want)| *have == want.as_bytes())
        })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn process_is_found_by_consecutive_arguments() {
        let mut child = std::process::Command::new("sleep")
            .args(["61.0471", "62"])
            .spawn()
            .unwrap();
        // The system fills in the arguments a moment after the start is reported.
        let patience = std::time::Duration::from_secs(10);
        test_kit::wait_until(patience, "the process is found", async || {
            let found = find_by_arguments(&["61.0471", "62"]).map(|identity| identity.pid);
            found == Some(child.id() as i32)
        })
        .await;
        assert_eq!(find_by_arguments(&["62", "61.0471"]), None);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(find_by_arguments(&["61.0471", "62"]), None);
    }
}
