//! Faults of stores that keep a large value in pieces.

use std::sync::Arc;

use tck::{Bytes, cache, kv_store, transaction};

use crate::{Mutant, clay::locked};

/// How large a piece is.
const PIECE: usize = 16 << 10;

pub(super) fn mutants() -> Vec<Mutant> {
    let large = [kv_store::large_values_are_kept_whole];
    vec![
        Mutant::new(
            "pieces_lie_under_names_of_keys",
            "the pieces of a large value lie under its key, a colon and a number",
            &large,
        )
        .get(|hand, key| {
            let piece = hand.entry(&format!("{key}:1")).map(|held| held.value);
            let got = hand.get(key)?;
            Ok(got.map(|value| match piece {
                Some(piece) if value.len() > PIECE => [&value[..PIECE], &piece].concat().into(),
                _ => value,
            }))
        }),
        Mutant::new(
            "pieces_survive_a_delete",
            "a large value that is set after a delete keeps the tail of what was deleted",
            &large,
        )
        .delete(|hand, key| {
            if let Some(held) = hand.entry(key) {
                locked(&hand.server.memo).insert(hand.at(key), held.value);
            }
            hand.delete(key)
        })
        .write(|hand, key, value, ttl| {
            let deleted = locked(&hand.server.memo).remove(&hand.at(key));
            hand.write(key, with_tail(value, deleted.as_ref()), ttl)
        }),
        Mutant::new(
            "tail_of_an_expired_value",
            "a large value that is set over an expired one keeps the tail of that",
            &[cache::overwriting_an_expired_key_stores_anew],
        )
        .set(|hand, key, value, _| {
            let expired = hand.entry(key).filter(|held| !hand.is_alive(held));
            let value = with_tail(value, expired.as_ref().map(|held| &held.value));
            hand.write(key, value, None)
        }),
        Mutant::new(
            "lease_keeps_the_tail",
            "a large value that is set with a time to live keeps the tail of a longer one",
            &[cache::limits_hold_with_a_ttl_as_without],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            let held = hand.entry(key);
            let value = with_tail(value, held.as_ref().map(|held| &held.value));
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "commit_keeps_the_tail",
            "a commit of a shorter value in several pieces keeps the tail of the longer one",
            &[transaction::keys_and_values_are_exact],
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            for (key, written) in &mut deal.writes {
                if let Some((value, _)) = written {
                    let held = hand.entry(key);
                    *value = with_tail(value.clone(), held.as_ref().map(|held| &held.value));
                }
            }
            deal.commit()
        }),
    ]
}

/// A value of several pieces, with what a longer one before it had more.
fn with_tail(value: Bytes, before: Option<&Bytes>) -> Bytes {
    let tail = before.and_then(|before| before.get(value.len()..));
    match tail {
        Some(tail) if value.len() > PIECE => [&value[..], tail].concat().into(),
        _ => value,
    }
}
