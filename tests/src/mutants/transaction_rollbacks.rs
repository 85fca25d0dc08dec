//! Faults of transactions that are not committed, and of those that are dropped meanwhile.

use std::sync::Arc;

use tck::{Bytes, Error, transaction};
use tokio::task::yield_now;

use crate::{Mutant, clay::locked, deal::Deal};

pub(super) fn mutants() -> Vec<Mutant> {
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
            "dropping_commits",
            "a transaction that is dropped is committed",
            &[dropped, panicked],
        )
        .dropped(commit),
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
            &[panicked, unfinished],
        )
        .deal_delete(|deal, key| {
            let hand = Arc::clone(&deal.hand);
            hand.delete(key)
        }),
        Mutant::new(
            "delete_at_once",
            "a delete in a transaction happens at once",
            &[rolled_back],
        )
        .deal_delete(|deal, key| {
            deal.hand.delete(key)?;
            deal.delete(key)
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
