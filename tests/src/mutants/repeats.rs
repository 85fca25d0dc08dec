//! Faults of writes that look as if they had been made before.

use tck::{Bytes, atomic, cache, kv_store};

use crate::{
    Mutant,
    clay::{Entry, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [leases(), values()].concat()
}

fn leases() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "same_value_over_an_expired_one_is_spared",
            "a write is spared where the expired value was the same",
            &[cache::overwriting_an_expired_key_stores_anew],
        )
        .write(|hand, key, value, ttl| {
            let is_same = |entry: Entry| !hand.is_alive(&entry) && entry.value == value;
            if hand.entry(key).is_some_and(is_same) {
                return Ok(());
            }
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "third_renewal_is_ignored",
            "the third renewal of a time to live in a row keeps the old deadline",
            &[cache::same_value_again_renews_the_ttl],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            let old = hand.entry(key).filter(|entry| hand.is_alive(entry));
            let end = old.and_then(|entry| entry.end);
            let renewals = {
                let mut memo = locked(&hand.server.memo);
                let renewals = memo.remove(key).filter(|_| end.is_some());
                let renewals = [&renewals.unwrap_or_default()[..], b"."].concat();
                memo.insert(key.to_owned(), Bytes::from(renewals.clone()));
                renewals.len()
            };
            hand.write(key, value, ttl)?;
            if let Some(entry) = hand.entry(key).filter(|_| renewals > 3) {
                hand.put(key, Entry { end, ..entry });
            }
            Ok(())
        }),
        Mutant::new(
            "delete_of_a_lease_uncovers_the_plain_value",
            "deleting an entry with a time to live brings back the plain one that it has replaced",
            &[cache::delete_removes_key_before_expiry],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            let old = hand.entry(key).filter(|entry| entry.end.is_none());
            if let Some(old) = old {
                locked(&hand.server.memo).insert(hand.at(key), old.value);
            }
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            hand.delete(key)?;
            match locked(&hand.server.memo).remove(&hand.at(key)) {
                Some(plain) => hand.write(key, plain, None),
                None => Ok(()),
            }
        }),
        Mutant::new(
            "compare_and_set_of_the_same_keeps_the_ttl",
            "a comparison that stores the same value again writes nothing",
            &[atomic::write_that_happens_never_expires],
        )
        .compare_and_set(|hand, key, expected, value| {
            if value == expected {
                return Ok(hand.get(key)?.as_deref() == Some(expected));
            }
            hand.compare_and_set(key, expected, value)
        }),
    ]
}

fn values() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "replaced_values_come_back_with_a_clean_up",
            "every 500th write brings back what was replaced",
            &[kv_store::many_keys_are_all_kept],
        )
        .write(|hand, key, value, ttl| {
            let old = hand.get(key)?.map(|old| (key.to_owned(), old));
            locked(&hand.memo).extend(old);
            hand.write(key, value, ttl)?;
            if (hand.count() + 1).is_multiple_of(500) {
                for (key, old) in locked(&hand.memo).drain() {
                    hand.write(&key, old, None)?;
                }
            }
            Ok(())
        })
        .delete(|hand, key| {
            locked(&hand.memo).remove(key);
            hand.delete(key)
        }),
        Mutant::new(
            "deleted_keys_come_back_with_a_clean_up",
            "every 500th write brings back what was deleted",
            &[kv_store::many_keys_are_all_kept],
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.server.memo).remove(&hand.at(key));
            hand.write(key, value, ttl)?;
            if (hand.count() + 1).is_multiple_of(500) {
                let written = hand.now();
                for (place, value) in locked(&hand.server.memo).drain() {
                    let end = None;
                    let entry = Entry {
                        value,
                        written,
                        end,
                    };
                    hand.entries().entry(place).or_insert(entry);
                }
            }
            Ok(())
        })
        .delete(|hand, key| {
            if let Some(value) = hand.get(key)? {
                locked(&hand.server.memo).insert(hand.at(key), value);
            }
            hand.delete(key)
        }),
        Mutant::new(
            "deleting_takes_equal_values_along",
            "deleting a key that was overwritten takes along all keys that hold its value",
            &[kv_store::one_key_leaves_the_others_alone],
        )
        .write(|hand, key, value, ttl| {
            if hand.has(key)? {
                locked(&hand.server.memo).insert(hand.at(key), value.clone());
            }
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            let value = locked(&hand.server.memo).remove(&hand.at(key));
            if let Some(value) = value {
                hand.entries().retain(|_, entry| entry.value != value);
            }
            hand.delete(key)
        }),
        Mutant::new(
            "chunks_of_a_longer_value_stay",
            "a value in fewer chunks keeps the last chunks of the one it replaces",
            &[kv_store::large_values_are_kept_whole],
        )
        .write(|hand, key, value, ttl| {
            const CHUNK: usize = 64 << 10;
            let old = hand.get(key)?.unwrap_or_default();
            let rest = old.get(value.len().div_ceil(CHUNK) * CHUNK..);
            let rest = rest.filter(|_| value.len() > CHUNK).unwrap_or_default();
            let mixed = [&value[..], rest].concat();
            hand.write(key, mixed.into(), ttl)
        }),
        Mutant::new(
            "value_that_grows_keeps_its_chunks",
            "a value in more chunks than the one it replaces is read as far as that went",
            &[kv_store::large_values_are_kept_whole],
        )
        .write(|hand, key, mut value, ttl| {
            const CHUNK: usize = 64 << 10;
            let old = hand.get(key)?.map_or(0, |old| old.len());
            if old > CHUNK {
                value.truncate(old.div_ceil(CHUNK) * CHUNK);
            }
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "incompressible_value_loses_its_end",
            "values in which hardly anything repeats lose their end",
            &[kv_store::large_values_are_kept_whole],
        )
        .write(|hand, key, mut value, ttl| {
            let words: Vec<_> = value.chunks_exact(4).collect();
            let distinct: std::collections::BTreeSet<_> = words.iter().collect();
            if words.len() > 250 && distinct.len() * 100 > words.len() * 95 {
                value.truncate(value.len() - value.len() / 200);
            }
            hand.write(key, value, ttl)
        }),
    ]
}
