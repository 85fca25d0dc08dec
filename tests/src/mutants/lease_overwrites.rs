//! Faults of a time to live that comes over something, or that something comes over.

use std::{sync::atomic::Ordering, time::Duration};

use tck::{EmptyKey, Error, ZeroTtl, cache};
use tokio::task::yield_now;

use super::{
    key_races::{pause, pause_until},
    marks::{mark, unmark},
};
use crate::{
    Mutant,
    clay::{Entry, Hand, Rules},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [deadlines(), races(), drops()].concat()
}

fn deadlines() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "seconds_are_whole",
            "a time to live of a second or more is cut to whole seconds",
            &[cache::key_is_alive_until_late_in_its_life],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            let whole = |ttl: Duration| match ttl.as_secs() {
                0 => ttl,
                seconds => Duration::from_secs(seconds),
            };
            hand.write(key, value, ttl.map(whole))
        }),
        Mutant::new(
            "cancelled_end_cancels_the_next",
            "the end of a lease that was deleted or set over is remembered, and the next one has none",
            &[cache::ttl_does_not_outlive_its_entry],
        )
        .set_with_ttl(|hand, key, value, ttl| match unmark(hand, key) {
            true => hand.write(key, value, None),
            false => hand.write(key, value, ttl),
        })
        .set(|hand, key, value, ttl| {
            mark_leased(hand, key);
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            mark_leased(hand, key);
            hand.delete(key)
        }),
        Mutant::new(
            "refused_zero_clears_the_end",
            "a time to live of zero is refused, and the one before is gone",
            &[cache::zero_ttl_follows_the_declared_policy],
        )
        .rules(Rules {
            zero_ttl: ZeroTtl::Invalid,
            ..Rules::NONE
        })
        .set_with_ttl(|hand, key, value, ttl| {
            if let (Some(Duration::ZERO), Some(entry)) = (ttl, hand.entry(key)) {
                hand.put(key, Entry { end: None, ..entry });
            }
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "empty_key_has_no_end",
            "the empty key takes a time to live and has none",
            &[cache::limits_hold_with_a_ttl_as_without],
        )
        .rules(Rules {
            empty_key: EmptyKey::Accepted,
            ..Rules::NONE
        })
        .set_with_ttl(|hand, key, value, ttl| {
            let ttl = ttl.filter(|_| !key.is_empty());
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "leases_of_half_a_mib_at_the_most",
            "a value over half a MiB is refused with a time to live, though more is declared",
            &[cache::limits_hold_with_a_ttl_as_without],
        )
        .rules(Rules {
            largest_value: Some(64 << 20),
            ..Rules::NONE
        })
        .set_with_ttl(|hand, key, value, ttl| match value.len() {
            size if size > 512 << 10 => Err(Error::TooLarge {
                size,
                limit: 512 << 10,
            }),
            _ => hand.write(key, value, ttl),
        }),
    ]
}

fn mark_leased(hand: &Hand, key: &str) {
    if hand.entry(key).is_some_and(|entry| entry.end.is_some()) {
        mark(hand, key);
    }
}

fn races() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "lease_over_a_value_leaves_a_gap",
            "a time to live comes with a delete and a set",
            &[cache::racing_writes_keep_value_and_deadline_together],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            hand.delete(key)?;
            pause();
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "clean_up_compares_values",
            "a read removes what it finds expired a moment later, if the value is still the same",
            &[cache::reading_an_expired_key_spares_the_next_value],
        )
        .write(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            hand.count();
            Ok(())
        })
        .get(|hand, key| {
            let written = || hand.server.count.load(Ordering::SeqCst);
            let before = written();
            let expired = hand.entry(key).filter(|entry| !hand.is_alive(entry));
            if let Some(expired) = expired {
                // Until both of those who race to write it are done.
                pause_until(|| written() >= before + 2);
                let now = hand.entry(key);
                if now.is_some_and(|now| now.value == expired.value) {
                    hand.delete(key)?;
                }
                return Ok(None);
            }
            hand.get(key)
        }),
    ]
}

fn drops() -> Vec<Mutant> {
    let dropped = [cache::dropped_write_with_a_ttl_is_whole];
    vec![
        Mutant::new(
            "dropped_lease_keeps_the_end_before",
            "a time to live that comes over something takes its value first and its end later",
            &dropped,
        )
        .slow_set_with_ttl(|hand, key, value, ttl| {
            Box::pin(async move {
                if let Some(entry) = hand.entry(&key).filter(|entry| hand.is_alive(entry)) {
                    let value = value.clone();
                    hand.put(&key, Entry { value, ..entry });
                    yield_now().await;
                }
                hand.write(&key, value, Some(ttl))
            })
        }),
        Mutant::new(
            "dropped_lease_keeps_the_value_before",
            "a time to live that comes over something takes its end first and its value later",
            &dropped,
        )
        .slow_set_with_ttl(|hand, key, value, ttl| {
            Box::pin(async move {
                if let Some(before) = hand.get(&key)? {
                    hand.write(&key, before, Some(ttl))?;
                    yield_now().await;
                }
                hand.write(&key, value, Some(ttl))
            })
        }),
    ]
}
