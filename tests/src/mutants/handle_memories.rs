//! Faults of handles that go by what they have done before, or do more than come and go.

use std::{
    collections::{BTreeMap, HashMap},
    num::NonZeroUsize,
    sync::Mutex,
};

use tck::{Bytes, Page, Result, cache, kv_store};

use crate::{
    Mutant,
    clay::{Entry, Hand, exactly, locked, page},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [done_before(), come_and_gone()].concat()
}

/// Calls that are spared, although another handle was in between.
fn done_before() -> Vec<Mutant> {
    let second = [kv_store::second_handle_sees_the_same_data];
    vec![
        Mutant::new(
            "handle_spares_the_write_that_it_made_last",
            "a handle does not write again what it has written last under the key",
            &second,
        )
        .set(|hand, key, value, ttl| {
            let last = locked(&hand.memo).insert(key.to_owned(), value.clone());
            if last.as_ref() == Some(&value) {
                return Ok(());
            }
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            locked(&hand.memo).remove(key);
            hand.delete(key)
        }),
        Mutant::new(
            "handle_spares_the_delete_that_it_made",
            "a handle does not delete again what it has deleted and not written since",
            &second,
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.memo).remove(key);
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            let deleted = locked(&hand.memo).insert(key.to_owned(), Bytes::new());
            if deleted.is_some() {
                return Ok(());
            }
            hand.delete(key)
        }),
    ]
}

/// What opening or closing a handle does to the data.
fn come_and_gone() -> Vec<Mutant> {
    let second = [kv_store::second_handle_sees_the_same_data];
    let shared = [cache::ttl_is_shared_by_all_handles];
    vec![
        Mutant::new(
            "open_replays_without_deletes",
            "opening a handle brings back what was deleted",
            &second,
        )
        .delete(|hand, key| {
            if let Some(value) = hand.get(key)? {
                locked(&hand.server.memo).insert(hand.at(key), value);
            }
            hand.delete(key)
        })
        .open(|hand| {
            let written = hand.now();
            for (place, value) in locked(&hand.server.memo).drain() {
                let end = None;
                let entry = Entry {
                    value,
                    written,
                    end,
                };
                hand.entries().entry(place).or_insert(entry);
            }
        }),
        Mutant::new(
            "close_writes_its_copies_back",
            "closing a handle writes again what it has written, over what came later",
            &second,
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.memo).insert(key.to_owned(), value.clone());
            hand.write(key, value, ttl)
        })
        .close(|hand| {
            for (key, value) in locked(&hand.memo).drain() {
                if hand.entry(&key).is_some() {
                    let _ = hand.write(&key, value, None);
                }
            }
        }),
        Mutant::new(
            "open_forgets_deadlines",
            "opening a handle makes all entries of its namespace live for ever",
            &shared,
        )
        .open(|hand| {
            for entry in own(hand, &mut hand.entries()) {
                entry.end = None;
            }
        }),
        Mutant::new(
            "close_ends_leases",
            "what a handle has written with a time to live goes with it",
            &shared,
        )
        .set_with_ttl(|hand, key, value, ttl| {
            locked(&hand.memo).insert(key.to_owned(), Bytes::new());
            hand.write(key, value, ttl)
        })
        .close(|hand| {
            for key in locked(&hand.memo).keys() {
                hand.entries().remove(&hand.at(key));
            }
        }),
    ]
}

/// The entries of the handle's namespace.
fn own<'e>(
    hand: &Hand,
    entries: &'e mut BTreeMap<String, Entry>,
) -> impl Iterator<Item = &'e mut Entry> {
    let space = exactly(&hand.namespace, "");
    let own = entries
        .iter_mut()
        .filter(move |(place, _)| place.starts_with(&space));
    own.map(|(_, entry)| entry)
}

/// Forgets what all handles remember when somebody writes plainly or deletes.
pub(super) fn forgetting(mutant: Mutant) -> Mutant {
    mutant
        .write(|hand, key, value, ttl| {
            locked(&hand.server.memo).clear();
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            locked(&hand.server.memo).clear();
            hand.delete(key)
        })
}

/// Lists what this handle has listed before, as long as that is remembered.
pub(super) fn list_kept(
    hand: &Hand,
    prefix: &str,
    after: Option<&str>,
    limit: NonZeroUsize,
) -> Result<Page<String>> {
    let place = hand.at(&format!("{} {prefix}", hand.number));
    let keys = kept(&hand.server.memo, place, &hand.alive(prefix));
    Ok(page(keys, after, limit))
}

/// The keys that are remembered under a place, from now on these.
pub(super) fn kept(
    memo: &Mutex<HashMap<String, Bytes>>,
    place: String,
    keys: &[String],
) -> Vec<String> {
    let keys = Bytes::from(keys.join("\n"));
    let kept = locked(memo).entry(place).or_insert(keys).clone();
    let kept = String::from_utf8_lossy(&kept).into_owned();
    kept.lines().map(str::to_owned).collect()
}

/// Reads what is remembered under a place, and remembers what it reads.
pub(super) fn get_kept(hand: &Hand, place: String, key: &str) -> Result<Option<Bytes>> {
    let copy = locked(&hand.server.memo).get(&place).cloned();
    let got = copy.map_or_else(|| hand.get(key), |copy| Ok(Some(copy)))?;
    if let Some(value) = &got {
        locked(&hand.server.memo).insert(place, value.clone());
    }
    Ok(got)
}
