//! Times to live in a transaction.

use crate::{check::Check, subject::Subject};

pub(super) async fn ttl_counts_from_the_commit(store: &Subject) -> Check {
    store
        .timed(async |ttl| {
            let [short, plain, again] = ["a", "b", "c"].map(|name| store.key(name));
            store.set(&again, "for ever").await.is(())?;
            let mut transaction = store.begin().await?;
            for key in [&short, &plain, &again] {
                transaction.set_with_ttl(key, "lease", ttl).await.is(())?;
            }
            transaction.get(&short).await.is_value("lease")?;
            transaction.set(&plain, "plain").await.is(())?;
            let lease = store.lease_by(ttl, transaction.commit()).await?;
            store.wait_until_late(&lease).await;
            for key in [&short, &again] {
                store.get(key).await.within(&lease)?.is_value("lease")?;
            }
            store.wait_until_gone(&lease).await;
            store.lacks(&short).await?;
            store.lacks(&again).await?;
            store.holds(&plain, "plain").await
        })
        .await
}

pub(super) async fn expired_keys_are_absent(store: &Subject) -> Check {
    store
        .timed(async |ttl| {
            let [expired, other] = ["a", "b"].map(|name| store.key(name));
            let lease = store.lease(&expired, "old", ttl).await?;
            store.wait_until_gone(&lease).await;
            let mut transaction = store.begin().await?;
            transaction.get(&expired).await.is_missing()?;
            transaction.set(&other, "new").await.is(())?;
            transaction.get(&expired).await.is_missing()?;
            transaction.commit().await.is(())?;
            store.lacks(&expired).await?;
            let mut transaction = store.begin().await?;
            transaction.delete(&expired).await.is(())?;
            transaction.delete(&other).await.is(())?;
            transaction.commit().await.is(())?;
            store.lacks(&expired).await?;
            store.lacks(&other).await
        })
        .await
}

pub(super) async fn rollback_keeps_the_ttl(store: &Subject) -> Check {
    store
        .timed(async |ttl| {
            let [leased, settled] = ["a", "b"].map(|name| store.key(name));
            store.set(&settled, "settled").await.is(())?;
            let lease = store.lease(&leased, "leased", ttl).await?;
            let mut transaction = store.begin().await?;
            transaction.set(&leased, "for ever").await.is(())?;
            transaction
                .set_with_ttl(&settled, "short", ttl)
                .await
                .is(())?;
            transaction.rollback().await.is(())?;
            store.wait_until_late(&lease).await;
            store
                .get(&leased)
                .await
                .within(&lease)?
                .is_value("leased")?;
            store.wait_until_gone(&lease).await;
            store.lacks(&leased).await?;
            store.wait(ttl + store.resolution()).await;
            store.holds(&settled, "settled").await
        })
        .await
}
