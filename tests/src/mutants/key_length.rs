//! Faults with long keys, limits and the empty key.

use tck::{EmptyKey, Error, kv_store};

use crate::{
    Mutant,
    clay::{Locate, Rules, exactly},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [cut(), limits()].concat()
}

/// Keys of which only a part is looked at.
fn cut() -> Vec<Mutant> {
    let faults: [(&str, &str, Locate); 10] = [
        ("key_cut_at_63", "keys are cut after 63 bytes", |n, k| {
            exactly(n, head(k, 63))
        }),
        ("key_cut_at_64", "keys are cut after 64 bytes", |n, k| {
            exactly(n, head(k, 64))
        }),
        ("key_cut_at_128", "keys are cut after 128 bytes", |n, k| {
            exactly(n, head(k, 128))
        }),
        ("key_cut_at_250", "keys are cut after 250 bytes", |n, k| {
            exactly(n, head(k, 250))
        }),
        ("key_cut_at_255", "keys are cut after 255 bytes", |n, k| {
            exactly(n, head(k, 255))
        }),
        (
            "key_cut_at_1024",
            "keys are cut after 1024 bytes",
            |n, k| exactly(n, head(k, 1024)),
        ),
        (
            "key_cut_at_32767",
            "keys are cut after 32767 bytes",
            |n, k| exactly(n, head(k, 32_767)),
        ),
        (
            "key_length_in_16_bits",
            "the length of a key is counted in 16 bits",
            |n, k| exactly(n, head(k, k.len() % 65_536)),
        ),
        (
            "key_without_its_middle",
            "only the first and the last 40 bytes of a long key count, and its length",
            |n, k| match (k.get(..40), k.get(k.len().saturating_sub(40)..)) {
                (Some(head), Some(tail)) if k.len() > 80 => {
                    exactly(n, &format!("{head}...{}...{tail}", k.len()))
                }
                _ => exactly(n, k),
            },
        ),
        (
            "key_end_only",
            "only the last 32 bytes of a long key count",
            |n, k| {
                exactly(
                    n,
                    k.get(k.len().saturating_sub(32)..k.len() - usize::from(k.len() > 64))
                        .unwrap_or(k),
                )
            },
        ),
    ];
    let cut = faults.into_iter().map(|(name, fault, locate)| {
        Mutant::new(
            name,
            fault,
            &[kv_store::long_keys_are_kept_whole_or_refused],
        )
        .locate(locate)
    });
    cut.collect()
}

/// Faults in what a store refuses.
fn limits() -> Vec<Mutant> {
    let strict =
        |name, fault, caught_by: &[_]| Mutant::new(name, fault, caught_by).rules(Rules::STRICT);
    vec![
        Mutant::new(
            "long_key_stored_then_refused",
            "a long key is refused after it was stored cut",
            &[kv_store::long_keys_are_kept_whole_or_refused],
        )
        .write(|hand, key, value, ttl| match key.len() > 250 {
            true => {
                hand.write(head(key, 250), value, ttl)?;
                Err(Error::invalid_key("too long"))
            }
            false => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "long_key_fails_untyped",
            "a long key is refused as a failure of the backend",
            &[kv_store::long_keys_are_kept_whole_or_refused],
        )
        .write(|hand, key, value, ttl| match key.len() > 250 {
            true => Err(Error::backend("CLIENT_ERROR bad command line format")),
            false => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "short_limit",
            "keys of more than 50 bytes are refused",
            &[kv_store::long_keys_are_kept_whole_or_refused],
        )
        .write(|hand, key, value, ttl| match key.len() > 50 {
            true => Err(Error::invalid_key("too long")),
            false => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "limit_counts_characters",
            "the limit of keys counts characters and not bytes",
            &[kv_store::longest_declared_key_is_held],
        )
        .declares(Rules {
            longest_key: Some(200),
            ..Rules::NONE
        })
        .write(|hand, key, value, ttl| match key.chars().count() > 200 {
            true => Err(Error::invalid_key("too long")),
            false => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "limit_forgotten",
            "a longest key is declared and longer ones are stored",
            &[kv_store::longest_declared_key_is_held],
        )
        .declares(Rules {
            longest_key: Some(200),
            ..Rules::NONE
        }),
        strict(
            "limit_includes_the_namespace",
            "the limit of keys counts the namespace as well",
            &[kv_store::longest_declared_key_is_held],
        )
        .write(
            |hand, key, value, ttl| match key.len() + hand.namespace.len() > 200 {
                true => Err(Error::invalid_key("too long")),
                false => hand.write(key, value, ttl),
            },
        ),
        strict(
            "limit_counts_escapes",
            "the limit of keys counts a `%` or a `/` as the three bytes that it is sent as",
            &[kv_store::longest_declared_key_is_held],
        )
        .write(|hand, key, value, ttl| {
            let escaped = key.matches(['%', '/']).count();
            match key.len() + 2 * escaped > 200 {
                true => Err(Error::invalid_key("too long")),
                false => hand.write(key, value, ttl),
            }
        }),
        strict(
            "limit_is_off_by_one",
            "a key of just the longest length is refused",
            &[kv_store::longest_declared_key_is_held],
        )
        .write(|hand, key, value, ttl| match key.len() >= 200 {
            true => Err(Error::invalid_key("too long")),
            false => hand.write(key, value, ttl),
        }),
        strict(
            "limit_forgotten_on_get",
            "a key that is too long is missing instead of refused",
            &[kv_store::longest_declared_key_is_held],
        )
        .get(|hand, key| {
            if key.len() > 200 {
                Ok(None)
            } else {
                hand.get(key)
            }
        }),
        strict(
            "limit_forgotten_on_has",
            "`has` answers false for a key that is too long",
            &[kv_store::longest_declared_key_is_held],
        )
        .has(|hand, key| {
            if key.len() > 200 {
                Ok(false)
            } else {
                hand.has(key)
            }
        }),
        strict(
            "limit_forgotten_on_delete",
            "`delete` answers Ok for a key that is too long",
            &[kv_store::longest_declared_key_is_held],
        )
        .delete(|hand, key| {
            if key.len() > 200 {
                Ok(())
            } else {
                hand.delete(key)
            }
        }),
        Mutant::new(
            "empty_key_refused",
            "the empty key is refused although it is declared accepted",
            &[kv_store::empty_key_follows_the_declared_policy],
        )
        .write(|hand, key, value, ttl| match key.is_empty() {
            true => Err(Error::invalid_key("empty")),
            false => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "empty_key_is_any_key",
            "`get` of the empty key answers the first value there is",
            &[kv_store::empty_key_follows_the_declared_policy],
        )
        .get(|hand, key| match key.is_empty() {
            true => Ok(hand
                .entries()
                .values()
                .next()
                .map(|entry| entry.value.clone())),
            false => hand.get(key),
        }),
        Mutant::new(
            "empty_key_is_a_blank",
            "the empty key and a blank are one key",
            &[kv_store::empty_key_follows_the_declared_policy],
        )
        .locate(|namespace, key| exactly(namespace, if key == " " { "" } else { key })),
        Mutant::new(
            "empty_key_deletes_all",
            "`delete` of the empty key removes everything",
            &[kv_store::empty_key_follows_the_declared_policy],
        )
        .delete(|hand, key| {
            if key.is_empty() {
                hand.entries().clear();
            }
            hand.delete(key)
        }),
        Mutant::new(
            "empty_key_stored",
            "the empty key is stored although it is declared refused",
            &[kv_store::empty_key_follows_the_declared_policy],
        )
        .declares(Rules {
            empty_key: EmptyKey::Refused,
            ..Rules::NONE
        }),
        strict(
            "empty_key_missing",
            "`get` of the empty key misses although it is declared refused",
            &[kv_store::empty_key_follows_the_declared_policy],
        )
        .get(|hand, key| {
            if key.is_empty() {
                Ok(None)
            } else {
                hand.get(key)
            }
        }),
        strict(
            "empty_key_deleted",
            "`delete` of the empty key answers Ok although it is declared refused",
            &[kv_store::empty_key_follows_the_declared_policy],
        )
        .delete(|hand, key| {
            if key.is_empty() {
                Ok(())
            } else {
                hand.delete(key)
            }
        }),
        strict(
            "empty_key_absent",
            "`has` of the empty key answers false although it is declared refused",
            &[kv_store::empty_key_follows_the_declared_policy],
        )
        .has(|hand, key| {
            if key.is_empty() {
                Ok(false)
            } else {
                hand.has(key)
            }
        }),
    ]
}

fn head(key: &str, length: usize) -> &str {
    key.get(..length).unwrap_or(key)
}
