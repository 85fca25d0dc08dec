//! Faults of single transactions: what they do, and what they leave undone.

use std::sync::Arc;

use tck::{Bytes, Error, transaction};
use tokio::task::yield_now;

use crate::{
    Mutant,
    clay::{Rules, locked},
    deal::Deal,
};

pub(super) fn mutants() -> Vec<Mutant> {
    [basics(), undone()].concat()
}

fn basics() -> Vec<Mutant> {
    let atomic = transaction::multi_key_atomic;
    let own = transaction::read_your_writes;
    let deletes = transaction::deletes_are_part_of_it;
    let hundred = transaction::hundred_keys_change_together;
    let empty = transaction::empty_and_reading_transactions_succeed;
    let refused = transaction::what_can_not_be_held_is_refused;
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
            "delete_at_once",
            "a delete in a transaction happens at once",
            &[transaction::rollback_leaves_nothing],
        )
        .deal_delete(|deal, key| {
            deal.hand.delete(key)?;
            deal.delete(key)
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
        Mutant::new(
            "transaction_without_limits",
            "values of any size are stored by a transaction",
            &[refused],
        )
        .rules(Rules::STRICT)
        .deal_set(|deal, key, value, ttl| {
            deal.writes.insert(key.to_owned(), Some((value, ttl)));
            Ok(())
        }),
        Mutant::new(
            "transaction_cuts_keys",
            "a transaction cuts long keys",
            &[refused],
        )
        .rules(Rules::STRICT)
        .deal_set(|deal, key, value, ttl| {
            let key: String = key.chars().take(200).collect();
            deal.set(&key, value, ttl)
        }),
        Mutant::new(
            "refused_write_is_left_out",
            "what can't be held is left out, and the rest committed",
            &[refused],
        )
        .rules(Rules::STRICT)
        .deal_set(|deal, key, value, ttl| {
            let _ = deal.set(key, value, ttl);
            Ok(())
        }),
    ]
}

fn undone() -> Vec<Mutant> {
    let unfinished = transaction::unfinished_writes_do_not_show;
    let rolled_back = transaction::rollback_leaves_nothing;
    let dropped = transaction::dropped_transaction_leaves_nothing;
    let panicked = transaction::panic_leaves_nothing;
    vec![
        Mutant::new(
            "writes_at_once",
            "a set in a transaction happens at once",
            &[unfinished, rolled_back, dropped],
        )
        .deal_set(|deal, key, value, ttl| {
            deal.hand.write(key, value.clone(), ttl)?;
            deal.set(key, value, ttl)
        }),
        Mutant::new(
            "writes_at_once_and_back",
            "a transaction writes at once, and puts everything back when it is rolled back",
            &[unfinished],
        )
        .deal_set(|deal, key, value, ttl| {
            deal.hand.write(key, value.clone(), ttl)?;
            deal.set(key, value, ttl)
        })
        .rollback(put_back)
        .dropped(put_back),
        Mutant::new(
            "others_read_unfinished_writes",
            "a transaction reads what another has written and not committed",
            &[unfinished],
        )
        .deal_set(|deal, key, value, ttl| {
            locked(&deal.hand.server.memo).insert(deal.hand.at(key), value.clone());
            deal.set(key, value, ttl)
        })
        .deal_get(|deal, key| {
            let unfinished = locked(&deal.hand.server.memo)
                .get(&deal.hand.at(key))
                .cloned();
            Ok(unfinished.or(deal.get(key)?))
        }),
        Mutant::new("rollback_commits", "a rollback commits", &[rolled_back]).rollback(commit),
        Mutant::new(
            "rollback_keeps_deletes",
            "a rollback does not bring back what was deleted",
            &[rolled_back],
        )
        .rollback(|deal| {
            deal.writes.retain(|_, written| written.is_none());
            commit(deal);
        }),
        Mutant::new(
            "rollback_of_one_key",
            "a rollback forgets one key",
            &[rolled_back],
        )
        .rollback(|deal| {
            let last = deal.writes.pop_first();
            deal.writes = last.into_iter().collect();
            commit(deal);
        }),
        Mutant::new(
            "rollback_leaves_locks",
            "after a rollback the keys can't be written any more",
            &[rolled_back],
        )
        .rollback(|deal| {
            let keys = deal.writes.keys().map(|key| (key.clone(), Bytes::new()));
            locked(&deal.hand.server.memo).extend(keys);
        })
        .commit(refuse_locked),
        Mutant::new(
            "dropping_commits",
            "a transaction that is dropped is committed",
            &[dropped, panicked],
        )
        .dropped(commit),
        Mutant::new(
            "dropping_leaves_locks",
            "after a transaction was dropped its keys can't be written any more",
            &[dropped],
        )
        .dropped(|deal| {
            let keys = deal.writes.keys().map(|key| (key.clone(), Bytes::new()));
            locked(&deal.hand.server.memo).extend(keys);
        })
        .commit(refuse_locked),
        Mutant::new(
            "panic_commits",
            "a transaction that is dropped by a panic is committed",
            &[panicked],
        )
        .dropped(|deal| {
            if std::thread::panicking() {
                commit(deal);
            }
        }),
        Mutant::new(
            "panic_poisons",
            "after a panic in a transaction nothing can be committed",
            &[panicked],
        )
        .dropped(|deal| {
            if std::thread::panicking() {
                locked(&deal.hand.server.memo).insert("poison".to_owned(), Bytes::new());
            }
        })
        .commit(|deal| {
            let is_poisoned = locked(&deal.hand.server.memo).contains_key("poison");
            match is_poisoned {
                true => Err(Error::backend("poisoned lock")),
                false => deal.commit(),
            }
        }),
        Mutant::new(
            "commit_in_steps",
            "a commit stores one key after the other, and stops where it is dropped",
            &[transaction::dropped_commit_is_all_or_nothing],
        )
        .slow_commit(|deal| {
            Box::pin(async move {
                deal.check(&deal.hand.entries())?;
                for key in deal.writes.keys() {
                    deal.apply_to(&mut deal.hand.entries(), key)?;
                    yield_now().await;
                }
                Ok(())
            })
        }),
        Mutant::new(
            "deletes_after_the_commit",
            "a commit deletes in a second step",
            &[transaction::panic_leaves_nothing, unfinished],
        )
        .deal_delete(|deal, key| {
            let hand = Arc::clone(&deal.hand);
            hand.delete(key)
        }),
    ]
}

fn commit(deal: &mut Deal) {
    // A mutant that can't even do its fault is one that is not caught.
    let _ = deal.commit();
}

fn put_back(deal: &mut Deal) {
    let mut entries = deal.hand.entries();
    for key in deal.writes.keys() {
        let place = deal.hand.at(key);
        match deal.seen.get(&place) {
            Some(entry) => entries.insert(place, entry.clone()),
            None => entries.remove(&place),
        };
    }
}

/// Refuses keys that were locked and never released.
pub(super) fn refuse_locked(deal: &mut Deal) -> tck::Result<()> {
    let is_locked = {
        let held = locked(&deal.hand.server.memo);
        deal.writes.keys().any(|key| held.contains_key(key))
    };
    match is_locked {
        true => Err(Error::conflict("locked")),
        false => deal.commit(),
    }
}
