//! Faults of listings by pages.

use std::num::NonZeroUsize;

use tck::{Page, listing};

use super::listings::mutant;
use crate::{Mutant, clay::page};

pub(super) fn mutants() -> Vec<Mutant> {
    let complete = listing::pages_are_complete_and_without_duplicates;
    let any_text = listing::page_begins_after_any_text;
    let thousands = listing::thousands_of_keys_are_listed;
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
            "empty_pages_without_end",
            "after the last page there is always one more, with nothing on it",
            complete,
            |hand, prefix, after, limit| {
                let mut listed = hand.list(prefix, after, limit)?;
                if listed.next.is_none() {
                    let last = listed.items.last().map(String::as_str).or(after);
                    listed.next = Some(format!("{}\0", last.unwrap_or_default()));
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
    ]
}
