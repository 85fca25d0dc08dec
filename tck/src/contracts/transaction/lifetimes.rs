//! Transactions that find keys with a time to live.

use std::{num::NonZeroUsize, time::Duration};

use tck_api::ErrorKind::Conflict;

use super::refusals::is_refused;
use crate::{
    check::Check,
    lease::outliving,
    probe::listing::{ALL, Walk},
    subject::Subject,
};

pub(super) async fn keys_with_a_ttl_are_there(store: &Subject) -> Check {
    store
        .timed(async |ttl| {
            let [kept, deleted, timer] = ["a", "b", "c"].map(|name| store.key(name));
            store.lease(&timer, "lease", ttl).await?;
            let mut transaction = store.begin().await?;
            transaction.delete(&timer).await.is(())?;
            transaction.commit().await.is(())?;
            let lease = store.lease(&kept, "lease", ttl).await?;
            let long = outliving(ttl);
            store.set_with_ttl(&deleted, "lease", long).await.is(())?;
            // Nor do reads in a transaction extend it.
            store.wait(ttl / 2).await;
            let mut transaction = store.begin().await?;
            transaction
                .get(&kept)
                .await
                .within(&lease)?
                .is_value("lease")?;
            if store.profile().listing {
                let own = store.key("d");
                transaction.set_with_ttl(&own, "lease", long).await.is(())?;
                let listed = transaction.walk(Walk::new(ALL), &store.key("")).await;
                // What comes later was still in time.
                store.get(&kept).await.within(&lease)?.is_value("lease")?;
                store.are_keys(&[&kept, &deleted, &own], &listed?)?;
            }
            transaction.rollback().await.is(())?;
            let mut transaction = store.begin().await?;
            let answer = transaction.get(&kept).await;
            answer.within(&lease)?.is_value("lease")?;
            transaction.delete(&deleted).await.is(())?;
            transaction.commit_within(&lease).await?;
            store.lacks(&deleted).await?;
            // What was deleted ends nothing that comes after it.
            store.set(&timer, "plain").await.is(())?;
            store.wait_until_gone(&lease).await;
            store.holds(&timer, "plain").await?;
            store.lacks(&kept).await?;
            if store.profile().listing {
                // On short pages as well, the first of which has nothing left on it.
                let mut transaction = store.begin().await?;
                for limit in [ALL, NonZeroUsize::MIN] {
                    let listed = transaction.walk(Walk::new(limit), &store.key("")).await?;
                    store.are_keys(&[&timer], &listed)?;
                }
            }
            store.delete(&timer).await.is(())
        })
        .await
}

pub(super) async fn rollback_keeps_the_ttl(store: &Subject) -> Check {
    store
        .timed(async |ttl| {
            let [leased, settled, other] = ["a", "b", "c"].map(|name| store.key(name));
            store
                .set_all(&[(&settled, "settled"), (&other, "old")])
                .await?;
            let names = ["deleted", "dropped", "lost"].map(|name| store.key(name));
            for key in &names {
                store.set_with_ttl(key, "leased", ttl).await.is(())?;
            }
            let [deleted, dropped, lost] = &names;
            let lease = store.lease(&leased, "leased", ttl).await?;
            let mut transaction = store.begin().await?;
            transaction.delete(deleted).await.is(())?;
            transaction.set(&leased, "for ever").await.is(())?;
            transaction
                .set_with_ttl(&settled, "short", ttl)
                .await
                .is(())?;
            transaction.rollback().await.is(())?;
            let mut transaction = store.begin().await?;
            transaction.set(dropped, "for ever").await.is(())?;
            drop(transaction);
            // Nor does one that meets a conflict leave its time to live, or takes one.
            let mut transaction = store.begin().await?;
            transaction.get(&other).await.is_value("old")?;
            let lent = transaction.set_with_ttl(&settled, "short", ttl).await;
            lent.is_done_unless(Conflict)?;
            let kept = transaction.set(lost, "for ever").await;
            kept.is_done_unless(Conflict)?;
            store.set(&other, "new").await.is(())?;
            is_refused(store, transaction, &other, "lost").await?;
            store.wait_until_late(&lease).await;
            store
                .get(&leased)
                .await
                .within(&lease)?
                .is_value("leased")?;
            store.wait_until_gone(&lease).await;
            for key in [&leased, deleted, dropped, lost] {
                store.lacks(key).await?;
            }
            store.wait(ttl + store.resolution()).await;
            store.holds(&settled, "settled").await
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
            store.lacks(&other).await?;
            store.set(&expired, "again").await.is(())?;
            store.holds(&expired, "again").await?;
            let lease = store.lease(&expired, "old", ttl).await?;
            store.wait_until_gone(&lease).await;
            let mut transaction = store.begin().await?;
            let leased = transaction.write(&expired, "lease", store.lasting()).await;
            leased.is(())?;
            transaction.commit().await.is(())?;
            store.holds(&expired, "lease").await?;
            let lease = store.lease(&expired, "old", ttl).await?;
            store.wait_until_gone(&lease).await;
            let mut transaction = store.begin().await?;
            transaction.set(&expired, "anew").await.is(())?;
            transaction.commit().await.is(())?;
            store.holds(&expired, "anew").await
        })
        .await
}

pub(super) async fn writes_with_a_ttl_conflict_as_well(store: &Subject) -> Check {
    let key = store.key("a");
    store.set(&key, "old").await.is(())?;
    let mut transaction = store.begin().await?;
    transaction.get(&key).await.is_value("old")?;
    let hour = Duration::from_secs(3_600);
    store.set_with_ttl(&key, "new", hour).await.is(())?;
    is_refused(store, transaction, &key, "lost").await?;
    store.holds(&key, "new").await?;

    // What had a time to live and has none conflicts, and so does what is given one.
    let mut transaction = store.begin().await?;
    transaction.get(&key).await.is_value("new")?;
    store.set(&key, "newer").await.is(())?;
    is_refused(store, transaction, &key, "lost").await?;
    let mut transaction = store.begin().await?;
    transaction.get(&key).await.is_value("newer")?;
    store.set(&key, "newest").await.is(())?;
    let leased = transaction.set_with_ttl(&key, "lost", hour).await;
    let answer = transaction.commit_after(leased).await;
    answer.is_refused(&[Conflict])?;
    store.holds(&key, "newest").await?;

    let [missing, other, again] = ["b", "c", "d"].map(|name| store.key(name));
    let mut transaction = store.begin().await?;
    transaction.get(&missing).await.is_missing()?;
    store.set_with_ttl(&missing, "new", hour).await.is(())?;
    is_refused(store, transaction, &missing, "lost").await?;
    store.holds(&missing, "new").await?;

    store.set(&other, "old").await.is(())?;
    let (mut transaction, mut another) = (store.begin().await?, store.begin().await?);
    transaction.get(&other).await.is_value("old")?;
    let leased = another.set_with_ttl(&other, "new", hour).await;
    let committed = another.commit_after(leased).await;
    if committed.is_done_unless(Conflict)? {
        is_refused(store, transaction, &other, "lost").await?;
        store.holds(&other, "new").await?;
    }

    // What has expired was read as missing, and what comes after it is another entry.
    let lease = store.lease(&again, "old", store.first_ttl()).await?;
    store.wait_until_gone(&lease).await;
    let mut transaction = store.begin().await?;
    transaction.get(&again).await.is_missing()?;
    store.set(&again, "new").await.is(())?;
    is_refused(store, transaction, &again, "lost").await?;
    store.holds(&again, "new").await?;
    let mut transaction = store.begin().await?;
    transaction.get(&again).await.is_value("new")?;
    let lease = store.lease(&again, "brief", store.first_ttl()).await?;
    store.wait_until_gone(&lease).await;
    store.set(&again, "newer").await.is(())?;
    is_refused(store, transaction, &again, "lost").await?;
    store.holds(&again, "newer").await
}
