//! Conditional writes that are given up half-way.

use bytes::Bytes;
use tck_api::Atomic;

use crate::{
    answer::Answer,
    check::Check,
    probe::dropping::{ROUNDS, STEPS, drop_after, is_old_or_new},
    subject::Subject,
};

pub(super) async fn dropped_call_leaves_old_or_new_value(store: &Subject) -> Check {
    let provider = store.recorded();
    for drop in 0..STEPS * ROUNDS {
        let steps = drop % STEPS + 1;
        // A write that was given up may still arrive, so each has a key of its own.
        let [fresh, held] = ["fresh", "held"].map(|name| store.key(&format!("{name}-{drop}")));
        store.set(&held, "old").await.is(())?;
        let new = || Bytes::from_static(b"new");
        let ended = [
            drop_after(steps, provider.set_if_absent(&fresh, new())).await,
            drop_after(steps, provider.compare_and_set(&held, b"old", new())).await,
        ];
        is_old_or_new(&store.get(&held).await)?;
        let answer = store.get(&fresh).await;
        if !matches!(&answer.result, Ok(None)) {
            answer.is_value("new")?;
        }
        // Nothing stays locked, nor for conditions.
        if !store.set_if_absent(&fresh, "next").await.ok()? {
            store.get(&fresh).await.is_value("new")?;
        }
        store.set(&fresh, "next").await.is(())?;
        // The comparison that was dropped may come in between, and does so once.
        if !replaced(store, &held).await?.ok()? {
            replaced(store, &held).await?.is(true)?;
        }
        if steps == 1 && ended == [true; 2] {
            // This store does everything in one step: there is nothing to drop.
            return Ok(());
        }
    }
    Ok(())
}

/// Compares with what is there at present.
async fn replaced(store: &Subject, key: &str) -> Check<Answer<bool>> {
    let current = store.get(key).await.ok()?.unwrap_or_default();
    Ok(store.compare_and_set(key, &current, "next").await)
}
