//! Faults in how an operation refuses what the others refuse.

use tck::{Error, Result, cache, kv_store};

use crate::{Mutant, clay::Rules};

pub(super) fn mutants() -> Vec<Mutant> {
    [keys(), writes_with_ttl()].concat()
}

/// Keys that the store refuses without having declared so.
fn keys() -> Vec<Mutant> {
    vec![
        no_nul(
            "refused_key_asked_for_untyped",
            "`has` of a key that `set` refuses fails as the backend does",
        )
        .has(|hand, key| match has_nul(key) {
            true => Err(Error::backend("nul byte in path")),
            false => hand.has(key),
        }),
        no_nul(
            "refused_key_deleted_untyped",
            "`delete` of a key that `set` refuses fails as the backend does",
        )
        .delete(|hand, key| match has_nul(key) {
            true => Err(Error::backend("nul byte in path")),
            false => hand.delete(key),
        }),
        no_nul(
            "delete_of_refused_key_panics",
            "`delete` of a key that `set` refuses panics",
        )
        .delete(|hand, key| {
            assert!(!has_nul(key), "nul byte in path");
            hand.delete(key)
        }),
        no_long_key(
            "get_of_long_key_fails_untyped",
            "`get` of a key that is too long for `set` fails as the backend does",
        )
        .get(|hand, key| match is_long(key) {
            true => Err(Error::backend("CLIENT_ERROR bad command line format")),
            false => hand.get(key),
        }),
        no_long_key(
            "delete_of_long_key_cuts_it",
            "`delete` of a key that is too long for `set` deletes what it begins with",
        )
        .delete(|hand, key| hand.delete(key.get(..255).unwrap_or(key))),
        no_long_key(
            "refused_key_is_written_cut",
            "what a long key was refused for is there under its first 250 bytes",
        )
        .write(|hand, key, value, ttl| match is_long(key) {
            true => {
                hand.write(key.get(..250).unwrap_or(key), value, ttl)?;
                Err(Error::invalid_key("can't be held"))
            }
            false => hand.write(key, value, ttl),
        }),
        no_long_key(
            "refusal_cuts_a_character",
            "the refusal of a long key panics when it cuts the key within a character",
        )
        .write(|hand, key, value, ttl| match is_long(key) {
            true => Err(Error::invalid_key(&key[..100])),
            false => hand.write(key, value, ttl),
        }),
    ]
}

/// What `set` refuses and `set_with_ttl` takes.
fn writes_with_ttl() -> Vec<Mutant> {
    let strict = |name, fault| {
        Mutant::new(name, fault, &[cache::limits_hold_with_a_ttl_as_without]).rules(Rules::STRICT)
    };
    vec![
        strict(
            "empty_key_with_ttl_dropped",
            "`set_with_ttl` answers Ok for the empty key although it is declared refused",
        )
        .set_with_ttl(|hand, key, value, ttl| match key.is_empty() {
            true => Ok(()),
            false => hand.write(key, value, ttl),
        }),
        strict(
            "long_key_with_ttl_dropped",
            "`set_with_ttl` answers Ok for a key that is too long",
        )
        .set_with_ttl(|hand, key, value, ttl| match key.len() > 200 {
            true => Ok(()),
            false => hand.write(key, value, ttl),
        }),
        strict(
            "oversized_value_with_ttl_cut",
            "`set_with_ttl` cuts a value over the limit",
        )
        .set_with_ttl(|hand, key, value, ttl| {
            hand.write(key, value.slice(..value.len().min(100_000)), ttl)
        }),
        strict(
            "oversized_value_with_ttl_deletes",
            "`set_with_ttl` refuses a value over the limit, and the old one is gone",
        )
        .set_with_ttl(|hand, key, value, ttl| {
            if value.len() > 100_000 {
                hand.delete(key)?;
            }
            hand.write(key, value, ttl)
        }),
    ]
}

/// A store that refuses keys with NUL in them.
fn no_nul(name: &'static str, fault: &'static str) -> Mutant {
    Mutant::new(name, fault, &[kv_store::keys_are_told_apart_exactly])
        .write(|hand, key, value, ttl| unless(has_nul(key), || hand.write(key, value, ttl)))
        .get(|hand, key| unless(has_nul(key), || hand.get(key)))
        .has(|hand, key| unless(has_nul(key), || hand.has(key)))
        .delete(|hand, key| unless(has_nul(key), || hand.delete(key)))
}

/// A store that refuses long keys.
fn no_long_key(name: &'static str, fault: &'static str) -> Mutant {
    Mutant::new(
        name,
        fault,
        &[kv_store::long_keys_are_kept_whole_or_refused],
    )
    .write(|hand, key, value, ttl| unless(is_long(key), || hand.write(key, value, ttl)))
    .get(|hand, key| unless(is_long(key), || hand.get(key)))
    .has(|hand, key| unless(is_long(key), || hand.has(key)))
    .delete(|hand, key| unless(is_long(key), || hand.delete(key)))
}

fn has_nul(key: &str) -> bool {
    key.contains('\0')
}

fn is_long(key: &str) -> bool {
    key.len() > 300
}

fn unless<T>(refused: bool, call: impl FnOnce() -> Result<T>) -> Result<T> {
    match refused {
        true => Err(Error::invalid_key("can't be held")),
        false => call(),
    }
}
