//! Times to live at the ends of what can be counted, and across handles.

use std::time::Duration;

use tck_api::ErrorKind::InvalidTtl;

use crate::{
    ZeroTtl,
    check::{Check, Stop},
    subject::Subject,
};

pub(super) async fn ttl_below_the_resolution_is_neither_zero_nor_forever(cache: &Subject) -> Check {
    let resolution = cache.resolution();
    let ttls = [
        resolution / 2,
        resolution / 10,
        resolution - Duration::from_nanos(1),
        Duration::from_nanos(1),
    ];
    let ttls = ttls.into_iter().filter(|ttl| !ttl.is_zero());
    for (index, ttl) in ttls.enumerate() {
        let key = cache.key(&index.to_string());
        cache.set(&key, "plain").await.ok()?;
        let lease = cache.lease(&key, "brief", ttl).await?;
        // Most machines are too slow to prove that it lived. That it ends is always proved.
        match cache.get(&key).await.within(&lease) {
            Ok(answer) => answer.is_value("brief")?,
            Err(Stop::Late) => {}
            Err(stop) => return Err(stop),
        }
        cache.wait_until_gone(&lease).await;
        cache.lacks(&key).await?;
    }
    Ok(())
}

pub(super) async fn zero_ttl_follows_the_declared_policy(cache: &Subject) -> Check {
    let [fresh, held] = ["fresh", "held"].map(|name| cache.key(name));
    cache.set(&held, "old").await.ok()?;
    match cache.profile().zero_ttl {
        ZeroTtl::Expired => {
            let lease = cache.lease(&fresh, "zero", Duration::ZERO).await?;
            cache.wait_until_gone(&lease).await;
            cache.lacks(&fresh).await?;
            let lease = cache.lease(&held, "zero", Duration::ZERO).await?;
            cache.wait_until_gone(&lease).await;
            cache.lacks(&held).await
        }
        ZeroTtl::Forever => {
            cache.lease(&fresh, "zero", Duration::ZERO).await?;
            cache.lease(&held, "zero", Duration::ZERO).await?;
            cache.wait(cache.first_ttl()).await;
            cache.holds(&fresh, "zero").await?;
            cache.holds(&held, "zero").await
        }
        ZeroTtl::Invalid => {
            cache
                .set_with_ttl(&fresh, "zero", Duration::ZERO)
                .await
                .is_refused(&[InvalidTtl])?;
            cache.lacks(&fresh).await?;
            cache
                .set_with_ttl(&held, "zero", Duration::ZERO)
                .await
                .is_refused(&[InvalidTtl])?;
            cache.holds(&held, "old").await
        }
    }
}

const DAY: Duration = Duration::from_secs(86_400);

pub(super) async fn very_long_ttl_neither_overflows_nor_ends_early(cache: &Subject) -> Check {
    // Each is a moment longer than some counter holds: where it wraps, the entry is gone.
    let moment = Duration::from_millis(1);
    let ends_of_counters = [
        DAY * 20,
        DAY * 31,
        DAY * 366,
        Duration::from_millis(1 << 31) + moment,
        Duration::from_millis(1 << 32) + moment,
        Duration::from_secs(1 << 31) + moment,
        Duration::from_secs(1 << 32) + moment,
        Duration::from_nanos(1 << 63) + moment,
        Duration::from_nanos(u64::MAX) + moment,
        DAY * 36_525,
    ];
    // These may be refused: they are meant as «for ever», for which there is a plain set.
    let beyond_all = [
        Duration::from_secs(1 << 50),
        Duration::from_secs(i64::MAX as u64),
        Duration::MAX,
    ];
    let mut held = Vec::new();
    for (index, ttl) in ends_of_counters.into_iter().chain(beyond_all).enumerate() {
        let key = cache.key(&index.to_string());
        let answer = cache.set_with_ttl(&key, "long", ttl).await;
        if beyond_all.contains(&ttl) && answer.is_error(InvalidTtl) {
            cache.lacks(&key).await?;
            continue;
        }
        answer.is(())?;
        cache.holds(&key, "long").await?;
        held.push((key, ttl));
    }
    let mut passed = Duration::ZERO;
    let weeks = [DAY * 19, DAY * 5, DAY * 6, DAY * 19];
    let waits = if cache.time_is_free() {
        &weeks[..]
    } else {
        &[cache.first_ttl()]
    };
    for wait in waits {
        cache.wait(*wait).await;
        passed += *wait;
        for (key, ttl) in &held {
            // A day of room: what ends close by is another clause's matter.
            if passed + DAY <= *ttl {
                cache.holds(key, "long").await?;
            } else if passed > *ttl + DAY {
                cache.lacks(key).await?;
            }
        }
    }
    for (key, _) in &held {
        cache.delete(key).await.ok()?;
    }
    Ok(())
}

pub(super) async fn ttl_is_shared_by_all_handles(cache: &Subject) -> Check {
    let second = cache.second_handle().await?;
    cache
        .timed(async |ttl| {
            let key = cache.key("a");
            let lease = cache.lease(&key, "value", ttl).await?;
            second.get(&key).await.within(&lease)?.is_value("value")?;
            cache.wait_until_late(&lease).await;
            second.get(&key).await.within(&lease)?.is_value("value")?;
            cache.wait_until_gone(&lease).await;
            second.lacks(&key).await?;
            cache.lacks(&key).await
        })
        .await
}
