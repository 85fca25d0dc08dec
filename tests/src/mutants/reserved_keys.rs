//! Faults with keys that mean something as a whole.

use tck::kv_store;

use crate::{Mutant, clay::exactly};

pub(super) fn mutants() -> Vec<Mutant> {
    let apart = [kv_store::keys_are_told_apart_exactly];
    vec![
        Mutant::new(
            "whole_key_as_number",
            "a key that is nothing but a number is taken for it",
            &apart,
        )
        .locate(|n, k| match k.parse::<i64>() {
            Ok(number) => exactly(n, &number.to_string()),
            Err(_) => exactly(n, k),
        }),
        Mutant::new(
            "dots_are_the_empty_key",
            "the keys `.`, `..` and `/` are taken for the empty one",
            &apart,
        )
        .locate(|n, k| exactly(n, if [".", "..", "/"].contains(&k) { "" } else { k })),
        Mutant::new(
            "null_key_is_not_stored",
            "a write to the key `null` is skipped",
            &apart,
        )
        .write(|hand, key, value, ttl| match key {
            "null" => Ok(()),
            key => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "prototype_is_always_there",
            "`has` answers true for the key `__proto__`",
            &apart,
        )
        .has(|hand, key| Ok(key == "__proto__" || hand.has(key)?)),
        Mutant::new(
            "delete_of_star_deletes_all",
            "`delete` of the key `*` removes everything",
            &apart,
        )
        .delete(|hand, key| {
            if key == "*" {
                hand.entries().clear();
            }
            hand.delete(key)
        }),
    ]
}
