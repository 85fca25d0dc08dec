//! Faults that show after a call of a transaction was given up.

use tck::{Error, transaction};
use tokio::task::yield_now;

use super::marks::{is_marked, mark_written, unmark};
use crate::{Mutant, clay::locked, parts::Slow};

pub(super) fn mutants() -> Vec<Mutant> {
    let commit = [transaction::dropped_commit_is_all_or_nothing];
    vec![
        Mutant::new(
            "dropped_commit_keeps_its_keys_in_conflict",
            "once a commit was dropped, each that writes its keys meets a conflict",
            &commit,
        )
        .slow_commit(|mut deal| {
            Box::pin(async move {
                let hand = deal.hand.clone();
                if deal.writes.keys().any(|key| is_marked(&hand, key)) {
                    return Err(Error::conflict("somebody else commits it"));
                }
                mark_written(&deal);
                yield_now().await;
                for key in deal.writes.keys() {
                    unmark(&hand, key);
                }
                deal.commit()
            })
        }),
        Mutant::new(
            "dropped_commit_leaves_leases_without_an_end",
            "a commit stores the deadlines after the values",
            &commit,
        )
        .slow_commit(|mut deal| {
            Box::pin(async move {
                deal.check(&deal.hand.entries())?;
                let mut values = deal.clone();
                for written in values.writes.values_mut().flatten() {
                    written.1 = None;
                }
                values.apply(&mut deal.hand.entries())?;
                yield_now().await;
                deal.commit()
            })
        }),
        Mutant::new(
            "answer_of_a_dropped_read_is_taken_by_the_next",
            "after a read of a transaction was dropped, the next one gets its answer",
            &[transaction::dropped_transaction_leaves_nothing],
        )
        .slow_deal_get(|hand, key| -> Slow<()> {
            Box::pin(async move {
                let answer = hand.get(&key)?.unwrap_or_default();
                let left = locked(&hand.memo).remove("asked");
                locked(&hand.memo).extend(left.map(|left| ("answered".to_owned(), left)));
                locked(&hand.memo).insert("asked".to_owned(), answer);
                yield_now().await;
                locked(&hand.memo).remove("asked");
                Ok(())
            })
        })
        .deal_get(|deal, key| {
            let answered = locked(&deal.hand.memo).remove("answered");
            match answered {
                Some(answer) => Ok(Some(answer).filter(|answer| !answer.is_empty())),
                None => deal.get(key),
            }
        }),
    ]
}
