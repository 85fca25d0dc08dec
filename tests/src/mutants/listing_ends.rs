//! Faults of listings that end before the end, or leave out what looks like their own.

use std::collections::BTreeSet;

use tck::{Bytes, Page, listing};

use crate::{
    Mutant,
    clay::{locked, page},
};

/// How many in a row a listing passes over before it gives up.
const ROW: usize = 100;

pub(super) fn mutants() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "listing_ends_at_a_row_of_deleted_keys",
            "a listing ends where a hundred keys in a row were deleted",
            &[listing::thousands_of_keys_are_listed],
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.server.memo).remove(&hand.at(key));
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            locked(&hand.server.memo).insert(hand.at(key), Bytes::from(key.to_owned()));
            hand.delete(key)
        })
        .list(|hand, prefix, after, limit| {
            let deleted = locked(&hand.server.memo).clone().into_values();
            let deleted: BTreeSet<_> = deleted
                .filter_map(|key| String::from_utf8(key.to_vec()).ok())
                .filter(|key| key.starts_with(prefix))
                .collect();
            let alive: BTreeSet<_> = hand.alive(prefix).into_iter().collect();
            let all = alive.union(&deleted);
            let kept = before_a_row(all.map(|key| (key.clone(), alive.contains(key))));
            Ok(page(kept, after, limit))
        }),
        Mutant::new(
            "listing_ends_at_a_row_of_expired_keys",
            "a listing ends where a hundred keys in a row have expired",
            &[listing::expired_keys_are_not_listed],
        )
        .list(|hand, prefix, after, limit| {
            let entries = hand.entries();
            let all = hand.keys_among(&entries).into_iter();
            let all = all.filter(|key| key.starts_with(prefix)).map(|key| {
                let entry = entries.get(&hand.at(&key));
                let alive = entry.is_some_and(|entry| hand.is_alive(entry));
                (key, alive)
            });
            Ok(page(before_a_row(all), after, limit))
        }),
        Mutant::new(
            "page_with_values_ends_at_a_mebibyte",
            "a page with values ends at a mebibyte and says that it is the last",
            &[listing::values_come_with_their_keys],
        )
        .list_with_values(|hand, prefix, after, limit| {
            let Page { items, mut next } = hand.list(prefix, after, limit)?;
            let (mut pairs, mut size) = (Vec::new(), 0);
            for key in items {
                let value = hand.get(&key)?.unwrap_or_default();
                size += value.len();
                if size > 1 << 20 {
                    next = None;
                    break;
                }
                pairs.push((key, value));
            }
            Ok(Page { items: pairs, next })
        }),
        Mutant::new(
            "hidden_keys_are_not_listed",
            "keys that begin with a dot are not listed",
            &[listing::keys_come_in_the_order_of_their_bytes],
        )
        .list(|hand, prefix, after, limit| {
            let mut keys = hand.alive(prefix);
            keys.retain(|key| !key.starts_with('.'));
            Ok(page(keys, after, limit))
        }),
        Mutant::new(
            "prefix_cut_at_64",
            "a prefix is compared in its first 64 bytes alone",
            &[listing::prefix_selects_the_keys_that_begin_with_it],
        )
        .list(|hand, prefix, after, limit| {
            hand.list(prefix.get(..64).unwrap_or(prefix), after, limit)
        }),
    ]
}

fn before_a_row(keys: impl Iterator<Item = (String, bool)>) -> Vec<String> {
    let (mut kept, mut row) = (Vec::new(), 0);
    for (key, alive) in keys {
        row = if alive { 0 } else { row + 1 };
        if row > ROW {
            break;
        }
        if alive {
            kept.push(key);
        }
    }
    kept
}
