//! Faults of transactions that leave keys out of a listing, or change their order.

use std::num::NonZeroUsize;

use tck::transaction;

use crate::{Mutant, clay::page, deal::Deal};

pub(super) fn mutants() -> Vec<Mutant> {
    let own = [transaction::listing_sees_the_own_writes];
    macro_rules! lists {
        ($name:literal, $fault:literal, $change:expr) => {
            Mutant::new($name, $fault, &own).deal_list(|deal, prefix, after, limit| {
                let change: fn(&Deal, &mut Vec<String>) = $change;
                let mut keys = deal.list(prefix, None, NonZeroUsize::MAX)?.items;
                change(deal, &mut keys);
                Ok(page(keys, after, limit))
            })
        };
    }
    vec![
        lists!(
            "transaction_lists_by_letters",
            "a transaction lists without regard to case",
            |_, keys| keys.sort_by_key(|key| key.to_lowercase())
        ),
        lists!(
            "transaction_lists_ascii",
            "a transaction leaves out keys that are not ASCII",
            |_, keys| keys.retain(|key| key.is_ascii())
        ),
        lists!(
            "transaction_lists_no_empty_key",
            "a transaction does not list the empty key",
            |_, keys| keys.retain(|key| !key.is_empty())
        ),
        lists!(
            "transaction_lists_no_long_keys",
            "a transaction does not list keys of more than 100 bytes",
            |_, keys| keys.retain(|key| key.len() <= 100)
        ),
        lists!(
            "own_empty_values_are_not_listed",
            "a transaction does not list what it has set to an empty value",
            |deal, keys| keys.retain(|key| {
                !matches!(deal.writes.get(key), Some(Some((value, _))) if value.is_empty())
            })
        ),
        lists!(
            "stored_empty_values_are_not_listed",
            "a transaction does not list what is stored with an empty value",
            |deal, keys| keys.retain(|key| {
                let stored = deal.alive(&deal.seen, key);
                deal.writes.contains_key(key) || stored.is_some_and(|held| !held.value.is_empty())
            })
        ),
    ]
}
