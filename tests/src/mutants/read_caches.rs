//! Faults of stores that remember what they have answered.

use tck::{Bytes, cache, kv_store};

use super::marks::{is_marked, mark};
use crate::{Mutant, clay::locked};

pub(super) fn mutants() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "has_remembers_presence",
            "`has` that was true once stays true",
            &[kv_store::has_tells_present_from_absent],
        )
        .has(|hand, key| {
            let mut memo = locked(&hand.server.memo);
            if hand.has(key)? {
                memo.insert(hand.at(key), Bytes::new());
            }
            Ok(memo.contains_key(&hand.at(key)))
        }),
        Mutant::new(
            "has_remembers_absence",
            "`has` that was false once stays false",
            &[kv_store::has_tells_present_from_absent],
        )
        .has(|hand, key| {
            let mut memo = locked(&hand.server.memo);
            if !hand.has(key)? {
                memo.insert(hand.at(key), Bytes::new());
            }
            Ok(!memo.contains_key(&hand.at(key)))
        }),
        Mutant::new(
            "first_read_is_stale",
            "the first read after a write answers the value before",
            &[
                kv_store::set_overwrites_existing_value,
                kv_store::every_read_path_agrees_after_every_change,
            ],
        )
        .write(|hand, key, value, ttl| {
            if let Some(old) = hand.get(key)? {
                locked(&hand.server.memo).insert(hand.at(key), old);
            }
            hand.write(key, value, ttl)
        })
        .get(
            |hand, key| match locked(&hand.server.memo).remove(&hand.at(key)) {
                Some(old) => Ok(Some(old)),
                None => hand.get(key),
            },
        ),
        Mutant::new(
            "read_cache_survives_delete",
            "a value that was read is answered after its key was deleted",
            &[
                kv_store::every_read_path_agrees_after_every_change,
                kv_store::set_after_delete_stores_again,
            ],
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.server.memo).remove(&hand.at(key));
            hand.write(key, value, ttl)
        })
        .get(|hand, key| {
            let mut memo = locked(&hand.server.memo);
            if let Some(cached) = memo.get(&hand.at(key)) {
                return Ok(Some(cached.clone()));
            }
            let value = hand.get(key)?;
            if let Some(value) = &value {
                memo.insert(hand.at(key), value.clone());
            }
            Ok(value)
        }),
        Mutant::new(
            "read_cache_survives_set_with_ttl",
            "a value that was read is answered after `set_with_ttl` has replaced it",
            &[cache::set_overwrites_existing_value_and_ttl],
        )
        .set(|hand, key, value, ttl| {
            locked(&hand.server.memo).remove(&hand.at(key));
            hand.write(key, value, ttl)
        })
        .get(|hand, key| {
            let value = hand.get(key)?;
            let mut memo = locked(&hand.server.memo);
            match value {
                Some(value) => Ok(Some(memo.entry(hand.at(key)).or_insert(value).clone())),
                None => {
                    memo.remove(&hand.at(key));
                    Ok(None)
                }
            }
        }),
        Mutant::new(
            "miss_survives_set_with_ttl",
            "a key that was missing once stays so after `set_with_ttl`",
            &[cache::delete_removes_key_before_expiry],
        )
        .set(|hand, key, value, ttl| {
            locked(&hand.server.memo).remove(&hand.at(key));
            hand.write(key, value, ttl)
        })
        .get(|hand, key| {
            let missed = is_marked(hand, key);
            let value = hand.get(key)?.filter(|_| !missed);
            if value.is_none() {
                mark(hand, key);
            }
            Ok(value)
        }),
    ]
}
