//! What JavaScript's `Date` takes beside ISO 8601, as V8 reads it: numbers, month names and zones in nearly any order
//! (`2026-01-01 10:14`, `Wed, 21 Jan 2026 10:14:00 GMT`, `1/21/2026 3 pm`), and days up to the 31st of every month. A
//! time without a zone is UTC: that is where servers run.

use chrono::{Days, NaiveDate};

use super::tokens::{Keyword, Token, Tokens, keyword};
use super::{Millis, is_writable};

/// Longer texts are no dates.
const MAX_LENGTH: usize = 80;

/// `None` if V8 makes an invalid date of it, or if the year is beyond what can be written out again.
pub fn parse(text: &str) -> Option<Millis> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_LENGTH {
        return None;
    }
    let mut date = Parts::default();
    let mut rest = Tokens(text.as_bytes());
    match date.iso_day(&mut rest) {
        // What begins as ISO 8601 with a `T` must also go on so.
        true if rest.skip_time_separator() => date.iso_time(&mut rest)?,
        _ => date.words(&mut rest)?,
    }
    date.moment()
}

#[derive(Default)]
struct Parts {
    /// Up to three numbers of the day, in their order.
    day: Vec<i32>,
    month: Option<i32>,
    is_iso: bool,
    /// Hour, minute, second, millisecond.
    time: Vec<i32>,
    half: Option<i32>,
    zone: Zone,
}

#[derive(Default, Clone, Copy)]
struct Zone {
    sign: i32,
    hour: Option<i32>,
    minute: Option<i32>,
}

impl Zone {
    fn hours(offset: i32) -> Self {
        Self {
            sign: if offset < 0 { -1 } else { 1 },
            hour: Some(offset.abs()),
            minute: Some(0),
        }
    }

    fn is_utc(self) -> bool {
        self.hour == Some(0) && self.minute == Some(0)
    }

    fn seconds(self) -> i64 {
        let [hour, minute] = [self.hour, self.minute].map(|part| i64::from(part.unwrap_or(0)));
        i64::from(self.sign) * (hour * 3600 + minute * 60)
    }
}

impl Parts {
    /// `[±yy]yyyy[-MM[-dd]]`; false if something else than a time follows.
    fn iso_day(&mut self, rest: &mut Tokens<'_>) -> bool {
        let mut ahead = *rest;
        let sign = match ahead.peek() {
            Some(Token::Symbol(b'+')) => 1,
            Some(Token::Symbol(b'-')) => -1,
            _ => 0,
        };
        let year = match sign {
            0 => ahead.fixed(4, 0, 9999),
            sign => {
                ahead.next();
                ahead
                    .fixed(6, i32::from(sign < 0), 999_999)
                    .map(|year| sign * year)
            }
        };
        let Some(year) = year else { return false };
        self.day.push(year);
        *rest = ahead;
        for most in [12, 31] {
            if !rest.skip(b'-') {
                break;
            }
            let Some(part) = rest.fixed(2, 1, most) else {
                return false;
            };
            self.day.push(part);
        }
        let mut time = *rest;
        self.is_iso = rest.0.is_empty() || time.skip_time_separator();
        self.is_iso
    }

    /// `HH:mm[:ss[.fraction]][Z|±HH:mm|±HHmm]` and nothing more.
    fn iso_time(&mut self, rest: &mut Tokens<'_>) -> Option<()> {
        self.time.push(rest.fixed(2, 0, 24)?);
        rest.skip(b':').then_some(())?;
        self.time.push(rest.fixed(2, 0, 59)?);
        if rest.skip(b':') {
            self.time.push(rest.fixed(2, 0, 59)?);
            if rest.skip(b'.') {
                self.time.push(rest.milliseconds()?);
            }
        }
        match rest.next() {
            None => return Some(()),
            Some(Token::Word(word)) => word.eq_ignore_ascii_case(b"Z").then_some(())?,
            Some(Token::Symbol(sign @ (b'+' | b'-'))) => {
                self.zone.sign = if sign == b'-' { -1 } else { 1 };
                let both = rest.fixed(4, 0, 2359).map(|both| (both / 100, both % 100));
                let (hour, minute) = match both {
                    Some(both) => both,
                    None => {
                        let hour = rest.fixed(2, 0, 23)?;
                        rest.skip(b':').then_some(())?;
                        (hour, rest.fixed(2, 0, 59)?)
                    }
                };
                (hour < 24 && minute < 60).then_some(())?;
                (self.zone.hour, self.zone.minute) = (Some(hour), Some(minute));
            }
            Some(_) => return None,
        }
        rest.0.is_empty().then_some(())
    }

    /// Everything that is not ISO 8601, one token after the other.
    fn words(&mut self, rest: &mut Tokens<'_>) -> Option<()> {
        let mut has_number = !self.day.is_empty();
        while let Some(token) = rest.next() {
            match token {
                Token::Number(value, _) => {
                    has_number = true;
                    self.number(value, rest)?;
                }
                Token::Word(word) => self.word(word, has_number, rest)?,
                Token::Symbol(sign @ (b'+' | b'-')) if self.zone.is_utc() || !self.time.is_empty() => {
                    has_number = true;
                    self.offset(sign, rest)?;
                }
                Token::Symbol(b'+' | b'-' | b')') if has_number => return None,
                Token::Symbol(b'(') => rest.skip_parentheses(),
                Token::Symbol(_) | Token::Space => {}
            }
        }
        Some(())
    }

    fn number(&mut self, value: i32, rest: &mut Tokens<'_>) -> Option<()> {
        if rest.skip(b':') {
            if rest.skip(b':') {
                self.time.is_empty().then(|| self.time.extend([value, 0]))?;
                return Some(());
            }
            self.add_time(value)?;
            rest.skip(b'.');
        } else if self.expects_time(value) && rest.skip(b'.') {
            self.add_time(value)?;
            let milliseconds = rest.milliseconds()?;
            self.end_time(milliseconds)?;
        } else if self.zone.hour.is_some() && self.zone.minute.is_none() && (0..60).contains(&value) {
            self.zone.minute = Some(value);
        } else if self.expects_time(value) {
            self.end_time(value)?;
            let ends = match rest.peek() {
                None | Some(Token::Space | Token::Symbol(b'+' | b'-')) => true,
                Some(Token::Word(word)) => word.eq_ignore_ascii_case(b"Z"),
                Some(_) => false,
            };
            ends.then_some(())?;
        } else {
            // A point after a number of the day is only between it and the next.
            rest.skip(b'.');
            (self.day.len() < 3).then(|| self.day.push(value))?;
            rest.skip(b'-');
        }
        Some(())
    }

    fn word(&mut self, word: &[u8], has_number: bool, rest: &mut Tokens<'_>) -> Option<()> {
        match keyword(word) {
            Some(Keyword::HalfOfDay(hours)) if !self.time.is_empty() => self.half = Some(hours),
            Some(Keyword::Month(month)) => {
                self.month = Some(month);
                rest.skip(b'-');
            }
            Some(Keyword::Zone(hours)) if has_number => self.zone = Zone::hours(hours),
            // Of other words only those before the first number mean nothing.
            _ => (!has_number && !matches!(rest.peek(), Some(Token::Number(..)))).then_some(())?,
        }
        Some(())
    }

    /// Hours from UTC, with minutes or without.
    fn offset(&mut self, sign: u8, rest: &mut Tokens<'_>) -> Option<()> {
        self.zone.sign = if sign == b'-' { -1 } else { 1 };
        let (value, digits) = match rest.peek() {
            Some(Token::Number(value, digits)) => {
                rest.next();
                (value, digits)
            }
            _ => (0, 0),
        };
        let (hour, minute) = match digits {
            _ if rest.peek() == Some(Token::Symbol(b':')) => (value, None),
            1 | 2 => (value, Some(0)),
            3 | 4 => (value / 100, Some(value % 100)),
            _ => return None,
        };
        (self.zone.hour, self.zone.minute) = (Some(hour), minute);
        Some(())
    }

    fn expects_time(&self, value: i32) -> bool {
        match self.time.len() {
            1 | 2 => (0..60).contains(&value),
            3 => (0..1000).contains(&value),
            _ => false,
        }
    }

    fn add_time(&mut self, value: i32) -> Option<()> {
        (self.time.len() < 4).then(|| self.time.push(value))
    }

    fn end_time(&mut self, value: i32) -> Option<()> {
        self.add_time(value)?;
        self.time.resize(4, 0);
        Some(())
    }

    fn moment(mut self) -> Option<Millis> {
        let (year, month, day) = self.year_month_day()?;
        self.time.resize(4, 0);
        let [mut hour, minute, second, milli] = self.time[..] else {
            return None;
        };
        if let Some(half) = self.half {
            (0..=12).contains(&hour).then_some(())?;
            hour = hour % 12 + half;
        }
        let in_a_day = hour < 24 && minute < 60 && second < 60 && milli < 1000;
        let is_midnight = (hour, minute, second, milli) == (24, 0, 0, 0);
        (in_a_day || is_midnight).then_some(())?;
        let first = NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, 1)?;
        let date = first.checked_add_days(Days::new(u64::try_from(day - 1).ok()?))?;
        let midnight = date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis();
        let seconds =
            i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second) - self.zone.seconds();
        let moment = midnight + seconds * 1000 + i64::from(milli);
        is_writable(moment).then_some(moment)
    }

    /// In which order the numbers of the day come depends on which of them can be a day.
    fn year_month_day(&self) -> Option<(i32, i32, i32)> {
        let is_day = |number: i32| (1..=31).contains(&number);
        let given = self.day.len();
        let part = |index: usize| self.day.get(index).copied().unwrap_or(1);
        (given > 0).then_some(())?;
        let (mut year, month, day) = match self.month {
            None if self.is_iso || !is_day(part(0)) => (part(0), part(1), part(2)),
            None => (part(2), part(0), part(1)),
            Some(month) if is_day(part(0)) => (part(1), month, part(0)),
            Some(month) => (part(0), month, part(1)),
        };
        if !self.is_iso {
            year += match year {
                0..=49 => 2000,
                50..=99 => 1900,
                _ => 0,
            };
        }
        ((1..=12).contains(&month) && is_day(day)).then_some((year, month, day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::dates::to_iso;

    /// What node prints for these in UTC.
    #[test]
    fn texts_are_read_as_node_reads_them() {
        for line in include_str!("loose.tsv").lines() {
            let (text, expected) = line.split_once('\t').unwrap();
            let got = parse(text).map(to_iso);
            assert_eq!(got.as_deref().unwrap_or("invalid"), expected, "{text}");
        }
    }
}
