//! Faults of single transactions: what they do.

use std::sync::Arc;

use tck::{Bytes, Error, transaction};

use crate::{Mutant, clay::locked};

pub(super) fn mutants() -> Vec<Mutant> {
    let atomic = transaction::multi_key_atomic;
    let own = transaction::read_your_writes;
    let deletes = transaction::deletes_are_part_of_it;
    let hundred = transaction::hundred_keys_change_together;
    let empty = transaction::empty_and_reading_transactions_succeed;
    vec![
        Mutant::new("commit_does_nothing", "a commit stores nothing", &[atomic]).commit(|_| Ok(())),
        Mutant::new("commit_of_the_first", "a commit stores one key", &[atomic]).commit(|deal| {
            let keep = deal.writes.pop_first();
            deal.writes = keep.into_iter().collect();
            deal.commit()
        }),
        Mutant::new(
            "commit_of_new_keys",
            "a commit overwrites nothing that is there",
            &[atomic],
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            deal.writes.retain(|key, _| hand.entry(key).is_none());
            deal.commit()
        }),
        Mutant::new(
            "reads_what_is_stored",
            "a transaction does not read its own writes",
            &[own],
        )
        .deal_get(|deal, key| {
            let written = deal.writes.remove(key);
            let answer = deal.get(key);
            deal.writes
                .extend(written.map(|written| (key.to_owned(), written)));
            answer
        }),
        Mutant::new(
            "first_write_stays",
            "a transaction keeps the first of its writes to a key",
            &[own],
        )
        .deal_set(
            |deal, key, value, ttl| match deal.writes.contains_key(key) {
                true => Ok(()),
                false => deal.set(key, value, ttl),
            },
        ),
        Mutant::new(
            "own_delete_not_seen",
            "a transaction still reads what it has deleted",
            &[own],
        )
        .deal_get(|deal, key| {
            let deleted = deal.writes.get(key) == Some(&None);
            match deleted {
                true => {
                    let entry = deal.alive(&deal.seen, key);
                    Ok(entry.map(|entry| entry.value.clone()))
                }
                false => deal.get(key),
            }
        }),
        Mutant::new(
            "own_empty_value_is_missing",
            "a transaction reads an empty value of its own as missing",
            &[own],
        )
        .deal_get(|deal, key| Ok(deal.get(key)?.filter(|value| !value.is_empty()))),
        Mutant::new(
            "read_once_and_kept",
            "a transaction reads what it has read before, and not its own later write",
            &[own],
        )
        .deal_get(|deal, key| {
            let value = deal.get(key)?;
            let first = value.clone().unwrap_or_default();
            let kept = locked(&deal.hand.memo)
                .entry(key.to_owned())
                .or_insert(first)
                .clone();
            Ok(value.map(|_| kept))
        }),
        Mutant::new("deletes_are_lost", "a commit deletes nothing", &[deletes]).commit(|deal| {
            deal.writes.retain(|_, written| written.is_some());
            deal.commit()
        }),
        Mutant::new(
            "deletes_come_last",
            "a key that was deleted and set again is deleted",
            &[deletes],
        )
        .deal_delete(|deal, key| {
            locked(&deal.hand.memo).insert(key.to_owned(), Bytes::new());
            deal.delete(key)
        })
        .commit(|deal| {
            let deleted = locked(&deal.hand.memo).clone();
            for (key, written) in &mut deal.writes {
                if deleted.contains_key(key) {
                    *written = None;
                }
            }
            deal.commit()
        }),
        Mutant::new(
            "deletes_come_first",
            "a key that was set and deleted again is set",
            &[deletes],
        )
        .deal_delete(|deal, key| match deal.writes.contains_key(key) {
            true => Ok(()),
            false => deal.delete(key),
        }),
        Mutant::new(
            "delete_of_a_missing_key_fails",
            "a transaction that deletes a missing key answers an error",
            &[deletes],
        )
        .commit(|deal| {
            let missing = |key: &String| deal.hand.entry(key).is_none();
            match deal
                .writes
                .iter()
                .any(|(key, written)| written.is_none() && missing(key))
            {
                true => Err(Error::unavailable("no such key")),
                false => deal.commit(),
            }
        }),
        Mutant::new(
            "commit_of_64_keys",
            "a commit stores 64 keys at the most",
            &[hundred],
        )
        .commit(|deal| {
            while deal.writes.len() > 64 {
                deal.writes.pop_last();
            }
            deal.commit()
        }),
        Mutant::new(
            "fifty_keys_at_the_most",
            "a transaction of more than fifty keys answers an error",
            &[hundred],
        )
        .commit(|deal| match deal.writes.len() > 50 {
            true => Err(Error::backend("too many operations")),
            false => deal.commit(),
        }),
        Mutant::new(
            "empty_commit_fails",
            "a commit of nothing answers an error",
            &[empty],
        )
        .commit(
            |deal| match deal.writes.is_empty() && deal.reads.is_empty() {
                true => Err(Error::unavailable("nothing to commit")),
                false => deal.commit(),
            },
        ),
        Mutant::new(
            "reading_is_a_conflict",
            "a transaction that has only read answers a conflict",
            &[empty],
        )
        .commit(
            |deal| match deal.writes.is_empty() && !deal.reads.is_empty() {
                true => Err(Error::conflict("nothing was written")),
                false => deal.commit(),
            },
        ),
        Mutant::new(
            "same_value_is_a_conflict",
            "a transaction that changes nothing answers a conflict",
            &[empty],
        )
        .commit(|deal| {
            let changes = deal.writes.iter().any(|(key, written)| {
                let held = deal.hand.entry(key).map(|entry| entry.value);
                held.as_ref() != written.as_ref().map(|(value, _)| value)
            });
            match changes || deal.writes.is_empty() {
                true => deal.commit(),
                false => Err(Error::conflict("no row was changed")),
            }
        }),
    ]
}
