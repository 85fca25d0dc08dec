//! Faults of listings that go by an index with deadlines of its own.

use tck::{Bytes, listing};

use super::{
    key_races::{long_pause, pause},
    marks::{is_marked, mark, unmark},
};
use crate::{
    Mutant,
    clay::{Rules, locked, page},
};

pub(super) fn mutants() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "index_keeps_the_later_end",
            "a key is listed until the later of the ends that it was given",
            &[listing::expired_keys_are_not_listed],
        )
        .write(|hand, key, value, ttl| {
            let new = hand.written(value.clone(), ttl)?;
            let is_later = |old: Option<std::time::Instant>| match (old, new.end) {
                (_, None) => false,
                (None, Some(_)) => true,
                (Some(old), Some(new)) => old > new,
            };
            let old = hand.entry(key).filter(|old| hand.is_alive(old));
            match old.is_some_and(|old| is_later(old.end)) {
                true => mark(hand, key),
                false => drop(unmark(hand, key)),
            }
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            unmark(hand, key);
            hand.delete(key)
        })
        .list(|hand, prefix, after, limit| {
            let mut keys = hand.keys_among(&hand.entries());
            keys.retain(|key| {
                let is_alive = hand.entry(key).is_some_and(|entry| hand.is_alive(&entry));
                key.starts_with(prefix) && (is_alive || is_marked(hand, key))
            });
            Ok(page(keys, after, limit))
        }),
        Mutant::new(
            "listing_drops_what_was_set_anew",
            "a listing that finds an expired key drops it from the index a moment later",
            &[listing::listing_an_expired_key_spares_the_next_value],
        )
        .write(|hand, key, value, ttl| {
            unmark(hand, key);
            hand.write(key, value, ttl)
        })
        .list(|hand, prefix, after, limit| {
            let mut keys = hand.keys_among(&hand.entries());
            keys.retain(|key| key.starts_with(prefix));
            let is_alive =
                |key: &String| hand.entry(key).is_some_and(|entry| hand.is_alive(&entry));
            let (mut alive, expired): (Vec<_>, Vec<_>) = keys.into_iter().partition(is_alive);
            if !expired.is_empty() {
                long_pause();
                expired.iter().for_each(|key| mark(hand, key));
            }
            alive.retain(|key| !is_marked(hand, key));
            Ok(page(alive, after, limit))
        }),
        Mutant::new(
            "overwritten_keys_leave_the_index_for_a_moment",
            "while a key is overwritten, listings do not show it",
            &[listing::listing_stays_whole_while_others_write],
        )
        .write(|hand, key, value, ttl| {
            if hand.entry(key).is_some() {
                mark(hand, key);
                pause();
                unmark(hand, key);
            }
            hand.write(key, value, ttl)
        })
        .list(|hand, prefix, after, limit| {
            let mut keys = hand.alive(prefix);
            keys.retain(|key| !is_marked(hand, key));
            Ok(page(keys, after, limit))
        }),
        Mutant::new(
            "long_keys_are_not_listed",
            "keys over 255 bytes are in no listing, though longer ones are declared",
            &[
                listing::keys_come_in_the_order_of_their_bytes,
                listing::prefix_selects_the_keys_that_begin_with_it,
            ],
        )
        .rules(Rules {
            longest_key: Some(1_000),
            ..Rules::NONE
        })
        .list(|hand, prefix, after, limit| {
            let mut keys = hand.alive(prefix);
            keys.retain(|key| key.len() <= 255);
            Ok(page(keys, after, limit))
        }),
        Mutant::new(
            "what_expired_while_closed_is_listed",
            "a store that is opened again lists what has expired meanwhile",
            &[listing::reopened_store_lists_the_same_keys],
        )
        .reopen(|hand| {
            let keys = hand.keys_among(&hand.entries());
            let named = keys.into_iter().map(|key| (key, Bytes::new()));
            *locked(&hand.memo) = named.collect();
        })
        .delete(|hand, key| {
            locked(&hand.memo).remove(key);
            hand.delete(key)
        })
        .list(|hand, prefix, after, limit| {
            let back = locked(&hand.memo).clone().into_keys();
            let mut keys = hand.alive(prefix);
            keys.extend(back.filter(|key| key.starts_with(prefix)));
            keys.sort();
            keys.dedup();
            Ok(page(keys, after, limit))
        }),
    ]
}
