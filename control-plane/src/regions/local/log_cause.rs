//! Finds in the end of a log the line that says why a process went away. Pure but for reading the file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// How much of the end of a log is looked at, in bytes.
const TAIL: u64 = 8 * 1024;
/// The longest cause shown, in characters.
const LONGEST: usize = 300;

/// The last line that speaks of an error, else the last line. `None` when the log is empty or absent.
pub fn cause(log: &Path) -> Option<String> {
    let mut file = File::open(log).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL))).ok()?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail).ok()?;
    cause_in(&String::from_utf8_lossy(&tail))
}

fn cause_in(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let speaks_of_error = |line: &&&str| {
        let line = line.to_ascii_lowercase();
        ["error", "fatal", "panicked", "cannot"]
            .iter()
            .any(|word| line.contains(word))
    };
    let recent = &lines[lines.len().saturating_sub(20)..];
    let line = recent.iter().rev().find(speaks_of_error).or(lines.last())?;
    let plain = without_passwords(&without_colours(&message_of(line)));
    Some(plain.trim().chars().take(LONGEST).collect())
}

/// The message of a line of JSON logs, or the line itself.
fn message_of(line: &str) -> String {
    let json = serde_json::from_str::<serde_json::Value>(line).unwrap_or_default();
    let fields = [
        json.pointer("/fields/message"),
        json.get("message"),
        json.get("msg"),
    ];
    let message = fields.into_iter().flatten().find_map(|field| field.as_str());
    message.unwrap_or(line).to_owned()
}

/// Drops terminal escapes (`ESC [ … letter`).
fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.by_ref().skip(1).find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

/// Masks user and password of connection strings.
fn without_passwords(line: &str) -> String {
    line.split(' ')
        .map(|word| match (word.split_once("://"), word.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
            _ => word.to_owned(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_line_with_an_error_wins_over_later_chatter() {
        let log = "starting\nError: unknown option `appld`\nbye\n\n";
        assert_eq!(cause_in(log).as_deref(), Some("Error: unknown option `appld`"));
        assert_eq!(cause_in("one\ntwo\n").as_deref(), Some("two"));
        assert_eq!(cause_in("\n"), None);
    }

    #[test]
    fn colours_json_and_passwords_are_taken_off() {
        let log = "\u{1b}[31mERROR\u{1b}[0m no answer from mongodb://app_x:secret@127.0.0.1:1/app_x";
        assert_eq!(
            cause_in(log).as_deref(),
            Some("ERROR no answer from mongodb://…@127.0.0.1:1/app_x")
        );
        let log = r#"{"level":"ERROR","fields":{"message":"port 1 is taken"}}"#;
        assert_eq!(cause_in(log).as_deref(), Some("port 1 is taken"));
    }

    #[test]
    fn endless_line_is_cut() {
        assert_eq!(
            cause_in(&"x".repeat(10_000)).map(|line| line.len()),
            Some(LONGEST)
        );
    }
}
