//! Faults that show when a call that was given up is made again.

use tck::{Error, cache, kv_store};
use tokio::task::yield_now;

use super::marks::{is_marked, mark, mark_for_a_step, unmark};
use crate::Mutant;

pub(super) fn mutants() -> Vec<Mutant> {
    let dropped = [kv_store::dropped_call_leaves_old_or_new_value];
    vec![
        Mutant::new(
            "dropped_set_keeps_its_key_locked",
            "a `set` that is dropped leaves its key locked for writes",
            &dropped,
        )
        .slow_set(|hand, key, value| {
            Box::pin(async move {
                if is_marked(&hand, &key) {
                    return Err(Error::conflict("somebody else writes it"));
                }
                mark_for_a_step(&hand, &key).await;
                hand.write(&key, value, None)
            })
        }),
        Mutant::new(
            "dropped_delete_keeps_its_key_locked",
            "a `delete` that is dropped leaves its key locked for writes",
            &dropped,
        )
        .slow_delete(|hand, key| {
            Box::pin(async move {
                mark_for_a_step(&hand, &key).await;
                hand.delete(&key)
            })
        })
        .set(|hand, key, value, ttl| match is_marked(hand, key) {
            true => Err(Error::conflict("somebody else deletes it")),
            false => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "dropped_set_with_ttl_keeps_its_key_locked",
            "a `set_with_ttl` that is dropped leaves its key locked for others with a time to live",
            &[cache::dropped_write_with_a_ttl_is_whole],
        )
        .slow_set_with_ttl(|hand, key, value, ttl| {
            Box::pin(async move {
                if is_marked(&hand, &key) {
                    return Err(Error::conflict("somebody else writes it"));
                }
                mark_for_a_step(&hand, &key).await;
                hand.write(&key, value, Some(ttl))
            })
        }),
        Mutant::new(
            "dropped_set_leaves_has_without_the_key",
            "`has` says nothing of a key whose `set` was dropped",
            &dropped,
        )
        .slow_set(|hand, key, value| {
            Box::pin(async move {
                mark(&hand, &key);
                yield_now().await;
                hand.write(&key, value, None)?;
                unmark(&hand, &key);
                Ok(())
            })
        })
        .has(|hand, key| Ok(hand.has(key)? && !is_marked(hand, key))),
        Mutant::new(
            "dropped_set_leaves_has_with_a_key",
            "`has` says that a key is there whose first `set` was dropped",
            &dropped,
        )
        .slow_set(|hand, key, value| {
            Box::pin(async move {
                mark(&hand, &key);
                yield_now().await;
                hand.write(&key, value, None)?;
                unmark(&hand, &key);
                Ok(())
            })
        })
        .has(|hand, key| Ok(hand.has(key)? || is_marked(hand, key))),
    ]
}
