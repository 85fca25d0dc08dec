//! A clause that a provider is known to fail, for a reason and for a time.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

use crate::Clause;

/// A clause that a provider is known to fail. It fails once its last day is over, and as
/// soon as the clause passes after all.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Waiver {
    /// The clause that is waived.
    pub clause: &'static Clause,
    /// Why the provider does not comply.
    pub reason: &'static str,
    /// The last day on which the waiver holds.
    pub until: Date,
}

/// Waives `clause` for `reason` up to and including the day `until`, written
/// `YYYY-MM-DD`.
///
/// # Panics
///
/// Where there is no reason, or `until` is not a date. The macros evaluate this while
/// they are compiled, so there it is a compile error.
#[must_use]
pub const fn waive(clause: &'static Clause, reason: &'static str, until: &'static str) -> Waiver {
    assert!(!reason.is_empty(), "a waiver needs a reason");
    match Date::parse(until) {
        Some(until) => Waiver {
            clause,
            reason,
            until,
        },
        None => panic!("the last day of a waiver is a date, written YYYY-MM-DD"),
    }
}

impl Waiver {
    pub(crate) fn has_expired(&self) -> bool {
        self.until < Date::today()
    }
}

/// A day of the calendar, in UTC.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// Reads `YYYY-MM-DD`.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "the pattern has shown the length")]
    pub const fn parse(text: &str) -> Option<Self> {
        let &[_, _, _, _, b'-', _, _, b'-', _, _] = text.as_bytes() else {
            return None;
        };
        let mut digits = [0_u16; 10];
        let mut index = 0;
        while index < 10 {
            let byte = text.as_bytes()[index];
            if index != 4 && index != 7 {
                if !byte.is_ascii_digit() {
                    return None;
                }
                digits[index] = (byte - b'0') as u16;
            }
            index += 1;
        }
        let year = digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3];
        let month = (digits[5] * 10 + digits[6]) as u8;
        let day = (digits[8] * 10 + digits[9]) as u8;
        if day == 0 || day > days_in(year, month) {
            return None;
        }
        Some(Self { year, month, day })
    }

    /// The present day.
    #[must_use]
    pub fn today() -> Self {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self::after_epoch(since_epoch.as_secs() / 86_400)
    }

    fn after_epoch(mut days: u64) -> Self {
        let (mut year, mut month) = (1970, 1);
        while days >= u64::from(days_in(year, month)) {
            days -= u64::from(days_in(year, month));
            if month == 12 {
                (year, month) = (year + 1, 1);
            } else {
                month += 1;
            }
        }
        Self {
            year,
            month,
            day: days as u8 + 1,
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

const fn days_in(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_written_alike() {
        for text in ["2026-11-21", "2024-02-29", "2000-02-29", "1999-12-31"] {
            assert_eq!(Date::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_not_a_date_is_refused() {
        for text in [
            "",
            "2026",
            "2026-1-1",
            "2026-13-01",
            "2026-00-10",
            "2026-04-31",
            "2026-02-29",
            "1900-02-29",
            "2026-01-00",
            "2026/01/01",
            "20x6-01-01",
            "2026-01-011",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    #[test]
    fn days_after_the_epoch_are_dates() {
        for (days, text) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (364, "1970-12-31"),
            (365, "1971-01-01"),
            (789, "1972-02-29"),
            (11_016, "2000-02-29"),
            (20_778, "2026-11-21"),
        ] {
            assert_eq!(Date::after_epoch(days).to_string(), text);
        }
    }

    #[test]
    fn dates_are_ordered_by_time() {
        assert!(Date::parse("2026-11-21") < Date::parse("2026-12-01"));
        assert!(Date::parse("2026-12-01") < Date::parse("2027-01-01"));
    }
}
