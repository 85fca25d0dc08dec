//! Faults that show when several callers are at work on what expires.

use std::{sync::atomic::Ordering, time::Duration};

use tck::{Error, cache};

use super::{
    key_races::{long_pause, pause},
    marks::{is_marked, mark, unmark},
};
use crate::{Mutant, clay::Entry};

pub(super) fn mutants() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "deadline_follows_the_value",
            "`set_with_ttl` sets the value, then the deadline of whatever is there",
            &[cache::racing_writes_keep_value_and_deadline_together],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            if ttl == Some(Duration::ZERO) {
                return hand.write(key, value, ttl);
            }
            hand.write(key, value, None)?;
            pause();
            let end = ttl.and_then(|ttl| hand.now().checked_add(ttl));
            if let Some(entry) = hand.entry(key) {
                hand.put(key, Entry { end, ..entry });
            }
            Ok(())
        }),
        Mutant::new(
            "deadlines_share_a_field",
            "a time to live passes through a field that other writes use as well",
            &[cache::many_entries_with_a_ttl_are_kept_and_expire],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            let field = &hand.server.count;
            match usize::try_from(ttl.unwrap_or_default().as_nanos()) {
                Ok(nanos) => {
                    field.store(nanos, Ordering::SeqCst);
                    pause();
                    let nanos = field.load(Ordering::SeqCst) as u64;
                    hand.write(key, value, Some(Duration::from_nanos(nanos)))
                }
                Err(_) => hand.write(key, value, ttl),
            }
        }),
        Mutant::new(
            "clean_up_races_write",
            "a read that finds an expired entry removes what is there a moment later",
            &[cache::reading_an_expired_key_spares_the_next_value],
        )
        .get(|hand, key| match hand.entry(key) {
            Some(entry) if !hand.is_alive(&entry) => {
                pause();
                hand.delete(key)?;
                Ok(None)
            }
            entry => Ok(entry.map(|entry| entry.value)),
        }),
        Mutant::new(
            "readers_clean_up_at_a_time",
            "of two reads at a time that find an expired entry, one fails to remove it",
            &[cache::reading_an_expired_key_spares_the_next_value],
        )
        .get(|hand, key| match hand.entry(key) {
            Some(entry) if !hand.is_alive(&entry) => {
                if is_marked(hand, key) {
                    return Err(Error::backend("no such file"));
                }
                mark(hand, key);
                long_pause();
                unmark(hand, key);
                hand.get(key)
            }
            entry => Ok(entry.map(|entry| entry.value)),
        }),
        Mutant::new(
            "writers_replace_an_expired_entry_at_a_time",
            "of two writes at a time over an expired entry, one fails",
            &[cache::reading_an_expired_key_spares_the_next_value],
        )
        .set(|hand, key, value, ttl| {
            let expired = hand.entry(key).is_some_and(|old| !hand.is_alive(&old));
            if expired && is_marked(hand, key) {
                return Err(Error::backend("UNIQUE constraint failed"));
            }
            if expired {
                mark(hand, key);
                long_pause();
                unmark(hand, key);
            }
            hand.write(key, value, ttl)
        }),
    ]
}
