//! Conditional writes on several handles and in several namespaces.

use super::races::{one_of_many_replaces_a_value, one_of_many_sets_an_absent_key};
use crate::{check::Check, subject::Subject};

pub(super) async fn conditions_hold_across_handles(store: &Subject) -> Check {
    let other = store.second_handle().await?;
    let key = store.key("a");
    // Each has looked before, so that a copy would be out of date.
    store.lacks(&key).await?;
    other.lacks(&key).await?;
    store.set_if_absent(&key, "first").await.is(true)?;
    other.set_if_absent(&key, "second").await.is(false)?;
    other
        .compare_and_set(&key, "first", "third")
        .await
        .is(true)?;
    store
        .compare_and_set(&key, "first", "lost")
        .await
        .is(false)?;
    store
        .compare_and_set(&key, "third", "fourth")
        .await
        .is(true)?;
    // What one has read before is old, whatever has changed it.
    store.holds(&key, "fourth").await?;
    other
        .compare_and_set(&key, "fourth", "changed")
        .await
        .is(true)?;
    store.holds(&key, "changed").await?;
    let missed = store.key("missed");
    store.lacks(&missed).await?;
    other.set_if_absent(&missed, "there").await.is(true)?;
    store.holds(&missed, "there").await?;
    if store.profile().cache {
        leases_count_across_handles(store, &other).await?;
    }
    if store.profile().listing {
        let (prefix, listed) = (store.key("list-"), store.key("list-a"));
        store.lists(&prefix, &[""; 0]).await?;
        other.set_if_absent(&listed, "new").await.is(true)?;
        store.lists(&prefix, &[&listed]).await?;
    }
    other.set(&key, "fifth").await.is(())?;
    store
        .compare_and_set(&key, "changed", "lost")
        .await
        .is(false)?;
    store.holds(&key, "fifth").await?;
    other.delete(&key).await.is(())?;
    store
        .compare_and_set(&key, "fifth", "lost")
        .await
        .is(false)?;
    store.set_if_absent(&key, "last").await.is(true)?;
    other.holds(&key, "last").await?;
    // And where callers of both handles meet.
    let both = store.beside(&other);
    one_of_many_sets_an_absent_key(&both).await?;
    one_of_many_replaces_a_value(&both).await
}

/// What one has looked at is old when the other leases it, and its timer ends nothing that the
/// other stores on a condition.
async fn leases_count_across_handles(store: &Subject, other: &Subject) -> Check {
    let key = store.key("leased");
    store.set(&key, "old").await.is(())?;
    store
        .compare_and_set(&key, "other", "lost")
        .await
        .is(false)?;
    other.write(&key, "lease", store.lasting()).await.is(())?;
    store.compare_and_set(&key, "old", "lost").await.is(false)?;
    store
        .timed(async |ttl| {
            let key = store.key("timer");
            let lease = store.lease(&key, "lease", ttl).await?;
            let answer = other.compare_and_set(&key, "lease", "plain").await;
            answer.within(&lease)?.is(true)?;
            store.wait_until_gone(&lease).await;
            store.holds(&key, "plain").await
        })
        .await
}

pub(super) async fn other_namespaces_do_not_count(store: &Subject) -> Check {
    let other = store.neighbour("other").await?;
    let key = store.key("a");
    store.set_if_absent(&key, "mine").await.is(true)?;
    other
        .compare_and_set(&key, "mine", "lost")
        .await
        .is(false)?;
    other.lacks(&key).await?;
    other.set_if_absent(&key, "theirs").await.is(true)?;
    store
        .compare_and_set(&key, "theirs", "lost")
        .await
        .is(false)?;
    store.holds(&key, "mine").await?;
    other.delete(&key).await.is(())?;
    store.set_if_absent(&key, "lost").await.is(false)?;
    store.holds(&key, "mine").await?;
    other.set_if_absent(&key, "again").await.is(true)?;
    other.holds(&key, "again").await?;
    if store.profile().cache {
        // What one stores for ever ends in the other all the same.
        let key = store.key("lease");
        let lease = store.lease(&key, "short", store.first_ttl()).await?;
        other.set_if_absent(&key, "for ever").await.is(true)?;
        store.wait_until_gone(&lease).await;
        store.lacks(&key).await?;
        other.holds(&key, "for ever").await?;
    }
    Ok(())
}
