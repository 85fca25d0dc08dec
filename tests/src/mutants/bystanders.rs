//! Faults that show with a key that nobody touches, or in a call that takes long.

use std::{
    ops::Bound,
    time::{Duration, Instant},
};

use tck::{Error, kv_store};
use tokio::task::yield_now;

use super::key_races::long_pause;
use crate::{Mutant, clay::Rules};

pub(super) fn mutants() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "delete_moves_the_next_key",
            "while a key is deleted, the one behind it is not there",
            &[kv_store::concurrent_writes_to_different_keys_are_all_kept],
        )
        .delete(|hand, key| {
            let place = hand.at(key);
            let behind = (Bound::Excluded(place.clone()), Bound::Unbounded);
            let next = {
                let mut entries = hand.entries();
                let next = entries.range(behind).next().map(|(next, _)| next.clone());
                let next = next.filter(|_| entries.contains_key(&place));
                next.and_then(|next| entries.remove_entry(&next))
            };
            hand.delete(key)?;
            if let Some((next, entry)) = next {
                long_pause();
                hand.entries().entry(next).or_insert(entry);
            }
            Ok(())
        }),
        Mutant::new(
            "set_dropped_late_is_torn",
            "a `set` that is dropped in its second half leaves half a value",
            &[kv_store::dropped_call_leaves_old_or_new_value],
        )
        .slow_set(|hand, key, value| {
            Box::pin(async move {
                if value.is_empty() {
                    return hand.write(&key, value, None);
                }
                takes(FIRST_HALF).await;
                hand.write(&key, value.slice(..value.len() / 2), None)?;
                takes(SECOND_HALF).await;
                hand.write(&key, value, None)
            })
        }),
        Mutant::new(
            "values_of_4_mib_at_the_most",
            "a value over 4 MiB is refused as too large, though more is declared",
            &[kv_store::oversized_value_is_refused_and_nothing_changes],
        )
        .rules(Rules {
            largest_value: Some(64 << 20),
            ..Rules::NONE
        })
        .write(|hand, key, value, ttl| match value.len() {
            size if size > 4 << 20 => Err(Error::TooLarge {
                size,
                limit: 4 << 20,
            }),
            _ => hand.write(key, value, ttl),
        }),
    ]
}

const FIRST_HALF: Duration = Duration::from_millis(1);
const SECOND_HALF: Duration = Duration::from_millis(4);

/// A part of a call, in steps.
async fn takes(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        yield_now().await;
    }
}
