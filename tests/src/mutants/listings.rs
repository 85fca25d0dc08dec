//! Faults of listings: which keys there are.

use std::num::NonZeroUsize;

use tck::{Bytes, Page, Result, listing};

use crate::{
    Mutant,
    clay::{Hand, locked, page},
};

pub(super) type Keys = Result<Page<String>>;

pub(super) fn mutants() -> Vec<Mutant> {
    let each_once = listing::every_key_is_listed_once;
    vec![
        mutant(
            "lists_nothing",
            "a listing is empty",
            each_once,
            |_, _, _, limit| Ok(page(Vec::new(), None, limit)),
        ),
        mutant(
            "lists_what_was_deleted",
            "a deleted key stays in the listing",
            each_once,
            |hand, prefix, after, limit| {
                let mut keys = hand.alive(prefix);
                let deleted = locked(&hand.server.memo);
                keys.extend(
                    deleted
                        .keys()
                        .filter(|key| key.starts_with(prefix))
                        .cloned(),
                );
                keys.sort();
                keys.dedup();
                Ok(page(keys, after, limit))
            },
        )
        .delete(|hand, key| {
            locked(&hand.server.memo).insert(key.to_owned(), Bytes::new());
            hand.delete(key)
        }),
        mutant(
            "lists_each_version",
            "an overwritten key is listed once for each write",
            each_once,
            |hand, prefix, after, limit| {
                let counts = locked(&hand.server.memo);
                let times = |key: &String| counts.get(key).map_or(1, Bytes::len);
                let keys = hand.alive(prefix).into_iter();
                let keys = keys.flat_map(|key| vec![key.clone(); times(&key)]);
                Ok(page(keys.collect(), after, limit))
            },
        )
        .write(|hand, key, value, ttl| {
            let mut counts = locked(&hand.server.memo);
            let times = counts.get(key).map_or(0, Bytes::len) + 1;
            counts.insert(key.to_owned(), Bytes::from(vec![0; times]));
            hand.write(key, value, ttl)
        }),
        mutant(
            "lists_after_the_first_delete_only",
            "a key that was deleted and set again is not listed",
            each_once,
            |hand, prefix, after, limit| {
                let mut keys = hand.alive(prefix);
                keys.retain(|key| !locked(&hand.server.memo).contains_key(key));
                Ok(page(keys, after, limit))
            },
        )
        .delete(|hand, key| {
            locked(&hand.server.memo).insert(key.to_owned(), Bytes::new());
            hand.delete(key)
        }),
    ]
}

/// A store that lists in its own way.
pub(super) fn mutant(
    name: &'static str,
    fault: &'static str,
    caught_by: &'static tck::Clause,
    list: fn(&Hand, &str, Option<&str>, NonZeroUsize) -> Keys,
) -> Mutant {
    Mutant::new(name, fault, &[caught_by]).list(list)
}

/// What is there, and what a fault remembers.
pub(super) fn with_remembered_keys(
    hand: &Hand,
    prefix: &str,
    after: Option<&str>,
    limit: NonZeroUsize,
) -> Keys {
    let mut keys = hand.alive(prefix);
    let remembered = locked(&hand.server.memo).clone();
    keys.extend(remembered.into_keys().filter(|key| key.starts_with(prefix)));
    keys.sort();
    keys.dedup();
    Ok(page(keys, after, limit))
}
