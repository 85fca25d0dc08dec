//! Faults of what a transaction has leased, in what comes next for its keys.

use std::{sync::Arc, time::Duration};

use tck::{Bytes, Result, transaction};

use super::{
    marks::{mark, mark_leased, unmark},
    timers::{get_after_timer, timer},
    transaction_expiry::set_end,
};
use crate::{Mutant, clay::Hand, deal::Deal};

const DAY: Duration = Duration::from_secs(86_400);

pub(super) fn mutants() -> Vec<Mutant> {
    let like_others = [transaction::committed_leases_are_like_others];
    vec![
        Mutant::new(
            "committed_timer_survives_a_plain_set",
            "the timer of what a transaction has leased removes what is set plainly since",
            &like_others,
        )
        .commit(commit_with_timers)
        .set_with_ttl(write_without_timer)
        .delete(delete_with_timer)
        .get(get_after_timer),
        Mutant::new(
            "committed_timer_survives_a_lease",
            "the timer of what a transaction has leased removes what is leased since",
            &like_others,
        )
        .commit(commit_with_timers)
        .set(write_without_timer)
        .delete(delete_with_timer)
        .get(get_after_timer),
        Mutant::new(
            "committed_timer_survives_a_delete",
            "the timer of what a transaction has leased removes what is made anew since",
            &like_others,
        )
        .commit(commit_with_timers)
        .write(|hand, key, value, ttl| match hand.entry(key) {
            Some(_) => write_without_timer(hand, key, value, ttl),
            None => hand.write(key, value, ttl),
        })
        .get(get_after_timer),
        Mutant::new(
            "delete_spares_a_committed_lease",
            "a delete leaves what a transaction has leased",
            &like_others,
        )
        .commit(commit_and_mark_leased)
        .delete(|hand, key| match unmark(hand, key) {
            true => Ok(()),
            false => hand.delete(key),
        }),
        Mutant::new(
            "committed_lease_is_not_renewed",
            "what a transaction has leased keeps its end where the same value is leased again",
            &like_others,
        )
        .commit(commit_and_mark_leased)
        .set_with_ttl(|hand, key, value, ttl| {
            let held = hand.entry(key).filter(|held| held.value == value);
            match held.is_some() && unmark(hand, key) {
                true => Ok(()),
                false => hand.write(key, value, ttl),
            }
        }),
        Mutant::new(
            "second_commit_keeps_the_end",
            "a transaction leaves the end that another has given",
            &like_others,
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let before = hand.entries().clone();
            deal.commit()?;
            for (key, written) in &deal.writes {
                let leased = matches!(written, Some((_, Some(_))));
                let end = deal.alive(&before, key).and_then(|held| held.end);
                if leased && end.is_some() && unmark(&hand, key) {
                    set_end(&hand, key, end);
                }
            }
            mark_leased(deal);
            Ok(())
        }),
        Mutant::new(
            "first_lease_of_a_transaction_counts",
            "of two times to live that a transaction gives a key, the first counts",
            &like_others,
        )
        .deal_set(|deal, key, value, ttl| {
            let before = deal.writes.get(key).and_then(|written| written.as_ref()?.1);
            deal.set(key, value, ttl.map(|ttl| before.unwrap_or(ttl)))
        }),
        Mutant::new(
            "commit_clears_a_shared_end",
            "a transaction that sets a key plainly clears all times to live given at the same moment",
            &like_others,
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let before = hand.entries().clone();
            deal.commit()?;
            for (key, written) in &deal.writes {
                let held = deal.alive(&before, key).filter(|held| held.end.is_some());
                if let (Some((_, None)), Some(held)) = (written, held) {
                    for entry in hand.entries().values_mut().filter(|entry| entry.end == held.end) {
                        entry.end = None;
                    }
                }
            }
            Ok(())
        }),
        Mutant::new(
            "committed_value_never_ends",
            "a time to live given to what a transaction has set plainly is ignored",
            &like_others,
        )
        .commit(|deal| {
            for (key, written) in &deal.writes {
                if matches!(written, Some((_, None))) {
                    mark(&deal.hand, key);
                }
            }
            deal.commit()
        })
        .set_with_ttl(|hand, key, value, ttl| {
            let ttl = ttl.filter(|_| !unmark(hand, key));
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "committed_value_gets_30_days",
            "what a transaction sets plainly lives for 30 days",
            &like_others,
        )
        .deal_set(|deal, key, value, ttl| deal.set(key, value, ttl.or(Some(DAY * 30)))),
    ]
}

fn commit_with_timers(deal: &mut Deal) -> Result<()> {
    deal.commit()?;
    let hand = Arc::clone(&deal.hand);
    for key in deal.writes.keys() {
        let leased = hand.entry(key).filter(|entry| entry.end.is_some());
        let place = timer(&hand, key);
        match leased {
            Some(entry) => hand.entries().insert(place, entry),
            None => hand.entries().remove(&place),
        };
    }
    Ok(())
}

fn write_without_timer(hand: &Hand, key: &str, value: Bytes, ttl: Option<Duration>) -> Result<()> {
    hand.entries().remove(&timer(hand, key));
    hand.write(key, value, ttl)
}

fn delete_with_timer(hand: &Hand, key: &str) -> Result<()> {
    hand.entries().remove(&timer(hand, key));
    hand.delete(key)
}

fn commit_and_mark_leased(deal: &mut Deal) -> Result<()> {
    mark_leased(deal);
    deal.commit()
}
