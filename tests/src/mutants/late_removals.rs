//! Faults of those who remove a key a moment after they have found it.

use std::time::Duration;

use tck::atomic;

use super::key_races::long_pause;
use crate::{Mutant, clay::hold_for};

pub(super) fn mutants() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "delete_removes_what_was_made_meanwhile",
            "a delete hides a key, and removes it later, whatever is there by then",
            &[atomic::deleted_key_is_not_brought_back],
        )
        .delete(|hand, key| {
            if hand.has(key)? {
                hand.delete(key)?;
                hold_for(Duration::from_millis(10), || hand.entry(key).is_some());
            }
            hand.delete(key)
        }),
        Mutant::new(
            "comparison_removes_what_was_set_since",
            "a comparison finds an expired value, and removes it later, whatever is there by then",
            &[atomic::expired_value_is_absent],
        )
        .compare_and_set(|hand, key, expected, value| {
            if hand.entry(key).is_some_and(|entry| !hand.is_alive(&entry)) {
                long_pause();
                hand.delete(key)?;
            }
            hand.compare_and_set(key, expected, value)
        }),
    ]
}
