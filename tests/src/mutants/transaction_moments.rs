//! Faults of what an open transaction sees of others.

use tck::{Bytes, transaction};

use super::marks::{is_marked, mark, unmark};
use crate::{
    Mutant,
    clay::{Hand, locked},
    deal::Deal,
};

pub(super) fn mutants() -> Vec<Mutant> {
    let moment = [transaction::reads_are_of_one_moment];
    vec![
        Mutant::new(
            "open_transaction_sees_leases",
            "a transaction reads what others have set with a time to live since it began",
            &moment,
        )
        .deal_get(|deal, key| {
            let is_leased = deal
                .hand
                .entry(key)
                .is_some_and(|entry| entry.end.is_some());
            as_it_is(deal, key, is_leased)
        }),
        Mutant::new(
            "open_transaction_sees_conditions",
            "a transaction reads what others have set on a condition since it began",
            &moment,
        )
        .write(|hand, key, value, ttl| {
            unmark(hand, key);
            hand.write(key, value, ttl)
        })
        .set_if_absent(|hand, key, value| marked(hand, key, hand.set_if_absent(key, value)))
        .compare_and_set(|hand, key, expected, value| {
            marked(hand, key, hand.compare_and_set(key, expected, value))
        })
        .deal_get(|deal, key| as_it_is(deal, key, is_marked(&deal.hand, key))),
        Mutant::new(
            "open_transaction_sees_other_handles",
            "a transaction reads what other handles have written since it began",
            &[transaction::transactions_of_two_handles_conflict],
        )
        .write(|hand, key, value, ttl| {
            let number = Bytes::from(hand.number.to_string());
            locked(&hand.server.memo).insert(hand.at(key), number);
            hand.write(key, value, ttl)
        })
        .deal_get(|deal, key| {
            let own = deal.hand.number.to_string();
            let writer = locked(&deal.hand.server.memo)
                .get(&deal.hand.at(key))
                .cloned();
            as_it_is(deal, key, writer.is_some_and(|writer| writer != own))
        }),
    ]
}

fn marked(hand: &Hand, key: &str, written: tck::Result<bool>) -> tck::Result<bool> {
    if matches!(written, Ok(true)) {
        mark(hand, key);
    }
    written
}

/// Reads what is stored now, where it is such a key that this transaction has not written.
fn as_it_is(deal: &mut Deal, key: &str, is_such: bool) -> tck::Result<Option<Bytes>> {
    let seen = deal.get(key)?;
    match is_such && !deal.writes.contains_key(key) {
        true => deal.hand.get(key),
        false => Ok(seen),
    }
}
