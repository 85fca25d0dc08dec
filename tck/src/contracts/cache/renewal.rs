//! What a write, a read or a delete does to the time that an entry has.

use crate::{
    check::Check,
    lease::DAY,
    probe::payload::{large_value, pattern},
    subject::Subject,
};

pub(super) async fn plain_set_clears_the_ttl(cache: &Subject) -> Check {
    let [same, other, often, large] =
        ["same", "other", "often", "large"].map(|name| cache.key(name));
    cache.lease(&often, "expiring", cache.first_ttl()).await?;
    let value = large_value(cache);
    let of_large = cache.lease(&large, value.clone(), cache.first_ttl());
    of_large.await?;
    cache.set(&large, value.clone()).await.ok()?;
    // As often as a counter of a byte needs to be where it was, and all of it in time.
    let times = if cache.time_is_free() { 256 } else { 1 };
    for _ in 0..times {
        cache.set(&often, "plain").await.ok()?;
    }
    cache.lease(&same, "value", cache.first_ttl()).await?;
    let lease = cache.lease(&other, "expiring", cache.first_ttl()).await?;
    cache.set(&same, "value").await.ok()?;
    cache.set(&other, "plain").await.ok()?;
    cache.wait_until_gone(&lease).await;
    // Where the entry had expired before it was set, it must be there all the more.
    cache.holds(&same, "value").await?;
    cache.holds(&often, "plain").await?;
    cache.holds(&other, "plain").await?;
    cache.holds(&large, value.clone()).await?;
    cache.wait_a_year_or(None).await;
    cache.holds(&large, value).await?;
    cache.holds(&other, "plain").await
}

pub(super) async fn longer_ttl_replaces_a_shorter_one(cache: &Subject) -> Check {
    cache
        .timed(async |ttl| {
            let [key, plain, beside] = ["a", "b", "c"].map(|name| cache.key(name));
            let of_beside = cache.lease(&beside, "short", ttl).await?;
            cache.lease(&plain, "short", ttl).await?;
            let short = cache.lease(&key, "short", ttl).await?;
            let long = cache.lease(&key, "long", ttl * 3).await?;
            cache.set(&plain, "plain").await.is(())?;
            // What was given to others at the same time stays theirs.
            let answer = cache.get(&beside).await;
            answer.within(&of_beside)?.is_value("short")?;
            cache.wait_until_gone(&short).await;
            cache.get(&key).await.within(&long)?.is_value("long")?;
            cache.has(&key).await.within(&long)?.is(true)?;
            cache.wait_until_gone(&long).await;
            cache.lacks(&key).await
        })
        .await
}

/// How often a time to live is renewed.
const RENEWALS: usize = 4;

pub(super) async fn same_value_again_renews_the_ttl(cache: &Subject) -> Check {
    cache
        .timed(async |ttl| {
            let key = cache.key("a");
            let mut held = cache.lease(&key, "value", ttl).await?;
            cache.wait(ttl / 2).await;
            // Each time shortly before it would have ended.
            for _ in 0..RENEWALS {
                let renewed = cache.lease(&key, "value", ttl).await?;
                cache.wait_until_gone(&held).await;
                cache.get(&key).await.within(&renewed)?.is_value("value")?;
                held = renewed;
            }
            cache.wait_until_gone(&held).await;
            cache.lacks(&key).await
        })
        .await
}

pub(super) async fn reading_does_not_extend_the_ttl(cache: &Subject) -> Check {
    let [got, asked] = ["got", "asked"].map(|name| cache.key(name));
    let ttl = cache.first_ttl();
    cache.lease(&got, "value", ttl).await?;
    let lease = cache.lease(&asked, "value", ttl).await?;
    for _ in 0..9 {
        cache.wait(ttl / 10).await;
        cache.get(&got).await.ok()?;
        cache.has(&asked).await.ok()?;
    }
    cache.wait_until_gone(&lease).await;
    cache.lacks(&got).await?;
    cache.has(&asked).await.is(false)?;
    cache.get(&asked).await.is_missing()
}

pub(super) async fn ttl_does_not_outlive_its_entry(cache: &Subject) -> Check {
    let key = cache.key("a");
    let lease = cache.lease(&key, "expiring", cache.first_ttl()).await?;
    cache.delete(&key).await.is(())?;
    cache.lacks(&key).await?;
    cache.set(&key, "plain").await.ok()?;
    cache.wait_until_gone(&lease).await;
    cache.holds(&key, "plain").await?;
    // Nor does it end an entry with a time to live of its own.
    cache
        .timed(async |ttl| {
            let key = cache.key("b");
            let short = cache.lease(&key, "short", ttl).await?;
            cache.delete(&key).await.is(())?;
            let long = cache.lease(&key, "long", ttl * 3).await?;
            cache.wait_until_gone(&short).await;
            cache.get(&key).await.within(&long)?.is_value("long")?;
            // Nor does the end of what is gone keep the next one from its own.
            let [deleted, replaced] = ["c", "d"].map(|name| cache.key(name));
            for key in [&deleted, &replaced] {
                cache.set_with_ttl(key, "long", DAY).await.is(())?;
            }
            cache.delete(&deleted).await.is(())?;
            cache.set(&replaced, "plain").await.is(())?;
            cache.lease(&deleted, "short", ttl).await?;
            let last = cache.lease(&replaced, "short", ttl).await?;
            cache.wait_until_gone(&last).await;
            cache.lacks(&deleted).await?;
            cache.lacks(&replaced).await
        })
        .await
}

pub(super) async fn overwriting_an_expired_key_stores_anew(cache: &Subject) -> Check {
    cache
        .timed(async |ttl| {
            let key = cache.key("a");
            let lease = cache.lease(&key, "expiring", ttl).await?;
            cache.wait_until_gone(&lease).await;
            cache.set(&key, "plain").await.is(())?;
            cache.holds(&key, "plain").await?;
            cache.wait(ttl * 2).await;
            cache.holds(&key, "plain").await?;
            let lease = cache.lease(&key, "expiring", ttl).await?;
            cache.wait_until_gone(&lease).await;
            let lease = cache.lease(&key, "renewed", ttl * 2).await?;
            cache.wait(ttl).await;
            cache.get(&key).await.within(&lease)?.is_value("renewed")?;
            cache.wait_until_gone(&lease).await;
            cache.lacks(&key).await?;
            // Also where the same value comes again.
            let lease = cache.lease(&key, "renewed", ttl).await?;
            cache.get(&key).await.within(&lease)?.is_value("renewed")?;
            cache.wait_until_gone(&lease).await;
            cache.set(&key, "renewed").await.is(())?;
            cache.holds(&key, "renewed").await?;
            // A shorter value leaves nothing of a longer one that has expired.
            let largest = cache.profile().largest_value.unwrap_or(usize::MAX);
            let [long, short] = [50_000, 20_000].map(|size| pattern(largest.min(size)));
            let large = cache.key("large");
            let lease = cache.lease(&large, long, ttl).await?;
            cache.wait_until_gone(&lease).await;
            cache.set(&large, short.clone()).await.is(())?;
            cache.holds(&large, short.clone()).await?;
            cache.wait_a_year_or(None).await;
            cache.holds(&large, short).await?;
            cache.holds(&key, "renewed").await
        })
        .await
}

pub(super) async fn deleting_an_expired_key_succeeds(cache: &Subject) -> Check {
    let [seen, unseen] = ["seen", "unseen"].map(|name| cache.key(name));
    cache.lease(&seen, "value", cache.first_ttl()).await?;
    let lease = cache.lease(&unseen, "value", cache.first_ttl()).await?;
    cache.wait_until_gone(&lease).await;
    cache.lacks(&seen).await?;
    for key in [&seen, &unseen, &seen, &unseen] {
        cache.delete(key).await.is(())?;
        cache.lacks(key).await?;
    }
    // And leaves nothing behind that would hide the next value.
    for key in [&seen, &unseen] {
        cache.set(key, "again").await.is(())?;
        cache.holds(key, "again").await?;
    }
    Ok(())
}
