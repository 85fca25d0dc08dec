//! Faults that make a key reach further than itself.

use tck::{Bytes, cache, kv_store, namespaces};

use crate::{
    Mutant,
    clay::{Hand, exactly},
};

pub(super) fn mutants() -> Vec<Mutant> {
    let deletes = Mutant::new;
    let beside = [kv_store::keys_are_told_apart_exactly];
    vec![
        Mutant::new(
            "write_reaches_the_last_key",
            "a write to a key also changes the key before it in order",
            &[kv_store::one_key_leaves_the_others_alone],
        )
        .write(|hand, key, value, ttl| {
            let place = hand.at(key);
            if let Some((_, before)) = hand.entries().range_mut(..place).next_back() {
                before.value = value.clone();
            }
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "temporary_file_beside",
            "a write passes through `key.tmp`, which another key may be called",
            &beside,
        )
        .write(|hand, key, value, ttl| {
            let temporary = format!("{key}.tmp");
            hand.write(&temporary, value.clone(), ttl)?;
            hand.write(key, value, ttl)?;
            hand.delete(&temporary)
        }),
        Mutant::new(
            "lock_file_beside",
            "a write leaves an empty `key.lock`, which another key may be called",
            &beside,
        )
        .write(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            match key.ends_with(".lock") {
                true => Ok(()),
                false => hand.write(&format!("{key}.lock"), Bytes::new(), None),
            }
        }),
        Mutant::new(
            "deadline_beside",
            "a time to live is kept under `key:ttl`, which another key may be called",
            &[cache::keys_with_a_ttl_are_told_apart_exactly],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            hand.write(&format!("{key}:ttl"), Bytes::from_static(b"1"), ttl)
        }),
        Mutant::new(
            "equal_values_are_held_once",
            "`set` removes the other keys that hold the same value",
            &[kv_store::one_key_leaves_the_others_alone],
        )
        .set(|hand, key, value, ttl| {
            hand.entries().retain(|_, entry| entry.value != value);
            hand.write(key, value, ttl)
        }),
        deletes(
            "delete_removes_everything",
            "`delete` empties the store",
            &[
                kv_store::one_key_leaves_the_others_alone,
                cache::expiring_one_key_leaves_the_others_alone,
            ],
        )
        .get(|hand, key| {
            if hand.entry(key).is_some_and(|entry| !hand.is_alive(&entry)) {
                hand.entries().clear();
            }
            hand.get(key)
        })
        .delete(|hand, _| {
            hand.entries().clear();
            Ok(())
        }),
        deletes(
            "delete_takes_equal_values",
            "`delete` removes the other keys that hold the same value",
            &[
                kv_store::one_key_leaves_the_others_alone,
                namespaces::deleting_in_one_namespace_leaves_the_others,
            ],
        )
        .delete(|hand, key| {
            if let Some(value) = hand.get(key)? {
                hand.entries().retain(|_, entry| entry.value != value);
            }
            hand.delete(key)
        }),
        deletes(
            "delete_by_prefix",
            "`delete` removes all keys that begin with the key",
            &[kv_store::delete_takes_its_key_literally],
        )
        .delete(|hand, key| retain(hand, key, |other, key| !other.starts_with(key))),
        deletes(
            "delete_by_parent",
            "`delete` removes what lies below the key",
            &[kv_store::delete_takes_its_key_literally],
        )
        .delete(|hand, key| {
            retain(hand, key, |other, key| {
                other != key
                    && !other.starts_with(&format!("{key}/"))
                    && !other.starts_with(&format!("{key}:"))
            })
        }),
        deletes(
            "delete_by_glob",
            "`delete` takes `*` and `?` for wildcards",
            &[kv_store::delete_takes_its_key_literally],
        )
        .delete(|hand, key| {
            retain(hand, key, |other, key| {
                !matches(key.as_bytes(), other.as_bytes(), b'*', b'?')
            })
        }),
        deletes(
            "delete_by_like",
            "`delete` takes `%` and `_` for wildcards",
            &[kv_store::delete_takes_its_key_literally],
        )
        .delete(|hand, key| {
            retain(hand, key, |other, key| {
                !matches(key.as_bytes(), other.as_bytes(), b'%', b'_')
            })
        }),
        deletes(
            "delete_by_expression",
            "`delete` takes `.` for any character",
            &[kv_store::delete_takes_its_key_literally],
        )
        .delete(|hand, key| {
            retain(hand, key, |other, key| {
                !matches(key.as_bytes(), other.as_bytes(), b'\0', b'.')
            })
        }),
        deletes(
            "delete_by_character_set",
            "`delete` takes `[12]` for one of two characters",
            &[kv_store::delete_takes_its_key_literally],
        )
        .delete(|hand, key| {
            for choice in ["1", "2"] {
                hand.delete(&key.replace("[12]", choice))?;
            }
            Ok(())
        }),
        deletes(
            "delete_by_alternatives",
            "`delete` takes `{1,2}` for a choice",
            &[kv_store::delete_takes_its_key_literally],
        )
        .delete(|hand, key| {
            for choice in ["1", "2"] {
                hand.delete(&key.replace("{1,2}", choice))?;
            }
            Ok(())
        }),
        deletes(
            "delete_of_several",
            "`delete` takes `|` for a separator of keys",
            &[kv_store::delete_takes_its_key_literally],
        )
        .delete(|hand, key| key.split('|').try_for_each(|key| hand.delete(key))),
        deletes(
            "delete_of_the_parent_directory",
            "`delete` resolves `..` and removes what is below",
            &[kv_store::delete_takes_its_key_literally],
        )
        .delete(|hand, key| match key.strip_suffix("user/..") {
            Some(parent) => retain(hand, parent, |other, key| !other.starts_with(key)),
            None => hand.delete(key),
        }),
        deletes(
            "delete_breaks_the_probe_chain",
            "`delete` makes the next key in the table unreachable",
            &[
                kv_store::many_keys_are_all_kept,
                kv_store::one_key_leaves_the_others_alone,
            ],
        )
        .delete(|hand, key| {
            hand.delete(key)?;
            let place = hand.at(key);
            let next = hand
                .entries()
                .range(place..)
                .next()
                .map(|(next, _)| next.clone());
            if let Some(next) = next {
                hand.entries().remove(&next);
            }
            Ok(())
        }),
        Mutant::new(
            "value_of_a_longer_key",
            "`get` of a missing key answers a key that begins with it",
            &[kv_store::delete_takes_its_key_literally],
        )
        .get(|hand, key| {
            let place = hand.at(key);
            let entries = hand.entries();
            let found = entries
                .range(place.clone()..)
                .next()
                .filter(|(at, _)| at.starts_with(&place));
            Ok(found.map(|(_, entry)| entry.value.clone()))
        }),
    ]
}

/// Removes the key and all keys of its namespace that are not to be kept.
fn retain(hand: &Hand, key: &str, keep: fn(&str, &str) -> bool) -> tck::Result<()> {
    let space = exactly(&hand.namespace, "");
    hand.entries().retain(|place, _| {
        place
            .strip_prefix(&space)
            .is_none_or(|other| keep(other, key))
    });
    hand.delete(key)
}

/// Whether a text matches a pattern with a wildcard for many and one for one character.
fn matches(pattern: &[u8], text: &[u8], many: u8, one: u8) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((&byte, rest)), _) if byte == many => {
            matches(rest, text, many, one)
                || text
                    .split_first()
                    .is_some_and(|(_, shorter)| matches(pattern, shorter, many, one))
        }
        (Some((&byte, pattern)), Some((&other, text))) if byte == one || byte == other => {
            matches(pattern, text, many, one)
        }
        _ => false,
    }
}
