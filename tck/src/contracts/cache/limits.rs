//! Times to live at the ends of what can be counted, and across handles.

use std::{rc::Rc, time::Duration};

use tck_api::ErrorKind::{InvalidKey, InvalidTtl, TooLarge};

use crate::{
    EmptyKey, ZeroTtl,
    check::{Check, Stop},
    lease::DAY,
    probe::{
        keys::{expire_apart, length_of_long_keys, longest_key, sized, told_apart},
        payload::pattern,
    },
    subject::Subject,
};

pub(super) async fn ttl_below_the_resolution_is_neither_zero_nor_forever(cache: &Subject) -> Check {
    let resolution = cache.resolution();
    let ttls = [
        resolution / 2,
        resolution / 10,
        resolution.saturating_sub(Duration::from_nanos(1)),
        Duration::from_micros(999),
        Duration::from_nanos(1),
    ];
    let ttls = ttls
        .into_iter()
        .filter(|ttl| !ttl.is_zero() && *ttl < resolution);
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
            cache.lacks(&held).await?;
            // Also over what had a time to live.
            cache.set_with_ttl(&held, "old", DAY).await.is(())?;
            let lease = cache.lease(&held, "zero", Duration::ZERO).await?;
            cache.wait_until_gone(&lease).await;
            cache.lacks(&held).await
        }
        ZeroTtl::Forever => {
            cache.lease(&held, "old", cache.first_ttl()).await?;
            cache.lease(&fresh, "zero", Duration::ZERO).await?;
            cache.lease(&held, "zero", Duration::ZERO).await?;
            // A default instead of no end shows here, where waiting for it costs nothing.
            cache.wait_a_year_or(Some(cache.first_ttl())).await;
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
            cache.holds(&held, "old").await?;
            // What is refused does not touch the deadline.
            let lease = cache.lease(&held, "brief", cache.first_ttl()).await?;
            let refused = cache.set_with_ttl(&held, "zero", Duration::ZERO).await;
            refused.is_refused(&[InvalidTtl])?;
            cache.wait_until_gone(&lease).await;
            cache.lacks(&held).await
        }
    }
}

pub(super) async fn very_long_ttl_neither_overflows_nor_ends_early(cache: &Subject) -> Check {
    // Most are a moment longer than some counter holds: where it wraps, the entry is gone.
    // What is counted in seconds from now on up to 30 days is a date beyond.
    let moment = Duration::from_millis(1);
    let ends_of_counters = [
        DAY * 20,
        DAY * 30,
        DAY * 30 + moment,
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
        // What overflows a count of micro- or milliseconds in 64 bits.
        Duration::from_micros(u64::MAX) + Duration::from_micros(2),
        Duration::from_millis(u64::MAX) + Duration::from_millis(2),
        Duration::from_secs(1 << 50),
        Duration::from_secs(i64::MAX as u64),
        Duration::MAX,
    ];
    let mut held = Vec::new();
    for (index, ttl) in ends_of_counters.into_iter().chain(beyond_all).enumerate() {
        let key = cache.key(&index.to_string());
        cache.set(&key, "old").await.ok()?;
        let answer = cache.set_with_ttl(&key, "long", ttl).await;
        if beyond_all.contains(&ttl) && answer.is_error(InvalidTtl) {
            cache.holds(&key, "old").await?;
            continue;
        }
        answer.is(())?;
        cache.holds(&key, "long").await?;
        held.push((key, ttl));
    }
    let mut passed = Duration::ZERO;
    let weeks = [DAY * 19, DAY * 5, DAY * 6, DAY * 19, DAY * 300, DAY * 300];
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
    // The longest sticks no more than others.
    if let Some((longest, _)) = held.last() {
        let lease = cache.lease(longest, "brief", cache.first_ttl()).await?;
        cache.wait_until_gone(&lease).await;
        cache.lacks(longest).await?;
    }
    for (key, _) in &held {
        cache.delete(key).await.ok()?;
    }
    if cache.time_is_free() {
        // Where long ones are counted in coarser steps, they end late or early.
        for (name, seconds) in [
            ("one-minute", 60),
            ("one-hour", 3_600),
            ("minute", 69),
            ("hours", 7 * 3_600 + 1),
            ("day", 25 * 3_600 + 1_800),
            ("week", 8 * 86_400 + 43_000),
        ] {
            let key = cache.key(name);
            let lease = cache
                .lease(&key, "long", Duration::from_secs(seconds))
                .await?;
            cache.wait_until_late(&lease).await;
            match cache.get(&key).await.within(&lease) {
                Ok(answer) => answer.is_value("long")?,
                // A call that takes a part of a day proves nothing.
                Err(Stop::Late) => {}
                Err(stop) => return Err(stop),
            }
            cache.wait_until_gone(&lease).await;
            cache.lacks(&key).await?;
        }
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
            second.has(&key).await.within(&lease)?.is(true)?;
            cache.wait_until_late(&lease).await;
            second.get(&key).await.within(&lease)?.is_value("value")?;
            cache.wait_until_gone(&lease).await;
            second.lacks(&key).await?;
            cache.lacks(&key).await
        })
        .await?;
    // Neither keeps a value, however long it was to live, that the other has replaced.
    let key = cache.key("kept");
    for (writer, reader) in [(cache, &second), (&second, cache)] {
        reader.lacks(&key).await?;
        for value in ["first", "second"] {
            writer.set_with_ttl(&key, value, DAY).await.is(())?;
            writer.holds(&key, value).await?;
            reader.holds(&key, value).await?;
        }
        writer.delete(&key).await.is(())?;
        reader.lacks(&key).await?;
    }
    // Nor does it end what the other has written since.
    let key = cache.key("timer");
    let lease = cache.lease(&key, "expiring", cache.first_ttl()).await?;
    second.set(&key, "plain").await.ok()?;
    cache.wait_until_gone(&lease).await;
    cache.holds(&key, "plain").await?;
    second.holds(&key, "plain").await?;
    // Or renewed, whether the value is another one or the same.
    cache
        .timed(async |ttl| {
            let [other, same] = ["other", "same"].map(|name| cache.key(name));
            cache.lease(&other, "short", ttl).await?;
            let short = cache.lease(&same, "value", ttl).await?;
            second.get(&same).await.within(&short)?.is_value("value")?;
            let long = second.lease(&other, "long", ttl * 3).await?;
            let renewed = cache.lease(&same, "value", ttl * 3).await?;
            cache.wait_until_gone(&short).await;
            for handle in [cache, &second] {
                let answer = handle.get(&other).await;
                answer.within(&long)?.is_value("long")?;
                let answer = handle.get(&same).await;
                answer.within(&renewed)?.is_value("value")?;
            }
            Ok(())
        })
        .await?;
    // Handles that come later know of the end, and those that go take no entry along.
    cache
        .timed(async |ttl| {
            let [before, long, short] = ["before", "long", "short"].map(|name| cache.key(name));
            cache.lease(&before, "value", ttl).await?;
            let third = cache.second_handle().await?;
            third.set_with_ttl(&long, "value", DAY).await.is(())?;
            let lease = third.lease(&short, "value", ttl).await?;
            drop(third);
            cache.get(&short).await.within(&lease)?.is_value("value")?;
            cache.wait_until_gone(&lease).await;
            cache.holds(&long, "value").await?;
            cache.lacks(&before).await?;
            cache.lacks(&short).await
        })
        .await
}

pub(super) async fn keys_with_a_ttl_are_told_apart_exactly(cache: &Subject) -> Check {
    told_apart(cache, Some(DAY)).await?;
    expire_apart(cache).await
}

pub(super) async fn limits_hold_with_a_ttl_as_without(cache: &Subject) -> Check {
    let profile = cache.profile();
    let answer = cache.set_with_ttl("", "value", DAY).await;
    match profile.empty_key {
        EmptyKey::Accepted => {
            answer.is(())?;
            cache.holds("", "value").await?;
            let beside = cache.key("beside");
            cache.set(&beside, "stays").await.is(())?;
            let lease = cache.lease("", "brief", cache.first_ttl()).await?;
            cache.wait_until_gone(&lease).await;
            cache.lacks("").await?;
            cache.holds(&beside, "stays").await?;
        }
        EmptyKey::Refused => answer.is_refused(&[InvalidKey])?,
    }
    let limit = longest_key(cache);
    let [one, other] = ["1", "2"].map(|end| sized(cache, length_of_long_keys(cache), "x", end));
    cache.set_with_ttl(&one, "one", DAY).await.is(())?;
    cache.set_with_ttl(&other, "other", DAY).await.is(())?;
    cache.holds(&one, "one").await?;
    cache.holds(&other, "other").await?;
    if limit.is_some() {
        let over = format!("{one}1");
        cache
            .set_with_ttl(&over, "over", DAY)
            .await
            .is_refused(&[InvalidKey])?;
        cache.holds(&one, "one").await?;
    }
    if profile.largest_value.is_none_or(|limit| limit > 16 << 20) {
        let large = pattern(1 << 20);
        cache.set_with_ttl(&one, large.clone(), DAY).await.is(())?;
        cache.holds(&one, large).await?;
    }
    // A shorter value leaves nothing of the longer one.
    let largest = profile.largest_value.unwrap_or(usize::MAX);
    let [long, short] = [50_000, 20_000].map(|size| pattern(largest.min(size)));
    let large = cache.key("large");
    cache.set(&large, long).await.is(())?;
    cache
        .set_with_ttl(&large, short.clone(), DAY)
        .await
        .is(())?;
    cache.holds(&large, short).await?;
    if let Some(limit) = profile.largest_value.filter(|limit| *limit <= 16 << 20) {
        let full = pattern(limit);
        cache.set_with_ttl(&one, full.clone(), DAY).await.is(())?;
        cache.holds(&one, full).await?;
        cache.set_with_ttl(&one, "one", DAY).await.is(())?;
        let over = pattern(limit + 1);
        cache
            .set_with_ttl(&one, over.clone(), DAY)
            .await
            .is_refused(&[TooLarge])?;
        cache.holds(&one, "one").await?;
        // What is refused does not touch the deadline.
        let lease = cache.lease(&other, "brief", cache.first_ttl()).await?;
        let prolonged = cache.set_with_ttl(&other, over.clone(), DAY).await;
        prolonged.is_refused(&[TooLarge])?;
        cache.set(&other, over).await.is_refused(&[TooLarge])?;
        cache.wait_until_gone(&lease).await;
        cache.lacks(&other).await?;
        cache.holds(&one, "one").await?;
    }
    Ok(())
}

pub(super) async fn deadline_stays_in_its_namespace(cache: &Subject) -> Check {
    let other = cache.neighbour("other").await?;
    let [plain, deleted, overwritten] = ["a", "b", "c"].map(|name| cache.key(name));
    other.set(&plain, "stays").await.ok()?;
    let mut lease = None;
    for key in [&plain, &deleted, &overwritten] {
        lease = Some(cache.lease(key, "goes", cache.first_ttl()).await?);
    }
    other.set_with_ttl(&deleted, "other", DAY).await.is(())?;
    other.delete(&deleted).await.is(())?;
    other.set(&overwritten, "stays").await.ok()?;
    if let Some(lease) = &lease {
        cache.wait_until_gone(lease).await;
    }
    for key in [&plain, &deleted, &overwritten] {
        cache.lacks(key).await?;
    }
    other.holds(&plain, "stays").await?;
    other.lacks(&deleted).await?;
    other.holds(&overwritten, "stays").await?;
    joined_deadlines_are_not_confused(cache).await
}

/// Two places that become one where a name and a key are joined carelessly: what ends in one
/// stays in the other.
async fn joined_deadlines_are_not_confused(cache: &Subject) -> Check {
    let (mut ending, mut staying) = (Vec::new(), Vec::new());
    for (index, separator) in [":", "/", ".", "|", "-", "_", "\0"].into_iter().enumerate() {
        let outer = cache.odd_namespace(&format!("-{index}a")).await?;
        let inner = cache
            .odd_namespace(&format!("-{index}a{separator}b"))
            .await?;
        let (Some(outer), Some(inner)) = (outer.map(Rc::new), inner.map(Rc::new)) else {
            continue;
        };
        for (name, outer_ends) in [("c", true), ("d", false)] {
            let (of_outer, of_inner) = (format!("b{separator}{name}"), name.to_owned());
            let held = outer.set(&of_outer, "value").await;
            if !held.is_done_unless(InvalidKey)? {
                continue;
            }
            inner.set(&of_inner, "value").await.is(())?;
            let (ends, stays) = match outer_ends {
                true => ((&outer, of_outer), (&inner, of_inner)),
                false => ((&inner, of_inner), (&outer, of_outer)),
            };
            let ttl = cache.first_ttl();
            ends.0.set_with_ttl(&ends.1, "value", ttl).await.is(())?;
            ending.push((Rc::clone(ends.0), ends.1));
            staying.push((Rc::clone(stays.0), stays.1));
        }
    }
    cache.wait(cache.first_ttl() + cache.resolution()).await;
    for (store, key) in &ending {
        store.lacks(key).await?;
    }
    for (store, key) in &staying {
        store.holds(key, "value").await?;
    }
    Ok(())
}
