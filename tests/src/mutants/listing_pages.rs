//! Faults of listings: pages, expiry, handles and namespaces.

use std::{num::NonZeroUsize, sync::atomic::Ordering};

use tck::{Bytes, Page, listing};

use crate::{
    Mutant,
    clay::{Hand, locked, page},
};

use super::listings::{mutant, pairs};

pub(super) fn mutants() -> Vec<Mutant> {
    [pages(), lifetimes()].concat()
}

fn pages() -> Vec<Mutant> {
    let complete = listing::pages_are_complete_and_without_duplicates;
    let any_text = listing::page_begins_after_any_text;
    let thousands = listing::thousands_of_keys_are_listed;
    let sane = listing::pages_stay_sane_while_keys_come_and_go;
    vec![
        mutant(
            "page_begins_at_the_last_key",
            "a page begins with the key that the one before ended with",
            complete,
            |hand, prefix, after, limit| {
                let mut keys = hand.alive(prefix);
                keys.retain(|key| after.is_none_or(|after| after <= key.as_str()));
                Ok(page(keys, None, limit))
            },
        ),
        mutant(
            "page_skips_a_key",
            "between two pages a key is lost",
            complete,
            |hand, prefix, after, limit| {
                let skipped = usize::from(after.is_some());
                let mut listed = hand.list(prefix, after, limit)?;
                listed.items.drain(..skipped.min(listed.items.len()));
                Ok(listed)
            },
        ),
        mutant(
            "page_one_too_long",
            "a page holds one key more than asked for",
            complete,
            |hand, prefix, after, limit| hand.list(prefix, after, limit.saturating_add(1)),
        ),
        mutant(
            "limit_ignored",
            "a page holds everything",
            complete,
            |hand, prefix, after, _| hand.list(prefix, after, NonZeroUsize::MAX),
        ),
        mutant(
            "first_page_only",
            "there is no page after the first",
            complete,
            |hand, prefix, after, limit| {
                let mut listed = hand.list(prefix, after, limit)?;
                listed.next = None;
                Ok(listed)
            },
        ),
        mutant(
            "full_page_is_the_last",
            "a page with as many keys as asked for is the last one but for the next",
            complete,
            |hand, prefix, after, limit| {
                let mut listed = hand.list(prefix, after, limit)?;
                if after.is_some() && limit.get() > 1 {
                    listed.next = None;
                }
                Ok(listed)
            },
        ),
        mutant(
            "pages_without_end",
            "after the last page the first one comes again",
            complete,
            |hand, prefix, after, limit| {
                let mut listed = hand.list(prefix, after, limit)?;
                if listed.next.is_none() && limit.get() < 100 {
                    listed.next = Some(String::new());
                }
                Ok(listed)
            },
        ),
        mutant(
            "same_page_again",
            "the next page is the same",
            complete,
            |hand, prefix, after, limit| {
                let mut listed = hand.list(prefix, after, limit)?;
                if listed.next.is_some() {
                    listed.next = after.map(str::to_owned).or(listed.next);
                }
                Ok(listed)
            },
        ),
        mutant(
            "limit_before_prefix",
            "so many keys are looked at, and of them those with the prefix are listed",
            complete,
            |hand, prefix, after, limit| {
                let mut listed = hand.list("", after, limit)?;
                listed.items.retain(|key| key.starts_with(prefix));
                listed.next = None;
                Ok(listed)
            },
        ),
        mutant(
            "place_is_looked_up",
            "a page begins behind the place of a key, or at the start where it is gone",
            any_text,
            |hand, prefix, after, limit| {
                let keys = hand.alive(prefix);
                let place = keys.iter().position(|key| Some(key.as_str()) == after);
                let rest = keys.into_iter().skip(place.map_or(0, |place| place + 1));
                Ok(page(rest.collect(), None, limit))
            },
        ),
        mutant(
            "place_has_to_exist",
            "a page after a key that is gone answers an error",
            any_text,
            |hand, prefix, after, limit| match after.map(|after| hand.has(after)).transpose()? {
                Some(false) => Err(tck::Error::unavailable("no such place")),
                _ => hand.list(prefix, after, limit),
            },
        ),
        mutant(
            "place_without_prefix",
            "a page after a text that lacks the prefix is empty",
            any_text,
            |hand, prefix, after, limit| match after.is_some_and(|after| !after.starts_with(prefix))
            {
                true => Ok(page(Vec::new(), None, limit)),
                false => hand.list(prefix, after, limit),
            },
        ),
        mutant(
            "place_overrides_prefix",
            "a page after a text that lacks the prefix holds what comes after it",
            any_text,
            |hand, prefix, after, limit| {
                let free = after.is_some_and(|after| !after.starts_with(prefix));
                hand.list(if free { "" } else { prefix }, after, limit)
            },
        ),
        mutant(
            "place_loses_its_end",
            "a page begins after the place without its NUL",
            any_text,
            |hand, prefix, after, limit| {
                let after = after.map(|after| after.trim_end_matches(|c: char| c.is_ascii_digit()));
                hand.list(prefix, after, limit)
            },
        ),
        mutant(
            "listing_cut_at_1000",
            "a listing ends after 1,000 keys",
            thousands,
            |hand, prefix, after, limit| {
                let mut keys = hand.alive(prefix);
                keys.truncate(1_000);
                Ok(page(keys, after, limit))
            },
        ),
        mutant(
            "long_page_cut",
            "a page holds 1,024 keys at the most, and is the last",
            thousands,
            |hand, prefix, after, limit| {
                let mut listed = hand.list(prefix, after, limit)?;
                if listed.items.len() > 1_024 {
                    listed.items.truncate(1_024);
                    listed.next = None;
                }
                Ok(listed)
            },
        ),
        mutant(
            "limit_is_reserved",
            "memory is reserved for as many keys as are asked for",
            thousands,
            |hand, prefix, after, limit| {
                let mut listed = hand.list(prefix, after, limit)?;
                let mut items = Vec::with_capacity(limit.get());
                items.append(&mut listed.items);
                Ok(Page {
                    items,
                    next: listed.next,
                })
            },
        ),
        Mutant::new(
            "long_page_without_values",
            "a page with values holds 1,000 keys at the most, and is the last",
            &[thousands],
        )
        .list_with_values(|hand, prefix, after, limit| {
            let mut listed = pairs(hand, prefix, after, limit)?;
            if listed.items.len() > 1_000 {
                listed.items.truncate(1_000);
                listed.next = None;
            }
            Ok(listed)
        }),
        mutant(
            "pages_by_position",
            "a page begins at a position",
            sane,
            |hand, prefix, after, limit| {
                let passed = locked(&hand.server.memo)
                    .get(after.unwrap_or_default())
                    .map_or(0, Bytes::len);
                let keys: Vec<_> = hand.alive(prefix).into_iter().skip(passed).collect();
                let listed = page(keys, None, limit);
                if let Some(next) = &listed.next {
                    let passed = Bytes::from(vec![0; passed + listed.items.len()]);
                    locked(&hand.server.memo).insert(next.clone(), passed);
                }
                Ok(listed)
            },
        ),
        mutant(
            "pages_of_a_copy",
            "all pages are those of the moment when the first was listed",
            sane,
            |hand, prefix, after, limit| {
                let mut memo = locked(&hand.server.memo);
                if after.is_none() {
                    memo.insert(prefix.to_owned(), hand.alive(prefix).join("\n").into());
                }
                let kept = memo.get(prefix).cloned().unwrap_or_default();
                let kept = String::from_utf8_lossy(&kept).into_owned();
                let keys = kept.split('\n').filter(|key| !key.is_empty());
                Ok(page(keys.map(str::to_owned).collect(), after, limit))
            },
        ),
        mutant(
            "pages_end_with_their_key",
            "the pages end where the key is gone that the one before ended with",
            sane,
            |hand, prefix, after, limit| match after
                .is_some_and(|after| hand.entry(after).is_none())
            {
                true => Ok(page(Vec::new(), None, limit)),
                false => hand.list(prefix, after, limit),
            },
        ),
        mutant(
            "listing_meets_writes",
            "a listing that meets a write begins in the middle",
            listing::listing_stays_whole_while_others_write,
            |hand, prefix, after, limit| {
                let before = hand.server.count.load(Ordering::SeqCst);
                let mut keys = hand.alive(prefix);
                std::thread::yield_now();
                if hand.server.count.load(Ordering::SeqCst) != before {
                    keys.drain(..keys.len() / 2);
                }
                Ok(page(keys, after, limit))
            },
        )
        .write(|hand, key, value, ttl| {
            hand.count();
            hand.write(key, value, ttl)
        }),
        mutant(
            "listing_by_position_in_steps",
            "a listing walks through the keys by position, while they change",
            listing::listing_stays_whole_while_others_write,
            |hand, prefix, after, limit| {
                let mut keys = Vec::new();
                for position in 0.. {
                    match hand.alive(prefix).into_iter().nth(position) {
                        Some(key) => keys.push(key),
                        None => break,
                    }
                }
                Ok(page(keys, after, limit))
            },
        ),
    ]
}

fn lifetimes() -> Vec<Mutant> {
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
    ]
}

fn everywhere(hand: &Hand) -> Vec<String> {
    hand.entries().keys().cloned().collect()
}
