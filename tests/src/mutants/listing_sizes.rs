//! Faults of listings whose pages have a size in bytes, or a range that ends too early.

use std::sync::atomic::Ordering;

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
        Mutant::new(
            "listed_value_cut_at_256_kibibytes",
            "a value of more than 256 KiB is cut in listings",
            &[listing::values_come_with_their_keys],
        )
        .list_with_values(|hand, prefix, after, limit| {
            let keys = page(hand.alive(prefix), after, limit);
            let values = keys.items.into_iter().filter_map(|key| {
                let value = hand.entry(&key)?.value;
                let length = value.len().min(256 << 10);
                Some((key, value.slice(..length)))
            });
            Ok(Page {
                items: values.collect(),
                next: keys.next,
            })
        }),
        mutant(
            "open_listings_run_out",
            "after 64 listings that were not continued none begins",
            listing::pages_are_complete_and_without_duplicates,
            |hand, prefix, after, limit| {
                let listed = hand.list(prefix, after, limit)?;
                let open = &hand.server.count;
                match (after.is_some(), listed.next.is_some()) {
                    (false, true) if hand.count() >= 64 => {
                        return Err(Error::unavailable("too many listings are open"));
                    }
                    (true, false) => _ = open.fetch_sub(1, Ordering::SeqCst),
                    _ => {}
                }
                Ok(listed)
            },
        ),
        Mutant::new(
            "listed_values_of_folded_keys",
            "a listing fetches values without regard to case",
            &[listing::keys_come_in_the_order_of_their_bytes],
        )
        .list_with_values(|hand, prefix, after, limit| {
            let keys = page(hand.alive(prefix), after, limit);
            let all = hand.alive("");
            let values = keys.items.into_iter().filter_map(|key| {
                let like = |other: &&String| other.to_lowercase() == key.to_lowercase();
                let value = hand.entry(all.iter().find(like)?)?.value;
                Some((key, value))
            });
            Ok(Page {
                items: values.collect(),
                next: keys.next,
            })
        }),
        mutant(
            "empty_leases_are_not_listed",
            "an empty value with a time to live is not listed",
            listing::expired_keys_are_not_listed,
            |hand, prefix, after, limit| {
                let mut keys = hand.alive(prefix);
                keys.retain(|key| {
                    hand.entry(key)
                        .is_some_and(|held| held.end.is_none() || !held.value.is_empty())
                });
                Ok(page(keys, after, limit))
            },
        ),
    ]
}
