//! Faults of transactions about what they take, how long, and how many there may be.

use std::{sync::atomic::Ordering, time::Duration};

use tck::{Error, transaction};

use crate::{
    Mutant,
    clay::{Rules, page},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [times(), numbers()].concat()
}

fn times() -> Vec<Mutant> {
    let odd = [transaction::odd_ttls_are_taken_as_everywhere];
    vec![
        Mutant::new(
            "brief_ttl_is_forever_in_a_transaction",
            "a time to live below a millisecond is none in a transaction",
            &odd,
        )
        .deal_set(|deal, key, value, ttl| {
            let counts = |ttl: &Duration| ttl.is_zero() || ttl.as_millis() > 0;
            deal.set(key, value, ttl.filter(counts))
        }),
        Mutant::new(
            "ttl_wraps_in_a_transaction",
            "transactions count milliseconds in 32 bits",
            &odd,
        )
        .deal_set(|deal, key, value, ttl| {
            let wrapped = |ttl: Duration| Duration::from_millis(ttl.as_millis() as u64 % (1 << 32));
            deal.set(key, value, ttl.map(wrapped))
        }),
        Mutant::new(
            "zero_ttl_over_a_value_is_spared",
            "in a transaction a time to live of zero leaves the value that was there",
            &odd,
        )
        .deal_set(|deal, key, value, ttl| match ttl {
            Some(Duration::ZERO) => Ok(()),
            _ => deal.set(key, value, ttl),
        }),
        Mutant::new(
            "own_leases_are_not_listed",
            "a transaction does not list what it has written with a time to live",
            &[transaction::keys_with_a_ttl_are_there],
        )
        .deal_list(|deal, prefix, after, limit| {
            let all = deal.list(prefix, None, std::num::NonZeroUsize::MAX)?;
            let mut keys = all.items;
            keys.retain(|key| !matches!(deal.writes.get(key), Some(Some((_, Some(_))))));
            Ok(page(keys, after, limit))
        }),
    ]
}

fn numbers() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "dropped_transactions_leak",
            "after 16 transactions that were dropped none can be committed",
            &[transaction::dropped_transaction_leaves_nothing],
        )
        .dropped(|deal| {
            deal.hand.count();
        })
        .commit(|deal| match deal.hand.server.count.load(Ordering::SeqCst) {
            0..16 => deal.commit(),
            _ => Err(Error::unavailable("no connection is left")),
        }),
        Mutant::new(
            "commit_of_100_keys_at_the_most",
            "a commit writes the first 100 keys and answers Ok",
            &[transaction::hundred_keys_change_together],
        )
        .commit(|deal| {
            while deal.writes.len() > 100 {
                deal.writes.pop_last();
            }
            deal.commit()
        }),
        Mutant::new(
            "refused_write_aborts_in_silence",
            "after a write that was refused a commit answers Ok and stores nothing",
            &[transaction::what_can_not_be_held_is_refused],
        )
        .rules(Rules::STRICT)
        .deal_set(|deal, key, value, ttl| {
            let done = deal.set(key, value, ttl);
            if done.is_err() {
                deal.hand.count();
            }
            done
        })
        .commit(
            |deal| match deal.hand.server.count.swap(0, Ordering::SeqCst) {
                0 => deal.commit(),
                _ => Ok(()),
            },
        ),
        Mutant::new(
            "refused_keys_are_missing_in_a_transaction",
            "a transaction answers that there is nothing under keys that are refused elsewhere",
            &[transaction::what_can_not_be_held_is_refused],
        )
        .rules(Rules::STRICT)
        .deal_get(|deal, key| match deal.hand.check_key(key) {
            Ok(()) => deal.get(key),
            Err(_) => Ok(None),
        }),
        Mutant::new(
            "refused_keys_are_deleted_in_a_transaction",
            "a transaction deletes keys that are refused elsewhere",
            &[transaction::what_can_not_be_held_is_refused],
        )
        .rules(Rules::STRICT)
        .deal_delete(|deal, key| match deal.hand.check_key(key) {
            Ok(()) => deal.delete(key),
            Err(_) => Ok(()),
        }),
        Mutant::new(
            "reads_beyond_32_do_not_count",
            "a commit checks the first 32 keys that were read",
            &[transaction::hundred_keys_change_together],
        )
        .commit(|deal| {
            while deal.reads.len() > 32 {
                deal.reads.pop_last();
            }
            deal.commit()
        }),
        Mutant::new(
            "listing_of_everything_does_not_count",
            "a listing of all keys is not checked by the commit",
            &[transaction::phantom_is_refused],
        )
        .commit(|deal| {
            deal.listed.remove("");
            deal.commit()
        }),
    ]
}
