//! Listings of what expires.

use std::{num::NonZeroUsize, time::Duration};

use tck_api::Listing;

use crate::{
    ZeroTtl,
    answer::{Answer, breach},
    check::Check,
    lease::outliving,
    probe::{
        crowd::Action,
        listing::{ALL, Walk},
    },
    shown,
    subject::Subject,
};

const THREE: NonZeroUsize = NonZeroUsize::new(3).unwrap();

pub(super) async fn expired_keys_are_not_listed(store: &Subject) -> Check {
    store
        .timed(async |ttl| {
            deleted_lease_is_gone(store, ttl).await?;
            let alive = write_some(store, ttl).await?;
            let row = |number: usize| store.key(&format!("row-{number:03}"));
            let leases = (0..150).map(|number| Action::set_with_ttl(&row(number), "short", ttl));
            store.all_of(leases.collect()).await?;
            store.set(&row(150), "for ever").await.is(())?;
            store.wait(ttl + store.resolution()).await;
            store.lists(&store.key("row-"), &[row(150)]).await?;
            store.delete(&row(150)).await.is(())?;
            only_the_living_are_listed(store, alive).await?;
            is_listed_until_its_end(store, ttl).await
        })
        .await
}

/// One that is deleted is gone at once, and not when its time is over, and so is one without time.
async fn deleted_lease_is_gone(store: &Subject, ttl: Duration) -> Check {
    let deleted = store.key("deleted");
    store.set_with_ttl(&deleted, "short", ttl).await.is(())?;
    store.delete(&deleted).await.is(())?;
    store.lists(&deleted, &[""; 0]).await?;
    if store.profile().zero_ttl == ZeroTtl::Expired {
        let zero = store.key("zero");
        let over = store.set_with_ttl(&zero, "zero", Duration::ZERO).await;
        over.is(())?;
        store.wait(store.resolution()).await;
        store.lists(&zero, &[""; 0]).await?;
    }
    Ok(())
}

/// Writes keys of which some expire: several in a row, so that a whole page does. Answers with
/// those that do not.
async fn write_some(store: &Subject, ttl: Duration) -> Check<Vec<String>> {
    let long = outliving(ttl);
    let mut alive = Vec::new();
    for number in 0..20 {
        let key = numbered(store, number);
        // Some of those that go had none before, or a long one.
        match number {
            3 => store.set(&key, "for ever").await.is(())?,
            4 => store.set_with_ttl(&key, "long", long).await.is(())?,
            _ => {}
        }
        // Some of those that stay had a short time to live before.
        if number % 10 < 7 || number == 8 || number == 17 {
            store.set_with_ttl(&key, "short", ttl).await.is(())?;
        }
        if number % 10 == 7 {
            store.set_with_ttl(&key, "long", long).await.is(())?;
        } else if number % 10 > 7 {
            store.set(&key, "for ever").await.is(())?;
        }
        if number % 10 >= 7 {
            alive.push(key);
        }
    }
    Ok(alive)
}

fn numbered(store: &Subject, number: usize) -> String {
    store.key(&format!("{number:02}"))
}

async fn only_the_living_are_listed(store: &Subject, mut alive: Vec<String>) -> Check {
    let prefix = store.key("");
    for limit in [THREE, NonZeroUsize::MIN, ALL] {
        store.lists_by(limit, &prefix, &alive).await?;
    }
    let walk = Walk::new(ALL);
    for (key, value) in store.walk_with_values(walk, &prefix).await? {
        if ![&b"long"[..], b"for ever"].contains(&&*value) {
            let expected = format!("{} as it was written", shown::key(&key));
            let observed = shown::pair(&(key, value));
            return Err(breach(expected, observed, store.last_step()));
        }
    }
    // One that comes again is listed again, though its end was seen by a read.
    let again = numbered(store, 1);
    store.get(&again).await.is_missing()?;
    store.set(&again, "again").await.is(())?;
    alive.insert(0, again);
    store.lists_by(THREE, &prefix, &alive).await
}

/// One that is alive is listed, and that does not extend its time.
async fn is_listed_until_its_end(store: &Subject, ttl: Duration) -> Check {
    let key = store.key("shown");
    // Also where its value is empty.
    let lease = store.lease(&key, "", ttl).await?;
    store.wait(ttl / 2).await;
    let listed = store.walk(Walk::new(ALL), &key).await?;
    let pairs = store.walk_with_values(Walk::new(ALL), &key).await?;
    // What came before that was in time as well.
    store.get(&key).await.within(&lease)?.is_value("")?;
    store.are_keys(&[&key], &listed)?;
    let listed: Vec<_> = pairs.into_iter().map(|(key, _)| key).collect();
    store.are_keys(&[&key], &listed)?;
    store.wait_until_gone(&lease).await;
    store.lacks(&key).await?;
    store.lists(&key, &[""; 0]).await
}

pub(super) async fn listing_an_expired_key_spares_the_next_value(store: &Subject) -> Check {
    let keys: Vec<_> = (0..64)
        .map(|number| store.key(&number.to_string()))
        .collect();
    let leases = keys
        .iter()
        .map(|key| Action::set_with_ttl(key, "expired", store.first_ttl()));
    store.all_of(leases.collect()).await?;
    store.wait(store.first_ttl() + store.resolution()).await;
    let answers = store
        .race_for(&keys, vec![true, false], |store, lists, key| async move {
            if lists {
                let listed = store.list(&key, None, ALL).await;
                return Answer::of(listed, &store).ok().map(drop);
            }
            Action::set(&key, "new").apply(&store).await
        })
        .await?;
    answers.into_iter().flatten().collect::<Check>()?;
    for key in &keys {
        store.get(key).await.is_value("new")?;
    }
    let mut sorted = keys;
    sorted.sort();
    store.lists(&store.key(""), &sorted).await
}
