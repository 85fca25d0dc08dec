//! Faults in what a transaction, committed or not, does to times to live that are there.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tck::transaction;

use super::marks::{is_marked, mark};
use crate::{
    Mutant,
    clay::{Entry, Hand},
};

const DAY: Duration = Duration::from_secs(86_400);

pub(super) fn mutants() -> Vec<Mutant> {
    let keeps = [transaction::rollback_keeps_the_ttl];
    let absent = [transaction::expired_keys_are_absent];
    let odd = [transaction::odd_ttls_are_taken_as_everywhere];
    vec![
        Mutant::new(
            "reading_commit_makes_permanent",
            "a commit clears the times to live of what it has read",
            &[transaction::keys_with_a_ttl_are_there],
        )
        .commit(|deal| {
            deal.commit()?;
            for key in deal.reads.clone() {
                set_end(&deal.hand, &key, None);
            }
            Ok(())
        }),
        Mutant::new(
            "rollback_of_a_delete_makes_permanent",
            "what a transaction has deleted has no time to live after a rollback",
            &keeps,
        )
        .rollback(|deal| {
            for key in deal
                .writes
                .keys()
                .filter(|key| deal.writes.get(*key) == Some(&None))
            {
                set_end(&deal.hand, key, None);
            }
        }),
        Mutant::new(
            "dropping_makes_permanent",
            "what a dropped transaction has set has no time to live any more",
            &keeps,
        )
        .dropped(|deal| {
            for key in deal.writes.keys() {
                set_end(&deal.hand, key, None);
            }
        }),
        Mutant::new(
            "conflict_makes_permanent",
            "what a transaction that meets a conflict has set has no time to live any more",
            &keeps,
        )
        .commit(|deal| {
            let done = deal.commit();
            if done.is_err() {
                for key in deal.writes.keys() {
                    set_end(&deal.hand, key, None);
                }
            }
            done
        }),
        Mutant::new(
            "lease_over_an_expired_key_is_ignored",
            "a transaction does not lease a key that has expired",
            &absent,
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let is_over = |key: &str| hand.entry(key).is_some_and(|held| !hand.is_alive(&held));
            deal.writes
                .retain(|key, written| !matches!(written, Some((_, Some(_)))) || !is_over(key));
            deal.commit()
        }),
        Mutant::new(
            "delete_of_an_expired_key_hides_the_next",
            "after a transaction has deleted an expired key, what is set next is not seen",
            &absent,
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            for (key, written) in &deal.writes {
                let is_over = hand.entry(key).is_some_and(|held| !hand.is_alive(&held));
                if written.is_none() && is_over {
                    mark(&hand, key);
                }
            }
            deal.commit()
        })
        .get(|hand, key| match is_marked(hand, key) {
            true => Ok(None),
            false => hand.get(key),
        }),
        Mutant::new(
            "months_are_30_days_in_a_transaction",
            "a transaction gives 30 days at the most",
            &odd,
        )
        .deal_set(|deal, key, value, ttl| deal.set(key, value, ttl.map(|ttl| ttl.min(DAY * 30)))),
        Mutant::new(
            "months_never_end_in_a_transaction",
            "more than 30 days are for ever in a transaction",
            &odd,
        )
        .deal_set(|deal, key, value, ttl| deal.set(key, value, ttl.filter(|ttl| *ttl <= DAY * 30))),
        Mutant::new(
            "zero_over_a_lease_is_spared",
            "in a transaction a time to live of zero leaves what has one",
            &odd,
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let is_leased = |key: &str| hand.entry(key).is_some_and(|held| held.end.is_some());
            deal.writes.retain(|key, written| {
                !matches!(written, Some((_, Some(Duration::ZERO)))) || !is_leased(key)
            });
            deal.commit()
        }),
    ]
}

/// Gives an entry another end.
pub(super) fn set_end(hand: &Hand, key: &str, end: Option<Instant>) {
    if let Some(entry) = hand.entry(key) {
        hand.put(key, Entry { end, ..entry });
    }
}
