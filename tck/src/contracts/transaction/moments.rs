//! Reads and listings of a transaction, all of one moment.

use std::num::NonZeroUsize;

use tck_api::ErrorKind::{Closed, Conflict};

use super::conflicts::Change;
use crate::{
    check::Check,
    probe::{
        listing::{ALL, Walk},
        transaction::Attempt,
    },
    subject::Subject,
};

pub(super) async fn reads_are_of_one_moment(store: &Subject) -> Check {
    sees_one_moment(store, store).await?;
    conflict_is_not_forgotten(store).await?;
    if store.profile().listing {
        let before = store.walk(Walk::new(ALL), "").await?;
        let mut transaction = store.begin().await?;
        let listed = transaction.walk(Walk::new(ALL), "").await?;
        store.are_keys(&before, &listed)?;
        let new = store.key("new");
        store.set(&new, "new").await.is(())?;
        still_lists(store, &mut transaction, "", &before).await?;
    }
    Ok(())
}

/// What a transaction sees once it has read stays, however others change it.
pub(super) async fn sees_one_moment(store: &Subject, others: &Subject) -> Check {
    for change in [
        Change::Set,
        Change::Lease,
        Change::Condition,
        Change::Delete,
    ] {
        let [a, b, c] = ["a", "b", "c"].map(|name| store.key(&format!("seen-{name}")));
        store.set_all(&[(&a, "old"), (&b, "old")]).await?;
        store.delete(&c).await.is(())?;
        let mut transaction = store.begin().await?;
        transaction.get(&a).await.is_value("old")?;
        if matches!(change, Change::Set) {
            // More often than old values may be kept.
            for _ in 0..20 {
                others.set(&b, "newer").await.is(())?;
            }
            others.set(&b, "old").await.is(())?;
        }
        change.apply(others, &a, Some("old")).await?;
        change.apply(others, &b, Some("old")).await?;
        let makes = match change {
            Change::Delete => Change::Set,
            _ => change,
        };
        makes.apply(others, &c, None).await?;
        let sees_the_past = transaction.still_holds(&b, "old").await?
            && transaction.still_holds(&a, "old").await?
            && transaction.still_lacks(&c).await?
            && (!store.profile().listing
                || still_lists(store, &mut transaction, &store.key("seen-"), &[&a, &b]).await?);
        // It has seen one moment, and changes nothing: that may succeed.
        if sees_the_past {
            transaction.commit().await.is_done_unless(Conflict)?;
        } else {
            transaction.rollback().await.is(())?;
        }
    }
    Ok(())
}

/// A transaction that was told of a conflict by a read can't be committed.
async fn conflict_is_not_forgotten(store: &Subject) -> Check {
    let [read, written, other] = ["read", "written", "other"].map(|name| store.key(name));
    store.set_all(&[(&read, "old"), (&written, "old")]).await?;
    let mut transaction = store.begin().await?;
    transaction.get(&read).await.is_value("old")?;
    let set = transaction.set(&written, "lost").await;
    set.is_done_unless(Conflict)?;
    store.set(&read, "new").await.is(())?;
    if transaction.get(&other).await.is_error(Conflict) {
        let answer = transaction.commit().await;
        answer.is_refused(&[Conflict, Closed])?;
        store.holds(&written, "old").await?;
    }
    Ok(())
}

pub(super) async fn expiry_is_of_one_moment(store: &Subject) -> Check {
    store
        .timed(async |ttl| {
            let [a, b] = ["a", "b"].map(|name| store.key(name));
            let (came, never) = (store.key("of-the-end"), store.key("never"));
            store.delete(&came).await.is(())?;
            let first = store.lease(&a, "lease", ttl).await?;
            let last = store.lease(&b, "lease", ttl).await?;
            // Reads and reads on, lists and reads on, reads and lists.
            let mut reading = store.begin().await?;
            let answer = reading.get(&a).await;
            answer.within(&first)?.is_value("lease")?;
            let mut late = store.begin().await?;
            late.get(&never).await.within(&first)?.is_missing()?;
            if !store.profile().listing {
                store.wait_until_gone(&last).await;
                reading.still_holds(&b, "lease").await?;
                return sees_what_came(store, late, &a, &came).await;
            }
            let prefix = store.key("");
            let (mut listing, mut listed) = (store.begin().await?, store.begin().await?);
            let keys = listing.walk(Walk::new(ALL), &prefix).await;
            let answer = listed.get(&a).await;
            // What came before that was in time as well.
            answer.within(&first)?.is_value("lease")?;
            store.are_keys(&[&a, &b], &keys?)?;
            store.wait_until_gone(&last).await;
            reading.still_holds(&b, "lease").await?;
            listing.still_holds(&b, "lease").await?;
            still_lists(store, &mut listed, &prefix, &[&a, &b]).await?;
            sees_what_came(store, late, &a, &came).await
        })
        .await
}

/// Sets a key since another has ended, and expects a transaction that began before to see one
/// of the two, or a conflict.
async fn sees_what_came(store: &Subject, mut late: Attempt<'_>, ended: &str, came: &str) -> Check {
    store.set(came, "since").await.is(())?;
    let answer = late.get(ended).await;
    if answer.is_error(Conflict) {
        return Ok(());
    }
    match answer.result {
        Ok(None) => late.still_holds(came, "since").await.map(drop),
        _ => answer.is_value("lease"),
    }
}

/// Expects the keys of the moment that this transaction sees, or a conflict.
async fn still_lists(
    store: &Subject,
    transaction: &mut Attempt<'_>,
    prefix: &str,
    expected: &[impl AsRef<str>],
) -> Check<bool> {
    for limit in [NonZeroUsize::MIN, ALL] {
        let mut walk = Walk::new(limit);
        while let Some(after) = walk.next() {
            let page = transaction.list(prefix, after.as_deref(), limit).await;
            if page.is_error(Conflict) {
                return Ok(false);
            }
            store.at_last_step(walk.take(page.result, String::as_str))?;
        }
        store.are_keys(expected, &walk.items)?;
    }
    Ok(true)
}
