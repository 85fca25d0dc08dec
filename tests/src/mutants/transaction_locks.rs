//! Faults of transactions that lock what they write.

use std::{sync::atomic::Ordering, time::Duration};

use tck::{Bytes, Error, Result, transaction};

use super::marks::{is_marked, mark};
use crate::{Mutant, clay::locked, deal::Deal};

pub(super) fn mutants() -> Vec<Mutant> {
    [held(), open()].concat()
}

fn held() -> Vec<Mutant> {
    let unfinished = transaction::unfinished_writes_do_not_show;
    vec![
        Mutant::new(
            "plain_set_meets_a_lock",
            "a plain set of a key that an open transaction has written answers a conflict",
            &[unfinished],
        )
        .deal_set(hold)
        .set(|hand, key, value, ttl| match is_marked(hand, key) {
            true => Err(Error::conflict("locked")),
            false => hand.write(key, value, ttl),
        })
        .commit(release_and_commit)
        .rollback(release)
        .dropped(release),
        Mutant::new(
            "plain_set_is_lost",
            "a plain set of a key that an open transaction has written stores nothing",
            &[unfinished],
        )
        .deal_set(hold)
        .set(|hand, key, value, ttl| match is_marked(hand, key) {
            true => Ok(()),
            false => hand.write(key, value, ttl),
        })
        .commit(release_and_commit)
        .rollback(release)
        .dropped(release),
        Mutant::new(
            "rollback_leaves_locks",
            "after a rollback the keys can't be written any more",
            &[transaction::rollback_leaves_nothing],
        )
        .rollback(lock_for_ever)
        .commit(refuse_locked),
        Mutant::new(
            "dropping_leaves_locks",
            "after a transaction was dropped its keys can't be written any more",
            &[transaction::dropped_transaction_leaves_nothing],
        )
        .dropped(lock_for_ever)
        .commit(refuse_locked),
        Mutant::new(
            "conflict_for_ever",
            "after a conflict on a key it can't be written by a transaction",
            &[transaction::conflict_changes_nothing_and_can_be_tried_again],
        )
        .commit(|deal| refuse_locked(&mut deal.clone()).inspect_err(|_| lock_for_ever(deal))),
        Mutant::new(
            "one_transaction_at_a_time",
            "a second transaction is refused while the first is open",
            &[transaction::different_keys_do_not_conflict],
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

fn hold(deal: &mut Deal, key: &str, value: Bytes, ttl: Option<Duration>) -> Result<()> {
    mark(&deal.hand, key);
    deal.set(key, value, ttl)
}

fn release(deal: &mut Deal) {
    let mut held = locked(&deal.hand.server.memo);
    for key in deal.writes.keys() {
        held.remove(&deal.hand.at(key));
    }
}

fn release_and_commit(deal: &mut Deal) -> Result<()> {
    release(deal);
    deal.commit()
}

fn lock_for_ever(deal: &mut Deal) {
    let keys = deal.writes.keys().map(|key| (key.clone(), Bytes::new()));
    locked(&deal.hand.server.memo).extend(keys);
}

/// Refuses keys that were locked and never released.
fn refuse_locked(deal: &mut Deal) -> Result<()> {
    let is_locked = {
        let held = locked(&deal.hand.server.memo);
        deal.writes.keys().any(|key| held.contains_key(key))
    };
    match is_locked {
        true => Err(Error::conflict("locked")),
        false => deal.commit(),
    }
}

/// What others may do while a transaction is open.
fn open() -> Vec<Mutant> {
    let unfinished = [transaction::unfinished_writes_do_not_show];
    vec![
        Mutant::new(
            "delete_meets_an_open_write",
            "a delete is lost where an open transaction has written the key",
            &unfinished,
        )
        .deal_set(marking)
        .delete(|hand, key| match is_marked(hand, key) {
            true => Ok(()),
            false => hand.delete(key),
        }),
        Mutant::new(
            "lease_meets_an_open_write",
            "a write with a time to live is refused where an open transaction has written the key",
            &unfinished,
        )
        .deal_set(marking)
        .set_with_ttl(|hand, key, value, ttl| match is_marked(hand, key) {
            true => Err(Error::conflict("locked")),
            false => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "open_write_meets_other_namespaces",
            "a write is refused where an open transaction of another namespace has written the key",
            &[transaction::other_namespaces_do_not_conflict],
        )
        .deal_set(|deal, key, value, ttl| {
            locked(&deal.hand.server.memo)
                .insert(key.to_owned(), deal.hand.namespace.clone().into());
            deal.set(key, value, ttl)
        })
        .set(|hand, key, value, ttl| {
            let holder = locked(&hand.server.memo).get(key).cloned();
            match holder.is_some_and(|holder| holder != hand.namespace) {
                true => Err(Error::conflict("locked")),
                false => hand.write(key, value, ttl),
            }
        }),
    ]
}

fn marking(
    deal: &mut Deal,
    key: &str,
    value: Bytes,
    ttl: Option<std::time::Duration>,
) -> Result<()> {
    mark(&deal.hand, key);
    deal.set(key, value, ttl)
}
