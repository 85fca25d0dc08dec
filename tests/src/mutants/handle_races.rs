//! Faults that show when callers of two handles are at work at the same time.

use std::sync::atomic::Ordering;

use tck::kv_store;

use super::{
    crossing_writes::{copy, tell_all},
    key_races::{long_pause, pause_until},
};
use crate::{Mutant, clay::locked};

pub(super) fn mutants() -> Vec<Mutant> {
    let second = [kv_store::second_handle_sees_the_same_data];
    vec![
        Mutant::new(
            "later_handles_write_by_halves",
            "all handles but the first one write a value in two steps",
            &second,
        )
        .write(|hand, key, value, ttl| {
            if hand.number > 0 {
                hand.write(key, value.slice(..value.len() / 2), ttl)?;
                long_pause();
            }
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "copy_is_kept_after_its_end_was_told",
            "a handle keeps what it has read, also where others wrote while it did",
            &second,
        )
        .write(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            tell_all(hand, key);
            hand.count();
            Ok(())
        })
        .delete(|hand, key| {
            hand.delete(key)?;
            tell_all(hand, key);
            hand.count();
            Ok(())
        })
        .get(|hand, key| {
            if hand.number == 0 {
                return hand.get(key);
            }
            let place = copy(hand, hand.number, key);
            let kept = locked(&hand.server.memo).get(&place).cloned();
            if kept.is_some() {
                return Ok(kept);
            }
            let told = || hand.server.count.load(Ordering::SeqCst);
            let before = told();
            let got = hand.get(key)?;
            // Until both of those who race to write it are done. Who came late has nobody to
            // wait for, and must be in time for the next key.
            if got.as_deref() == Some(b"old") {
                pause_until(|| told() >= before + 2);
            }
            locked(&hand.server.memo).extend(got.clone().map(|value| (place, value)));
            Ok(got)
        }),
        Mutant::new(
            "closing_a_handle_stops_the_writer",
            "once a handle was closed, sets are lost",
            &second,
        )
        .set(
            |hand, key, value, ttl| match hand.server.count.load(Ordering::SeqCst) {
                0 => hand.write(key, value, ttl),
                _ => Ok(()),
            },
        )
        .close(|hand| {
            hand.count();
        }),
    ]
}
