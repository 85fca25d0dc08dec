//! Faults of timers that remove what has expired.

use tck::{Bytes, Result, cache};

use crate::{
    Mutant,
    clay::{Entry, Hand},
};

pub(super) fn mutants() -> Vec<Mutant> {
    vec![
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
            "timer_survives_delete_until_a_plain_set",
            "the timer of a deleted entry removes the next one if that expires as well",
            &[cache::ttl_does_not_outlive_its_entry],
        )
        .delete(|hand, key| {
            if let Some(entry) = hand.entry(key).filter(|entry| entry.end.is_some()) {
                hand.entries().insert(timer(hand, key), entry);
            }
            hand.delete(key)
        })
        .set(|hand, key, value, _| {
            hand.entries().remove(&timer(hand, key));
            hand.write(key, value, None)
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
            "timer_of_another_handle_survives_set",
            "the timer of one handle removes what another has set since",
            &[cache::ttl_is_shared_by_all_handles],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            if let Some(entry) = hand.entry(key).filter(|entry| entry.end.is_some()) {
                let value = Bytes::from(hand.number.to_string());
                hand.entries()
                    .insert(timer(hand, key), Entry { value, ..entry });
            }
            Ok(())
        })
        .set(|hand, key, value, _| {
            let own = hand.number.to_string();
            hand.entries()
                .retain(|place, entry| *place != timer(hand, key) || entry.value != own);
            hand.write(key, value, None)
        })
        .delete(|hand, key| {
            hand.entries().remove(&timer(hand, key));
            hand.delete(key)
        })
        .get(get_after_timer),
        Mutant::new(
            "deadline_under_a_trimmed_key",
            "keys that differ in blanks around them only share their deadline",
            &[cache::keys_with_a_ttl_are_told_apart_exactly],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            share_deadline(hand, key, |other| other.trim() == key.trim());
            Ok(())
        }),
        Mutant::new(
            "deadline_under_a_cut_key",
            "keys whose first 64 bytes are the same share their deadline",
            &[cache::keys_with_a_ttl_are_told_apart_exactly],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            let cut = |key: &str| key.as_bytes().iter().copied().take(64).collect::<Vec<_>>();
            share_deadline(hand, key, |other| cut(other) == cut(key));
            Ok(())
        }),
    ]
}

pub(super) fn timer(hand: &Hand, key: &str) -> String {
    format!("timer {}", hand.at(key))
}

/// Reads; a timer that has run out removes the key first.
pub(super) fn get_after_timer(hand: &Hand, key: &str) -> Result<Option<Bytes>> {
    let entry = hand.entries().get(&timer(hand, key)).cloned();
    if entry.is_some_and(|entry| !hand.is_alive(&entry)) {
        hand.entries().remove(&timer(hand, key));
        hand.delete(key)?;
    }
    hand.get(key)
}

/// Gives the deadline of one key to others of its namespace that have one.
fn share_deadline(hand: &Hand, key: &str, shares: impl Fn(&str) -> bool) {
    let Some(Entry { end, .. }) = hand.entry(key) else {
        return;
    };
    let keys = hand.keys_among(&hand.entries());
    for other in keys.iter().filter(|other| shares(other)) {
        if let Some(entry) = hand.entry(other).filter(|entry| entry.end.is_some()) {
            hand.put(other, Entry { end, ..entry });
        }
    }
}
