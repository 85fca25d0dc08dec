//! What a single transaction does.

use bytes::Bytes;
use tck_api::ErrorKind::TimedOut;

use super::refusals::{is_refused, not_refused};
use crate::{Isolation, check::Check, probe::payload::pattern, subject::Subject};

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
    conflict_leaves_nothing_of_many(store).await?;
    // A backend may take no more than so many, and no more than so large, as long as it is said.
    let largest = store.profile().largest_value.unwrap_or(usize::MAX);
    let large = pattern(largest.min(150_000));
    for (name, number, value) in [("more", 300, "more".into()), ("large", 40, large)] {
        let names = (0..number).map(|index| store.key(&format!("{name}-{index}")));
        all_or_none(store, &names.collect::<Vec<_>>(), value).await?;
    }
    Ok(())
}

async fn conflict_leaves_nothing_of_many(store: &Subject) -> Check {
    let many = (0..120).map(|number| store.key(&format!("lost-{number}")));
    let (many, last): (Vec<_>, _) = (many.collect(), store.key("z"));
    store.set(&last, "old").await.is(())?;
    let mut transaction = store.begin().await?;
    transaction.get(&last).await.is_value("old")?;
    store.set(&last, "new").await.is(())?;
    let keys = many.iter().chain([&last]);
    let writes: Vec<_> = keys.map(|key| (key.as_str(), "lost")).collect();
    if transaction.finishes(&writes).await? {
        return Err(not_refused(store));
    }
    store.each_holds(&many, None).await?;
    store.holds(&last, "new").await
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
