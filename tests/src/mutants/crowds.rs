//! Faults that show when there are many entries, or a lot in them.

use std::time::Duration;

use tck::{Bytes, Result, cache, kv_store};

use crate::{
    Mutant,
    clay::{Entry, Hand, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [plain(), expiring()].concat()
}

fn plain() -> Vec<Mutant> {
    let clauses = [kv_store::many_keys_are_all_kept];
    vec![
        Mutant::new(
            "holds_100_keys",
            "the oldest key is dropped when there are more than 100",
            &clauses,
        )
        .write(|hand, key, value, ttl| bounded(hand, key, value, ttl, 100)),
        Mutant::new(
            "pending_write_outlives_delete",
            "writes are repeated in batches of 32, also those of keys that were deleted meanwhile",
            &clauses,
        )
        .set(|hand, key, value, ttl| {
            hand.write(key, value.clone(), ttl)?;
            let mut pending = locked(&hand.server.memo);
            pending.insert(key.to_owned(), value);
            if pending.len() < 32 {
                return Ok(());
            }
            let batch: Vec<_> = pending.drain().collect();
            batch
                .into_iter()
                .filter(|(key, _)| hand.entry(key).is_none())
                .try_for_each(|(key, value)| hand.write(&key, value, None))
        }),
        Mutant::new(
            "holds_1000_keys",
            "the oldest key is dropped when there are more than 1000",
            &clauses,
        )
        .write(|hand, key, value, ttl| bounded(hand, key, value, ttl, 1_000)),
        Mutant::new(
            "holds_4_mib",
            "the oldest key is dropped when all values together are more than 4 MiB",
            &[kv_store::large_values_are_kept_whole],
        )
        .write(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            while size(hand) > 4 << 20 && drop_oldest(hand, key, |_| true) {}
            Ok(())
        }),
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
        Mutant::new(
            "empty_values_are_swept",
            "after 256 more writes empty values are gone",
            &[kv_store::many_keys_are_all_kept],
        )
        .write(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            if hand.count() % 256 == 255 {
                hand.entries().retain(|_, entry| !entry.value.is_empty());
            }
            Ok(())
        }),
    ]
}

/// Many entries that expire.
fn expiring() -> Vec<Mutant> {
    let clauses = [cache::many_entries_with_a_ttl_are_kept_and_expire];
    vec![
        Mutant::new(
            "one_deadline_for_all",
            "the latest time to live is that of all entries",
            &[cache::many_keys_expire_each_at_its_own_time],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            let end = hand.entry(key).and_then(|entry| entry.end);
            hand.entries()
                .values_mut()
                .filter(|entry| entry.end.is_some())
                .for_each(|entry| entry.end = end);
            Ok(())
        }),
        Mutant::new(
            "holds_100_expiring_keys",
            "the oldest is dropped when more than 100 keys have a time to live",
            &clauses,
        )
        .set_with_ttl(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            if expiring_keys(hand) > 100 {
                drop_oldest(hand, key, |entry| entry.end.is_some());
            }
            Ok(())
        }),
        Mutant::new(
            "holds_64_deadlines",
            "the oldest deadline is forgotten when there are more than 64",
            &clauses,
        )
        .set_with_ttl(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            let mut entries = hand.entries();
            let ring = entries.values_mut().filter(|entry| entry.end.is_some());
            let ring: Vec<_> = ring.collect();
            if ring.len() > 64
                && let Some(oldest) = ring.into_iter().min_by_key(|entry| entry.written)
            {
                oldest.end = None;
            }
            Ok(())
        }),
    ]
}

fn bounded(hand: &Hand, key: &str, value: Bytes, ttl: Option<Duration>, most: usize) -> Result<()> {
    hand.write(key, value, ttl)?;
    if hand.entries().len() > most {
        drop_oldest(hand, key, |_| true);
    }
    Ok(())
}

/// Drops the oldest of some of the other entries, if there is one.
fn drop_oldest(hand: &Hand, key: &str, of: fn(&Entry) -> bool) -> bool {
    let own = hand.at(key);
    let mut entries = hand.entries();
    let others = entries
        .iter()
        .filter(|(place, entry)| **place != own && of(entry));
    let oldest = others.min_by_key(|(_, entry)| entry.written);
    let oldest = oldest.map(|(place, _)| place.clone());
    oldest.is_some_and(|place| entries.remove(&place).is_some())
}

/// The size of all values together.
fn size(hand: &Hand) -> usize {
    let entries = hand.entries();
    entries.values().map(|entry| entry.value.len()).sum()
}

fn expiring_keys(hand: &Hand) -> usize {
    let entries = hand.entries();
    entries.values().filter(|entry| entry.end.is_some()).count()
}
