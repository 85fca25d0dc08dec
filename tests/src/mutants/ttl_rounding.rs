//! Faults that turn a time to live into another.

use std::time::Duration;

use tck::cache;

use crate::{Mutant, clay::Entry};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);

pub(super) fn mutants() -> Vec<Mutant> {
    let late = [cache::key_expires_after_ttl];
    let early = [cache::key_is_alive_until_late_in_its_life];
    macro_rules! rounded {
        ($name:literal, $fault:literal, $clauses:expr, $change:expr) => {
            Mutant::new($name, $fault, &$clauses).set_with_ttl(|hand, key, value, ttl| {
                let change: fn(Duration) -> Duration = $change;
                hand.write(key, value, ttl.map(change))
            })
        };
    }
    vec![
        Mutant::new(
            "ttl_ignored",
            "the time to live is ignored",
            &[
                cache::key_expires_after_ttl,
                cache::expired_key_is_absent_on_every_read_path,
                cache::set_overwrites_existing_value_and_ttl,
            ],
        )
        .set_with_ttl(|hand, key, value, _| hand.write(key, value, None)),
        rounded!(
            "ttl_times_ten",
            "the time to live is ten times as long",
            late,
            |ttl| ttl.saturating_mul(10)
        ),
        rounded!(
            "ttl_in_milliseconds",
            "seconds are taken for milliseconds",
            early,
            |ttl| ttl / 1_000
        ),
        rounded!(
            "ttl_halved",
            "the time to live is half as long",
            early,
            |ttl| ttl / 2
        ),
        rounded!(
            "ttl_rounded_down",
            "the time to live is cut to whole seconds",
            early,
            |ttl| Duration::from_secs(ttl.as_secs())
        ),
        rounded!(
            "ttl_rounded_down_to_50_ms",
            "a time to live above a second is cut to steps of 50 ms",
            early,
            |ttl| {
                let rest = Duration::from_nanos((ttl.as_nanos() % 50_000_000) as u64);
                if ttl > SECOND { ttl - rest } else { ttl }
            }
        ),
        rounded!(
            "ttl_rounded_up",
            "the time to live is rounded up to whole seconds",
            late,
            |ttl| Duration::from_secs(ttl.as_secs() + 1)
        ),
        rounded!(
            "ttl_in_minutes",
            "the time to live is rounded up to whole minutes",
            late,
            |ttl| Duration::from_secs((ttl.as_secs() / 60 + 1).saturating_mul(60))
        ),
        rounded!(
            "ttl_a_second_early",
            "an entry ends a second before its time",
            early,
            |ttl| ttl.saturating_sub(SECOND)
        ),
        rounded!(
            "ttl_with_grace",
            "an entry lives five seconds longer than its time",
            late,
            |ttl| ttl.saturating_add(SECOND * 5)
        ),
        rounded!(
            "ttl_is_at_least_a_minute",
            "a time to live below a minute becomes a minute",
            [cache::ttl_below_the_resolution_is_neither_zero_nor_forever],
            |ttl| ttl.max(SECOND * 60)
        ),
        rounded!(
            "ttl_is_at_most_an_hour",
            "a time to live above an hour becomes an hour",
            early,
            |ttl| ttl.min(Duration::from_secs(3_600))
        ),
        Mutant::new(
            "ttl_counts_from_the_last_tick",
            "a time to live counts from the last whole second",
            &early,
        )
        .set_with_ttl(|hand, key, value, ttl| {
            let start = *hand.server.start.get_or_init(|| hand.now());
            hand.write(key, value, ttl)?;
            if let Some(entry) = hand.entry(key) {
                let tick = (hand.now() - start).subsec_nanos();
                let end = entry
                    .end
                    .and_then(|end| end.checked_sub(Duration::from_nanos(tick.into())));
                hand.put(key, Entry { end, ..entry });
            }
            Ok(())
        }),
        Mutant::new(
            "default_ttl",
            "what is set plainly expires after 90 days",
            &[cache::set_and_get_value_without_ttl],
        )
        .set(|hand, key, value, _| hand.write(key, value, Some(DAY * 90))),
    ]
}
