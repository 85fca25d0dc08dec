//! What faults remember of a key, for all handles.

use tck::Bytes;
use tokio::task::yield_now;

use crate::{
    clay::{Hand, locked},
    deal::Deal,
};

pub(super) fn mark(hand: &Hand, key: &str) {
    locked(&hand.server.memo).insert(hand.at(key), Bytes::new());
}

pub(super) fn is_marked(hand: &Hand, key: &str) -> bool {
    locked(&hand.server.memo).contains_key(&hand.at(key))
}

/// Says whether the key was marked until now.
pub(super) fn unmark(hand: &Hand, key: &str) -> bool {
    locked(&hand.server.memo).remove(&hand.at(key)).is_some()
}

/// Marks a key for a step, so that it stays marked where the call is dropped in it.
pub(super) async fn mark_for_a_step(hand: &Hand, key: &str) {
    mark(hand, key);
    yield_now().await;
    unmark(hand, key);
}

/// Marks what a transaction writes.
pub(super) fn mark_written(deal: &Deal) {
    for key in deal.writes.keys() {
        mark(&deal.hand, key);
    }
}

/// Marks what a transaction sets with a time to live.
pub(super) fn mark_leased(deal: &Deal) {
    for (key, written) in &deal.writes {
        if matches!(written, Some((_, Some(_)))) {
            mark(&deal.hand, key);
        }
    }
}
