//! Callers that give up.

use std::time::Instant;

use bytes::Bytes;
use tck_api::KeyValueStore;

use crate::{
    check::Check,
    probe::{
        dropping::{Cut, PARTS, ROUNDS, STEPS, is_old_or_new},
        payload::large_value,
    },
    subject::Subject,
};

pub(super) async fn dropped_call_leaves_old_or_new_value(store: &Subject) -> Check {
    store.set(&store.key("neighbour"), "neighbour").await.ok()?;
    for drop in 0..STEPS * ROUNDS {
        let steps = drop % STEPS + 1;
        let is_first = drop < STEPS;
        let ended = given_up(store, drop, Cut::After(steps), is_first).await?;
        if steps == 1 && ended {
            // This store does everything in one step: there is nothing to drop.
            return Ok(());
        }
    }
    // Where each call takes long, so many steps are a small part of it.
    let begun = Instant::now();
    store.set(&store.key("measured"), "value").await.ok()?;
    let took = begun.elapsed();
    for part in 1..PARTS {
        let cut = Cut::At(took * part / PARTS);
        given_up(store, STEPS * ROUNDS + part, cut, true).await?;
    }
    Ok(())
}

/// Gives up one call of each kind, and says whether all had ended before.
async fn given_up(store: &Subject, drop: u32, cut: Cut, is_thorough: bool) -> Check<bool> {
    let provider = store.recorded();
    let neighbour = store.key("neighbour");
    // A write that was given up may still arrive, so each has a key of its own.
    let set = store.key(&format!("set-{drop}"));
    let deleted = store.key(&format!("deleted-{drop}"));
    store.set(&set, "old").await.ok()?;
    store.set(&deleted, "old").await.ok()?;
    let fresh = store.key(&format!("fresh-{drop}"));
    let ended = [
        cut.drop(provider.set(&fresh, Bytes::from_static(b"new")))
            .await,
        cut.drop(provider.set(&set, Bytes::from_static(b"new")))
            .await,
        cut.drop(provider.get(&neighbour)).await,
        cut.drop(provider.delete(&deleted)).await,
        cut.drop(provider.has(&deleted)).await,
    ];
    is_old_or_new(&store.get(&set).await)?;
    store.has(&set).await.is(true)?;
    if is_thorough {
        torn(store, drop, cut).await?;
    }
    store.get(&neighbour).await.is_value("neighbour")?;
    store.has(&neighbour).await.is(true)?;
    let answer = store.get(&deleted).await;
    if matches!(&answer.result, Ok(None)) {
        store.has(&deleted).await.is(false)?;
    } else {
        answer.is_value("old")?;
        // Where it is gone by now, the delete arrived in between.
        let has = store.has(&deleted).await;
        if store.get(&deleted).await.ok()?.is_some() {
            has.is(true)?;
        }
    }
    let answer = store.get(&fresh).await;
    if !matches!(&answer.result, Ok(None)) {
        answer.is_value("new")?;
        store.has(&fresh).await.is(true)?;
    } else if store.has(&fresh).await.ok()? {
        store.get(&fresh).await.is_value("new")?;
    }
    if is_thorough {
        for key in [&set, &deleted, &fresh] {
            let again = store.set(key, "again").await;
            again.is_done("a write that was given up locks nobody out")?;
        }
    }
    Ok(ended == [true; 5])
}

/// A large value takes more steps.
async fn torn(store: &Subject, drop: u32, cut: Cut) -> Check {
    let [set, deleted] = ["set", "deleted"].map(|name| store.key(&format!("large-{name}-{drop}")));
    let size = large_value(store).len();
    let [old, new, other] = [b'o', b'n', b'x'].map(|byte| Bytes::from(vec![byte; size]));
    let provider = store.recorded();
    store.set(&set, old.clone()).await.ok()?;
    store.set(&deleted, other.clone()).await.ok()?;
    cut.drop(provider.get(&deleted)).await;
    store.get(&set).await.is_value(old.clone())?;
    cut.drop(provider.set(&set, new.clone())).await;
    cut.drop(provider.delete(&deleted)).await;
    let answer = store.get(&set).await;
    if !matches!(&answer.result, Ok(Some(value)) if *value == old) {
        answer.is_value(new)?;
    }
    let answer = store.get(&deleted).await;
    if !matches!(&answer.result, Ok(None)) {
        answer.is_value(other)?;
    }
    Ok(())
}
