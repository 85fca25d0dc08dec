//! Transactions beside conditional writes.

use super::conflicts::is_refused;
use crate::{check::Check, subject::Subject};

pub(super) async fn conditional_writes_conflict_as_well(store: &Subject) -> Check {
    let [a, b] = ["a", "b"].map(|name| store.key(name));
    store.set(&a, "old").await.is(())?;
    let mut transaction = store.begin().await?;
    transaction.get(&a).await.is_value("old")?;
    store.compare_and_set(&a, "old", "new").await.is(true)?;
    is_refused(store, transaction, &a, "lost").await?;
    store.holds(&a, "new").await?;

    let mut transaction = store.begin().await?;
    transaction.get(&b).await.is_missing()?;
    store.set_if_absent(&b, "new").await.is(true)?;
    is_refused(store, transaction, &b, "lost").await?;
    store.holds(&b, "new").await
}

pub(super) async fn commits_count_for_conditions(store: &Subject) -> Check {
    let [a, b] = ["a", "b"].map(|name| store.key(name));
    // By a condition as well, so that a version that it keeps would be known.
    store.set_if_absent(&a, "old").await.is(true)?;
    let mut transaction = store.begin().await?;
    for key in [&a, &b] {
        transaction.set(key, "new").await.is(())?;
    }
    transaction.commit().await.is(())?;
    store.compare_and_set(&a, "old", "lost").await.is(false)?;
    store.set_if_absent(&b, "lost").await.is(false)?;
    store.holds_all(&[(&a, "new"), (&b, "new")]).await?;
    store.compare_and_set(&a, "new", "newer").await.is(true)?;

    let mut transaction = store.begin().await?;
    for key in [&a, &b] {
        transaction.delete(key).await.is(())?;
    }
    transaction.commit().await.is(())?;
    store.compare_and_set(&a, "newer", "back").await.is(false)?;
    store.lacks(&a).await?;
    store.set_if_absent(&b, "again").await.is(true)?;
    store.holds(&b, "again").await
}
