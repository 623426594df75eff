//! Patterns in PCRE syntax, translated to the syntax of `fancy_regex` where the two differ, and bounded in time and
//! memory: a pattern that is wrong or takes too long (CVE-2026-30925) matches nothing.

use std::cell::RefCell;
use std::collections::HashMap;
use std::iter::Peekable;
use std::rc::Rc;
use std::str::Chars;

use fancy_regex::{Regex, RegexBuilder};

/// Steps back a match may take; some milliseconds.
const MAX_STEPS: usize = 100_000;
/// Bytes a compiled pattern may take.
const MAX_SIZE: usize = 1 << 20;
/// Patterns longer than MongoDB's limit are errors there.
const MAX_LENGTH: usize = 32_764;
/// Compiled patterns a thread keeps, as live queries ask the same ones for each change.
const KEPT: usize = 256;

const WORD: &str = "A-Za-z0-9_";
const SPACE: &str = r"\t\n\x0B\x0C\r\x20";

/// A compiled pattern.
pub(super) struct Pattern(Regex);

impl Pattern {
    fn compile(pattern: &str, options: &str) -> Option<Self> {
        if pattern.len() > MAX_LENGTH {
            return None;
        }
        let on = |option| options.contains(option);
        RegexBuilder::new(&translate(pattern, on('m'), on('x'))?)
            .case_insensitive(on('i'))
            .multi_line(on('m'))
            .dot_matches_new_line(on('s'))
            .backtrack_limit(MAX_STEPS)
            .delegate_size_limit(MAX_SIZE)
            .build()
            .ok()
            .map(Self)
    }

    /// Whether it matches anywhere in `text`.
    pub(super) fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text).unwrap_or(false)
    }
}

type Compiled = HashMap<(String, String), Option<Rc<Pattern>>>;

/// Asks `test` with the compiled pattern; `false` if it is not a pattern.
pub(super) fn with(pattern: &str, options: &str, test: impl FnOnce(&Pattern) -> bool) -> bool {
    thread_local! {
        static COMPILED: RefCell<Compiled> = RefCell::default();
    }
    let compiled = COMPILED.with_borrow_mut(|compiled| {
        let key = (pattern.to_owned(), options.to_owned());
        if compiled.len() >= KEPT && !compiled.contains_key(&key) {
            compiled.clear();
        }
        let compile = || Pattern::compile(pattern, options).map(Rc::new);
        compiled.entry(key).or_insert_with(compile).clone()
    });
    compiled.is_some_and(|pattern| test(&pattern))
}

/// The same pattern in the syntax of `fancy_regex`; `None` if it calls its own groups, which that inlines: a few calls
/// in each other take for ever to compile.
fn translate(pattern: &str, multi_line: bool, extended: bool) -> Option<String> {
    let mut translation = Translation {
        rest: pattern.chars().peekable(),
        out: String::with_capacity(pattern.len() + 16),
        multi_line,
        extended,
        calls: false,
    };
    while let Some(next) = translation.rest.next() {
        translation.outside(next);
    }
    (!translation.calls).then_some(translation.out)
}

struct Translation<'p> {
    rest: Peekable<Chars<'p>>,
    out: String,
    multi_line: bool,
    /// Blanks and comments are left out here, as `fancy_regex` would also ignore quoted blanks.
    extended: bool,
    /// Whether a group is called, as by `\g<1>` or `(?&name)`.
    calls: bool,
}

impl Translation<'_> {
    fn outside(&mut self, next: char) {
        match next {
            '\\' => self.escape(),
            '[' => self.class(),
            '(' => self.group(),
            // Only before the very end or the newline there, where PCRE's is.
            '$' if !self.multi_line => self.out.push_str(r"(?=\n?\z)"),
            '#' if self.extended => drop(self.rest.find(|next| *next == '\n')),
            blank if self.extended && blank.is_ascii_whitespace() => {}
            '{' if !self.is_repetition() => self.out.push_str(r"\{"),
            other => self.out.push(other),
        }
    }

    /// `{n}`, `{n,}` or `{n,m}`; anything else in braces is text.
    fn is_repetition(&self) -> bool {
        let inside: String = self.rest.clone().take_while(|next| *next != '}').collect();
        let closed = self.rest.clone().any(|next| next == '}');
        let (from, to) = inside.split_once(',').unwrap_or((&inside, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        closed && !from.is_empty() && digits(from) && digits(to)
    }

    fn escape(&mut self) {
        let out = match self.rest.next() {
            None => return self.out.push('\\'),
            Some('Q') => return self.quote(),
            Some('E') => return,
            Some('g') => return self.reference(),
            // Without Unicode properties, as in PCRE unless a pattern asks for them.
            Some('b') => format!("(?:(?<=[{WORD}])(?![{WORD}])|(?<![{WORD}])(?=[{WORD}]))"),
            Some('B') => format!("(?:(?<=[{WORD}])(?=[{WORD}])|(?<![{WORD}])(?![{WORD}]))"),
            Some('Z') => r"(?=\n?\z)".to_owned(),
            Some(other) => match set(other) {
                Some(set) => set,
                None => escaped(other),
            },
        };
        self.out.push_str(&out);
    }

    fn group(&mut self) {
        self.out.push('(');
        let mut ahead = self.rest.clone();
        let begin = (ahead.next(), ahead.next(), ahead.next());
        self.calls |= matches!(
            begin,
            (Some('?'), Some('&' | 'R' | '0'..='9' | '+'), _)
                | (Some('?'), Some('P'), Some('>'))
                | (Some('?'), Some('-'), Some('0'..='9'))
        );
    }

    /// `\g1` and `\g{1}` are what the group has matched; anything else behind `\g` calls a group.
    fn reference(&mut self) {
        let braced = self.rest.next_if_eq(&'{').is_some();
        let mut digits = String::new();
        while let Some(digit) = self.rest.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        self.calls |= digits.is_empty() || digits.starts_with('0');
        self.calls |= braced && self.rest.next() != Some('}');
        self.out.push_str(&format!("(?:\\{digits})"));
    }

    /// Everything up to `\E`, or to the end, is text.
    fn quote(&mut self) {
        while let Some(next) = self.rest.next() {
            if next == '\\' && self.rest.next_if_eq(&'E').is_some() {
                return;
            }
            self.out.push_str(&literal(next));
        }
    }

    fn class(&mut self) {
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        if self.rest.next_if_eq(&']').is_some() {
            self.out.push_str(r"\]");
        }
        while let Some(next) = self.rest.next() {
            match next {
                ']' => return self.out.push(']'),
                '[' if self.rest.peek() == Some(&':') => self.named_class(),
                '\\' => match self.rest.next() {
                    None => self.out.push('\\'),
                    Some('Q') => self.quote(),
                    Some('E') => {}
                    Some('b') => self.out.push_str(r"\x08"),
                    Some(other) => {
                        let set = set(other).unwrap_or_else(|| escaped(other));
                        self.out.push_str(&set);
                    }
                },
                // Neither nested classes nor set operators nor blanks without a meaning.
                '[' | '&' | '~' | '#' | ' ' | '\t' | '\n' => self.out.push_str(&literal(next)),
                other => self.out.push(other),
            }
        }
    }

    /// `[:alpha:]` and its like.
    fn named_class(&mut self) {
        self.out.push('[');
        for next in self.rest.by_ref() {
            self.out.push(next);
            if next == ']' {
                return;
            }
        }
    }
}

/// The ASCII set that an escape stands for.
fn set(escape: char) -> Option<String> {
    Some(match escape {
        'd' => "[0-9]".to_owned(),
        'D' => "[^0-9]".to_owned(),
        'w' => format!("[{WORD}]"),
        'W' => format!("[^{WORD}]"),
        's' => format!("[{SPACE}]"),
        'S' => format!("[^{SPACE}]"),
        'h' => r"[\t\x20\u{A0}]".to_owned(),
        'H' => r"[^\t\x20\u{A0}]".to_owned(),
        _ => return None,
    })
}

/// An escape that means the same in both, or a character that needs none.
fn escaped(next: char) -> String {
    match next {
        'e' => r"\x1B".to_owned(),
        letter if letter.is_ascii_alphanumeric() => format!("\\{letter}"),
        other => literal(other),
    }
}

/// A character that means itself, under any option.
fn literal(next: char) -> String {
    if next.is_ascii() && !next.is_ascii_alphanumeric() {
        format!("\\x{:02X}", u32::from(next))
    } else {
        next.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, options: &str, text: &str) -> bool {
        with(pattern, options, |pattern| pattern.is_match(text))
    }

    #[test]
    fn what_sdks_send_is_text() {
        assert!(found(r"^\Qa.b (x)\E", "", "a.b (x) and more"));
        assert!(!found(r"^\Qa.b\E", "", "axb"));
        assert!(found(r"\Qend\E$", "", "the end"));
        assert!(found(r"\Q a#b \E", "x", "- a#b -") && !found(r"\Q a#b \E", "x", "a"));
        assert!(found(r"\Qopen", "", "an open quote"));
        assert!(found(r"\Qa\E\\E\Qb\E", "", r"a\Eb"));
    }

    #[test]
    fn quoted_blanks_count_where_blanks_do_not() {
        assert!(found(r"\Qa b\E", "x", "a b") && !found(r"\Qa b\E", "x", "ab"));
        assert!(found(r"a\ b[ ]c d", "x", "a b cd"));
    }

    #[test]
    fn options() {
        assert!(found("^b$", "m", "a\nb\nc") && !found("^b$", "", "a\nb\nc"));
        assert!(found("a.b", "s", "a\nb") && !found("a.b", "", "a\nb"));
        assert!(found("ÄB", "i", "äb") && !found("ÄB", "", "äb"));
        assert!(found("a b # c", "x", "ab"));
    }

    #[test]
    fn pcre_where_it_differs() {
        for (pattern, text, expected) in [
            ("b$", "b\n", true),
            ("b$", "b\n\n", false),
            (r"^\w+$", "ä", false),
            (r"^\d$", "٣", false),
            (r"\bx\b", "äxä", true),
            (r"[[a]", "[", true),
            (r"[a&&b]", "&", true),
            (r"[]x]", "]", true),
            (r"[\w.]+@", "a.b@", true),
            (r"[[:digit:]]", "7", true),
            ("a{b}", "a{b}", true),
            ("a{2}", "aa", true),
            (r"\<a\>", "<a>", true),
            (r"a\/b", "a/b", true),
            (r"(a)(?=b)\1?", "ab", true),
            (r"(?<!x)y", "xy", false),
            (r"(?>a+)a", "aaa", false),
            (r"^(a|b)\g1$", "aa", true),
            (r"^(a|b)\g{1}$", "ab", false),
        ] {
            assert_eq!(found(pattern, "", text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn wrong_and_catastrophic_patterns_match_nothing_in_time() {
        assert!(!found("(", "", "("));
        assert!(!found("a{1000}{1000}{1000}", "", "a"));
        let begun = std::time::Instant::now();
        let text = format!("{}b", "a".repeat(5_000));
        assert!(!found("^(a+)+$", "", &text));
        assert!(!found(r"^(?:(a+)\1?)+$", "", &text));
        assert!(!found(r"(?=(a+))(?:a|aa)+$", "", &text));
        for call in [
            r"\g0", r"\g\E0", r"\g<0>", r"\g'0'", "(?R)", "(?0)", "(?+1)", "(?-1)", "(?&n)", "(?P>n)",
        ] {
            let calls = format!("^(?<n>a{call}b|b{call}a|{call}c|c{call}|{call}d{call})");
            assert!(!found(&calls, "", "a"), "{call}");
        }
        assert!(begun.elapsed().as_secs() < 5);
    }
}
