//! Faults of listings: which keys, in which order, with which values.

use std::{num::NonZeroUsize, sync::atomic::Ordering};

use tck::{Bytes, Page, Result, listing, transaction};

use crate::{
    Mutant,
    clay::{Hand, locked, page},
};

type Keys = Result<Page<String>>;

pub(super) fn mutants() -> Vec<Mutant> {
    [keys(), orders(), values(), prefixes(), pages(), lifetimes()].concat()
}

fn mutant(
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

fn prefixes() -> Vec<Mutant> {
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
        Mutant::new(
            "transaction_lists_what_is_stored",
            "a listing in a transaction leaves out its own writes",
            &[transaction::listing_sees_the_own_writes],
        )
        .deal_list(|deal, prefix, after, limit| {
            let writes = std::mem::take(&mut deal.writes);
            let listed = deal.list(prefix, after, limit);
            deal.writes = writes;
            listed
        }),
    ]
}

/// All places, in order.
fn everywhere(hand: &Hand) -> Vec<String> {
    hand.entries().keys().cloned().collect()
}

/// A listing in another order.
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

/// A listing of the keys that are meant.
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

/// Whether a key begins like a pattern, in which one character stands for any text and
/// another for any character.
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

/// The correct listing with values.
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
