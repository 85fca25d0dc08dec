//! Faults of writes on a condition that show in listings.

use tck::{Bytes, atomic};

use super::{
    listing_values::with_remembered_values,
    listings::{mutant, with_remembered_keys},
};
use crate::{
    Mutant,
    clay::{locked, page},
};

pub(super) fn mutants() -> Vec<Mutant> {
    let listed = atomic::conditional_writes_show_in_listings;
    vec![
        mutant(
            "conditional_keys_are_not_listed",
            "what `set_if_absent` has stored is listed after the next plain set",
            listed,
            |hand, prefix, after, limit| {
                let hidden = locked(&hand.server.memo).clone();
                let mut keys = hand.alive(prefix);
                keys.retain(|key| !hidden.contains_key(key));
                Ok(page(keys, after, limit))
            },
        )
        .set_if_absent(|hand, key, value| {
            let stored = hand.set_if_absent(key, value)?;
            if stored {
                locked(&hand.server.memo).insert(key.to_owned(), Bytes::new());
            }
            Ok(stored)
        })
        .write(|hand, key, value, ttl| {
            locked(&hand.server.memo).remove(key);
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "vain_conditions_are_listed",
            "`compare_and_set` puts its key into the index before it compares",
            &[listed],
        )
        .list(with_remembered_keys)
        .compare_and_set(|hand, key, expected, value| {
            locked(&hand.server.memo).insert(key.to_owned(), Bytes::new());
            hand.compare_and_set(key, expected, value)
        }),
        Mutant::new(
            "listed_before_the_comparison",
            "a key is listed with the value that it had before `compare_and_set`",
            &[listed],
        )
        .compare_and_set(|hand, key, expected, value| {
            let stored = hand.compare_and_set(key, expected, value)?;
            if stored {
                let before = Bytes::copy_from_slice(expected);
                locked(&hand.server.memo).insert(key.to_owned(), before);
            }
            Ok(stored)
        })
        .list_with_values(with_remembered_values),
    ]
}
