//! Faults of listings that hold what has expired, or what belongs to others.

use std::time::Duration;

use tck::{Bytes, listing};

use super::{handle_memories::list_kept, listings::mutant};
use crate::{
    Mutant,
    clay::{Hand, locked, page},
};

pub(super) fn mutants() -> Vec<Mutant> {
    let expired = listing::expired_keys_are_not_listed;
    let namespaces = listing::other_namespaces_are_not_listed;
    vec![
        mutant(
            "lists_what_has_expired",
            "expired keys are listed",
            expired,
            |hand, prefix, after, limit| {
                let mut keys = hand.keys_among(&hand.entries());
                keys.retain(|key| key.starts_with(prefix));
                Ok(page(keys, after, limit))
            },
        ),
        mutant(
            "expired_page_is_the_last",
            "a page on which all has expired ends the listing",
            expired,
            |hand, prefix, after, limit| {
                let mut keys = hand.keys_among(&hand.entries());
                keys.retain(|key| key.starts_with(prefix));
                let mut listed = page(keys, after, limit);
                listed.items.retain(|key| hand.has(key).unwrap_or_default());
                if listed.items.is_empty() {
                    listed.next = None;
                }
                Ok(listed)
            },
        ),
        mutant(
            "only_what_never_expires",
            "keys with a time to live are not listed",
            expired,
            |hand, prefix, after, limit| {
                let mut keys = hand.alive(prefix);
                keys.retain(|key| hand.entry(key).is_some_and(|entry| entry.end.is_none()));
                Ok(page(keys, after, limit))
            },
        ),
        mutant(
            "listed_per_handle",
            "a handle lists the keys that were set through it",
            listing::second_handle_lists_the_same_keys,
            |hand, prefix, after, limit| {
                let mut keys = hand.alive(prefix);
                keys.retain(|key| locked(&hand.memo).contains_key(key));
                Ok(page(keys, after, limit))
            },
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.memo).insert(key.to_owned(), Bytes::new());
            hand.write(key, value, ttl)
        }),
        mutant(
            "listing_kept_by_a_handle",
            "a handle keeps its listing until it writes itself",
            listing::second_handle_lists_the_same_keys,
            |hand, prefix, after, limit| {
                let mut memo = locked(&hand.memo);
                let kept = memo
                    .entry(prefix.to_owned())
                    .or_insert_with(|| hand.alive(prefix).join("\n").into());
                let kept = String::from_utf8_lossy(kept).into_owned();
                let keys = kept.split('\n').filter(|key| !key.is_empty());
                Ok(page(keys.map(str::to_owned).collect(), after, limit))
            },
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.memo).clear();
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            locked(&hand.memo).clear();
            hand.delete(key)
        }),
        mutant(
            "lists_longer_namespaces",
            "a listing reaches into namespaces whose names begin alike",
            namespaces,
            |hand, prefix, after, limit| {
                let own = format!("{}{prefix}", hand.namespace);
                let mut keys = everywhere(hand);
                keys.retain(|key| key.starts_with(&own));
                let keys = keys
                    .iter()
                    .filter_map(|key| key.strip_prefix(&hand.namespace));
                Ok(page(keys.map(str::to_owned).collect(), after, limit))
            },
        )
        .locate(|namespace, key| format!("{namespace}{key}")),
        mutant(
            "lists_all_namespaces",
            "a listing is of all namespaces",
            namespaces,
            |hand, prefix, after, limit| {
                let mut keys = everywhere(hand);
                keys.iter_mut().for_each(|key| {
                    *key = key.split_once('\n').map_or("", |(_, key)| key).to_owned();
                });
                keys.retain(|key| key.starts_with(prefix));
                keys.sort();
                keys.dedup();
                Ok(page(keys, after, limit))
            },
        )
        .locate(|namespace, key| format!("{namespace}\n{key}")),
        Mutant::new(
            "keys_with_their_namespace",
            "keys are listed with the namespace in front",
            &[listing::every_key_is_listed_once],
        )
        .list(|hand, prefix, after, limit| {
            let mut listed = hand.list(prefix, after, limit)?;
            for key in &mut listed.items {
                *key = format!("{}:{key}", hand.namespace);
            }
            Ok(listed)
        }),
        mutant(
            "deleted_lease_stays_listed",
            "a key with a time to live stays in the listing when it is deleted",
            expired,
            |hand, prefix, after, limit| {
                let mut keys = hand.alive(prefix);
                keys.extend(locked(&hand.server.memo).keys().cloned());
                keys.retain(|key| key.starts_with(prefix));
                keys.sort();
                keys.dedup();
                Ok(page(keys, after, limit))
            },
        )
        .delete(|hand, key| {
            if hand.entry(key).is_some_and(|entry| entry.end.is_some()) {
                locked(&hand.server.memo).insert(key.to_owned(), Bytes::new());
            }
            hand.delete(key)
        }),
        mutant(
            "listing_goes_by_the_first_deadline",
            "a key is listed until the first time to live that it was given is over",
            expired,
            |hand, prefix, after, limit| {
                let ends = locked(&hand.server.memo);
                let now = since_start(hand, Duration::ZERO);
                let mut keys = hand.alive(prefix);
                keys.retain(|key| ends.get(&hand.at(key)).is_none_or(|end| *end > now));
                Ok(page(keys, after, limit))
            },
        )
        .set_with_ttl(|hand, key, value, ttl| {
            let end = since_start(hand, ttl.unwrap_or_default());
            let mut ends = locked(&hand.server.memo);
            ends.entry(hand.at(key)).or_insert(end);
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            locked(&hand.server.memo).remove(&hand.at(key));
            hand.delete(key)
        }),
        mutant(
            "listing_not_told_of_leases",
            "a handle keeps a listing until somebody writes without a time to live, or deletes",
            listing::second_handle_lists_the_same_keys,
            list_kept,
        )
        .set(|hand, key, value, ttl| {
            locked(&hand.server.memo).clear();
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            locked(&hand.server.memo).clear();
            hand.delete(key)
        }),
        mutant(
            "namespace_is_a_pattern_in_listings",
            "a listing takes a star in the name of a namespace for any text",
            namespaces,
            |hand, prefix, after, limit| {
                let Some((stem, _)) = hand.namespace.split_once('*') else {
                    return hand.list(prefix, after, limit);
                };
                let mut keys =
                    hand.keys_where(&hand.entries(), |name, _, _| name.starts_with(stem));
                keys.retain(|key| key.starts_with(prefix));
                Ok(page(keys, after, limit))
            },
        ),
    ]
}

/// The time from when this was first asked for until so long from now, as bytes in its order.
fn since_start(hand: &Hand, later: Duration) -> Bytes {
    let start = hand.server.start.get_or_init(|| hand.now());
    let since = (hand.now() - *start).saturating_add(later);
    Bytes::copy_from_slice(&since.as_nanos().to_be_bytes())
}

fn everywhere(hand: &Hand) -> Vec<String> {
    hand.entries().keys().cloned().collect()
}
