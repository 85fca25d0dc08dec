//! What a single transaction does.

use std::time::Duration;

use bytes::Bytes;
use tck_api::ErrorKind::{self, Closed, InvalidKey, TimedOut, TooLarge};

use super::conflicts::is_refused;
use crate::{
    EmptyKey, Isolation,
    answer::Answer,
    check::Check,
    probe::{keys::sized, payload::pattern, transaction::Attempt},
    subject::Subject,
};

pub(super) async fn multi_key_atomic(store: &Subject) -> Check {
    let [a, b, c] = ["a", "b", "c"].map(|name| store.key(name));
    store.set(&b, "old").await.is(())?;
    let mut transaction = store.begin().await?;
    transaction.set(&a, "1").await.is(())?;
    transaction.set(&b, "2").await.is(())?;
    transaction.set(&c, "3").await.is(())?;
    transaction.commit().await.is(())?;
    store.holds_all(&[(&a, "1"), (&b, "2"), (&c, "3")]).await
}

pub(super) async fn read_your_writes(store: &Subject) -> Check {
    let [new, old, untouched] = ["a", "b", "c"].map(|name| store.key(name));
    store
        .set_all(&[(&old, "old"), (&untouched, "as it was")])
        .await?;
    let mut transaction = store.begin().await?;
    transaction.get(&new).await.is_missing()?;
    transaction.set(&new, "1").await.is(())?;
    transaction.get(&new).await.is_value("1")?;
    transaction.set(&new, "").await.is(())?;
    transaction.get(&new).await.is_value("")?;
    transaction.delete(&new).await.is(())?;
    transaction.get(&new).await.is_missing()?;
    // With a time to live as well, which is another way to write.
    for value in ["lease", "over"] {
        let leased = transaction.write(&new, "lease", store.lasting()).await;
        leased.is(())?;
        transaction.get(&new).await.is_value("lease")?;
        if value == "over" {
            transaction.set(&new, "over").await.is(())?;
            transaction.get(&new).await.is_value("over")?;
        } else {
            transaction.delete(&new).await.is(())?;
            transaction.get(&new).await.is_missing()?;
        }
    }
    transaction.set(&new, "2").await.is(())?;
    transaction.get(&new).await.is_value("2")?;
    transaction.get(&old).await.is_value("old")?;
    transaction.delete(&old).await.is(())?;
    transaction.get(&old).await.is_missing()?;
    transaction.set(&old, "new").await.is(())?;
    transaction.get(&old).await.is_value("new")?;
    transaction.get(&untouched).await.is_value("as it was")?;
    transaction.commit().await.is(())?;
    store
        .holds_all(&[(&new, "2"), (&old, "new"), (&untouched, "as it was")])
        .await
}

pub(super) async fn deletes_are_part_of_it(store: &Subject) -> Check {
    let [moved, to, made, back, never] = ["a", "b", "c", "d", "e"].map(|name| store.key(name));
    let [gone, leased] = ["f", "g"].map(|name| store.key(name));
    store.set_all(&[(&moved, "value"), (&back, "old")]).await?;
    store.set_all(&[(&gone, "same"), (&leased, "old")]).await?;
    store.delete(&gone).await.is(())?;
    let mut transaction = store.begin().await?;
    transaction.delete(&moved).await.is(())?;
    transaction.set(&to, "value").await.is(())?;
    transaction.set(&made, "made").await.is(())?;
    transaction.delete(&made).await.is(())?;
    transaction.delete(&back).await.is(())?;
    transaction.set(&back, "new").await.is(())?;
    transaction.delete(&never).await.is(())?;
    transaction.set(&gone, "same").await.is(())?;
    transaction.delete(&leased).await.is(())?;
    let anew = transaction.write(&leased, "new", store.lasting()).await;
    anew.is(())?;
    transaction.commit().await.is(())?;
    store.holds_all(&[(&to, "value"), (&back, "new")]).await?;
    store
        .holds_all(&[(&gone, "same"), (&leased, "new")])
        .await?;
    for key in [&moved, &made, &never] {
        store.lacks(key).await?;
    }
    // What comes after it uncovers nothing of it.
    store.set(&to, "newer").await.is(())?;
    store.delete(&to).await.is(())?;
    store.lacks(&to).await
}

pub(super) async fn hundred_keys_change_together(store: &Subject) -> Check {
    let keys: Vec<_> = (0..100)
        .map(|number| store.key(&number.to_string()))
        .collect();
    for key in &keys {
        store.set(key, "old").await.is(())?;
    }
    let mut transaction = store.begin().await?;
    for (number, key) in keys.iter().enumerate() {
        transaction.get(key).await.is_value("old")?;
        if number % 10 == 0 {
            transaction.delete(key).await.is(())?;
        } else {
            transaction.set(key, number.to_string()).await.is(())?;
        }
    }
    transaction.commit().await.is(())?;
    for (number, key) in keys.iter().enumerate() {
        if number % 10 == 0 {
            store.lacks(key).await?;
        } else {
            store.holds(key, number.to_string()).await?;
        }
    }
    // All that was read counts, the first as well as the last.
    if store.profile().isolation == Isolation::Serializable {
        for changed in [keys.first(), keys.last()].into_iter().flatten() {
            let mut transaction = store.begin().await?;
            for key in &keys {
                transaction.get(key).await.ok()?;
            }
            store.set(changed, "changed").await.is(())?;
            is_refused(store, transaction, &store.key("built"), "lost").await?;
        }
    }
    // A backend may take no more than so many, and no more than so large, as long as it is said.
    let largest = store.profile().largest_value.unwrap_or(usize::MAX);
    let large = pattern(largest.min(150_000));
    for (name, number, value) in [("more", 300, "more".into()), ("large", 40, large)] {
        let names = (0..number).map(|index| store.key(&format!("{name}-{index}")));
        all_or_none(store, &names.collect::<Vec<_>>(), value).await?;
    }
    Ok(())
}

async fn all_or_none(store: &Subject, keys: &[String], value: Bytes) -> Check {
    let mut transaction = store.begin().await?;
    for key in keys {
        if transaction.set(key, value.clone()).await.result.is_err() {
            drop(transaction);
            return are_all(store, keys, None).await;
        }
    }
    let committed = transaction.commit().await;
    let written = match &committed.result {
        Ok(()) => Some(value),
        // Whether it has happened is not known, but all of it or nothing.
        Err(error) if error.kind() == TimedOut => match keys.first() {
            Some(first) => store.get(first).await.ok()?.map(|_| value),
            None => None,
        },
        Err(_) => None,
    };
    are_all(store, keys, written).await
}

async fn are_all(store: &Subject, keys: &[String], value: Option<Bytes>) -> Check {
    for key in keys {
        match &value {
            Some(value) => store.get(key).await.is_value(value.clone())?,
            None => store.get(key).await.is_missing()?,
        }
    }
    Ok(())
}

pub(super) async fn empty_and_reading_transactions_succeed(store: &Subject) -> Check {
    let [key, missing] = ["a", "b"].map(|name| store.key(name));
    store.set(&key, "value").await.is(())?;
    store.begin().await?.commit().await.is(())?;
    store.begin().await?.rollback().await.is(())?;
    let mut transaction = store.begin().await?;
    transaction.get(&key).await.is_value("value")?;
    transaction.get(&missing).await.is_missing()?;
    transaction.commit().await.is(())?;
    let mut transaction = store.begin().await?;
    transaction.get(&key).await.is_value("value")?;
    transaction.set(&key, "value").await.is(())?;
    transaction.delete(&missing).await.is(())?;
    transaction.commit().await.is(())?;
    store.holds(&key, "value").await?;
    store.lacks(&missing).await
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

pub(super) async fn keys_and_values_are_exact(store: &Subject) -> Check {
    let pairs = odd_pairs(store);
    are_exact(store, &pairs, 1, None).await?;
    // The other half, and with a time to live, which is another way to write.
    if let Some(ttl) = store.lasting() {
        for (key, _) in &pairs {
            store.delete(key).await.is_done_unless_refused()?;
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
    values.extend(
        store
            .profile()
            .largest_value
            .filter(|limit| *limit < 1 << 20)
            .map(pattern),
    );
    if store.profile().largest_value.is_none() {
        values.push(pattern(1 << 20));
    }
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
        let is_taken = store.set(key, before).await.is_done_unless_refused()?;
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
