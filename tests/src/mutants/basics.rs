//! Faults of set, get, has and delete on a few keys.

use tck::{Bytes, Error, cache, kv_store, values};

use super::marks::{is_marked, mark};
use crate::{
    Mutant,
    clay::{Hand, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "never_stores",
            "`set` answers Ok and stores nothing",
            &[
                kv_store::set_and_get_value,
                cache::set_and_get_value_without_ttl,
            ],
        )
        .set(|_, _, _, _| Ok(())),
        Mutant::new(
            "read_consumes",
            "a value can be read once",
            &[kv_store::set_and_get_value],
        )
        .get(|hand, key| {
            let value = hand.get(key)?;
            hand.delete(key)?;
            Ok(value)
        }),
        Mutant::new(
            "read_ten_times",
            "a key can be read ten times",
            &[kv_store::set_overwrites_existing_value],
        )
        .get(|hand, key| Ok(hand.get(key)?.filter(|_| turn(hand, key) <= 10))),
        Mutant::new(
            "miss_is_an_error",
            "`get` of a missing key answers an error",
            &[
                kv_store::get_non_existent_key_returns_none,
                cache::get_non_existent_key_is_a_cache_miss,
            ],
        )
        .get(|hand, key| {
            hand.get(key)?
                .map(Some)
                .ok_or_else(|| Error::unavailable("no such key"))
        }),
        Mutant::new(
            "miss_is_an_empty_value",
            "`get` of a missing key answers an empty value",
            &[
                kv_store::get_non_existent_key_returns_none,
                cache::get_non_existent_key_is_a_cache_miss,
                values::missing_value_is_none,
            ],
        )
        .get(|hand, key| Ok(Some(hand.get(key)?.unwrap_or_default()))),
        Mutant::new(
            "overwrite_ignored",
            "the first value of a key stays",
            &[
                kv_store::set_overwrites_existing_value,
                values::overwriting_replaces_the_whole_value,
            ],
        )
        .write(|hand, key, value, ttl| match hand.has(key)? {
            true => Ok(()),
            false => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "overwrite_in_place",
            "a shorter value keeps the tail of the longer one it replaces",
            &[kv_store::set_overwrites_existing_value],
        )
        .write(|hand, key, value, ttl| {
            let mut bytes = value.to_vec();
            if let Some(old) = hand.get(key)? {
                bytes.extend(old.iter().skip(value.len()));
            }
            hand.write(key, Bytes::from(bytes), ttl)
        }),
        Mutant::new(
            "empty_overwrite_ignored",
            "an empty value does not replace another",
            &[kv_store::set_overwrites_existing_value],
        )
        .write(
            |hand, key, value, ttl| match value.is_empty() && hand.has(key)? {
                true => Ok(()),
                false => hand.write(key, value, ttl),
            },
        ),
        Mutant::new(
            "version_in_8_bits",
            "every 256th version of a value is taken for older than the one before",
            &[kv_store::set_overwrites_existing_value],
        )
        .write(|hand, key, value, ttl| match turn(hand, key) % 256 {
            0 => Ok(()),
            _ => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "delete_noop",
            "`delete` answers Ok and removes nothing",
            &[
                kv_store::delete_removes_key,
                cache::delete_removes_key_before_expiry,
            ],
        )
        .delete(|_, _| Ok(())),
        Mutant::new(
            "delete_leaves_empty",
            "`delete` leaves an empty value",
            &[kv_store::delete_removes_key],
        )
        .delete(|hand, key| match hand.has(key)? {
            true => hand.write(key, Bytes::new(), None),
            false => Ok(()),
        }),
        Mutant::new(
            "delete_missing_raises",
            "`delete` of a missing key answers an error",
            &[
                kv_store::delete_is_idempotent,
                cache::deleting_an_expired_key_succeeds,
            ],
        )
        .delete(|hand, key| match hand.has(key)? {
            true => hand.delete(key),
            false => Err(Error::unavailable("no such key")),
        }),
        Mutant::new(
            "second_delete_raises",
            "`delete` of a key that was deleted before answers an error",
            &[kv_store::delete_is_idempotent],
        )
        .delete(|hand, key| {
            if hand.has(key)? {
                mark(hand, key);
                return hand.delete(key);
            }
            match is_marked(hand, key) {
                true => Err(Error::conflict("deleted already")),
                false => Ok(()),
            }
        }),
        Mutant::new(
            "same_value_raises",
            "`set` to the value that is there answers a conflict",
            &[kv_store::set_is_idempotent],
        )
        .write(
            |hand, key, value, ttl| match hand.get(key)? == Some(value.clone()) {
                true => Err(Error::conflict("unchanged")),
                false => hand.write(key, value, ttl),
            },
        ),
        Mutant::new(
            "same_value_appends",
            "`set` to the value that is there appends it",
            &[kv_store::set_is_idempotent],
        )
        .write(|hand, key, value, ttl| match hand.get(key)? {
            Some(old) if old == value => hand.write(key, Bytes::from([old, value].concat()), ttl),
            _ => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "delete_uncovers_older_version",
            "`delete` removes the latest version only",
            &[kv_store::set_is_idempotent],
        )
        .write(|hand, key, value, ttl| {
            if let Some(old) = hand.get(key)? {
                locked(&hand.server.memo).insert(hand.at(key), old);
            }
            hand.write(key, value, ttl)
        })
        .delete(
            |hand, key| match locked(&hand.server.memo).remove(&hand.at(key)) {
                Some(old) => hand.write(key, old, None),
                None => hand.delete(key),
            },
        ),
        Mutant::new(
            "tombstone_hides_next_write",
            "the first write after a delete is lost",
            &[kv_store::set_after_delete_stores_again],
        )
        .write(
            |hand, key, value, ttl| match locked(&hand.server.memo).remove(&hand.at(key)) {
                Some(_) => Ok(()),
                None => hand.write(key, value, ttl),
            },
        )
        .delete(|hand, key| {
            mark(hand, key);
            hand.delete(key)
        }),
        Mutant::new(
            "tombstone_hides_next_set_with_ttl",
            "the first write after a delete is lost if it has a time to live",
            &[cache::delete_removes_key_before_expiry],
        )
        .set(|hand, key, value, ttl| {
            locked(&hand.server.memo).remove(&hand.at(key));
            hand.write(key, value, ttl)
        })
        .set_with_ttl(|hand, key, value, ttl| {
            match locked(&hand.server.memo).remove(&hand.at(key)) {
                Some(_) => Ok(()),
                None => hand.write(key, value, ttl),
            }
        })
        .delete(|hand, key| {
            mark(hand, key);
            hand.delete(key)
        }),
        Mutant::new(
            "get_inserts",
            "`get` of a missing key inserts an empty value",
            &[
                kv_store::reading_creates_nothing,
                values::get_or_answers_the_default_only_when_missing,
            ],
        )
        .get(|hand, key| {
            let value = hand.get(key)?;
            if value.is_none() {
                hand.write(key, Bytes::new(), None)?;
            }
            Ok(value)
        }),
        Mutant::new(
            "has_inserts",
            "`has` of a missing key inserts an empty value",
            &[kv_store::reading_creates_nothing],
        )
        .has(|hand, key| {
            let has = hand.has(key)?;
            if !has {
                hand.write(key, Bytes::new(), None)?;
            }
            Ok(has)
        }),
        Mutant::new(
            "has_is_always_true",
            "`has` answers true whatever the key",
            &[kv_store::has_tells_present_from_absent],
        )
        .has(|_, _| Ok(true)),
        Mutant::new(
            "has_is_always_false",
            "`has` answers false whatever the key",
            &[kv_store::has_tells_present_from_absent],
        )
        .has(|_, _| Ok(false)),
        Mutant::new(
            "has_asks_for_content",
            "`has` answers false for an empty value",
            &[
                kv_store::has_tells_present_from_absent,
                kv_store::empty_value_is_not_missing,
                cache::values_with_a_ttl_are_exact,
            ],
        )
        .has(|hand, key| Ok(hand.get(key)?.is_some_and(|value| !value.is_empty()))),
        Mutant::new(
            "every_seventh_write_is_lost",
            "a buffer drops every seventh write",
            &[kv_store::every_read_path_agrees_after_every_change],
        )
        .write(|hand, key, value, ttl| match hand.count() % 7 {
            6 => Ok(()),
            _ => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "has_looks_at_the_last_write",
            "`has` answers for the key that was written last",
            &[kv_store::every_read_path_agrees_after_every_change],
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.server.memo).insert(String::new(), Bytes::from(hand.at(key)));
            hand.write(key, value, ttl)
        })
        .has(|hand, key| {
            let last = locked(&hand.server.memo).get("").cloned();
            Ok(hand.has(key)? && last.is_some_and(|last| last == hand.at(key)))
        }),
    ]
}

/// How many times the key has had its turn, this one included.
fn turn(hand: &Hand, key: &str) -> usize {
    let mut memo = locked(&hand.server.memo);
    let turns = memo.get(&hand.at(key)).map_or(0, Bytes::len) + 1;
    memo.insert(hand.at(key), Bytes::from(vec![0; turns]));
    turns
}
