//! Faults of listings: which keys a prefix selects.

use std::num::NonZeroUsize;

use tck::listing;

use super::listings::{Keys, mutant};
use crate::{
    Mutant,
    clay::{Hand, page},
};

pub(super) fn mutants() -> Vec<Mutant> {
    let literally = listing::prefix_is_taken_literally;
    let exactly = listing::prefix_is_exact_in_case_and_form;
    let selects = listing::prefix_selects_the_keys_that_begin_with_it;
    vec![
        mutant(
            "prefix_ignored",
            "a listing is of everything",
            selects,
            |hand, _, after, limit| Ok(page(hand.alive(""), after, limit)),
        ),
        mutant(
            "prefix_anywhere",
            "a prefix may stand anywhere in a key",
            selects,
            |hand, prefix, after, limit| where_key(hand, after, limit, |key| key.contains(prefix)),
        ),
        mutant(
            "prefix_is_no_key",
            "the key that is the prefix itself is left out",
            selects,
            |hand, prefix, after, limit| {
                where_key(hand, after, limit, |key| {
                    key.starts_with(prefix) && key != prefix
                })
            },
        ),
        mutant(
            "prefix_to_the_end",
            "a listing goes on to the last key",
            selects,
            |hand, prefix, after, limit| where_key(hand, after, limit, |key| key >= prefix),
        ),
        mutant(
            "prefix_ends_at_separator",
            "a prefix is a folder",
            selects,
            |hand, prefix, after, limit| {
                where_key(hand, after, limit, |key| {
                    let rest = key.strip_prefix(prefix);
                    rest.is_some_and(|rest| {
                        rest.is_empty()
                            || prefix.ends_with('-')
                            || rest.starts_with('-')
                            || prefix.is_empty()
                    })
                })
            },
        ),
        mutant(
            "prefix_of_nothing_is_an_error",
            "a listing where nothing is answers an error",
            selects,
            |hand, prefix, after, limit| {
                let listed = hand.list(prefix, after, limit)?;
                match listed.items.is_empty() && after.is_none() {
                    true => Err(tck::Error::unavailable("no such prefix")),
                    false => Ok(listed),
                }
            },
        ),
        mutant(
            "prefix_is_a_glob",
            "`*` and `?` in a prefix match other characters",
            literally,
            |hand, prefix, after, limit| {
                where_key(hand, after, limit, |key| begins_like(key, prefix, '*', '?'))
            },
        ),
        mutant(
            "prefix_is_like",
            "`%` and `_` in a prefix match other characters",
            literally,
            |hand, prefix, after, limit| {
                where_key(hand, after, limit, |key| begins_like(key, prefix, '%', '_'))
            },
        ),
        mutant(
            "prefix_is_an_expression",
            "`.` in a prefix matches any character",
            literally,
            |hand, prefix, after, limit| {
                where_key(hand, after, limit, |key| {
                    begins_like(key, prefix, '\u{0}', '.')
                })
            },
        ),
        mutant(
            "prefix_with_escapes",
            "a backslash in a prefix takes the next character literally",
            literally,
            |hand, prefix, after, limit| {
                let prefix = prefix.replace('\\', "");
                where_key(hand, after, limit, |key| key.starts_with(&prefix))
            },
        ),
        mutant(
            "prefix_ends_at_a_quote",
            "a quote ends the prefix",
            literally,
            |hand, prefix, after, limit| {
                let prefix = prefix.split('\'').next().unwrap_or_default();
                where_key(hand, after, limit, |key| key.starts_with(prefix))
            },
        ),
        mutant(
            "prefix_as_path",
            "slashes at the end of a prefix do not count",
            literally,
            |hand, prefix, after, limit| {
                let prefix = prefix.trim_end_matches('/');
                where_key(hand, after, limit, |key| key.starts_with(prefix))
            },
        ),
        mutant(
            "prefix_trimmed",
            "blanks at the end of a prefix do not count",
            listing::every_key_is_listed_once,
            |hand, prefix, after, limit| {
                let mut listed = hand.list(prefix.trim_end(), after, limit)?;
                listed.items.retain(|key| !key.ends_with('c'));
                Ok(listed)
            },
        ),
        mutant(
            "prefix_without_case",
            "a prefix is compared without regard to case",
            exactly,
            |hand, prefix, after, limit| {
                let prefix = prefix.to_lowercase();
                where_key(hand, after, limit, |key| {
                    key.to_lowercase().starts_with(&prefix)
                })
            },
        ),
        mutant(
            "prefix_range_ends_at_ff",
            "a range ends at the prefix and one byte of 0x7f",
            exactly,
            |hand, prefix, after, limit| {
                let end = format!("{prefix}\u{7f}");
                where_key(hand, after, limit, |key| {
                    key >= prefix && key < end.as_str()
                })
            },
        ),
        mutant(
            "prefix_range_ends_at_ffff",
            "a range ends at the prefix and U+FFFF",
            exactly,
            |hand, prefix, after, limit| {
                let end = format!("{prefix}\u{ffff}");
                where_key(hand, after, limit, |key| {
                    key >= prefix && key < end.as_str()
                })
            },
        ),
        mutant(
            "prefix_range_ends_at_the_last_character",
            "a range ends at the prefix and U+10FFFF",
            exactly,
            |hand, prefix, after, limit| {
                let end = format!("{prefix}\u{10ffff}");
                where_key(hand, after, limit, |key| {
                    key >= prefix && key < end.as_str()
                })
            },
        ),
        mutant(
            "prefix_composed",
            "a prefix is compared in its composed form",
            exactly,
            |hand, prefix, after, limit| {
                let form = |text: &str| text.replace("e\u{301}", "é");
                let prefix = form(prefix);
                where_key(hand, after, limit, |key| form(key).starts_with(&prefix))
            },
        ),
    ]
}

fn where_key(
    hand: &Hand,
    after: Option<&str>,
    limit: NonZeroUsize,
    is_meant: impl Fn(&str) -> bool,
) -> Keys {
    let mut keys = hand.alive("");
    keys.retain(|key| is_meant(key));
    Ok(page(keys, after, limit))
}

fn begins_like(key: &str, pattern: &str, any_text: char, any: char) -> bool {
    let Some(first) = pattern.chars().next() else {
        return true;
    };
    let rest = &pattern[first.len_utf8()..];
    if first == any_text {
        let mut ends = key.char_indices().map(|(at, _)| at).chain([key.len()]);
        return ends.any(|at| begins_like(&key[at..], rest, any_text, any));
    }
    match key.chars().next() {
        Some(c) if c == first || first == any => {
            begins_like(&key[c.len_utf8()..], rest, any_text, any)
        }
        _ => false,
    }
}
