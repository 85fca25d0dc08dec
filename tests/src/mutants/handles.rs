//! Faults that show when several handles are open, or one is closed.

use tck::{Bytes, cache, kv_store, namespaces};

use crate::{
    Mutant,
    clay::{Hand, exactly, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [data(), deadlines()].concat()
}

/// Data that the others do not see, or lose.
fn data() -> Vec<Mutant> {
    let second = [kv_store::second_handle_sees_the_same_data];
    vec![
        Mutant::new(
            "handle_caches_reads",
            "a handle answers what it has read before",
            &second,
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.memo).insert(key.to_owned(), value.clone());
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            locked(&hand.memo).remove(key);
            hand.delete(key)
        })
        .get(|hand, key| match locked(&hand.memo).get(key) {
            Some(cached) => Ok(Some(cached.clone())),
            None => hand.get(key),
        }),
        Mutant::new(
            "handle_caches_misses",
            "a handle remembers that a key was missing",
            &second,
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.memo).remove(key);
            hand.write(key, value, ttl)
        })
        .get(|hand, key| {
            if locked(&hand.memo).contains_key(key) {
                return Ok(None);
            }
            let value = hand.get(key)?;
            if value.is_none() {
                locked(&hand.memo).insert(key.to_owned(), Bytes::new());
            }
            Ok(value)
        }),
        Mutant::new(
            "handle_writes_late",
            "a handle keeps its writes to itself",
            &[
                kv_store::second_handle_sees_the_same_data,
                namespaces::one_name_is_one_namespace,
            ],
        )
        .write(|hand, key, value, ttl| match hand.number {
            0 => hand.write(key, value, ttl),
            _ => {
                locked(&hand.memo).insert(key.to_owned(), value);
                Ok(())
            }
        })
        .get(|hand, key| match locked(&hand.memo).get(key) {
            Some(own) => Ok(Some(own.clone())),
            None => hand.get(key),
        })
        .has(|hand, key| Ok(locked(&hand.memo).contains_key(key) || hand.has(key)?)),
        Mutant::new(
            "open_empties_the_store",
            "opening a handle empties its namespace",
            &[
                kv_store::second_handle_sees_the_same_data,
                namespaces::one_name_is_one_namespace,
            ],
        )
        .open(|hand| {
            let space = exactly(&hand.namespace, "");
            hand.entries().retain(|place, _| !place.starts_with(&space));
        }),
        Mutant::new(
            "close_empties_the_store",
            "closing a handle empties its namespace",
            &second,
        )
        .close(|hand| {
            let space = exactly(&hand.namespace, "");
            hand.entries().retain(|place, _| !place.starts_with(&space));
        }),
        Mutant::new(
            "close_takes_own_writes",
            "what a handle has written goes when it is closed",
            &second,
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.memo).insert(hand.at(key), Bytes::new());
            hand.write(key, value, ttl)
        })
        .close(|hand| {
            let own = locked(&hand.memo);
            hand.entries().retain(|place, _| !own.contains_key(place));
        }),
        Mutant::new(
            "each_handle_is_a_store",
            "each handle has data of its own",
            &[
                kv_store::second_handle_sees_the_same_data,
                cache::ttl_is_shared_by_all_handles,
                namespaces::one_name_is_one_namespace,
            ],
        )
        .open(|hand| hand.namespace = format!("{}#{}", hand.namespace, hand.number)),
        Mutant::new(
            "handle_keeps_large_values",
            "values over 64 KiB are there only for the handle that has set them",
            &second,
        )
        .set(|hand, key, value, ttl| {
            if value.len() > 64 << 10 {
                locked(&hand.memo).insert(key.to_owned(), value.clone());
            }
            hand.write(key, value, ttl)
        })
        .get(|hand, key| {
            let is_own = locked(&hand.memo).contains_key(key);
            Ok(hand
                .get(key)?
                .filter(|value| is_own || value.len() <= 64 << 10))
        }),
    ]
}

/// Deadlines that the others do not know.
fn deadlines() -> Vec<Mutant> {
    let shared = [cache::ttl_is_shared_by_all_handles];
    vec![
        Mutant::new(
            "ttl_kept_in_the_handle",
            "a handle knows only the deadlines that it gave itself",
            &[cache::ttl_is_shared_by_all_handles],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            locked(&hand.memo).insert(key.to_owned(), Bytes::new());
            hand.write(key, value, ttl)
        })
        .get(|hand, key| match locked(&hand.memo).contains_key(key) {
            true => hand.get(key),
            false => Ok(hand.entry(key).map(|entry| entry.value)),
        }),
        Mutant::new(
            "expiring_keys_are_private",
            "an entry with a time to live is seen by its own handle only",
            &[cache::ttl_is_shared_by_all_handles],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            locked(&hand.memo).insert(key.to_owned(), Bytes::new());
            hand.write(key, value, ttl)
        })
        .get(|hand, key| match hand.entry(key) {
            Some(entry) if entry.end.is_some() && !locked(&hand.memo).contains_key(key) => Ok(None),
            _ => hand.get(key),
        }),
        Mutant::new(
            "handle_caches_until_the_deadline",
            "a handle answers what it has read before until that expires",
            &shared,
        )
        .write(|hand, key, value, ttl| {
            hand.entries().remove(&copy(hand, key));
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            hand.entries().remove(&copy(hand, key));
            hand.delete(key)
        })
        .get(|hand, key| {
            let copied = hand.entries().get(&copy(hand, key)).cloned();
            if let Some(copied) = copied.filter(|copied| hand.is_alive(copied)) {
                return Ok(Some(copied.value));
            }
            if let Some(entry) = hand.entry(key).filter(|entry| entry.end.is_some()) {
                hand.entries().insert(copy(hand, key), entry);
            }
            hand.get(key)
        }),
    ]
}

/// Where a handle keeps what it has read.
fn copy(hand: &Hand, key: &str) -> String {
    format!("copy {} {}", hand.number, hand.at(key))
}
