//! Faults with the size and the number of values.

use std::time::Duration;

use tck::{Bytes, Error, kv_store};

use crate::{
    Mutant,
    clay::{Hand, Rules, locked},
};

const KIB: usize = 1024;

pub(super) fn mutants() -> Vec<Mutant> {
    [large(), oversized(), many()].concat()
}

fn large() -> Vec<Mutant> {
    let clauses = [kv_store::large_values_are_kept_whole];
    vec![
        Mutant::new("value_cut_at_64k", "values are cut after 64 KiB", &clauses).write(
            |hand, key, value, ttl| hand.write(key, value.slice(..value.len().min(64 * KIB)), ttl),
        ),
        Mutant::new(
            "value_cut_at_1m",
            "values are cut a byte before 1 MiB",
            &clauses,
        )
        .write(|hand, key, value, ttl| {
            hand.write(key, value.slice(..value.len().min(KIB * KIB - 1)), ttl)
        }),
        Mutant::new(
            "value_size_in_16_bits",
            "the size of a value is counted in 16 bits",
            &clauses,
        )
        .write(|hand, key, value, ttl| {
            hand.write(key, value.slice(..value.len() % (64 * KIB)), ttl)
        }),
        Mutant::new(
            "last_chunk_lost",
            "a value of whole chunks of 16 KiB loses the last",
            &clauses,
        )
        .write(|hand, key, value, ttl| {
            let whole = !value.is_empty() && value.len().is_multiple_of(16 * KIB);
            hand.write(
                key,
                value.slice(..value.len() - if whole { 16 * KIB } else { 0 }),
                ttl,
            )
        }),
        Mutant::new(
            "chunks_out_of_order",
            "two chunks of 4 KiB are written in the wrong order",
            &clauses,
        )
        .write(|hand, key, value, ttl| {
            let mut bytes = value.to_vec();
            if let Some(first) = bytes.first_chunk_mut::<{ 8 * KIB }>() {
                first.rotate_left(4 * KIB);
            }
            hand.write(key, Bytes::from(bytes), ttl)
        }),
        Mutant::new(
            "undeclared_limit",
            "values of more than 512 KiB are refused although no limit is declared",
            &clauses,
        )
        .write(|hand, key, value, ttl| match value.len() > 512 * KIB {
            true => Err(Error::TooLarge {
                size: value.len(),
                limit: 512 * KIB,
            }),
            false => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "stale_chunks",
            "a large value that is replaced by a small one leaves its chunks",
            &clauses,
        )
        .write(|hand, key, value, ttl| match hand.get(key)? {
            Some(old) if old.len() > 512 * KIB && value.len() < KIB => hand.write(
                key,
                Bytes::from([value.as_ref(), &old[value.len()..]].concat()),
                ttl,
            ),
            _ => hand.write(key, value, ttl),
        }),
    ]
}

fn oversized() -> Vec<Mutant> {
    let clauses = [kv_store::oversized_value_is_refused_and_nothing_changes];
    let limited = Rules {
        largest_value: Some(100_000),
        ..Rules::NONE
    };
    let over = |name, fault| Mutant::new(name, fault, &clauses).rules(limited);
    vec![
        Mutant::new(
            "huge_value_cut",
            "without a declared limit, values are cut after 4 MiB",
            &clauses,
        )
        .write(|hand, key, value, ttl| {
            hand.write(key, value.slice(..value.len().min(4 * KIB * KIB)), ttl)
        }),
        Mutant::new(
            "huge_value_refused_after_delete",
            "a value that is refused has removed the old one",
            &clauses,
        )
        .write(|hand, key, value, ttl| match value.len() > 4 * KIB * KIB {
            true => {
                hand.delete(key)?;
                Err(Error::TooLarge {
                    size: value.len(),
                    limit: 4 * KIB * KIB,
                })
            }
            false => hand.write(key, value, ttl),
        }),
        over("oversized_value_cut", "a value over the limit is cut").write(
            |hand, key, value, ttl| hand.write(key, value.slice(..value.len().min(100_000)), ttl),
        ),
        over(
            "oversized_value_dropped",
            "a value over the limit is dropped, and the answer is Ok",
        )
        .write(|hand, key, value, ttl| {
            if value.len() > 100_000 {
                Ok(())
            } else {
                hand.write(key, value, ttl)
            }
        }),
        over(
            "oversized_value_deletes",
            "a value over the limit is refused, and the old one is gone",
        )
        .write(|hand, key, value, ttl| {
            if value.len() > 100_000 {
                hand.delete(key)?;
            }
            hand.write(key, value, ttl)
        }),
        over(
            "oversized_value_leaves_a_stub",
            "a value over the limit is refused, and an empty one is stored",
        )
        .write(|hand, key, value, ttl| {
            if value.len() > 100_000 && !hand.has(key)? {
                hand.write(key, Bytes::new(), ttl)?;
            }
            hand.write(key, value, ttl)
        }),
        over(
            "oversized_value_fails_untyped",
            "a value over the limit is refused as a failure of the backend",
        )
        .write(|hand, key, value, ttl| match value.len() > 100_000 {
            true => Err(Error::backend("SERVER_ERROR object too large for cache")),
            false => hand.write(key, value, ttl),
        }),
        over(
            "value_limit_is_off_by_one",
            "a value of just the largest size is refused",
        )
        .write(|hand, key, value, ttl| match value.len() >= 100_000 {
            true => Err(Error::TooLarge {
                size: value.len(),
                limit: 100_000,
            }),
            false => hand.write(key, value, ttl),
        }),
    ]
}

fn many() -> Vec<Mutant> {
    let clauses = [kv_store::many_keys_are_all_kept];
    vec![
        Mutant::new(
            "value_known_by_its_place",
            "a value from a buffer that was used before is taken for the one before",
            &[kv_store::values_are_copied_in_and_out],
        )
        .write(|hand, key, value, ttl| {
            let place = format!("{:p} {}", value.as_ptr(), value.len());
            let copy = || Bytes::copy_from_slice(&value);
            let known = locked(&hand.server.memo)
                .entry(place)
                .or_insert_with(copy)
                .clone();
            hand.write(key, known, ttl)
        }),
        Mutant::new(
            "holds_100_keys",
            "the oldest key is dropped when there are more than 100",
            &clauses,
        )
        .write(|hand, key, value, ttl| bounded(hand, key, value, ttl, 100)),
        Mutant::new(
            "holds_1500_keys",
            "the oldest key is dropped when there are more than 1500",
            &clauses,
        )
        .write(|hand, key, value, ttl| bounded(hand, key, value, ttl, 1_500)),
        Mutant::new(
            "full_store_ignores_writes",
            "new keys are ignored when there are 1000",
            &clauses,
        )
        .write(|hand, key, value, ttl| {
            let full = hand.entries().len() >= 1_000 && hand.entry(key).is_none();
            if full {
                Ok(())
            } else {
                hand.write(key, value, ttl)
            }
        }),
        Mutant::new(
            "has_gives_up_in_a_crowd",
            "`has` answers false when there are more than 500 keys",
            &clauses,
        )
        .has(|hand, key| Ok(hand.has(key)? && hand.entries().len() < 500)),
    ]
}

fn bounded(
    hand: &Hand,
    key: &str,
    value: Bytes,
    ttl: Option<Duration>,
    most: usize,
) -> tck::Result<()> {
    hand.write(key, value, ttl)?;
    let mut entries = hand.entries();
    if entries.len() > most {
        let key = hand.at(key);
        let oldest = entries.keys().find(|place| **place != key).cloned();
        if let Some(oldest) = oldest {
            entries.remove(&oldest);
        }
    }
    Ok(())
}
