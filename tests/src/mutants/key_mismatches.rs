//! Faults of one operation that takes its key otherwise than the others do.

use tck::{Bytes, Result, cache, kv_store};

use crate::{
    Mutant,
    clay::{Hand, exactly},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [reads(), deletes(), writes_with_ttl()].concat()
}

fn reads() -> Vec<Mutant> {
    let apart = [kv_store::keys_are_told_apart_exactly];
    vec![
        Mutant::new(
            "has_ignores_case",
            "`has` takes its key without case",
            &apart,
        )
        .has(|hand, key| Ok(alike(hand, key, str::to_lowercase).is_some())),
        Mutant::new(
            "has_composes",
            "`has` normalises its key to composed Unicode",
            &apart,
        )
        .has(|hand, key| Ok(alike(hand, key, |key| key.replace("e\u{301}", "\u{e9}")).is_some())),
        Mutant::new(
            "miss_falls_back_to_case",
            "a key that is missing is looked for once more without case",
            &apart,
        )
        .get(|hand, key| fall_back(hand, key, str::to_lowercase))
        .has(|hand, key| Ok(fall_back(hand, key, str::to_lowercase)?.is_some())),
        Mutant::new(
            "miss_falls_back_to_trimmed",
            "a key that is missing is looked for once more without blanks at both ends",
            &apart,
        )
        .get(|hand, key| fall_back(hand, key, trimmed))
        .has(|hand, key| Ok(fall_back(hand, key, trimmed)?.is_some())),
    ]
}

fn deletes() -> Vec<Mutant> {
    let apart = [kv_store::keys_are_told_apart_exactly];
    vec![
        Mutant::new(
            "delete_ignores_case",
            "`delete` takes its key without case",
            &apart,
        )
        .delete(|hand, key| delete_alike(hand, key, str::to_lowercase)),
        Mutant::new(
            "delete_ignores_blanks",
            "`delete` takes its key without blanks at both ends",
            &apart,
        )
        .delete(|hand, key| delete_alike(hand, key, trimmed)),
        Mutant::new(
            "delete_ignores_slashes",
            "`delete` takes its key without doubled slashes and those at the end",
            &apart,
        )
        .delete(|hand, key| {
            delete_alike(hand, key, |key| {
                key.trim_end_matches('/').replace("//", "/")
            })
        }),
    ]
}

fn writes_with_ttl() -> Vec<Mutant> {
    let apart = [cache::keys_with_a_ttl_are_told_apart_exactly];
    vec![
        Mutant::new(
            "set_with_ttl_lowers_case",
            "`set_with_ttl` turns its key to lower case",
            &apart,
        )
        .set_with_ttl(|hand, key, value, ttl| hand.write(&key.to_lowercase(), value, ttl)),
        Mutant::new(
            "set_with_ttl_trims",
            "`set_with_ttl` drops blanks at both ends of its key",
            &apart,
        )
        .set_with_ttl(|hand, key, value, ttl| hand.write(key.trim(), value, ttl)),
        Mutant::new(
            "set_with_ttl_cuts_key",
            "`set_with_ttl` cuts its key after 50 bytes",
            &[cache::limits_hold_with_a_ttl_as_without],
        )
        .set_with_ttl(|hand, key, value, ttl| hand.write(key.get(..50).unwrap_or(key), value, ttl)),
    ]
}

fn trimmed(key: &str) -> String {
    key.trim().to_owned()
}

/// The value of the key, or of the first that is like it.
fn fall_back(hand: &Hand, key: &str, fold: fn(&str) -> String) -> Result<Option<Bytes>> {
    Ok(hand.get(key)?.or_else(|| alike(hand, key, fold)))
}

/// The value of the first key that is like it.
fn alike(hand: &Hand, key: &str, fold: fn(&str) -> String) -> Option<Bytes> {
    let space = exactly(&hand.namespace, "");
    let entries = hand.entries();
    let mut found = entries.iter().filter(|(place, entry)| {
        place
            .strip_prefix(&space)
            .is_some_and(|other| fold(other) == fold(key))
            && hand.is_alive(entry)
    });
    found.next().map(|(_, entry)| entry.value.clone())
}

fn delete_alike(hand: &Hand, key: &str, fold: fn(&str) -> String) -> Result<()> {
    let space = exactly(&hand.namespace, "");
    hand.entries().retain(|place, _| {
        place
            .strip_prefix(&space)
            .is_none_or(|other| fold(other) != fold(key))
    });
    Ok(())
}
