//! Faults that show after a commit, in what comes next for its keys.

use std::{sync::Arc, time::Duration};

use tck::{Bytes, Error, Result, transaction};

use super::{
    timers::{get_after_timer, timer},
    transaction_conflicts::mark,
};
use crate::{
    Mutant,
    clay::{Entry, Hand, locked},
    deal::Deal,
};

const DAY: Duration = Duration::from_secs(86_400);

pub(super) fn mutants() -> Vec<Mutant> {
    [deadlines(), lifetimes(), values(), conditions()].concat()
}

/// What a commit has leased, and what becomes of it.
fn deadlines() -> Vec<Mutant> {
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
        .delete(|hand, key| match take_mark(hand, key) {
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
            match held.is_some() && take_mark(hand, key) {
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
                if leased && end.is_some() && take_mark(&hand, key) {
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
            let ttl = ttl.filter(|_| !take_mark(hand, key));
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

fn mark_leased(deal: &Deal) {
    for (key, written) in &deal.writes {
        if matches!(written, Some((_, Some(_)))) {
            mark(&deal.hand, key);
        }
    }
}

fn commit_and_mark_leased(deal: &mut Deal) -> Result<()> {
    mark_leased(deal);
    deal.commit()
}

/// Takes the mark of a key away, and says whether there was one.
fn take_mark(hand: &Hand, key: &str) -> bool {
    locked(&hand.server.memo).remove(&hand.at(key)).is_some()
}

fn set_end(hand: &Hand, key: &str, end: Option<std::time::Instant>) {
    if let Some(entry) = hand.entry(key) {
        hand.put(key, Entry { end, ..entry });
    }
}

/// What a commit, or the end of a transaction without one, does to times to live.
fn lifetimes() -> Vec<Mutant> {
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
        .get(
            |hand, key| match locked(&hand.server.memo).contains_key(&hand.at(key)) {
                true => Ok(None),
                false => hand.get(key),
            },
        ),
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

fn values() -> Vec<Mutant> {
    let deletes = [transaction::deletes_are_part_of_it];
    let exact = [transaction::keys_and_values_are_exact];
    let own = [transaction::read_your_writes];
    let limits = [transaction::what_can_not_be_held_is_refused];
    vec![
        Mutant::new(
            "own_lease_covers_a_plain_set",
            "a transaction reads the value that it has leased and then set plainly",
            &own,
        )
        .deal_set(|deal, key, value, ttl| {
            if ttl.is_some() {
                locked(&deal.hand.memo).insert(key.to_owned(), value.clone());
            }
            deal.set(key, value, ttl)
        })
        .deal_get(|deal, key| {
            let got = deal.get(key)?;
            Ok(got.map(|got| locked(&deal.hand.memo).get(key).cloned().unwrap_or(got)))
        }),
        Mutant::new(
            "own_lease_is_not_deleted",
            "a transaction still reads what it has leased and deleted",
            &own,
        )
        .deal_delete(|deal, key| match deal.writes.get(key) {
            Some(Some((_, Some(_)))) => Ok(()),
            _ => deal.delete(key),
        }),
        Mutant::new(
            "leased_after_a_delete_and_gone",
            "a key that a transaction deletes and then leases is deleted",
            &deletes,
        )
        .deal_set(|deal, key, value, ttl| match deal.writes.get(key) {
            Some(None) if ttl.is_some() => Ok(()),
            _ => deal.set(key, value, ttl),
        }),
        Mutant::new(
            "last_value_is_not_committed_again",
            "a commit leaves out the value that a key held last, deleted or not",
            &deletes,
        )
        .set(|hand, key, value, ttl| {
            locked(&hand.server.memo).insert(hand.at(key), value.clone());
            hand.write(key, value, ttl)
        })
        .commit(|deal| {
            let last = locked(&deal.hand.server.memo).clone();
            let at = |key: &str| deal.hand.at(key);
            let writes = deal.writes.clone();
            deal.writes = writes
                .into_iter()
                .filter(|(key, written)| {
                    let value = written.as_ref().map(|(value, _)| value);
                    value.is_none() || last.get(&at(key)) != value
                })
                .collect();
            deal.commit()
        }),
        Mutant::new(
            "delete_uncovers_what_was_committed",
            "a delete of what was set over a commit shows the committed value again",
            &deletes,
        )
        .commit(|deal| {
            for (key, written) in &deal.writes {
                if let Some((value, _)) = written {
                    locked(&deal.hand.server.memo).insert(deal.hand.at(key), value.clone());
                }
            }
            deal.commit()
        })
        .delete(|hand, key| {
            let covered = locked(&hand.server.memo).remove(&hand.at(key));
            let held = hand.entry(key).map(|held| held.value);
            match covered.filter(|covered| held.is_some_and(|held| held != covered)) {
                Some(covered) => hand.write(key, covered, None),
                None => hand.delete(key),
            }
        }),
        Mutant::new(
            "transaction_deletes_by_blanks",
            "a transaction takes a plus for a blank where it deletes",
            &exact,
        )
        .deal_delete(|deal, key| deal.delete(&key.replace('+', " "))),
        Mutant::new(
            "commit_keeps_the_tail",
            "a commit of a shorter value in several pieces keeps the tail of the longer one",
            &exact,
        )
        .commit(|deal| {
            const PIECE: usize = 16 << 10;
            let hand = Arc::clone(&deal.hand);
            for (key, written) in &mut deal.writes {
                let held = hand.entry(key).map(|held| held.value).unwrap_or_default();
                if let Some((value, _)) = written
                    && value.len() > PIECE
                    && let Some(tail) = held.get(value.len()..)
                {
                    *value = [value, tail].concat().into();
                }
            }
            deal.commit()
        }),
        Mutant::new(
            "too_large_aborts_in_silence",
            "after a value that was too large a commit answers Ok and stores nothing",
            &limits,
        )
        .rules(crate::clay::Rules::STRICT)
        .deal_set(|deal, key, value, ttl| {
            let done = deal.set(key, value, ttl);
            if matches!(done, Err(Error::TooLarge { .. })) {
                deal.writes.clear();
            }
            done
        }),
        Mutant::new(
            "refused_read_aborts_in_silence",
            "after the read of a key that is refused a commit answers Ok and stores nothing",
            &limits,
        )
        .rules(crate::clay::Rules::STRICT)
        .deal_get(|deal, key| {
            let got = deal.get(key);
            if got.is_err() {
                deal.writes.clear();
            }
            got
        }),
    ]
}

fn conditions() -> Vec<Mutant> {
    let count = [transaction::commits_count_for_conditions];
    vec![
        Mutant::new(
            "open_value_is_compared",
            "`compare_and_set` finds what an open transaction has set",
            &count,
        )
        .deal_set(|deal, key, value, ttl| {
            locked(&deal.hand.server.memo).insert(deal.hand.at(key), value.clone());
            deal.set(key, value, ttl)
        })
        .compare_and_set(|hand, key, expected, value| {
            let open = locked(&hand.server.memo).remove(&hand.at(key));
            match open.is_some_and(|open| open == expected) {
                true => hand.write_if(key, value, |_| true),
                false => hand.compare_and_set(key, expected, value),
            }
        }),
        Mutant::new(
            "open_delete_is_absence",
            "`set_if_absent` takes for absent what an open transaction has deleted",
            &count,
        )
        .deal_delete(|deal, key| {
            mark(&deal.hand, key);
            deal.delete(key)
        })
        .set_if_absent(|hand, key, value| match take_mark(hand, key) {
            true => hand.write_if(key, value, |_| true),
            false => hand.set_if_absent(key, value),
        }),
        Mutant::new(
            "expired_committed_lease_is_present",
            "`set_if_absent` takes for present what a transaction has leased, also when it is over",
            &count,
        )
        .commit(commit_and_mark_leased)
        .set_if_absent(|hand, key, value| {
            let is_there = hand.entry(key).is_some();
            match locked(&hand.server.memo).contains_key(&hand.at(key)) && is_there {
                true => Ok(false),
                false => hand.set_if_absent(key, value),
            }
        }),
        Mutant::new(
            "same_value_committed_is_another",
            "`compare_and_set` does not find a value that a transaction has set once more",
            &count,
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            for (key, written) in &deal.writes {
                let held = hand.entry(key).map(|held| held.value);
                if written.as_ref().map(|(value, _)| value) == held.as_ref() {
                    mark(&hand, key);
                }
            }
            deal.commit()
        })
        .compare_and_set(|hand, key, expected, value| match take_mark(hand, key) {
            true => Ok(false),
            false => hand.compare_and_set(key, expected, value),
        }),
        Mutant::new(
            "rollback_reserves",
            "`set_if_absent` takes for present what was set in a transaction that was rolled back",
            &[transaction::rollback_leaves_nothing],
        )
        .rollback(|deal| {
            for key in deal.writes.keys() {
                mark(&deal.hand, key);
            }
        })
        .set_if_absent(reserved),
        Mutant::new(
            "conflict_reserves",
            "`set_if_absent` takes for present what was set in a transaction that met a conflict",
            &[transaction::conflict_changes_nothing_and_can_be_tried_again],
        )
        .commit(|deal| {
            let done = deal.commit();
            if done.is_err() {
                for key in deal.writes.keys() {
                    mark(&deal.hand, key);
                }
            }
            done
        })
        .set_if_absent(reserved),
    ]
}

fn reserved(hand: &Hand, key: &str, value: Bytes) -> Result<bool> {
    match take_mark(hand, key) {
        true => Ok(false),
        false => hand.set_if_absent(key, value),
    }
}
