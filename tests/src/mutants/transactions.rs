//! Faults of transactions.

use std::{
    sync::{Arc, atomic::Ordering},
    thread::sleep,
    time::Duration,
};

use tck::{Bytes, Error, transaction};
use tokio::task::yield_now;

use crate::{
    Mutant,
    clay::{Rules, locked},
    deal::Deal,
};

pub(super) fn mutants() -> Vec<Mutant> {
    [
        basics(),
        undone(),
        conflicts(),
        races(),
        listings(),
        expiring(),
        shared(),
    ]
    .concat()
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

fn refuse_locked(deal: &mut Deal) -> tck::Result<()> {
    let is_locked = {
        let held = locked(&deal.hand.server.memo);
        deal.writes.keys().any(|key| held.contains_key(key))
    };
    match is_locked {
        true => Err(Error::conflict("locked")),
        false => deal.commit(),
    }
}

fn conflicts() -> Vec<Mutant> {
    let one_moment = transaction::reads_are_of_one_moment;
    let lost_update = transaction::lost_update_is_refused;
    let skew = transaction::write_skew_is_refused;
    let missing = transaction::missing_key_conflicts_as_well;
    let plain = transaction::plain_writes_conflict_as_well;
    let again = transaction::conflict_changes_nothing_and_can_be_tried_again;
    let different = transaction::different_keys_do_not_conflict;
    vec![
        Mutant::new(
            "reads_the_present",
            "a transaction reads what is stored at the time of the read",
            &[one_moment],
        )
        .deal_get(|deal, key| {
            deal.get(key)?;
            match deal.writes.contains_key(key) {
                true => deal.get(key),
                false => deal.hand.get(key),
            }
        }),
        Mutant::new(
            "first_reads_of_different_moments",
            "a transaction keeps what it has read, and reads other keys as they are",
            &[one_moment],
        )
        .deal_get(|deal, key| {
            if !deal.reads.contains(key) {
                let place = deal.hand.at(key);
                match deal.hand.entry(key) {
                    Some(entry) => deal.seen.insert(place, entry),
                    None => deal.seen.remove(&place),
                };
            }
            deal.get(key)
        }),
        Mutant::new(
            "deletes_show_in_snapshots",
            "what is deleted meanwhile is missing in a transaction that goes on reading",
            &[one_moment],
        )
        .deal_get(|deal, key| {
            let value = deal.get(key)?;
            let own = deal.writes.contains_key(key);
            Ok(value.filter(|_| own || deal.hand.entry(key).is_some()))
        }),
        Mutant::new(
            "last_commit_wins",
            "a commit does not look at what was read",
            &[lost_update, skew, missing, plain, again],
        )
        .commit(|deal| deal.apply(&mut deal.hand.entries())),
        Mutant::new(
            "conflicts_by_value_of_the_write",
            "two transactions that write the same value do not conflict",
            &[lost_update],
        )
        .commit(|deal| {
            let same = deal.writes.iter().all(|(key, written)| {
                let held = deal.hand.entry(key).map(|entry| entry.value);
                held.as_ref() == written.as_ref().map(|(value, _)| value)
            });
            match same {
                true => Ok(()),
                false => deal.commit(),
            }
        }),
        Mutant::new(
            "both_refused",
            "of two transactions that conflict none succeeds",
            &[lost_update],
        )
        .begin(|hand| {
            hand.count();
            Deal::new(hand)
        })
        .commit(|deal| match deal.hand.server.count.load(Ordering::SeqCst) {
            2.. => Err(Error::conflict("another transaction is open")),
            _ => deal.commit(),
        }),
        Mutant::new(
            "conflict_in_silence",
            "a transaction that conflicts answers Ok and does nothing",
            &[lost_update, plain],
        )
        .commit(|deal| match deal.commit() {
            Err(error) if error.kind() == tck::ErrorKind::Conflict => Ok(()),
            other => other,
        }),
        Mutant::new(
            "conflict_is_another_error",
            "a conflict is answered as a failure of the backend",
            &[lost_update, again],
        )
        .commit(|deal| match deal.commit() {
            Err(error) if error.kind() == tck::ErrorKind::Conflict => {
                Err(Error::backend("could not serialize access"))
            }
            other => other,
        }),
        Mutant::new(
            "only_written_keys_conflict",
            "a commit looks only at what is read and written",
            &[skew],
        )
        .rules(Rules {
            isolation: tck::Isolation::Snapshot,
            ..Rules::NONE
        })
        .declares(Rules::NONE),
        Mutant::new(
            "missing_keys_do_not_conflict",
            "reads that found nothing are not remembered",
            &[missing],
        )
        .deal_get(|deal, key| {
            let value = deal.get(key)?;
            if value.is_none() {
                deal.reads.remove(key);
            }
            Ok(value)
        }),
        Mutant::new(
            "deletes_do_not_conflict",
            "a commit does not see that what was read has been deleted",
            &[missing, plain],
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            deal.reads.retain(|key| hand.entry(key).is_some());
            deal.commit()
        }),
        Mutant::new(
            "plain_writes_do_not_conflict",
            "a commit sees what other transactions have written, and no plain writes",
            &[plain],
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.server.memo).insert(hand.at(key), Bytes::new());
            hand.write(key, value, ttl)
        })
        .begin(|hand| {
            locked(&hand.server.memo).clear();
            Deal::new(hand)
        })
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let plain = locked(&hand.server.memo).clone();
            deal.reads.retain(|key| !plain.contains_key(&hand.at(key)));
            deal.commit()
        }),
        Mutant::new(
            "plain_deletes_do_not_conflict",
            "a commit does not see plain deletes",
            &[plain],
        )
        .delete(|hand, key| {
            locked(&hand.server.memo).insert(hand.at(key), Bytes::new());
            hand.delete(key)
        })
        .begin(|hand| {
            locked(&hand.server.memo).clear();
            Deal::new(hand)
        })
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let plain = locked(&hand.server.memo).clone();
            deal.reads.retain(|key| !plain.contains_key(&hand.at(key)));
            deal.commit()
        }),
        Mutant::new(
            "conflict_found_half_way",
            "a commit looks at one key after the other, and has stored some when it finds a conflict",
            &[again],
        )
        .commit(|deal| {
            let mut entries = deal.hand.entries();
            for key in deal.writes.keys() {
                if deal.reads.contains(key) {
                    deal.check(&entries)?;
                }
                deal.apply_to(&mut entries, key)?;
            }
            deal.check(&entries).or(Ok(()))
        }),
        Mutant::new(
            "conflict_for_ever",
            "after a conflict on a key it can't be written by a transaction",
            &[again],
        )
        .commit(|deal| {
            refuse_locked(&mut deal.clone()).inspect_err(|_| {
                let keys = deal.writes.keys().map(|key| (key.clone(), Bytes::new()));
                locked(&deal.hand.server.memo).extend(keys);
            })
        }),
        Mutant::new(
            "any_change_conflicts",
            "a commit conflicts with every other since it began",
            &[different],
        )
        .begin(|hand| {
            let deal = Deal::new(hand);
            let so_many = hand.server.count.load(Ordering::SeqCst);
            let mark = Bytes::from(so_many.to_string());
            locked(&hand.memo).insert("begun".to_owned(), mark);
            deal
        })
        .commit(|deal| {
            let begun = locked(&deal.hand.memo).get("begun").cloned().unwrap_or_default();
            match deal.hand.count().to_string() == begun {
                true => deal.commit(),
                false => Err(Error::conflict("the store has changed")),
            }
        }),
        Mutant::new(
            "one_transaction_at_a_time",
            "a second transaction is refused while the first is open",
            &[different],
        )
        .begin(|hand| {
            hand.count();
            Deal::new(hand)
        })
        .deal_set(|deal, key, value, ttl| {
            match deal.hand.server.count.load(Ordering::SeqCst) > 1 {
                true => Err(Error::conflict("another transaction is open")),
                false => deal.set(key, value, ttl),
            }
        }),
    ]
}

fn races() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "checked_then_applied",
            "a commit looks at the conditions and applies the writes in two steps",
            &[transaction::increments_side_by_side_add_up],
        )
        .commit(|deal| {
            deal.check(&deal.hand.entries())?;
            pause();
            deal.apply(&mut deal.hand.entries())
        }),
        Mutant::new(
            "applied_key_by_key",
            "a commit stores one key after the other, for everybody to see",
            &[transaction::transfers_keep_the_sum],
        )
        .commit(|deal| {
            let entries = deal.hand.entries();
            deal.check(&entries)?;
            drop(entries);
            for key in deal.writes.keys() {
                pause();
                deal.apply_to(&mut deal.hand.entries(), key)?;
            }
            Ok(())
        }),
        Mutant::new(
            "snapshot_taken_in_steps",
            "the snapshot of a transaction is taken in two steps, and not looked at again",
            &[transaction::transfers_keep_the_sum],
        )
        .begin(|hand| {
            let mut deal = Deal::new(hand);
            pause();
            let half = deal.seen.len() / 2;
            let later = hand.entries().clone();
            let later = later.into_iter().skip(half);
            deal.seen.extend(later);
            deal
        })
        .commit(|deal| match deal.writes.is_empty() {
            true => Ok(()),
            false => deal.commit(),
        }),
    ]
}

fn listings() -> Vec<Mutant> {
    let own = transaction::listing_sees_the_own_writes;
    vec![
        Mutant::new(
            "listed_with_own_deletes",
            "a listing in a transaction shows what it has deleted",
            &[own],
        )
        .deal_list(|deal, prefix, after, limit| {
            let writes = deal.writes.clone();
            deal.writes.retain(|_, written| written.is_some());
            let listed = deal.list(prefix, after, limit);
            deal.writes = writes;
            listed
        }),
        Mutant::new(
            "own_writes_come_last",
            "a listing in a transaction shows its own new keys at the end",
            &[own],
        )
        .deal_list(|deal, prefix, after, limit| {
            let mut listed = deal.list(prefix, after, limit)?;
            let writes = &deal.writes;
            listed.items.sort_by_key(|key| writes.contains_key(key));
            Ok(listed)
        }),
        Mutant::new(
            "own_writes_without_prefix",
            "a listing in a transaction shows all of its own new keys",
            &[own],
        )
        .deal_list(|deal, prefix, after, limit| {
            let mut listed = deal.list(prefix, after, limit)?;
            let new = deal.writes.iter().filter(|(key, written)| {
                written.is_some() && after.is_none_or(|after| after < key.as_str())
            });
            listed.items.extend(new.map(|(key, _)| key.clone()));
            listed.items.sort();
            listed.items.dedup();
            Ok(listed)
        }),
        Mutant::new(
            "page_cut_before_the_merge",
            "a page in a transaction is cut before its own writes are merged into it",
            &[own],
        )
        .deal_list(|deal, prefix, after, limit| {
            let writes = std::mem::take(&mut deal.writes);
            let stored = deal.list(prefix, after, limit);
            deal.writes = writes;
            let mut listed = stored?;
            listed
                .items
                .retain(|key| deal.writes.get(key) != Some(&None));
            let new = deal.writes.iter().filter(|(key, written)| {
                written.is_some()
                    && key.starts_with(prefix)
                    && after.is_none_or(|after| after < key.as_str())
            });
            listed.items.extend(new.map(|(key, _)| key.clone()));
            listed.items.sort();
            listed.items.dedup();
            Ok(listed)
        }),
        Mutant::new(
            "phantoms",
            "a commit does not look at what was listed",
            &[transaction::phantom_is_refused],
        )
        .commit(|deal| {
            deal.listed.clear();
            deal.commit()
        }),
        Mutant::new(
            "listed_keys_conflict_one_by_one",
            "a commit looks at the keys that were listed, and not for new ones",
            &[transaction::phantom_is_refused],
        )
        .commit(|deal| {
            let listed = std::mem::take(&mut deal.listed);
            for key in listed.iter().flat_map(|prefix| deal.hand.alive(prefix)) {
                if deal.alive(&deal.seen, &key).is_some() {
                    deal.reads.insert(key);
                }
            }
            deal.commit()
        }),
    ]
}

fn expiring() -> Vec<Mutant> {
    let from_commit = transaction::ttl_counts_from_the_commit;
    let absent = transaction::expired_keys_are_absent;
    let keeps = transaction::rollback_keeps_the_ttl;
    vec![
        Mutant::new(
            "ttl_lost_in_a_transaction",
            "what a transaction sets with a time to live stays for ever",
            &[from_commit],
        )
        .deal_set(|deal, key, value, _| deal.set(key, value, None)),
        Mutant::new(
            "ttl_in_milliseconds_in_a_transaction",
            "in a transaction a time to live is a thousandth of what was asked for",
            &[from_commit],
        )
        .deal_set(|deal, key, value, ttl| deal.set(key, value, ttl.map(|ttl| ttl / 1_000))),
        Mutant::new(
            "plain_set_inherits_a_ttl",
            "a plain set in a transaction keeps the time to live that it gave before",
            &[from_commit],
        )
        .deal_set(|deal, key, value, ttl| {
            let before = deal.writes.get(key).and_then(|written| written.as_ref()?.1);
            deal.set(key, value, ttl.or(before))
        }),
        Mutant::new(
            "transaction_keeps_stored_ttls",
            "a transaction gives a time to live to new keys only",
            &[from_commit],
        )
        .deal_set(|deal, key, value, ttl| {
            let is_new = deal.hand.entry(key).is_none();
            deal.set(key, value, ttl.filter(|_| is_new))
        }),
        Mutant::new(
            "transaction_reads_what_has_expired",
            "a transaction reads expired entries",
            &[absent],
        )
        .deal_get(|deal, key| {
            let expired = deal
                .seen
                .get(&deal.hand.at(key))
                .map(|entry| entry.value.clone());
            Ok(deal.get(key)?.or(match deal.writes.contains_key(key) {
                true => None,
                false => expired,
            }))
        }),
        Mutant::new(
            "commit_revives",
            "a commit writes back what it has read, expired or not",
            &[absent],
        )
        .commit(|deal| {
            let mut entries = deal.hand.entries();
            deal.check(&entries)?;
            for key in deal
                .reads
                .difference(&deal.writes.keys().cloned().collect())
            {
                if let Some(entry) = entries.get_mut(&deal.hand.at(key)) {
                    entry.end = None;
                }
            }
            deal.apply(&mut entries)
        }),
        Mutant::new(
            "deadline_moved_at_once",
            "a set in a transaction clears the time to live at once",
            &[keeps],
        )
        .deal_set(|deal, key, value, ttl| {
            let place = deal.hand.at(key);
            if let Some(entry) = deal.hand.entries().get_mut(&place) {
                entry.end = None;
            }
            deal.set(key, value, ttl)
        }),
        Mutant::new(
            "deadline_given_at_once",
            "a set with a time to live in a transaction gives it to what is there",
            &[keeps],
        )
        .deal_set(|deal, key, value, ttl| {
            let end = ttl.and_then(|ttl| deal.hand.now().checked_add(ttl));
            let place = deal.hand.at(key);
            if let Some(entry) = deal.hand.entries().get_mut(&place)
                && end.is_some()
            {
                entry.end = end;
            }
            deal.set(key, value, ttl)
        }),
    ]
}

fn shared() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "conflicts_seen_per_handle",
            "a handle sees conflicts among its own transactions",
            &[transaction::transactions_of_two_handles_conflict],
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let own = locked(&hand.memo).clone();
            deal.reads.retain(|key| own.contains_key(key));
            deal.commit()?;
            let keys = deal.writes.keys().map(|key| (key.clone(), Bytes::new()));
            locked(&hand.memo).extend(keys);
            Ok(())
        }),
        Mutant::new(
            "commit_shows_to_its_handle",
            "what a transaction writes is seen by its own handle alone",
            &[transaction::transactions_of_two_handles_conflict],
        )
        .commit(|deal| {
            deal.check(&deal.hand.entries())?;
            for (key, written) in &deal.writes {
                let value = written.as_ref().map(|(value, _)| value.clone());
                locked(&deal.hand.memo).insert(key.clone(), value.unwrap_or_default());
            }
            Ok(())
        })
        .get(|hand, key| {
            let own = locked(&hand.memo).get(key).cloned();
            Ok(own.or(hand.get(key)?))
        }),
        Mutant::new(
            "namespaces_conflict",
            "transactions conflict with those of other namespaces",
            &[transaction::other_namespaces_do_not_conflict],
        )
        .commit(|deal| {
            let mut written = locked(&deal.hand.server.memo);
            let space = Bytes::from(deal.hand.namespace.clone());
            let taken = |key: &String| written.get(key).is_some_and(|other| *other != space);
            if deal.writes.keys().any(taken) {
                return Err(Error::conflict("written meanwhile"));
            }
            written.extend(deal.writes.keys().map(|key| (key.clone(), space.clone())));
            drop(written);
            deal.commit()
        }),
        Mutant::new(
            "transaction_deletes_everywhere",
            "a transaction deletes a key in all namespaces",
            &[transaction::other_namespaces_do_not_conflict],
        )
        .commit(|deal| {
            deal.commit()?;
            let deleted = deal.writes.iter().filter(|(_, written)| written.is_none());
            for (key, _) in deleted {
                deal.hand
                    .entries()
                    .retain(|place, _| !place.ends_with(key.as_str()));
            }
            Ok(())
        }),
    ]
}

fn pause() {
    sleep(Duration::from_micros(300));
}
