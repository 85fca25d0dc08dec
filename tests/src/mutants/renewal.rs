//! Faults in what a write, a read or a delete does to the time that an entry has.

use std::time::{Duration, Instant};

use tck::{Bytes, Result, cache};

use crate::{
    Mutant,
    clay::{Entry, Hand},
};

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
            "timer_survives_delete",
            "the timer of a deleted entry removes the next one",
            &[cache::ttl_does_not_outlive_its_entry],
        )
        .delete(|hand, key| {
            if let Some(entry) = hand.entry(key).filter(|entry| entry.end.is_some()) {
                hand.entries().insert(timer(hand, key), entry);
            }
            hand.delete(key)
        })
        .get(get_after_timer),
        Mutant::new(
            "timer_survives_overwrite",
            "the timer of an overwritten entry removes the new one",
            &[
                cache::longer_ttl_replaces_a_shorter_one,
                cache::plain_set_clears_the_ttl,
            ],
        )
        .write(|hand, key, value, ttl| {
            if let Some(entry) = hand.entry(key).filter(|entry| entry.end.is_some()) {
                hand.entries().entry(timer(hand, key)).or_insert(entry);
            }
            hand.write(key, value, ttl)
        })
        .get(get_after_timer),
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
    ]
}

fn timer(hand: &Hand, key: &str) -> String {
    format!("timer {}", hand.at(key))
}

/// Reads; a timer that has run out removes the key first.
fn get_after_timer(hand: &Hand, key: &str) -> Result<Option<Bytes>> {
    let entry = hand.entries().get(&timer(hand, key)).cloned();
    if entry.is_some_and(|entry| !hand.is_alive(&entry)) {
        hand.delete(key)?;
    }
    hand.get(key)
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
