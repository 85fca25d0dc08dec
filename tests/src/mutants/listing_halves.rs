//! Faults of an index beside the data, where one of the two comes without the other.

use tck::{Bytes, listing};
use tokio::task::yield_now;

use super::marks::{is_marked, mark, mark_for_a_step, unmark};
use crate::{
    Mutant,
    clay::{hold_until, locked, page},
};

pub(super) fn mutants() -> Vec<Mutant> {
    let alike = [listing::racing_writes_leave_listing_and_reads_alike];
    vec![
        without_marked(Mutant::new(
            "dropped_set_is_not_listed",
            "a set that is dropped has stored the value, and not the key in the index",
            &alike,
        ))
        .slow_set(|hand, key, value| {
            Box::pin(async move {
                if hand.entry(&key).is_none() {
                    mark(&hand, &key);
                }
                hand.write(&key, value, None)?;
                yield_now().await;
                unmark(&hand, &key);
                Ok(())
            })
        }),
        without_marked(Mutant::new(
            "dropped_lease_is_not_listed",
            "a set with a time to live that is dropped has stored the value, and not the key in the index",
            &alike,
        ))
        .slow_set_with_ttl(|hand, key, value, ttl| {
            Box::pin(async move {
                mark(&hand, &key);
                hand.write(&key, value, Some(ttl))?;
                yield_now().await;
                unmark(&hand, &key);
                Ok(())
            })
        }),
        without_marked(Mutant::new(
            "dropped_delete_is_not_listed",
            "a delete that is dropped has removed the key from the index, and not the value",
            &alike,
        ))
        .slow_delete(|hand, key| {
            Box::pin(async move {
                mark_for_a_step(&hand, &key).await;
                hand.delete(&key)
            })
        }),
        without_marked(Mutant::new(
            "leases_and_index_raced_apart",
            "the index is written after a value with a time to live, and a delete takes its time for it",
            &alike,
        ))
        .set_with_ttl(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            unmark(hand, key);
            locked(&hand.server.memo).insert(format!("set {}", hand.at(key)), Bytes::new());
            Ok(())
        })
        .delete(|hand, key| {
            let comes_first = hand.entry(key).is_none();
            hand.delete(key)?;
            if comes_first {
                let is_set = format!("set {}", hand.at(key));
                hold_until(|| locked(&hand.server.memo).contains_key(&is_set));
                mark(hand, key);
            }
            Ok(())
        }),
    ]
}

/// Lists all but what is marked.
fn without_marked(mutant: Mutant) -> Mutant {
    mutant.list(|hand, prefix, after, limit| {
        let mut keys = hand.alive(prefix);
        keys.retain(|key| !is_marked(hand, key));
        Ok(page(keys, after, limit))
    })
}
