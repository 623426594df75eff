//! The time a bill is about: a UTC month, or the part of one in which an app existed.
//!
//! Periods are half-open, `start <= t < end`, in whole seconds. Time zones and daylight saving are for display only:
//! every peer that billed in local time has billed some hour twice.

use chrono::{DateTime, Datelike, Months, SubsecRound, TimeDelta, TimeZone, Utc};

/// Why two instants are not a billing period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    #[error("the period ends at {end}, not after its start at {start}")]
    Empty {
        start: DateTime<Utc>,
        end: DateTime<Utc>,
    },
    #[error("the period from {start} to {end} is in more than one UTC month")]
    SeveralMonths {
        start: DateTime<Utc>,
        end: DateTime<Utc>,
    },
    #[error("there is no month {month} of the year {year}")]
    NoSuchMonth { year: i32, month: u32 },
}

/// A UTC month or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    month_seconds: u32,
}

impl Period {
    /// A whole month; `month` counts from 1.
    pub fn month(year: i32, month: u32) -> Result<Self, PeriodError> {
        let first = Utc.with_ymd_and_hms(year, month, 1, 0, 0, 0).single();
        first
            .and_then(whole_month)
            .ok_or(PeriodError::NoSuchMonth { year, month })
    }

    /// The whole month in which `at` is.
    pub fn month_of(at: DateTime<Utc>) -> Result<Self, PeriodError> {
        Self::month(at.year(), at.month())
    }

    /// The part of a month from `start` to `end`; fractions of a second are cut off.
    pub fn new(start: DateTime<Utc>, end: DateTime<Utc>) -> Result<Self, PeriodError> {
        let (start, end) = (start.trunc_subsecs(0), end.trunc_subsecs(0));
        if end <= start {
            return Err(PeriodError::Empty { start, end });
        }
        let month = Self::month_of(start)?;
        if end > month.end {
            return Err(PeriodError::SeveralMonths { start, end });
        }
        Ok(Self { start, end, ..month })
    }

    /// The parts before and from `at`, which must lie inside.
    pub fn split(self, at: DateTime<Utc>) -> Result<(Self, Self), PeriodError> {
        Ok((Self::new(self.start, at)?, Self::new(at, self.end)?))
    }

    /// The first instant that belongs to it.
    pub fn start(self) -> DateTime<Utc> {
        self.start
    }

    /// The first instant that does not belong to it any more.
    pub fn end(self) -> DateTime<Utc> {
        self.end
    }

    /// Whether `at` is inside.
    pub fn contains(self, at: DateTime<Utc>) -> bool {
        self.start <= at && at < self.end
    }

    /// Its length.
    pub fn seconds(self) -> u32 {
        seconds(self.end - self.start)
    }

    /// The length of the month it is in: 28 to 31 days.
    pub fn month_seconds(self) -> u32 {
        self.month_seconds
    }
}

fn whole_month(start: DateTime<Utc>) -> Option<Period> {
    let end = start.checked_add_months(Months::new(1))?;
    Some(Period {
        start,
        end,
        month_seconds: seconds(end - start),
    })
}

/// Periods are at most 31 days long, which fits.
fn seconds(length: TimeDelta) -> u32 {
    u32::try_from(length.num_seconds()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_is_as_long_as_the_calendar_says() {
        let days = |year, month| Period::month(year, month).unwrap().seconds() / 86_400;
        assert_eq!(
            [days(2026, 11), days(2026, 12), days(2027, 2), days(2028, 2)],
            [30, 31, 28, 29]
        );
    }

    #[test]
    fn the_first_instant_of_a_month_belongs_to_it_and_the_next_first_does_not() {
        let november = Period::month_of(at("2026-11-30T23:59:59.999999Z")).unwrap();
        assert!(november.contains(at("2026-11-01T00:00:00Z")));
        assert!(november.contains(at("2026-11-30T23:59:59.999999Z")));
        assert!(!november.contains(at("2026-12-01T00:00:00Z")));
    }

    #[test]
    fn a_part_knows_its_month() {
        let part = Period::new(at("2026-11-16T00:00:00.7Z"), at("2026-12-01T00:00:00Z")).unwrap();
        assert_eq!((part.seconds(), part.month_seconds()), (15 * 86_400, 30 * 86_400));
    }

    #[test]
    fn empty_and_reversed_periods_and_those_over_a_month_end_are_refused() {
        let start = at("2026-11-10T00:00:00Z");
        assert!(matches!(
            Period::new(start, start),
            Err(PeriodError::Empty { .. })
        ));
        assert!(matches!(
            Period::new(start, at("2026-11-09T00:00:00Z")),
            Err(PeriodError::Empty { .. })
        ));
        let later = at("2026-12-01T00:00:01Z");
        assert!(matches!(
            Period::new(start, later),
            Err(PeriodError::SeveralMonths { .. })
        ));
        assert_eq!(
            Period::month(2026, 13),
            Err(PeriodError::NoSuchMonth {
                year: 2026,
                month: 13
            })
        );
    }

    #[test]
    fn the_parts_of_a_split_meet_at_the_cut() {
        let month = Period::month(2026, 11).unwrap();
        let cut = at("2026-11-07T12:30:01Z");
        let (before, after) = month.split(cut).unwrap();
        assert_eq!((before.end(), after.start()), (cut, cut));
        assert_eq!(before.seconds() + after.seconds(), month.seconds());
        assert!(month.split(month.start()).is_err() && month.split(month.end()).is_err());
    }
}
