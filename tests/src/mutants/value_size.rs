//! Faults with the size of values.

use tck::{Bytes, Error, kv_store};

use crate::{
    Mutant,
    clay::{Rules, locked},
};

const KIB: usize = 1024;

pub(super) fn mutants() -> Vec<Mutant> {
    [large(), oversized()].concat()
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
            "value_size_in_a_signed_byte",
            "a size from 128 to 255 is taken for negative, and the value for empty",
            &clauses,
        )
        .write(|hand, key, value, ttl| match value.len() {
            128..256 => hand.write(key, Bytes::new(), ttl),
            _ => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "value_cut_to_a_packet",
            "a value a little larger than a packet of 1400 bytes is cut to it",
            &clauses,
        )
        .write(|hand, key, value, ttl| match value.len() {
            1_400..1_500 => hand.write(key, value.slice(..1_400), ttl),
            _ => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "full_buffer_loses_a_byte",
            "a value of exactly 1 or 2 KiB loses its last byte",
            &clauses,
        )
        .write(|hand, key, value, ttl| match value.len() {
            size @ (KIB | 2048) => hand.write(key, value.slice(..size - 1), ttl),
            _ => hand.write(key, value, ttl),
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
            "page_of_zeros_is_a_hole",
            "a value of a page of zeros or more is taken for one that was not written",
            &clauses,
        )
        .get(|hand, key| {
            let hole =
                |value: &Bytes| value.len() >= 4 * KIB && value.iter().all(|byte| *byte == 0);
            Ok(hand.get(key)?.filter(|value| !hole(value)))
        }),
        Mutant::new(
            "long_runs_cut",
            "of more than 1000 equal bytes in a row, only 1000 are kept",
            &clauses,
        )
        .write(|hand, key, value, ttl| {
            let runs = value.chunk_by(|one, next| one == next);
            let kept = runs.map(|run| &run[..run.len().min(1_000)]);
            hand.write(key, Bytes::from(kept.collect::<Vec<_>>().concat()), ttl)
        }),
        Mutant::new(
            "large_values_share_a_file",
            "all values of more than 64 KiB lie in one place",
            &clauses,
        )
        .write(|hand, key, value, ttl| {
            if value.len() > 64 * KIB {
                locked(&hand.server.memo).insert("large".to_owned(), value.clone());
            }
            hand.write(key, value, ttl)
        })
        .get(|hand, key| match hand.get(key)? {
            Some(value) if value.len() > 64 * KIB => {
                Ok(locked(&hand.server.memo).get("large").cloned())
            }
            value => Ok(value),
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
        over(
            "key_counts_as_value",
            "the largest value and a key of more than 100 bytes do not go together",
        )
        .write(|hand, key, value, ttl| match key.len() + value.len() {
            size @ 100_101.. => Err(Error::TooLarge {
                size,
                limit: 100_000,
            }),
            _ => hand.write(key, value, ttl),
        }),
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
