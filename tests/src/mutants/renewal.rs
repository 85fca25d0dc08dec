//! Faults in what a write, a read or a delete does to the time that an entry has.

use std::time::{Duration, Instant};

use tck::{Bytes, Result, cache};

use super::marks::{is_marked, mark};
use crate::{
    Mutant,
    clay::{Entry, Hand, locked},
};

const DAY: Duration = Duration::from_secs(86_400);

pub(super) fn mutants() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "plain_set_keeps_the_ttl",
            "a plain `set` keeps the deadline of the entry before",
            &[cache::plain_set_clears_the_ttl],
        )
        .set(|hand, key, value, _| replace(hand, key, value, None, |_, old| old)),
        Mutant::new(
            "plain_set_of_the_same_value_is_skipped",
            "a plain `set` of the same value does nothing",
            &[cache::plain_set_clears_the_ttl],
        )
        .set(
            |hand, key, value, _| match hand.get(key)? == Some(value.clone()) {
                true => Ok(()),
                false => hand.write(key, value, None),
            },
        ),
        Mutant::new(
            "plain_set_over_expiring_gets_a_day",
            "a plain `set` over an entry with a time to live gets one of a day",
            &[cache::plain_set_clears_the_ttl],
        )
        .set(|hand, key, value, _| {
            let expiring = hand.entry(key).and_then(|entry| entry.end);
            hand.write(key, value, expiring.map(|_| DAY))
        }),
        Mutant::new(
            "second_plain_set_gets_30_days",
            "a plain `set` of a key that is there gets a time to live of 30 days",
            &[
                cache::plain_set_clears_the_ttl,
                cache::set_and_get_value_without_ttl,
            ],
        )
        .set(|hand, key, value, _| {
            let there = hand.entry(key);
            hand.write(key, value, there.map(|_| DAY * 30))
        }),
        Mutant::new(
            "overwrite_keeps_the_deadline",
            "a write keeps the deadline of the entry before",
            &[
                cache::set_overwrites_existing_value_and_ttl,
                cache::longer_ttl_replaces_a_shorter_one,
            ],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            replace(hand, key, value, ttl, |new, old| old.or(new))
        }),
        Mutant::new(
            "earlier_deadline_wins",
            "of two deadlines the earlier one holds",
            &[cache::longer_ttl_replaces_a_shorter_one],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            replace(hand, key, value, ttl, |new, old| {
                old.map_or(new, |old| new.map(|new| new.min(old)))
            })
        }),
        Mutant::new(
            "later_deadline_wins",
            "of two deadlines the later one holds",
            &[cache::set_overwrites_existing_value_and_ttl],
        )
        .set_with_ttl(|hand, key, value, ttl| replace(hand, key, value, ttl, Ord::max)),
        Mutant::new(
            "deadlines_add_up",
            "a new time to live is added to what is left of the old one",
            &[cache::set_overwrites_existing_value_and_ttl],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            let left = hand
                .entry(key)
                .and_then(|entry| entry.end)
                .map_or(Duration::ZERO, |end| {
                    end.saturating_duration_since(hand.now())
                });
            hand.write(key, value, ttl.map(|ttl| ttl.saturating_add(left)))
        }),
        Mutant::new(
            "plain_value_stays_plain",
            "a time to live is ignored where there was a plain value",
            &[cache::nothing_resurrects_an_expired_entry],
        )
        .set_with_ttl(|hand, key, value, ttl| match hand.entry(key) {
            Some(entry) if entry.end.is_none() => hand.write(key, value, None),
            _ => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "same_plain_value_stays_plain",
            "`set_with_ttl` of the value that is there plainly does nothing",
            &[cache::nothing_resurrects_an_expired_entry],
        )
        .set_with_ttl(|hand, key, value, ttl| match hand.entry(key) {
            Some(entry) if entry.end.is_none() && entry.value == value => Ok(()),
            _ => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "same_value_is_not_renewed",
            "a write of the same value leaves the deadline",
            &[cache::same_value_again_renews_the_ttl],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            match hand.get(key)? == Some(value.clone()) {
                true => Ok(()),
                false => hand.write(key, value, ttl),
            }
        }),
        Mutant::new(
            "same_value_is_not_shortened",
            "a write of the same value keeps the later of two deadlines",
            &[cache::set_overwrites_existing_value_and_ttl],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            match hand.get(key)? == Some(value.clone()) {
                true => replace(hand, key, value, ttl, Ord::max),
                false => hand.write(key, value, ttl),
            }
        }),
        Mutant::new(
            "get_extends_the_ttl",
            "`get` begins the time to live anew",
            &[cache::reading_does_not_extend_the_ttl],
        )
        .get(|hand, key| {
            let value = hand.get(key)?;
            extend(hand, key);
            Ok(value)
        }),
        Mutant::new(
            "has_extends_the_ttl",
            "`has` begins the time to live anew",
            &[cache::reading_does_not_extend_the_ttl],
        )
        .has(|hand, key| {
            let has = hand.has(key)?;
            extend(hand, key);
            Ok(has)
        }),
        Mutant::new(
            "late_get_extends_the_ttl",
            "`get` in the last percent of a time to live begins it anew",
            &[cache::key_is_alive_until_late_in_its_life],
        )
        .get(|hand, key| {
            let value = hand.get(key)?;
            extend_late(hand, key);
            Ok(value)
        }),
        Mutant::new(
            "late_has_extends_the_ttl",
            "`has` in the last percent of a time to live begins it anew",
            &[cache::key_is_alive_until_late_in_its_life],
        )
        .has(|hand, key| {
            let has = hand.has(key)?;
            extend_late(hand, key);
            Ok(has)
        }),
        Mutant::new(
            "get_makes_permanent",
            "`get` clears the deadline",
            &[cache::reading_does_not_extend_the_ttl],
        )
        .get(|hand, key| {
            let value = hand.get(key)?;
            if let Some(entry) = hand.entry(key).filter(|entry| hand.is_alive(entry)) {
                hand.put(key, Entry { end: None, ..entry });
            }
            Ok(value)
        }),
        Mutant::new(
            "expired_key_can_not_be_set",
            "a write over a key that has expired is ignored",
            &[cache::overwriting_an_expired_key_stores_anew],
        )
        .write(|hand, key, value, ttl| match hand.entry(key) {
            Some(entry) if !hand.is_alive(&entry) => Ok(()),
            _ => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "plain_set_over_expired_expires",
            "a plain `set` over a key that has expired gets its time to live again",
            &[cache::overwriting_an_expired_key_stores_anew],
        )
        .set(|hand, key, value, _| {
            let again = hand
                .entry(key)
                .filter(|entry| !hand.is_alive(entry))
                .and_then(|entry| Some(entry.end? - entry.written));
            hand.write(key, value, again)
        }),
        Mutant::new(
            "expired_end_is_inherited",
            "a write over a key that has expired inherits its end",
            &[cache::overwriting_an_expired_key_stores_anew],
        )
        .write(|hand, key, value, ttl| match hand.entry(key) {
            Some(entry) if !hand.is_alive(&entry) => replace(hand, key, value, ttl, |_, old| old),
            _ => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "delete_of_expired_raises",
            "`delete` of a key that has expired answers an error",
            &[cache::deleting_an_expired_key_succeeds],
        )
        .delete(|hand, key| match hand.entry(key) {
            Some(entry) if !hand.is_alive(&entry) => Err(tck::Error::conflict("expired")),
            _ => hand.delete(key),
        }),
        Mutant::new(
            "delete_of_expired_hides_next_write",
            "the first write after a delete is lost if the key had expired before",
            &[cache::deleting_an_expired_key_succeeds],
        )
        .write(
            |hand, key, value, ttl| match locked(&hand.server.memo).remove(&hand.at(key)) {
                Some(_) => Ok(()),
                None => hand.write(key, value, ttl),
            },
        )
        .delete(|hand, key| {
            if hand.entry(key).is_some_and(|entry| !hand.is_alive(&entry)) {
                mark(hand, key);
            }
            hand.delete(key)
        }),
        Mutant::new(
            "set_after_a_delete_gets_30_days",
            "what is set again after a delete lives for 30 days",
            &[cache::set_and_get_value_without_ttl],
        )
        .delete(|hand, key| {
            mark(hand, key);
            hand.delete(key)
        })
        .set(|hand, key, value, _| {
            let was_deleted = is_marked(hand, key);
            hand.write(key, value, was_deleted.then_some(DAY * 30))
        }),
        Mutant::new(
            "set_after_an_end_gets_a_day",
            "what is set plainly over an expired entry lives for a day",
            &[cache::overwriting_an_expired_key_stores_anew],
        )
        .set(|hand, key, value, _| {
            let is_over = hand.entry(key).is_some_and(|held| !hand.is_alive(&held));
            hand.write(key, value, is_over.then_some(DAY))
        }),
        Mutant::new(
            "repeated_write_is_not_renewed",
            "the same write again does nothing before a tenth of its time has passed",
            &[cache::key_is_alive_until_late_in_its_life],
        )
        .set_with_ttl(|hand, key, value, ttl| match hand.entry(key) {
            Some(old)
                if old.value == value
                    && old.end.map(|end| end - old.written) == ttl
                    && ttl.is_some_and(|ttl| hand.now() - old.written < ttl / 10) =>
            {
                Ok(())
            }
            _ => hand.write(key, value, ttl),
        }),
    ]
}

/// Writes, with a deadline made of the new one and the old one.
fn replace(
    hand: &Hand,
    key: &str,
    value: Bytes,
    ttl: Option<Duration>,
    end: fn(Option<Instant>, Option<Instant>) -> Option<Instant>,
) -> Result<()> {
    let old = hand.entry(key).and_then(|entry| entry.end);
    hand.write(key, value, ttl)?;
    if let Some(entry) = hand.entry(key) {
        let end = end(entry.end, old);
        hand.put(key, Entry { end, ..entry });
    }
    Ok(())
}

/// Begins the time to live anew.
fn extend(hand: &Hand, key: &str) {
    if let Some(entry) = hand.entry(key).filter(|entry| hand.is_alive(entry))
        && let Some(end) = entry.end
    {
        let now = hand.now();
        let ttl = end - entry.written;
        hand.put(
            key,
            Entry {
                written: now,
                end: now.checked_add(ttl),
                ..entry
            },
        );
    }
}

/// Begins the time to live anew where less than a percent of it is left.
fn extend_late(hand: &Hand, key: &str) {
    let late = |entry: &Entry| {
        let end = entry.end?;
        Some(end.saturating_duration_since(hand.now()) < (end - entry.written) / 100)
    };
    if hand.entry(key).as_ref().and_then(late) == Some(true) {
        extend(hand, key);
    }
}
