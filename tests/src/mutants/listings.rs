//! Faults of listings: which keys, in which order, with which values.

use std::num::NonZeroUsize;

use tck::{Bytes, Page, Result, listing};

use crate::{
    Mutant,
    clay::{Hand, locked, page},
};

pub(super) type Keys = Result<Page<String>>;

pub(super) fn mutants() -> Vec<Mutant> {
    [keys(), orders(), values()].concat()
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

fn keys() -> Vec<Mutant> {
    let each_once = listing::every_key_is_listed_once;
    let at_once = listing::changes_show_at_once;
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
        mutant(
            "lists_from_a_copy",
            "a listing of a prefix is kept and not made anew",
            at_once,
            |hand, prefix, after, limit| {
                let mut memo = locked(&hand.server.memo);
                let kept = memo.entry(prefix.to_owned());
                let kept = kept.or_insert_with(|| hand.alive(prefix).join("\n").into());
                let kept = String::from_utf8_lossy(kept).into_owned();
                let keys = kept.split('\n').filter(|key| !key.is_empty());
                Ok(page(keys.map(str::to_owned).collect(), after, limit))
            },
        ),
        mutant(
            "lists_one_change_late",
            "a key is listed from the next write on",
            at_once,
            |hand, prefix, after, limit| {
                let newest = locked(&hand.server.memo).get("newest").cloned();
                let mut keys = hand.alive(prefix);
                keys.retain(|key| Some(key.as_bytes()) != newest.as_deref());
                Ok(page(keys, after, limit))
            },
        )
        .write(|hand, key, value, ttl| {
            if hand.entry(key).is_none() {
                let newest = Bytes::from(key.to_owned());
                locked(&hand.server.memo).insert("newest".to_owned(), newest);
            }
            hand.write(key, value, ttl)
        }),
    ]
}

fn orders() -> Vec<Mutant> {
    let in_order = listing::keys_come_in_the_order_of_their_bytes;
    vec![
        mutant(
            "listed_by_letters",
            "keys are ordered without regard to case",
            in_order,
            |hand, prefix, after, limit| {
                by(hand, prefix, after, limit, |key| {
                    key.to_lowercase().into_bytes()
                })
            },
        ),
        mutant(
            "listed_by_utf16",
            "keys are ordered by units of 16 bits",
            in_order,
            |hand, prefix, after, limit| {
                by(hand, prefix, after, limit, |key| {
                    key.encode_utf16().flat_map(u16::to_be_bytes).collect()
                })
            },
        ),
        mutant(
            "listed_by_length",
            "shorter keys come first",
            in_order,
            |hand, prefix, after, limit| {
                by(hand, prefix, after, limit, |key| {
                    [&key.len().to_be_bytes(), key.as_bytes()].concat()
                })
            },
        ),
        mutant(
            "listed_by_number",
            "digits are ordered by the number that they are",
            in_order,
            |hand, prefix, after, limit| {
                by(hand, prefix, after, limit, |key| {
                    let digits =
                        key.len() - key.trim_end_matches(|c: char| c.is_ascii_digit()).len();
                    let (text, number) = key.split_at(key.len() - digits);
                    format!("{text}{number:0>20}").into_bytes()
                })
            },
        ),
        mutant(
            "listed_without_punctuation",
            "separators do not count for the order",
            in_order,
            |hand, prefix, after, limit| {
                by(hand, prefix, after, limit, |key| {
                    key.chars()
                        .filter(|c| c.is_alphanumeric())
                        .collect::<String>()
                        .into_bytes()
                })
            },
        ),
        mutant(
            "listed_backwards",
            "the last key comes first",
            listing::every_key_is_listed_once,
            |hand, prefix, after, limit| {
                by(hand, prefix, after, limit, |key| {
                    key.bytes().map(|byte| u8::MAX - byte).collect()
                })
            },
        ),
        mutant(
            "listed_as_written",
            "keys come in the order in which they were written",
            listing::every_key_is_listed_once,
            |hand, prefix, after, limit| {
                by(hand, prefix, after, limit, |key| {
                    let number = locked(&hand.server.memo).get(key).cloned();
                    number.unwrap_or_default().to_vec()
                })
            },
        )
        .write(|hand, key, value, ttl| {
            let number = hand.count().to_be_bytes().to_vec();
            locked(&hand.server.memo)
                .entry(key.to_owned())
                .or_insert_with(|| Bytes::from(number));
            hand.write(key, value, ttl)
        }),
        mutant(
            "listed_in_lower_case",
            "keys are listed in lower case",
            in_order,
            |hand, prefix, after, limit| {
                let keys = hand.alive(prefix).into_iter();
                let mut keys: Vec<_> = keys.map(|key| key.to_lowercase()).collect();
                keys.sort();
                Ok(page(keys, after, limit))
            },
        ),
        mutant(
            "listed_as_ascii",
            "keys beyond ASCII are left out",
            in_order,
            |hand, prefix, after, limit| {
                let mut keys = hand.alive(prefix);
                keys.retain(|key| key.is_ascii());
                Ok(page(keys, after, limit))
            },
        ),
    ]
}

fn values() -> Vec<Mutant> {
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
    ]
}

fn by(
    hand: &Hand,
    prefix: &str,
    after: Option<&str>,
    limit: NonZeroUsize,
    order: impl Fn(&str) -> Vec<u8>,
) -> Keys {
    let mut keys = hand.alive(prefix);
    keys.sort_by_key(|key| order(key));
    let place = keys.iter().position(|key| Some(key.as_str()) == after);
    let rest = keys.into_iter().skip(place.map_or(0, |place| place + 1));
    Ok(page(rest.collect(), None, limit))
}

pub(super) fn pairs(
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
