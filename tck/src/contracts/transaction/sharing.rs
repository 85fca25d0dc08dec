//! Transactions on several handles and in several namespaces.

use tck_api::Transactional;

use super::{
    conflicts::what_was_read_counts,
    moments::sees_one_moment,
    races::increments_side_by_side_add_up,
    refusals::{is_refused, is_refused_unless_lower},
};
use crate::{
    check::Check,
    probe::listing::{ALL, Walk},
    subject::Subject,
};

pub(super) async fn transactions_of_two_handles_conflict(store: &Subject) -> Check {
    let second = store.second_handle().await?;
    let key = store.key("a");
    store.set(&key, "0").await.is(())?;
    let (mut one, mut other) = (store.begin().await?, second.begin().await?);
    one.get(&key).await.is_value("0")?;
    other.get(&key).await.is_value("0")?;
    let first_won = store
        .one_succeeds((one, &[(&key, "1")]), (other, &[(&key, "2")]))
        .await?;
    let winner = if first_won { "1" } else { "2" };
    store.holds(&key, winner).await?;
    second.holds(&key, winner).await?;

    // What one handle has read before is old when the other has written.
    store.set(&key, "3").await.is(())?;
    let mut reading = second.begin().await?;
    reading.get(&key).await.is_value("3")?;
    reading.commit().await.is(())?;
    store.set(&key, "4").await.is(())?;
    let mut reading = second.begin().await?;
    // Nor does one that comes in between end a transaction.
    drop(store.second_handle().await?);
    reading.get(&key).await.is_value("4")?;
    reading.set(&key, "5").await.is(())?;
    reading.commit().await.is(())?;
    store.holds(&key, "5").await?;
    let mut writing = second.begin().await?;
    writing.set(&key, "6").await.is(())?;
    writing.commit().await.is(())?;
    store.holds(&key, "6").await?;
    each_way_to_write_is_seen(store, &second).await?;
    what_was_read_counts(store, &second).await?;
    sees_one_moment(store, &second).await?;
    if store.profile().cache {
        leases_of_two_handles(store, &second).await?;
    }
    if store.profile().listing {
        listings_of_two_handles(store, &second).await?;
    }
    increments_side_by_side_add_up(&store.beside(&second)).await?;

    // A transaction outlives its handle.
    let mut begun = second.recorded().begin().await;
    drop(second);
    if let Ok(transaction) = &mut begun {
        let set = transaction.set(&key, "last".into()).await;
        store.answer(set).is(())?;
    }
    let committed = match begun {
        Ok(transaction) => transaction.commit().await,
        Err(error) => Err(error),
    };
    store.answer(committed).is(())?;
    store.holds(&key, "last").await
}

/// What one handle has read, also that nothing was there, is old when the other has written or
/// deleted, whichever way.
async fn each_way_to_write_is_seen(store: &Subject, second: &Subject) -> Check {
    let key = store.key("read");
    let mut before: Option<&str> = None;
    for (way, after) in [
        (Way::Commit, Some("committed")),
        (Way::Lease, Some("leased")),
        (Way::Commit, Some("over it")),
        (Way::Condition, Some("on a condition")),
        (Way::CommitDelete, None),
        (Way::Commit, Some("again")),
        (Way::Delete, None),
    ] {
        let mut reading = second.begin().await?;
        reading.get(&key).await.is(before.map(Into::into))?;
        reading.commit().await.is(())?;
        second.get(&key).await.is(before.map(Into::into))?;
        if store.profile().atomic {
            second
                .compare_and_set(&key, "other", "lost")
                .await
                .is(false)?;
        }
        let value = after.unwrap_or_default();
        match (way, before) {
            (Way::Condition, Some(before)) if store.profile().atomic => {
                store.compare_and_set(&key, before, value).await.is(true)?;
            }
            (Way::Delete, _) => store.delete(&key).await.is(())?,
            (Way::CommitDelete | Way::Commit, _) => {
                let mut writing = store.begin().await?;
                match after {
                    Some(value) => writing.set(&key, value).await.is(())?,
                    None => writing.delete(&key).await.is(())?,
                }
                writing.commit().await.is(())?;
            }
            (Way::Lease | Way::Condition, _) => {
                store.write(&key, value, store.lasting()).await.is(())?;
            }
        }
        if let (true, Some(before), Some(_)) = (store.profile().atomic, before, after) {
            second
                .compare_and_set(&key, before, "lost")
                .await
                .is(false)?;
        }
        second.get(&key).await.is(after.map(Into::into))?;
        let mut reading = second.begin().await?;
        reading.get(&key).await.is(after.map(Into::into))?;
        // Nor does a handle that comes in between end what was read.
        store.set(&key, "changed").await.is(())?;
        drop(store.second_handle().await?);
        is_refused(store, reading, &key, "lost").await?;
        match after {
            Some(after) => store.set(&key, after).await.is(())?,
            None => store.delete(&key).await.is(())?,
        }
        before = after;
    }
    Ok(())
}

/// A way to write.
#[derive(Clone, Copy)]
enum Way {
    Commit,
    CommitDelete,
    Lease,
    Condition,
    Delete,
}

/// What one handle leases in a transaction ends for both, and what one commits or sets over a
/// lease of the other stays.
async fn leases_of_two_handles(store: &Subject, second: &Subject) -> Check {
    store
        .timed(async |ttl| {
            let names = ["ends", "committed", "plain"].map(|name| store.key(name));
            let [ends, committed, plain] = &names;
            let before = store.lease(committed, "lease", ttl).await?;
            let mut leasing = second.begin().await?;
            for key in [ends, plain] {
                leasing.set_with_ttl(key, "lease", ttl).await.is(())?;
            }
            let lease = store.lease_by(ttl, leasing.commit()).await?;
            store.get(ends).await.within(&lease)?.is_value("lease")?;
            // Copies of it are out of date from here on, though they would not be over.
            store.get(committed).await.ok()?;
            store.set(plain, "plain").await.is(())?;
            let mut writing = second.begin().await?;
            writing.set(committed, "plain").await.is(())?;
            writing.commit_within(&before).await?;
            store.holds(committed, "plain").await?;
            store.wait_until_gone(&lease).await;
            store.lacks(ends).await?;
            second.lacks(ends).await?;
            for handle in [store, second] {
                handle
                    .holds_all(&[(committed, "plain"), (plain, "plain")])
                    .await?;
            }
            Ok(())
        })
        .await
}

/// What one handle has listed is old when the other has written.
async fn listings_of_two_handles(store: &Subject, second: &Subject) -> Check {
    let prefix = store.key("list-");
    let [a, b, built] = ["list-a", "list-b", "c"].map(|name| store.key(name));
    let mut listing = second.begin().await?;
    let listed = listing.walk(Walk::new(ALL), &prefix).await?;
    store.are_keys(&[""; 0], &listed)?;
    store.set(&a, "new").await.is(())?;
    is_refused_unless_lower(store, listing, &built).await?;
    let mut listing = second.begin().await?;
    let listed = listing.walk(Walk::new(ALL), &prefix).await?;
    store.are_keys(&[&a], &listed)?;
    listing.rollback().await.is(())?;

    second.lists(&prefix, &[&a]).await?;
    let mut writing = store.begin().await?;
    writing.set(&b, "new").await.is(())?;
    writing.commit().await.is(())?;
    second.lists(&prefix, &[&a, &b]).await?;
    let mut writing = store.begin().await?;
    writing.delete(&a).await.is(())?;
    writing.commit().await.is(())?;
    second.lists(&prefix, &[&b]).await
}

pub(super) async fn other_namespaces_do_not_conflict(store: &Subject) -> Check {
    let neighbour = store.neighbour("other").await?;
    let key = store.key("a");
    store.set(&key, "mine").await.is(())?;
    neighbour.set(&store.key("b"), "theirs").await.is(())?;
    let (mut one, mut other) = (store.begin().await?, neighbour.begin().await?);
    one.get(&key).await.is_value("mine")?;
    other.get(&key).await.is_missing()?;
    if store.profile().listing {
        let listed = one.walk(Walk::new(ALL), "").await?;
        store.are_keys(&[&key], &listed)?;
    }
    one.set(&key, "mine, anew").await.is(())?;
    other.set(&key, "theirs").await.is(())?;
    other.commit().await.is(())?;
    // Nor do plain writes and conditions.
    let new = store.key("new");
    one.set(&new, "mine").await.is(())?;
    neighbour.set(&key, "theirs, anew").await.is(())?;
    neighbour.set(&new, "theirs").await.is(())?;
    if store.profile().atomic {
        neighbour.delete(&new).await.is(())?;
        neighbour.set_if_absent(&new, "theirs").await.is(true)?;
    }
    one.commit().await.is(())?;
    store.holds(&key, "mine, anew").await?;
    neighbour.holds(&key, "theirs, anew").await?;
    neighbour.holds(&new, "theirs").await?;
    if store.profile().cache {
        let lent = store.key("lent");
        neighbour.set(&lent, "for ever").await.is(())?;
        let mut leasing = store.begin().await?;
        let ttl = store.first_ttl();
        leasing.set_with_ttl(&lent, "lease", ttl).await.is(())?;
        let lease = store.lease_by(ttl, leasing.commit()).await?;
        store.wait_until_gone(&lease).await;
        store.lacks(&lent).await?;
        neighbour.holds(&lent, "for ever").await?;
    }
    let mut one = store.begin().await?;
    one.delete(&key).await.is(())?;
    one.commit().await.is(())?;
    neighbour.holds(&key, "theirs, anew").await
}
