//! Entries end in time: not earlier, not later, and for good.

use std::time::Duration;

use tck_api::ErrorKind::InvalidKey;

use crate::{check::Check, probe::payload::large_value, subject::Subject};

pub(super) async fn key_is_alive_until_late_in_its_life(cache: &Subject) -> Check {
    cache
        .timed(async |ttl| {
            // The second is no whole number of the first.
            for (index, ttl) in [ttl, ttl * 15 / 8].into_iter().enumerate() {
                let key = cache.key(&index.to_string());
                // A miss that is remembered must be forgotten by the write.
                cache.lacks(&key).await?;
                // Nor does it end with one that was given as long a time shortly before.
                let earlier = cache.key(&format!("earlier-{index}"));
                cache.lease(&earlier, "value", ttl).await?;
                // Nor does the same write shortly before it count instead.
                cache.lease(&key, "value", ttl).await?;
                cache.wait(ttl / 20).await;
                let lease = cache.lease(&key, "value", ttl).await?;
                cache.wait_until_late(&lease).await;
                cache.get(&key).await.within(&lease)?.is_value("value")?;
                cache.has(&key).await.within(&lease)?.is(true)?;
                cache.get(&key).await.within(&lease)?.is_value("value")?;
                // Nor do reads as late as these extend it.
                cache.wait_until_gone(&lease).await;
                cache.lacks(&key).await?;
            }
            let (large, value) = (cache.key("large"), large_value(cache));
            let lease = cache.lease(&large, value.clone(), ttl).await?;
            cache.wait_until_late(&lease).await;
            cache.get(&large).await.within(&lease)?.is_value(value)?;
            if cache.time_is_free() {
                return Ok(());
            }
            // What takes milliseconds may take those beyond a second for whole seconds.
            let key = cache.key("seconds");
            let lease = cache.lease(&key, "value", ttl.max(SECONDS)).await?;
            cache.wait_until_late(&lease).await;
            cache.get(&key).await.within(&lease)?.is_value("value")?;
            cache.wait_until_gone(&lease).await;
            cache.lacks(&key).await
        })
        .await
}

/// A time to live of no whole number of seconds, where the others are shorter. Those that cost
/// nothing are longer.
const SECONDS: Duration = Duration::from_millis(1_600);

pub(super) async fn expired_key_is_absent_on_every_read_path(cache: &Subject) -> Check {
    let [a, b] = ["a", "b"].map(|name| cache.key(name));
    // Whatever the value: nothing, or a page of bytes that some other path may take.
    let [empty, large] = ["empty", "large"].map(|name| cache.key(name));
    cache.lease(&empty, "", cache.first_ttl()).await?;
    let value = large_value(cache);
    cache.lease(&large, value, cache.first_ttl()).await?;
    cache.lease(&a, "value", cache.first_ttl()).await?;
    let lease = cache.lease(&b, "value", cache.first_ttl()).await?;
    cache.wait_until_gone(&lease).await;
    cache.lacks(&empty).await?;
    cache.lacks(&large).await?;
    // The first read may clean up, so either path goes first once.
    cache.has(&a).await.is(false)?;
    cache.get(&a).await.is_missing()?;
    cache.get(&b).await.is_missing()?;
    cache.has(&b).await.is(false)?;
    cache.lacks(&a).await
}

pub(super) async fn many_keys_expire_each_at_its_own_time(cache: &Subject) -> Check {
    cache
        .timed(async |ttl| {
            // Written in no order of their ends. Each step of the ladder is one ttl long.
            let ladder = [5, 1, 3, 2, 4, 1, 5, 2];
            let mut leases = Vec::new();
            for (index, rungs) in ladder.into_iter().enumerate() {
                let key = cache.key(&index.to_string());
                let lease = cache
                    .lease(&key, format!("{rungs} {index}"), ttl * rungs)
                    .await?;
                leases.push((key, rungs, lease));
                let plain = cache.key(&format!("plain-{index}"));
                cache.set(&plain, "plain").await.ok()?;
            }
            for rung in 1..=3 {
                for (_, _, lease) in leases.iter().filter(|(_, rungs, _)| *rungs == rung) {
                    cache.wait_until_gone(lease).await;
                }
                for (index, (key, rungs, lease)) in leases.iter().enumerate() {
                    if *rungs <= rung {
                        cache.lacks(key).await?;
                    } else {
                        let value = format!("{rungs} {index}");
                        cache.get(key).await.within(lease)?.is_value(value)?;
                        cache.has(key).await.within(lease)?.is(true)?;
                    }
                    cache
                        .holds(&cache.key(&format!("plain-{index}")), "plain")
                        .await?;
                }
            }
            Ok(())
        })
        .await
}

pub(super) async fn nothing_resurrects_an_expired_entry(cache: &Subject) -> Check {
    let key = cache.key("a");
    let ttl = cache.first_ttl();
    cache.set(&key, "plain").await.ok()?;
    let same = cache.key("same");
    cache.set(&same, "same").await.ok()?;
    cache.lease(&same, "same", ttl).await?;
    let lease = cache.lease(&key, "expiring", ttl).await?;
    cache.wait_until_gone(&lease).await;
    cache.lacks(&key).await?;
    cache.lacks(&key).await?;
    cache.lacks(&same).await?;
    // Another key comes and goes: its clean-up must bring nothing back.
    let other = cache.key("b");
    let lease = cache.lease(&other, "other", ttl).await?;
    cache.wait_until_gone(&lease).await;
    cache.lacks(&other).await?;
    cache.lacks(&key).await?;
    cache.delete(&key).await.is(())?;
    cache.lacks(&key).await?;
    cache.lease(&key, "long", ttl * 2).await?;
    let lease = cache.lease(&key, "short", ttl).await?;
    cache.wait_until_gone(&lease).await;
    cache.lacks(&key).await
}

pub(super) async fn expiring_one_key_leaves_the_others_alone(cache: &Subject) -> Check {
    let mut neighbours = Vec::new();
    for key in ["a", "ab", "a:b", "a:", "A", "b", "a*", "a-b"].map(|name| cache.key(name)) {
        // Some stores refuse some of these.
        if cache.set(&key, "stays").await.is_done_unless(InvalidKey)? {
            neighbours.push(key);
        }
    }
    for key in ["a-b-c", "a:b:c"].map(|name| cache.key(name)) {
        if cache.get(&key).await.is_error(InvalidKey) {
            continue;
        }
        let lease = cache.lease(&key, "goes", cache.first_ttl()).await?;
        cache.wait_until_gone(&lease).await;
        cache.lacks(&key).await?;
    }
    for neighbour in &neighbours {
        cache.holds(neighbour, "stays").await?;
    }
    // And the other way round: the shortest name goes, the longer ones stay.
    let Some(shortest) = neighbours.first() else {
        return Ok(());
    };
    let lease = cache.lease(shortest, "goes", cache.first_ttl()).await?;
    cache.wait_until_gone(&lease).await;
    cache.lacks(shortest).await?;
    for neighbour in neighbours.iter().skip(1) {
        cache.holds(neighbour, "stays").await?;
    }
    Ok(())
}
