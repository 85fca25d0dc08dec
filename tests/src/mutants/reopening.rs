//! Faults of a store that is closed and opened again.

use std::mem::take;

use tck::{Bytes, atomic, cache, kv_store, listing, transaction};

use super::marks::unmark;
use crate::{
    Mutant,
    clay::{Entry, Hand, exactly, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [data(), openings()].concat()
}

/// Data that is not read back as it was written.
fn data() -> Vec<Mutant> {
    let reopened = [kv_store::reopened_store_holds_the_same_data];
    vec![
        Mutant::new(
            "kept_until_the_last_handle_goes",
            "what a namespace holds goes with its last handle",
            &[
                kv_store::reopened_store_holds_the_same_data,
                cache::reopened_cache_keeps_deadlines,
                listing::reopened_store_lists_the_same_keys,
                atomic::reopened_store_holds_what_conditions_wrote,
                transaction::reopened_store_holds_what_was_committed,
            ],
        )
        .shut(|hand| keep_own(hand, |_, _| false)),
        Mutant::new(
            "empty_values_are_not_read_back",
            "keys with an empty value are missing when the store is opened again",
            &reopened,
        )
        .shut(|hand| keep_own(hand, |_, entry| !entry.value.is_empty())),
        Mutant::new(
            "large_values_are_not_read_back",
            "values over 64 KiB are missing when the store is opened again",
            &reopened,
        )
        .shut(|hand| keep_own(hand, |_, entry| entry.value.len() <= 64 << 10)),
        Mutant::new(
            "keys_are_read_back_to_an_equals_sign",
            "a key with an equals sign is missing when the store is opened again",
            &reopened,
        )
        .shut(|hand| keep_own(hand, |place, _| !place.contains('='))),
        Mutant::new(
            "empty_key_is_not_read_back",
            "the empty key is missing when the store is opened again",
            &reopened,
        )
        .shut(|hand| {
            let empty = hand.at("");
            keep_own(hand, |place, _| place != empty);
        }),
        Mutant::new(
            "long_keys_are_not_read_back",
            "keys over 200 bytes are missing when the store is opened again",
            &reopened,
        )
        .shut(|hand| keep_own(hand, |place, _| place.len() <= 200)),
        Mutant::new(
            "values_are_read_back_by_the_line",
            "a value is read back up to its first end of line",
            &reopened,
        )
        .reopen(|hand| {
            change_own(hand, |_, entry| {
                let end = entry.value.iter().position(|byte| *byte == b'\n');
                entry.value.truncate(end.unwrap_or(usize::MAX));
            });
        }),
    ]
}

/// Changes that count for as long as the store is open.
fn openings() -> Vec<Mutant> {
    let reopened = [kv_store::reopened_store_holds_the_same_data];
    vec![
        Mutant::new(
            "last_write_is_not_flushed",
            "what was written last is missing when the store is opened again",
            &reopened,
        )
        .write(|hand, key, value, ttl| {
            *locked(&hand.memo) = [(key.to_owned(), Bytes::new())].into();
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            locked(&hand.memo).clear();
            hand.delete(key)
        })
        .shut(|hand| {
            for key in locked(&hand.memo).keys() {
                hand.entries().remove(&hand.at(key));
            }
        }),
        Mutant::new(
            "deletes_are_not_read_back",
            "what was deleted is there when the store is opened again",
            &reopened,
        )
        .write(|hand, key, value, ttl| {
            unmark(hand, key);
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            if let Some(value) = hand.get(key)? {
                locked(&hand.server.memo).insert(hand.at(key), value);
            }
            hand.delete(key)
        })
        .reopen(replay),
        Mutant::new(
            "last_delete_is_not_flushed",
            "what was deleted last is there when the store is opened again",
            &reopened,
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.server.memo).clear();
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            let deleted = hand.get(key)?.map(|value| (hand.at(key), value));
            *locked(&hand.server.memo) = deleted.into_iter().collect();
            hand.delete(key)
        })
        .reopen(replay),
        Mutant::new(
            "versions_begin_anew_with_each_opening",
            "of the values of two openings, the older one is read back",
            &reopened,
        )
        .reopen(remember_own)
        .shut(|hand| {
            let before = take(&mut *locked(&hand.memo));
            change_own(hand, |place, entry| {
                if let Some(value) = before.get(place) {
                    entry.value = value.clone();
                }
            });
        }),
        Mutant::new(
            "opening_begins_a_new_log",
            "when the store is opened again, there is only what was written since the last time",
            &reopened,
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.memo).insert(hand.at(key), Bytes::new());
            hand.write(key, value, ttl)
        })
        .shut(|hand| {
            let written = take(&mut *locked(&hand.memo));
            keep_own(hand, |place, _| written.contains_key(place));
        }),
        Mutant::new(
            "opening_without_a_write_leaves_nothing",
            "a store that was opened and closed without a write is empty",
            &reopened,
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.memo).insert(hand.at(key), Bytes::new());
            hand.write(key, value, ttl)
        })
        .shut(|hand| {
            let has_written = !locked(&hand.memo).is_empty();
            keep_own(hand, |_, _| has_written);
        }),
    ]
}

pub(super) fn is_own(hand: &Hand, place: &str) -> bool {
    place.starts_with(&exactly(&hand.namespace, ""))
}

/// Keeps of the namespace what is meant.
pub(super) fn keep_own(hand: &Hand, is_kept: impl Fn(&str, &Entry) -> bool) {
    hand.entries()
        .retain(|place, entry| !is_own(hand, place) || is_kept(place, entry));
}

/// Changes what the namespace holds.
pub(super) fn change_own(hand: &Hand, change: impl Fn(&str, &mut Entry)) {
    for (place, entry) in hand.entries().iter_mut() {
        if is_own(hand, place) {
            change(place, entry);
        }
    }
}

/// Remembers what the namespace holds for this handle.
pub(super) fn remember_own(hand: &mut Hand) {
    let own = hand.entries().clone().into_iter();
    let own = own.filter(|(place, _)| is_own(hand, place));
    let own = own.map(|(place, entry)| (place, entry.value)).collect();
    *locked(&hand.memo) = own;
}

/// Puts what is remembered of the namespace into it.
pub(super) fn replay(hand: &mut Hand) {
    let remembered = locked(&hand.server.memo).clone();
    let written = hand.now();
    for (place, value) in remembered {
        if is_own(hand, &place) {
            let entry = Entry {
                value,
                written,
                end: None,
            };
            hand.entries().insert(place, entry);
        }
    }
}
