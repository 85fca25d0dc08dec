//! Faults of listings: in which order, and which keys are left out of it.

use std::num::NonZeroUsize;

use tck::{Bytes, listing};

use super::listings::{Keys, mutant};
use crate::{
    Mutant,
    clay::{Hand, locked, page},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [orders(), keys()].concat()
}

fn orders() -> Vec<Mutant> {
    let in_order = listing::keys_come_in_the_order_of_their_bytes;
    let each_once = listing::every_key_is_listed_once;
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
            each_once,
            |hand, prefix, after, limit| {
                by(hand, prefix, after, limit, |key| {
                    key.bytes().map(|byte| u8::MAX - byte).collect()
                })
            },
        ),
        mutant(
            "listed_as_written",
            "keys come in the order in which they were written",
            each_once,
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
