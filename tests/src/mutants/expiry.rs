//! Faults in what is seen of entries that have expired.

use std::time::Duration;

use tck::{Bytes, Error, cache, kv_store};

use super::marks::{is_marked, mark};
use crate::{
    Mutant,
    clay::{Entry, Hand, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [shown(), swept()].concat()
}

const SECOND: Duration = Duration::from_secs(1);

/// Reads that show what has expired.
fn shown() -> Vec<Mutant> {
    let absent = [cache::expired_key_is_absent_on_every_read_path];
    vec![
        Mutant::new(
            "has_ignores_expiry",
            "`has` answers true for a key that has expired",
            &absent,
        )
        .has(|hand, key| Ok(hand.entry(key).is_some())),
        Mutant::new(
            "get_ignores_expiry",
            "`get` answers a value that has expired",
            &[
                cache::key_expires_after_ttl,
                cache::expired_key_is_absent_on_every_read_path,
            ],
        )
        .get(|hand, key| Ok(hand.entry(key).map(|entry| entry.value))),
        Mutant::new(
            "first_read_after_expiry_hits",
            "an entry that has expired is answered once more and then removed",
            &[cache::key_expires_after_ttl],
        )
        .get(|hand, key| {
            let entry = hand.entry(key);
            if entry.as_ref().is_some_and(|entry| !hand.is_alive(entry)) {
                hand.delete(key)?;
            }
            Ok(entry.map(|entry| entry.value))
        }),
        Mutant::new(
            "first_has_after_expiry_hits",
            "`has` answers true once more after the end",
            &absent,
        )
        .has(|hand, key| {
            let entry = hand.entry(key);
            if entry.as_ref().is_some_and(|entry| !hand.is_alive(entry)) {
                hand.delete(key)?;
            }
            Ok(entry.is_some())
        }),
        Mutant::new(
            "sweep_every_minute",
            "entries that have expired are seen until the next sweep",
            &[cache::key_expires_after_ttl],
        )
        .get(|hand, key| {
            Ok(hand
                .entry(key)
                .filter(|entry| entry.end.is_none_or(|end| hand.now() < end + SECOND * 60))
                .map(|entry| entry.value))
        }),
        Mutant::new(
            "expired_is_empty",
            "a key that has expired has an empty value",
            &[cache::key_expires_after_ttl],
        )
        .get(|hand, key| {
            Ok(hand.entry(key).map(|entry| {
                if hand.is_alive(&entry) {
                    entry.value
                } else {
                    Bytes::new()
                }
            }))
        }),
        Mutant::new(
            "expired_is_an_error",
            "`get` of a key that has expired answers an error",
            &[cache::key_expires_after_ttl],
        )
        .get(|hand, key| match hand.entry(key) {
            Some(entry) if !hand.is_alive(&entry) => Err(Error::backend("expired")),
            entry => Ok(entry.map(|entry| entry.value)),
        }),
    ]
}

/// Clean-up that does too much, or brings something back.
fn swept() -> Vec<Mutant> {
    let others = [cache::expiring_one_key_leaves_the_others_alone];
    vec![
        Mutant::new(
            "sweep_takes_all",
            "the first entry to expire takes all others along that expire",
            &[cache::many_keys_expire_each_at_its_own_time],
        )
        .get(|hand, key| sweep(hand, key, |entry, _| entry.end.is_none())),
        Mutant::new(
            "sweep_takes_plain_entries",
            "the first entry to expire takes all along that never do",
            &others,
        )
        .get(|hand, key| sweep(hand, key, |entry, _| entry.end.is_some())),
        Mutant::new(
            "expiry_by_prefix",
            "what expires takes along the keys that begin with its key",
            &others,
        )
        .get(|hand, key| {
            let place = hand.at(key);
            sweep(hand, key, move |_, other| !other.starts_with(&place))
        }),
        Mutant::new(
            "expiry_takes_parents",
            "what expires takes along the keys that its key begins with",
            &others,
        )
        .get(|hand, key| {
            let place = hand.at(key);
            sweep(hand, key, move |_, other| !place.starts_with(other))
        }),
        Mutant::new(
            "expiry_uncovers_the_value_before",
            "when an entry expires, the value before it is seen",
            &[cache::nothing_resurrects_an_expired_entry],
        )
        .write(|hand, key, value, ttl| {
            if let Some(old) = hand.get(key)? {
                locked(&hand.server.memo).insert(hand.at(key), old);
            }
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            locked(&hand.server.memo).remove(&hand.at(key));
            hand.delete(key)
        })
        .get(|hand, key| match hand.get(key)? {
            Some(value) => Ok(Some(value)),
            None => Ok(locked(&hand.server.memo).get(&hand.at(key)).cloned()),
        }),
        Mutant::new(
            "clean_up_revives",
            "the clean-up of one entry revives those that expired before",
            &[cache::nothing_resurrects_an_expired_entry],
        )
        .get(|hand, key| {
            let expired = hand.entry(key).is_some_and(|entry| !hand.is_alive(&entry));
            let value = hand.get(key)?;
            if expired {
                hand.delete(key)?;
                let dead = locked(&hand.server.memo).drain().collect::<Vec<_>>();
                for (place, value) in dead {
                    let written = hand.now();
                    hand.entries().insert(
                        place,
                        Entry {
                            value,
                            written,
                            end: None,
                        },
                    );
                }
                locked(&hand.server.memo).insert(hand.at(key), Bytes::from("revived"));
            }
            Ok(value)
        }),
        Mutant::new(
            "delete_of_expired_revives",
            "`delete` of a key that has expired clears its deadline",
            &[
                cache::nothing_resurrects_an_expired_entry,
                cache::deleting_an_expired_key_succeeds,
            ],
        )
        .delete(|hand, key| match hand.entry(key) {
            Some(entry) if !hand.is_alive(&entry) => {
                hand.put(key, Entry { end: None, ..entry });
                Ok(())
            }
            _ => hand.delete(key),
        }),
        Mutant::new(
            "delete_spares_expiring_keys",
            "`delete` leaves what has a time to live to expire",
            &[cache::delete_removes_key_before_expiry],
        )
        .delete(|hand, key| match hand.entry(key) {
            Some(entry) if entry.end.is_some() => Ok(()),
            _ => hand.delete(key),
        }),
        Mutant::new(
            "has_sees_deleted_expiring_keys",
            "`has` goes by a list of deadlines that `delete` forgets",
            &[cache::delete_removes_key_before_expiry],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            mark(hand, key);
            hand.write(key, value, ttl)
        })
        .has(|hand, key| Ok(hand.has(key)? || is_marked(hand, key) && hand.entry(key).is_none())),
        Mutant::new(
            "plain_keys_are_not_counted",
            "`has` sees only what has a time to live",
            &[
                cache::set_and_get_value_without_ttl,
                kv_store::has_tells_present_from_absent,
            ],
        )
        .has(|hand, key| {
            Ok(hand.has(key)? && hand.entry(key).is_some_and(|entry| entry.end.is_some()))
        }),
    ]
}

/// Reads; where the key has expired, keeps only what is to be kept.
fn sweep(
    hand: &Hand,
    key: &str,
    keep: impl Fn(&Entry, &str) -> bool,
) -> tck::Result<Option<Bytes>> {
    if hand.entry(key).is_some_and(|entry| !hand.is_alive(&entry)) {
        hand.entries().retain(|place, entry| keep(entry, place));
    }
    hand.get(key)
}
