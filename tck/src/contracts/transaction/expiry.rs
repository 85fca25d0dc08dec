//! Times to live in a transaction.

use std::{num::NonZeroUsize, time::Duration};

use bytes::Bytes;
use tck_api::ErrorKind::{Conflict, InvalidKey, InvalidTtl, TooLarge};

use super::conflicts::{is_refused, still_lists};
use crate::{
    EmptyKey, ZeroTtl,
    answer::Answer,
    check::Check,
    probe::{
        keys::sized,
        listing::{ALL, Walk},
        payload::pattern,
    },
    subject::Subject,
};

pub(super) async fn ttl_counts_from_the_commit(store: &Subject) -> Check {
    store
        .timed(async |ttl| {
            let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
            let [
                short,
                plain,
                again,
                late,
                renewed,
                settled,
                anew,
                back,
                shortened,
                leased_same,
                plain_same,
            ] = names.map(|name| store.key(name));
            store.set(&again, "for ever").await.is(())?;
            let before = store.lease(&renewed, "old", ttl).await?;
            for key in [&settled, &anew] {
                store.set_with_ttl(key, "old", ttl).await.is(())?;
            }
            let long = Duration::from_secs(3_600).max(ttl * 100);
            store.set_with_ttl(&shortened, "old", long).await.is(())?;
            // Where the value stays the same, the end changes all the same.
            store.set(&leased_same, "lease").await.is(())?;
            let brief = store.set_with_ttl(&plain_same, "plain", ttl);
            brief.await.is(())?;
            let mut transaction = store.begin().await?;
            transaction.set(&late, "plain").await.is(())?;
            let leased = [&short, &again, &late, &renewed, &shortened, &leased_same];
            for key in leased {
                transaction.set_with_ttl(key, "lease", ttl).await.is(())?;
            }
            transaction
                .set_with_ttl(&plain, "lease", ttl)
                .await
                .is(())?;
            transaction.get(&short).await.is_value("lease")?;
            transaction
                .set_with_ttl(&back, "taken back", ttl)
                .await
                .is(())?;
            for key in [&back, &anew] {
                transaction.delete(key).await.is(())?;
            }
            for key in [&plain, &settled, &anew, &plain_same] {
                transaction.set(key, "plain").await.is(())?;
            }
            store.wait(ttl / 2).await;
            let lease = transaction.lease_within(ttl, &before).await?;
            store.set(&back, "plain").await.is(())?;
            store.wait_until_late(&lease).await;
            for key in leased {
                store.get(key).await.within(&lease)?.is_value("lease")?;
            }
            store.wait_until_gone(&lease).await;
            for key in leased {
                store.lacks(key).await?;
            }
            let stay = [&plain, &settled, &anew, &back, &plain_same];
            for key in stay {
                store.holds(key, "plain").await?;
            }
            if store.profile().listing {
                store.lists(&store.key(""), &stay).await?;
            }
            Ok(())
        })
        .await
}

pub(super) async fn committed_leases_are_like_others(store: &Subject) -> Check {
    store
        .timed(async |ttl| {
            let long = Duration::from_secs(3_600).max(ttl * 100);
            let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
            let [
                plain,
                longer,
                deleted,
                again,
                same,
                committed,
                ends,
                beside,
                over,
                anew,
            ] = names.map(|name| store.key(name));
            store.set_with_ttl(&anew, "lease", ttl).await.is(())?;
            store.delete(&anew).await.is(())?;
            let before = store.lease(&over, "lease", ttl).await?;
            store.set_with_ttl(&beside, "lease", ttl).await.is(())?;
            let mut transaction = store.begin().await?;
            let given = transaction.set_with_ttl(&ends, "long", long).await;
            given.is(())?;
            for key in [&plain, &longer, &deleted, &again, &same, &committed, &ends] {
                let given = transaction.set_with_ttl(key, "lease", ttl).await;
                given.is(())?;
            }
            for key in [&over, &anew] {
                transaction.set(key, "plain").await.is(())?;
            }
            let lease = transaction.lease_within(ttl, &before).await?;

            store.set(&plain, "plain").await.is(())?;
            store.set_with_ttl(&longer, "long", long).await.is(())?;
            for key in [&deleted, &again] {
                store.delete(key).await.is(())?;
            }
            store.lacks(&deleted).await?;
            store.set(&again, "plain").await.is(())?;
            store.set_with_ttl(&same, "lease", long).await.is(())?;
            let mut transaction = store.begin().await?;
            let given = transaction.set_with_ttl(&committed, "long", long).await;
            given.is(())?;
            transaction.commit_within(&lease).await?;

            store.wait_until_gone(&lease).await;
            let mut transaction = store.begin().await?;
            transaction.get(&ends).await.is_missing()?;
            transaction.rollback().await.is(())?;
            for key in [&deleted, &ends, &beside] {
                store.lacks(key).await?;
            }
            let stay = [&plain, &again, &over, &anew].map(|key| (key.as_str(), "plain"));
            store.holds_all(&stay).await?;
            store
                .holds_all(&[(&longer, "long"), (&same, "lease"), (&committed, "long")])
                .await?;
            if store.time_is_free() {
                store.wait(Duration::from_secs(86_400) * 365).await;
                store.holds_all(&stay).await?;
            }
            let lease = store.lease(&over, "lease", ttl).await?;
            store.wait_until_gone(&lease).await;
            store.lacks(&over).await
        })
        .await
}

pub(super) async fn keys_with_a_ttl_are_there(store: &Subject) -> Check {
    store
        .timed(async |ttl| {
            let [kept, deleted, timer] = ["a", "b", "c"].map(|name| store.key(name));
            store.lease(&timer, "lease", ttl).await?;
            let mut transaction = store.begin().await?;
            transaction.delete(&timer).await.is(())?;
            transaction.commit().await.is(())?;
            let lease = store.lease(&kept, "lease", ttl).await?;
            let long = Duration::from_secs(3_600).max(ttl * 100);
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

pub(super) async fn odd_ttls_are_taken_as_everywhere(store: &Subject) -> Check {
    zero_is_as_declared(store).await?;
    ends_are_counted(store).await?;
    // The longest can't be kept by all, and may be refused, as long as it is said.
    let longest = store.key("longest");
    let answer = commit_lease(store, &longest, "long".into(), Duration::MAX).await?;
    if answer.is_error(InvalidTtl) {
        store.lacks(&longest).await?;
    } else {
        answer.is(())?;
        store.holds(&longest, "long").await?;
    }
    limits_hold(store).await
}

async fn zero_is_as_declared(store: &Subject) -> Check {
    let [fresh, held, leased] = ["fresh", "held", "leased"].map(|name| store.key(name));
    store.set(&held, "held").await.is(())?;
    store.write(&leased, "held", store.lasting()).await.is(())?;
    for key in [&fresh, &held, &leased] {
        let answer = commit_lease(store, key, "zero".into(), Duration::ZERO).await?;
        match store.profile().zero_ttl {
            ZeroTtl::Invalid => answer.is_refused(&[InvalidTtl])?,
            ZeroTtl::Expired | ZeroTtl::Forever => answer.is(())?,
        }
    }
    match store.profile().zero_ttl {
        ZeroTtl::Forever => {
            let zero = [&fresh, &held, &leased].map(|key| (key.as_str(), "zero"));
            store.holds_all(&zero).await
        }
        ZeroTtl::Expired => {
            store.wait(store.resolution()).await;
            for key in [&fresh, &held, &leased] {
                store.lacks(key).await?;
            }
            Ok(())
        }
        ZeroTtl::Invalid => {
            store.lacks(&fresh).await?;
            store.holds_all(&[(&held, "held"), (&leased, "held")]).await
        }
    }
}

/// The shortest ends, and one that a counter of milliseconds does not hold does not.
async fn ends_are_counted(store: &Subject) -> Check {
    let [brief, months] = ["brief", "months"].map(|name| store.key(name));
    let mut transaction = store.begin().await?;
    let brief_ttl = Duration::from_micros(999);
    let written = transaction.set_with_ttl(&brief, "brief", brief_ttl).await;
    written.is(())?;
    let months_ttl = Duration::from_millis(1 << 32) + store.first_ttl();
    let written = transaction
        .set_with_ttl(&months, "months", months_ttl)
        .await;
    written.is(())?;
    transaction.commit().await.is(())?;
    store.wait(store.first_ttl() * 2 + store.resolution()).await;
    store.lacks(&brief).await?;
    store.holds(&months, "months").await?;
    if store.time_is_free() {
        let day = Duration::from_secs(86_400);
        store.wait(day * 31).await;
        store.holds(&months, "months").await?;
        store.wait(day * 20).await;
        store.lacks(&months).await?;
    }
    Ok(())
}

async fn limits_hold(store: &Subject) -> Check {
    let hour = Duration::from_secs(3_600);
    let largest = store.profile().largest_value;
    if let Some(limit) = largest.filter(|limit| *limit < 64 << 20) {
        let large = store.key("large");
        let answer = commit_lease(store, &large, pattern(limit + 1), hour).await?;
        answer.is_refused(&[TooLarge])?;
        store.lacks(&large).await?;
    }
    let longest = store.profile().longest_key;
    let longest = longest.filter(|limit| *limit < 1 << 20);
    let mut refused: Vec<_> = longest
        .map(|limit| sized(store, limit + 1, "x", ""))
        .into_iter()
        .collect();
    if store.profile().empty_key == EmptyKey::Refused {
        refused.push(String::new());
    }
    for key in refused {
        let answer = commit_lease(store, &key, "value".into(), hour).await?;
        answer.is_refused(&[InvalidKey])?;
    }
    Ok(())
}

/// What a transaction answers that sets one key with a time to live, at the latest to its commit.
async fn commit_lease(
    store: &Subject,
    key: &str,
    value: Bytes,
    ttl: Duration,
) -> Check<Answer<()>> {
    let mut transaction = store.begin().await?;
    let written = transaction.set_with_ttl(key, value, ttl).await;
    Ok(transaction.commit_after(written).await)
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
    if committed.is_done_unless_conflict()? {
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

pub(super) async fn expiry_is_of_one_moment(store: &Subject) -> Check {
    store
        .timed(async |ttl| {
            let [a, b] = ["a", "b"].map(|name| store.key(name));
            let first = store.lease(&a, "lease", ttl).await?;
            let last = store.lease(&b, "lease", ttl).await?;
            // Reads and reads on, lists and reads on, reads and lists.
            let mut reading = store.begin().await?;
            let answer = reading.get(&a).await;
            answer.within(&first)?.is_value("lease")?;
            if !store.profile().listing {
                store.wait_until_gone(&last).await;
                return reading.still_holds(&b, "lease").await.map(drop);
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
            still_lists(store, &mut listed, &prefix, &[&a, &b])
                .await
                .map(drop)
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
            lent.is_done_unless_conflict()?;
            let kept = transaction.set(lost, "for ever").await;
            kept.is_done_unless_conflict()?;
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
