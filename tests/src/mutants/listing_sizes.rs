//! Faults of listings whose pages have a size in bytes, or a range that ends too early.

use tck::{Error, Page, listing};

use super::listings::mutant;
use crate::{Mutant, clay::page};

pub(super) fn mutants() -> Vec<Mutant> {
    vec![
        mutant(
            "page_of_64_kibibytes",
            "a page of keys ends at 64 KiB and is the last",
            listing::thousands_of_keys_are_listed,
            |hand, prefix, after, limit| {
                let mut size = 0;
                let mut listed = hand.list(prefix, after, limit)?;
                let all = listed.items.len();
                listed.items.retain(|key| {
                    size += key.len();
                    size <= 64 << 10
                });
                let next = listed.next.filter(|_| listed.items.len() == all);
                Ok(Page { next, ..listed })
            },
        ),
        Mutant::new(
            "answer_over_4_mebibytes",
            "a page with values fails where they are over 4 MiB together",
            &[listing::values_come_with_their_keys],
        )
        .list_with_values(|hand, prefix, after, limit| {
            let keys = page(hand.alive(prefix), after, limit);
            let values = keys.items.into_iter().filter_map(|key| {
                let value = hand.entry(&key)?.value;
                Some((key, value))
            });
            let items: Vec<_> = values.collect();
            match items.iter().map(|(_, value)| value.len()).sum() {
                0..=0x40_0000_usize => Ok(Page {
                    items,
                    next: keys.next,
                }),
                _ => Err(Error::backend("message larger than max")),
            }
        }),
        mutant(
            "no_key_behind_the_last_character",
            "a prefix of nothing but the last character selects nothing",
            listing::prefix_is_exact_in_case_and_form,
            |hand, prefix, after, limit| {
                let is_last = !prefix.is_empty() && prefix.chars().all(|c| c == char::MAX);
                let keys = hand.alive(prefix).into_iter().filter(|_| !is_last);
                Ok(page(keys.collect(), after, limit))
            },
        ),
    ]
}
