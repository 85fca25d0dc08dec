//! Faults at the ends of what can be counted as a time to live.

use std::time::Duration;

use tck::{Error, ZeroTtl, cache};

use crate::{
    Mutant,
    clay::{Entry, Rules},
};

const DAY: Duration = Duration::from_secs(86_400);

pub(super) fn mutants() -> Vec<Mutant> {
    [brief(), zero(), long()].concat()
}

fn brief() -> Vec<Mutant> {
    let clauses = [cache::ttl_below_the_resolution_is_neither_zero_nor_forever];
    vec![
        Mutant::new(
            "brief_ttl_is_forever",
            "a time to live below a millisecond becomes zero, which means for ever",
            &clauses,
        )
        .set_with_ttl(|hand, key, value, ttl| {
            hand.write(key, value, ttl.filter(|ttl| ttl.as_millis() > 0))
        }),
        Mutant::new(
            "brief_ttl_is_nothing",
            "a time to live below a millisecond becomes none",
            &clauses,
        )
        .set_with_ttl(|hand, key, value, ttl| {
            hand.write(
                key,
                value,
                ttl.map(|ttl| {
                    Duration::from_millis(ttl.as_millis().try_into().unwrap_or(u64::MAX))
                }),
            )
        }),
        Mutant::new(
            "brief_ttl_is_refused",
            "a time to live below a millisecond is refused",
            &clauses,
        )
        .set_with_ttl(|hand, key, value, ttl| {
            match ttl.is_some_and(|ttl| !ttl.is_zero() && ttl.as_millis() == 0) {
                true => Err(Error::invalid_ttl("invalid expire time")),
                false => hand.write(key, value, ttl),
            }
        }),
        Mutant::new(
            "brief_ttl_is_not_stored",
            "a write with a time to live below a millisecond is skipped",
            &clauses,
        )
        .set_with_ttl(|hand, key, value, ttl| {
            match ttl.is_some_and(|ttl| !ttl.is_zero() && ttl.as_millis() == 0) {
                true => Ok(()),
                false => hand.write(key, value, ttl),
            }
        }),
    ]
}

fn zero() -> Vec<Mutant> {
    let clauses = [cache::zero_ttl_follows_the_declared_policy];
    let invalid = Rules {
        zero_ttl: ZeroTtl::Invalid,
        ..Rules::NONE
    };
    let forever = Rules {
        zero_ttl: ZeroTtl::Forever,
        ..Rules::NONE
    };
    vec![
        Mutant::new(
            "zero_ttl_is_forever",
            "a time to live of zero means for ever although it is declared expired",
            &clauses,
        )
        .set_with_ttl(|hand, key, value, ttl| {
            hand.write(key, value, ttl.filter(|ttl| !ttl.is_zero()))
        }),
        Mutant::new(
            "zero_ttl_is_refused",
            "a time to live of zero is refused although it is declared expired",
            &clauses,
        )
        .set_with_ttl(|hand, key, value, ttl| match ttl == Some(Duration::ZERO) {
            true => Err(Error::invalid_ttl("zero")),
            false => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "zero_ttl_leaves_the_old_value",
            "a write with a time to live of zero is skipped, and the old value stays",
            &clauses,
        )
        .set_with_ttl(|hand, key, value, ttl| match ttl == Some(Duration::ZERO) {
            true => Ok(()),
            false => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "zero_ttl_is_a_default",
            "a time to live of zero becomes a default of a day",
            &clauses,
        )
        .declares(forever)
        .set_with_ttl(|hand, key, value, ttl| match ttl == Some(Duration::ZERO) {
            true => hand.write(key, value, Some(DAY)),
            false => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "zero_ttl_expires",
            "a time to live of zero expires although it is declared to last",
            &clauses,
        )
        .declares(forever),
        Mutant::new(
            "zero_ttl_accepted",
            "a time to live of zero is accepted although it is declared invalid",
            &clauses,
        )
        .declares(invalid),
        Mutant::new(
            "zero_ttl_refused_too_late",
            "a time to live of zero is refused after the old value was removed",
            &clauses,
        )
        .rules(invalid)
        .set_with_ttl(|hand, key, value, ttl| {
            if ttl == Some(Duration::ZERO) {
                hand.delete(key)?;
            }
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "zero_ttl_refused_after_the_write",
            "a time to live of zero is refused after the value was stored",
            &clauses,
        )
        .rules(invalid)
        .set_with_ttl(|hand, key, value, ttl| {
            if ttl == Some(Duration::ZERO) && !hand.has(key)? {
                hand.write(key, value.clone(), None)?;
            }
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "zero_ttl_fails_untyped",
            "a time to live of zero is refused as a failure of the backend",
            &clauses,
        )
        .declares(invalid)
        .set_with_ttl(|hand, key, value, ttl| match ttl == Some(Duration::ZERO) {
            true => Err(Error::backend("ERR invalid expire time")),
            false => hand.write(key, value, ttl),
        }),
    ]
}

fn long() -> Vec<Mutant> {
    macro_rules! long {
        ($name:literal, $fault:literal, $change:expr) => {
            Mutant::new(
                $name,
                $fault,
                &[cache::very_long_ttl_neither_overflows_nor_ends_early],
            )
            .set_with_ttl(|hand, key, value, ttl| {
                let change: fn(Duration) -> Option<Duration> = $change;
                hand.write(key, value, ttl.and_then(change))
            })
        };
    }
    vec![
        Mutant::new(
            "deadline_counts_as_value",
            "with a time to live the largest value is 8 bytes smaller",
            &[cache::limits_hold_with_a_ttl_as_without],
        )
        .rules(Rules {
            largest_value: Some(90_000),
            ..Rules::NONE
        })
        .set_with_ttl(|hand, key, value, ttl| match value.len() + 8 {
            size @ 90_001.. => Err(Error::TooLarge {
                size,
                limit: 90_000,
            }),
            _ => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "refused_write_moves_the_deadline",
            "a write whose value is refused has given its time to live, or taken it",
            &[cache::limits_hold_with_a_ttl_as_without],
        )
        .rules(Rules::STRICT)
        .write(|hand, key, value, ttl| {
            if let (Err(_), Some(entry)) = (hand.check(key, &value), hand.entry(key)) {
                let end = ttl.and_then(|ttl| hand.now().checked_add(ttl));
                hand.put(key, Entry { end, ..entry });
            }
            hand.write(key, value, ttl)
        }),
        long!(
            "ttl_above_30_days_is_a_date",
            "a time to live above 30 days is taken for a date long past",
            |ttl| Some(if ttl > DAY * 30 { Duration::ZERO } else { ttl })
        ),
        long!(
            "ttl_in_31_bits_of_milliseconds",
            "a time to live above 24.8 days ends at once",
            |ttl| Some(if ttl.as_millis() > i32::MAX as u128 {
                Duration::ZERO
            } else {
                ttl
            })
        ),
        long!(
            "ttl_wraps_in_32_bits_of_milliseconds",
            "a time to live is counted in 32 bits of milliseconds",
            |ttl| Some(Duration::from_millis((ttl.as_millis() % (1 << 32)) as u64))
        ),
        long!(
            "ttl_wraps_in_31_bits_of_seconds",
            "a time to live is counted in 31 bits of seconds",
            |ttl| Some(Duration::from_secs(ttl.as_secs() % (1 << 31)))
        ),
        long!(
            "ttl_wraps_in_32_bits_of_seconds",
            "a time to live is counted in 32 bits of seconds",
            |ttl| Some(Duration::new(ttl.as_secs() % (1 << 32), ttl.subsec_nanos()))
        ),
        long!(
            "ttl_wraps_in_64_bits_of_nanoseconds",
            "a time to live is counted in 64 bits of nanoseconds",
            |ttl| Some(Duration::from_nanos(ttl.as_nanos() as u64))
        ),
        long!(
            "ttl_wraps_in_64_bits_of_microseconds",
            "a time to live is counted in 64 bits of microseconds",
            |ttl| Some(Duration::from_micros(ttl.as_micros() as u64))
        ),
        long!(
            "ttl_wraps_in_64_bits_of_milliseconds",
            "a time to live is counted in 64 bits of milliseconds",
            |ttl| Some(Duration::from_millis(ttl.as_millis() as u64))
        ),
        long!(
            "ttl_is_at_most_30_days",
            "a time to live above 30 days becomes 30 days",
            |ttl| Some(ttl.min(DAY * 30))
        ),
        long!(
            "ttl_is_at_most_60_days",
            "a time to live above 60 days becomes 60 days",
            |ttl| Some(ttl.min(DAY * 60))
        ),
        long!(
            "ttl_of_weeks_is_forever",
            "a time to live above 30 days becomes none",
            |ttl| (ttl <= DAY * 30).then_some(ttl)
        ),
        long!(
            "ttl_of_a_year_is_forever",
            "a time to live of 300 days or more becomes none",
            |ttl| (ttl < DAY * 300).then_some(ttl)
        ),
        Mutant::new(
            "ttl_of_a_year_is_refused",
            "a time to live above a year is refused",
            &[cache::very_long_ttl_neither_overflows_nor_ends_early],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            match ttl.is_some_and(|ttl| ttl > DAY * 365) {
                true => Err(Error::invalid_ttl("more than a year")),
                false => hand.write(key, value, ttl),
            }
        }),
        Mutant::new(
            "thirty_days_are_a_date",
            "a time to live of 30 days, and what is rounded up to a second more, is long past",
            &[cache::very_long_ttl_neither_overflows_nor_ends_early],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            let days = Duration::from_secs(30 * 86_400);
            let is_date = |ttl: &Duration| (days..days + Duration::from_secs(1)).contains(ttl);
            let ttl = ttl.map(|ttl| if is_date(&ttl) { Duration::ZERO } else { ttl });
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "whole_turns_of_the_wheel_are_over_at_once",
            "a time to live of exactly a minute or an hour falls into the slot of the present",
            &[cache::very_long_ttl_neither_overflows_nor_ends_early],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            let turns = [60, 3_600].map(Duration::from_secs);
            let ttl = ttl.map(|ttl| {
                if turns.contains(&ttl) {
                    Duration::ZERO
                } else {
                    ttl
                }
            });
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "endless_ttl_fails_untyped",
            "a time to live that can't be counted is refused as a failure of the backend",
            &[cache::very_long_ttl_neither_overflows_nor_ends_early],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            match ttl.is_some_and(|ttl| ttl == Duration::MAX) {
                true => Err(Error::backend(
                    "ERR value is not an integer or out of range",
                )),
                false => hand.write(key, value, ttl),
            }
        }),
        Mutant::new(
            "endless_ttl_refused_after_delete",
            "a time to live that can't be counted is refused after the old value was removed",
            &[cache::very_long_ttl_neither_overflows_nor_ends_early],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            match ttl.is_some_and(|ttl| ttl == Duration::MAX) {
                true => {
                    hand.delete(key)?;
                    Err(Error::invalid_ttl("out of range"))
                }
                false => hand.write(key, value, ttl),
            }
        }),
        Mutant::new(
            "endless_ttl_refused_too_late",
            "a time to live that can't be counted is refused after the value was stored",
            &[cache::very_long_ttl_neither_overflows_nor_ends_early],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            match ttl.is_some_and(|ttl| ttl == Duration::MAX) {
                true => {
                    hand.write(key, value, None)?;
                    Err(Error::invalid_ttl("out of range"))
                }
                false => hand.write(key, value, ttl),
            }
        }),
    ]
}
