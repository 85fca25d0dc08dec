//! Faults of listings with values.

use std::{num::NonZeroUsize, thread::sleep, time::Duration};

use tck::{Bytes, Error, Page, Result, listing};

use crate::{
    Mutant,
    clay::{Hand, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    let with_keys = listing::values_come_with_their_keys;
    vec![
        Mutant::new(
            "values_off_by_one",
            "each key is listed with the value of the next",
            &[with_keys],
        )
        .list_with_values(|hand, prefix, after, limit| {
            let mut page = pairs(hand, prefix, after, limit)?;
            let mut values: Vec<_> = page.items.iter().map(|(_, value)| value.clone()).collect();
            values.rotate_left(1.min(page.items.len()));
            for ((_, value), other) in page.items.iter_mut().zip(values) {
                *value = other;
            }
            Ok(page)
        }),
        Mutant::new(
            "values_by_position",
            "keys and values are listed one after the other, and joined by position",
            &[listing::listing_stays_whole_while_others_write],
        )
        .list_with_values(|hand, prefix, after, limit| {
            let keys = hand.list(prefix, after, limit)?;
            sleep(Duration::from_micros(200));
            let values = hand.list(prefix, after, limit)?.items;
            let values = values.iter().filter_map(|key| hand.entry(key));
            let values = values.map(|entry| entry.value);
            Ok(Page {
                items: keys.items.into_iter().zip(values).collect(),
                next: keys.next,
            })
        }),
        Mutant::new(
            "listing_fails_where_a_key_goes",
            "a listing with values fails when a key goes before its value was read",
            &[listing::listing_stays_whole_while_others_write],
        )
        .list_with_values(|hand, prefix, after, limit| {
            let keys = hand.list(prefix, after, limit)?;
            sleep(Duration::from_micros(200));
            let valued = keys.items.into_iter().map(|key| match hand.entry(&key) {
                Some(entry) => Ok((key, entry.value)),
                None => Err(Error::backend("no such key")),
            });
            let items = valued.collect::<Result<_>>()?;
            Ok(Page {
                items,
                next: keys.next,
            })
        }),
        Mutant::new(
            "empty_values_not_listed",
            "a key with an empty value is left out where values are listed",
            &[with_keys],
        )
        .list_with_values(|hand, prefix, after, limit| {
            let mut page = pairs(hand, prefix, after, limit)?;
            page.items.retain(|(_, value)| !value.is_empty());
            Ok(page)
        }),
        Mutant::new(
            "listed_values_as_text",
            "listed values pass through text",
            &[with_keys],
        )
        .list_with_values(|hand, prefix, after, limit| {
            let mut page = pairs(hand, prefix, after, limit)?;
            for (_, value) in &mut page.items {
                *value = Bytes::from(String::from_utf8_lossy(value).into_owned());
            }
            Ok(page)
        }),
        Mutant::new(
            "listed_values_cut",
            "a listing holds the first 64 KiB of a value",
            &[with_keys],
        )
        .list_with_values(|hand, prefix, after, limit| {
            let mut page = pairs(hand, prefix, after, limit)?;
            for (_, value) in &mut page.items {
                value.truncate(65_536);
            }
            Ok(page)
        }),
        Mutant::new(
            "equal_values_listed_once",
            "of keys with equal values one is listed",
            &[with_keys],
        )
        .list_with_values(|hand, prefix, after, limit| {
            let mut page = pairs(hand, prefix, after, limit)?;
            page.items.dedup_by(|(_, a), (_, b)| a == b);
            Ok(page)
        }),
        Mutant::new(
            "listed_values_are_the_first",
            "a listing holds the value that a key had first",
            &[with_keys],
        )
        .list_with_values(|hand, prefix, after, limit| {
            let mut page = pairs(hand, prefix, after, limit)?;
            for (key, value) in &mut page.items {
                let mut first = locked(&hand.server.memo);
                *value = first.entry(key.clone()).or_insert(value.clone()).clone();
            }
            Ok(page)
        }),
        Mutant::new(
            "values_ignore_the_prefix",
            "with values everything is listed",
            &[listing::prefix_selects_the_keys_that_begin_with_it],
        )
        .list_with_values(|hand, _, after, limit| pairs(hand, "", after, limit)),
        Mutant::new(
            "values_ignore_the_place",
            "with values every page is the first",
            &[listing::page_begins_after_any_text],
        )
        .list_with_values(|hand, prefix, _, limit| pairs(hand, prefix, None, limit)),
        Mutant::new(
            "long_page_without_values",
            "a page with values holds 1,000 keys at the most, and is the last",
            &[listing::thousands_of_keys_are_listed],
        )
        .list_with_values(|hand, prefix, after, limit| {
            let mut listed = pairs(hand, prefix, after, limit)?;
            if listed.items.len() > 1_000 {
                listed.items.truncate(1_000);
                listed.next = None;
            }
            Ok(listed)
        }),
        Mutant::new(
            "deadline_listed_with_the_value",
            "a value with a time to live is listed with its deadline in front",
            &[listing::expired_keys_are_not_listed],
        )
        .list_with_values(|hand, prefix, after, limit| {
            looked_at(hand, (prefix, after, limit), |key, value| {
                let leased = hand.entry(key).is_some_and(|entry| entry.end.is_some());
                match leased {
                    true => [b"deadline".as_slice(), &value].concat().into(),
                    false => value,
                }
            })
        }),
        Mutant::new(
            "values_of_any_namespace",
            "a key is listed with the value of some namespace",
            &[listing::other_namespaces_are_not_listed],
        )
        .list_with_values(|hand, prefix, after, limit| {
            looked_at(hand, (prefix, after, limit), |key, value| {
                let entries = hand.entries();
                let mut alike = entries.iter().filter(|(place, _)| place.ends_with(key));
                alike.next().map_or(value, |(_, entry)| entry.value.clone())
            })
        }),
        Mutant::new(
            "values_of_the_first_page",
            "later pages have the values of the first",
            &[with_keys],
        )
        .list_with_values(|hand, prefix, after, limit| {
            let mut listed = pairs(hand, prefix, after, limit)?;
            let first = pairs(hand, prefix, None, limit)?;
            for ((_, value), (_, other)) in listed.items.iter_mut().zip(first.items) {
                *value = other;
            }
            Ok(listed)
        }),
        Mutant::new(
            "listed_values_kept_by_a_handle",
            "a handle keeps listed values until it writes itself",
            &[listing::second_handle_lists_the_same_keys],
        )
        .list_with_values(|hand, prefix, after, limit| {
            looked_at(hand, (prefix, after, limit), |key, value| {
                let mut kept = locked(&hand.memo);
                kept.entry(key.to_owned()).or_insert(value).clone()
            })
        })
        .set(|hand, key, value, ttl| {
            locked(&hand.memo).remove(key);
            hand.write(key, value, ttl)
        }),
    ]
}

/// The correct listing, each value passed through `look`.
fn looked_at(
    hand: &Hand,
    (prefix, after, limit): (&str, Option<&str>, NonZeroUsize),
    look: impl Fn(&str, Bytes) -> Bytes,
) -> Result<Page<(String, Bytes)>> {
    let Page { items, next } = pairs(hand, prefix, after, limit)?;
    let items = items.into_iter().map(|(key, value)| {
        let value = look(&key, value);
        (key, value)
    });
    Ok(Page {
        items: items.collect(),
        next,
    })
}

fn pairs(
    hand: &Hand,
    prefix: &str,
    after: Option<&str>,
    limit: NonZeroUsize,
) -> Result<Page<(String, Bytes)>> {
    let Page { items, next } = hand.list(prefix, after, limit)?;
    let with_value = |key: String| Some((hand.entry(&key)?.value, key));
    let items = items.into_iter().filter_map(with_value);
    Ok(Page {
        items: items.map(|(value, key)| (key, value)).collect(),
        next,
    })
}

/// What is there, with the values that a fault remembers.
pub(super) fn with_remembered_values(
    hand: &Hand,
    prefix: &str,
    after: Option<&str>,
    limit: NonZeroUsize,
) -> Result<Page<(String, Bytes)>> {
    let remembered = locked(&hand.server.memo).clone();
    looked_at(hand, (prefix, after, limit), |key, value| {
        remembered.get(key).cloned().unwrap_or(value)
    })
}
