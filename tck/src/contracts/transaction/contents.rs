//! Which keys and values a transaction takes, and how it gives them back.

use std::time::Duration;

use bytes::Bytes;
use tck_api::ErrorKind::{self, Closed, InvalidKey, TooLarge};

use crate::{
    EmptyKey,
    answer::Answer,
    check::Check,
    probe::{keys::sized, payload::pattern, transaction::Attempt},
    subject::Subject,
};

pub(super) async fn keys_and_values_are_exact(store: &Subject) -> Check {
    let pairs = odd_pairs(store);
    are_exact(store, &pairs, 1, None).await?;
    // The other half, and with a time to live, which is another way to write.
    if let Some(ttl) = store.lasting() {
        for (key, _) in &pairs {
            store.delete(key).await.is_done_unless(InvalidKey)?;
        }
        are_exact(store, &pairs, 0, Some(ttl)).await?;
    }
    Ok(())
}

fn odd_pairs(store: &Subject) -> Vec<(String, Bytes)> {
    let largest = store.profile().largest_value.unwrap_or(usize::MAX);
    let longest = store.profile().longest_key.unwrap_or(255).min(65_536);
    let names = [
        "key", "Key", "key ", " key", "k", "key\0", "key/", "key*", "é", "e\u{301}", "ke%79",
        "k+k", "k k",
    ];
    let mut keys = names.map(|name| store.key(name)).to_vec();
    keys.extend(["1", "2"].map(|end| sized(store, longest, "x", end)));
    let mut values = vec![
        Bytes::new(),
        (0..=u8::MAX).collect(),
        pattern(largest.min(70_000)),
        // Two in a row, so that one of them is set in a transaction.
        pattern(largest.min(20_000)),
        Bytes::from("null"),
    ];
    values.push(pattern(largest.min(1 << 20)));
    if store.profile().empty_key == EmptyKey::Accepted {
        keys.push(String::new());
    }
    let pairs = keys.into_iter().enumerate();
    pairs
        .map(|(index, key)| match values.get(index / 2) {
            Some(value) => (key, value.clone()),
            None => (key.clone(), Bytes::from(key)),
        })
        .collect()
}

/// Sets every other pair in a transaction, from the first or the second on, and the rest before,
/// so that it also reads what it has not written.
async fn are_exact(
    store: &Subject,
    pairs: &[(String, Bytes)],
    first: usize,
    ttl: Option<Duration>,
) -> Check {
    let largest = store.profile().largest_value.unwrap_or(usize::MAX);
    let longer = pattern(largest.min(50_000));
    let (mut held, mut taken) = (Vec::new(), Vec::new());
    for (index, (key, value)) in pairs.iter().enumerate() {
        let is_set_inside = index % 2 == first;
        let before = if is_set_inside {
            longer.clone()
        } else {
            value.clone()
        };
        let is_taken = store.set(key, before).await.is_done_unless(InvalidKey)?;
        if is_taken {
            held.push((key, value.clone()));
        }
        match (is_taken, is_set_inside) {
            (true, true) => taken.push((key, value.clone())),
            (false, true) => {
                // What others refuse, transactions do, at the latest when they are committed.
                let mut transaction = store.begin().await?;
                let written = transaction.write(key, value.clone(), ttl).await;
                let answer = transaction.commit_after(written).await;
                answer.is_refused(&[InvalidKey])?;
            }
            (_, false) => {}
        }
    }
    let mut transaction = store.begin().await?;
    for (key, value) in taken {
        transaction.write(key, value, ttl).await.is(())?;
    }
    for (key, value) in &held {
        transaction.get(key).await.is_value(value.clone())?;
    }
    transaction.commit().await.is(())?;
    for (key, value) in &held {
        store.holds(key, value.clone()).await?;
    }
    let mut transaction = store.begin().await?;
    for (key, value) in &held {
        transaction.get(key).await.is_value(value.clone())?;
    }
    for (key, _) in held.iter().step_by(3) {
        transaction.delete(key).await.is(())?;
    }
    transaction.commit().await.is(())?;
    for (index, (key, value)) in held.iter().enumerate() {
        if index % 3 == 0 {
            store.lacks(key).await?;
        } else {
            store.holds(key, value.clone()).await?;
        }
    }
    let mut transaction = store.begin().await?;
    for (key, _) in &held {
        transaction.delete(key).await.is(())?;
    }
    transaction.commit().await.is(())?;
    for (key, _) in &held {
        store.lacks(key).await?;
    }
    Ok(())
}

pub(super) async fn what_can_not_be_held_is_refused(store: &Subject) -> Check {
    let key = store.key("a");
    store.set(&key, "held").await.is(())?;
    // A limit that no caller comes near is as good as none.
    let largest = store.profile().largest_value;
    if let Some(limit) = largest.filter(|limit| *limit < 64 << 20) {
        for ttl in [None, store.lasting()] {
            let (mut transaction, beside) = begun_beside(store).await?;
            let written = transaction.write(&key, pattern(limit + 1), ttl).await;
            goes_on_or_is_refused(store, transaction, &beside, written, TooLarge).await?;
            store.holds(&key, "held").await?;
        }
        // What was written before it under the same key stays as well.
        let (mut transaction, beside) = begun_beside(store).await?;
        let written = transaction.set(&beside, pattern(limit + 1)).await;
        goes_on_or_is_refused(store, transaction, &beside, written, TooLarge).await?;
    }
    if store.profile().empty_key == EmptyKey::Refused {
        let (mut transaction, beside) = begun_beside(store).await?;
        let written = transaction.set("", "value").await;
        goes_on_or_is_refused(store, transaction, &beside, written, InvalidKey).await?;
    }
    let longest = store.profile().longest_key;
    if let Some(limit) = longest.filter(|limit| *limit < 1 << 20) {
        let over = sized(store, limit + 1, "x", "");
        let (mut transaction, beside) = begun_beside(store).await?;
        let written = transaction.set(&over, "value").await;
        goes_on_or_is_refused(store, transaction, &beside, written, InvalidKey).await?;
        let (mut transaction, beside) = begun_beside(store).await?;
        let deleted = transaction.delete(&over).await;
        goes_on_or_is_refused(store, transaction, &beside, deleted, InvalidKey).await?;
        let (mut transaction, beside) = begun_beside(store).await?;
        let read = transaction.get(&over).await;
        read.is_refused(&[InvalidKey])?;
        let answer = transaction.commit().await;
        if answer.result.is_ok() {
            store.holds(&beside, "beside").await?;
        } else {
            answer.is_refused(&[InvalidKey, Closed])?;
        }
    }
    Ok(())
}

/// A transaction that has written a key, which is missing before.
async fn begun_beside(store: &Subject) -> Check<(Attempt<'_>, String)> {
    let beside = store.key("beside");
    store.delete(&beside).await.is(())?;
    let mut transaction = store.begin().await?;
    transaction.set(&beside, "beside").await.is(())?;
    Ok((transaction, beside))
}

/// Expects that a write is refused, at the latest by the commit. Where the write itself was, the
/// rest may go on without it.
async fn goes_on_or_is_refused(
    store: &Subject,
    transaction: Attempt<'_>,
    beside: &str,
    written: Answer<()>,
    kind: ErrorKind,
) -> Check {
    let is_refused_at_once = written.result.is_err();
    if is_refused_at_once {
        written.is_refused(&[kind])?;
    }
    let answer = transaction.commit().await;
    if is_refused_at_once && answer.result.is_ok() {
        store.holds(beside, "beside").await
    } else {
        answer.is_refused(&[kind, Closed])?;
        store.lacks(beside).await
    }
}
