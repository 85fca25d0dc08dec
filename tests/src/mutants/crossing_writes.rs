//! Faults of what a handle keeps while others write.

use tck::{Bytes, kv_store};

use super::key_races::{long_pause, pause};
use crate::{
    Mutant,
    clay::{Hand, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    let second = [kv_store::second_handle_sees_the_same_data];
    vec![
        Mutant::new(
            "copy_is_kept_after_a_crossing_write",
            "a handle keeps what it has written, also where another wrote while it did",
            &second,
        )
        .write(|hand, key, value, ttl| {
            hand.write(key, value.clone(), ttl)?;
            tell_all(hand, key);
            long_pause();
            locked(&hand.server.memo).insert(copy(hand, hand.number, key), value);
            Ok(())
        })
        .delete(|hand, key| {
            hand.delete(key)?;
            tell_all(hand, key);
            Ok(())
        })
        .get(|hand, key| match kept(hand, key) {
            Some(value) => Ok(Some(value)),
            None => hand.get(key),
        }),
        Mutant::new(
            "notices_are_split_at_blanks",
            "a handle is not told of changes to a key with a blank in it",
            &second,
        )
        .write(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            if !key.contains(' ') {
                tell_all(hand, key);
            }
            Ok(())
        })
        .delete(|hand, key| {
            hand.delete(key)?;
            if !key.contains(' ') {
                tell_all(hand, key);
            }
            Ok(())
        })
        .get(|hand, key| {
            if hand.number == 0 {
                return hand.get(key);
            }
            if let Some(value) = kept(hand, key) {
                return Ok(Some(value));
            }
            let got = hand.get(key)?;
            let place = copy(hand, hand.number, key);
            locked(&hand.server.memo).extend(got.clone().map(|value| (place, value)));
            Ok(got)
        }),
        Mutant::new(
            "handle_asks_what_it_knows",
            "a handle says of a key what it knew when it last read or wrote it",
            &second,
        )
        .write(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            knows(hand, key, true);
            Ok(())
        })
        .delete(|hand, key| {
            hand.delete(key)?;
            knows(hand, key, false);
            Ok(())
        })
        .get(|hand, key| {
            let got = hand.get(key)?;
            knows(hand, key, got.is_some());
            Ok(got)
        })
        .has(|hand, key| {
            let known = locked(&hand.memo).get(key).cloned();
            match known {
                Some(known) => Ok(!known.is_empty()),
                None => hand.has(key),
            }
        }),
        Mutant::new(
            "reads_share_an_answer",
            "a read that comes while another is under way gets its answer",
            &[kv_store::reading_leaves_no_old_value_behind],
        )
        .get(|hand, key| {
            let place = format!("asked {}", hand.at(key));
            let asked = locked(&hand.server.memo).get(&place).cloned();
            if let Some(answer) = asked {
                return Ok(Some(answer).filter(|answer| !answer.is_empty()));
            }
            let got = hand.get(key)?;
            let answer = got.clone().unwrap_or_default();
            locked(&hand.server.memo).insert(place.clone(), answer);
            pause();
            locked(&hand.server.memo).remove(&place);
            Ok(got)
        }),
    ]
}

fn knows(hand: &Hand, key: &str, is_there: bool) {
    let known = if is_there { "there" } else { "" };
    locked(&hand.memo).insert(key.to_owned(), Bytes::from(known));
}

/// What this handle has kept of a key.
fn kept(hand: &Hand, key: &str) -> Option<Bytes> {
    let place = copy(hand, hand.number, key);
    locked(&hand.server.memo).get(&place).cloned()
}

/// Where a handle keeps its copy.
pub(super) fn copy(hand: &Hand, number: usize, key: &str) -> String {
    format!("{number} {}", hand.at(key))
}

/// Tells all handles that their copies are old.
pub(super) fn tell_all(hand: &Hand, key: &str) {
    let handles = hand
        .server
        .handles
        .load(std::sync::atomic::Ordering::SeqCst);
    for number in 0..handles {
        locked(&hand.server.memo).remove(&copy(hand, number, key));
    }
}
