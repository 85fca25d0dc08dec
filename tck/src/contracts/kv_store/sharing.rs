//! Several callers at a time, callers that give up, and several handles.

use std::{future::poll_fn, pin::pin, task::Poll};

use bytes::Bytes;
use tck_api::KeyValueStore;
use tokio::task::yield_now;

use crate::{answer::breach, check::Check, crowd::Write, shown::Shown, subject::Subject};

pub(super) async fn concurrent_writes_to_different_keys_are_all_kept(store: &Subject) -> Check {
    let keys: Vec<String> = (0..64).map(|index| store.key(&index.to_string())).collect();
    for round in 0..8 {
        let sets = keys
            .iter()
            .map(|key| Write::set(key, format!("{round} {key}")));
        store.write_side_by_side(sets.collect()).await?;
        for key in &keys {
            store.get(key).await.is_value(format!("{round} {key}"))?;
        }
        let changes = keys.iter().enumerate().map(|(index, key)| match index % 2 {
            0 => Write::delete(key),
            _ => Write::set(key, format!("again {round} {key}")),
        });
        store.write_side_by_side(changes.collect()).await?;
        for (index, key) in keys.iter().enumerate() {
            match index % 2 {
                0 => store.lacks(key).await?,
                _ => store.holds(key, format!("again {round} {key}")).await?,
            }
        }
    }
    Ok(())
}

pub(super) async fn concurrent_writes_to_one_key_leave_one_of_them(store: &Subject) -> Check {
    let key = store.key("a");
    let values: Vec<Bytes> = (b'a'..=b'p')
        .map(|letter| Bytes::from(vec![letter; 512]))
        .collect();
    store.set(&key, vec![b'a'; 512]).await.ok()?;
    let writes = values.iter().map(|value| Write::set(&key, value.clone()));
    let seen = store.read_while_writing(&key, writes.collect()).await?;
    let last = store.get(&key).await;
    for answer in seen.into_iter().chain([last.result]) {
        if !matches!(&answer, Ok(Some(value)) if values.contains(value)) {
            let expected = "one of the 16 values, 512 times the same letter, at every moment";
            return Err(breach(expected.to_owned(), answer.shown(), None));
        }
    }
    store.has(&key).await.is(true)
}

/// Calls are dropped after one to so many steps, again and again: what a store does in
/// between may take a different number of steps each time.
const STEPS: u32 = 6;
const ROUNDS: u32 = 10;

pub(super) async fn dropped_call_leaves_old_or_new_value(store: &Subject) -> Check {
    let neighbour = store.key("neighbour");
    store.set(&neighbour, "neighbour").await.ok()?;
    let provider = store.recorded();
    for drop in 0..STEPS * ROUNDS {
        let steps = drop % STEPS + 1;
        // A write that was given up may still arrive, so each has a key of its own.
        let set = store.key(&format!("set-{drop}"));
        let deleted = store.key(&format!("deleted-{drop}"));
        store.set(&set, "old").await.ok()?;
        store.set(&deleted, "old").await.ok()?;
        let ended = [
            drop_after(steps, provider.set(&set, Bytes::from_static(b"new"))).await,
            drop_after(steps, provider.get(&neighbour)).await,
            drop_after(steps, provider.delete(&deleted)).await,
            drop_after(steps, provider.has(&deleted)).await,
        ];
        let answer = store.get(&set).await;
        if !matches!(&answer.result, Ok(Some(value)) if value == "old" || value == "new") {
            let expected = r#"Ok(Some("old")) or Ok(Some("new"))"#.to_owned();
            return Err(breach(expected, answer.result.shown(), answer.step));
        }
        store.get(&neighbour).await.is_value("neighbour")?;
        store.has(&neighbour).await.is(true)?;
        let answer = store.get(&deleted).await;
        if !matches!(&answer.result, Ok(None)) {
            answer.is_value("old")?;
        }
        if steps == 1 && ended == [true; 4] {
            // This store does everything in one step: there is nothing to drop.
            return Ok(());
        }
    }
    Ok(())
}

/// Takes so many steps of a call and drops it. Says whether it ended before.
async fn drop_after<T>(steps: u32, call: impl Future<Output = T>) -> bool {
    let mut call = pin!(call);
    for _ in 0..steps {
        if poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_ready())).await {
            return true;
        }
        yield_now().await;
    }
    false
}

pub(super) async fn second_handle_sees_the_same_data(store: &Subject) -> Check {
    let second = store.second_handle().await?;
    let key = store.key("a");
    second.lacks(&key).await?;
    store.set(&key, "first").await.ok()?;
    second.holds(&key, "first").await?;
    second.set(&key, "second").await.ok()?;
    store.holds(&key, "second").await?;
    store.delete(&key).await.ok()?;
    second.lacks(&key).await?;
    second.set(&key, "third").await.ok()?;
    store.holds(&key, "third").await?;
    let third = store.second_handle().await?;
    third.holds(&key, "third").await
}
