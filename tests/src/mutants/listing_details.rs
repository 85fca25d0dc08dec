//! Faults of listings that show in single keys and values.

use std::num::NonZeroUsize;

use tck::{Bytes, Page, Result, listing};

use crate::{
    Mutant,
    clay::{Hand, locked, page},
};

use super::listings::{mutant, pairs};

pub(super) fn mutants() -> Vec<Mutant> {
    [keys(), values()].concat()
}

fn keys() -> Vec<Mutant> {
    let in_order = listing::keys_come_in_the_order_of_their_bytes;
    vec![
        mutant(
            "long_keys_not_listed",
            "keys over 100 bytes are not listed",
            in_order,
            |hand, prefix, after, limit| {
                let mut keys = hand.alive(prefix);
                keys.retain(|key| key.len() <= 100);
                Ok(page(keys, after, limit))
            },
        ),
        mutant(
            "long_keys_listed_cut",
            "keys are listed up to 250 bytes",
            in_order,
            |hand, prefix, after, limit| {
                let mut keys = hand.alive(prefix);
                keys.iter_mut().for_each(|key| key.truncate(250));
                Ok(page(keys, after, limit))
            },
        ),
        mutant(
            "empty_key_not_listed",
            "the empty key is not listed",
            in_order,
            |hand, prefix, after, limit| {
                let mut keys = hand.alive(prefix);
                keys.retain(|key| !key.is_empty());
                Ok(page(keys, after, limit))
            },
        ),
        mutant(
            "listed_line_by_line",
            "a key with a line break is listed as two",
            in_order,
            |hand, prefix, after, limit| {
                let keys = hand.alive(prefix).join("\n");
                Ok(page(
                    keys.split('\n').map(str::to_owned).collect(),
                    after,
                    limit,
                ))
            },
        ),
        mutant(
            "listed_up_to_nul",
            "keys are listed up to a NUL",
            in_order,
            |hand, prefix, after, limit| {
                let mut keys = hand.alive(prefix);
                for key in &mut keys {
                    key.truncate(key.find('\0').unwrap_or(key.len()));
                }
                Ok(page(keys, after, limit))
            },
        ),
        mutant(
            "listed_trimmed",
            "keys are listed without blanks around them",
            in_order,
            |hand, prefix, after, limit| {
                let keys = hand.alive(prefix);
                Ok(page(
                    keys.iter().map(|key| key.trim().to_owned()).collect(),
                    after,
                    limit,
                ))
            },
        ),
        mutant(
            "listed_percent_decoded",
            "what looks like an escape is decoded in a listing",
            in_order,
            |hand, prefix, after, limit| {
                let keys = hand.alive(prefix).into_iter();
                let keys = keys.map(|key| key.replace("%20", " ").replace("%2F", "/"));
                Ok(page(keys.collect(), after, limit))
            },
        ),
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

fn values() -> Vec<Mutant> {
    vec![
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
            &[listing::values_come_with_their_keys],
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
