//! Entries with and without a time to live.

use std::time::Duration;

use crate::{check::Check, lease::DAY, subject::Subject};

pub(super) async fn set_and_get_value_without_ttl(cache: &Subject) -> Check {
    let [key, again] = ["a", "b"].map(|name| cache.key(name));
    // The second write replaces the first, and is as plain.
    for _ in 0..2 {
        cache.set(&key, "value").await.ok()?;
        cache.get(&key).await.is_value("value")?;
    }
    // So is one after a delete.
    cache.set(&again, "value").await.ok()?;
    cache.delete(&again).await.ok()?;
    cache.set(&again, "value").await.ok()?;
    // A default time to live shows here, where waiting for it costs nothing.
    for _ in 0..3 {
        cache.wait_a_year_or(Some(cache.resolution())).await;
        cache.holds(&key, "value").await?;
        cache.holds(&again, "value").await?;
    }
    Ok(())
}

pub(super) async fn get_non_existent_key_is_a_cache_miss(cache: &Subject) -> Check {
    cache.get(&cache.key("a")).await.is_missing()
}

pub(super) async fn key_expires_after_ttl(cache: &Subject) -> Check {
    let key = cache.key("a");
    let lease = cache.lease(&key, "value", cache.first_ttl()).await?;
    cache.wait_until_gone(&lease).await;
    cache.get(&key).await.is_missing()
}

pub(super) async fn delete_removes_key_before_expiry(cache: &Subject) -> Check {
    let key = cache.key("a");
    cache.set(&key, "plain").await.ok()?;
    cache
        .set_with_ttl(&key, "value", Duration::from_secs(3_600))
        .await
        .is(())?;
    cache.delete(&key).await.is(())?;
    cache.lacks(&key).await?;
    cache.delete(&key).await.is(())?;
    cache.lacks(&key).await?;
    // Neither the delete nor the misses hide the next write.
    cache.set_with_ttl(&key, "again", DAY).await.is(())?;
    cache.holds(&key, "again").await
}

pub(super) async fn set_overwrites_existing_value_and_ttl(cache: &Subject) -> Check {
    let key = cache.key("a");
    cache
        .timed(async |ttl| {
            let same = cache.key("same");
            let long = cache.lease(&key, "long", ttl * 60).await?;
            cache.lease(&same, "value", ttl * 60).await?;
            cache.get(&key).await.within(&long)?.is_value("long")?;
            cache.lease(&same, "value", ttl).await?;
            let lease = cache.lease(&key, "short", ttl).await?;
            cache.get(&key).await.within(&lease)?.is_value("short")?;
            cache.wait_until_gone(&lease).await;
            cache.lacks(&key).await?;
            cache.lacks(&same).await
        })
        .await
}

pub(super) async fn values_with_a_ttl_are_exact(cache: &Subject) -> Check {
    let values = [
        (0..=u8::MAX).collect(),
        Vec::new(),
        b"null".to_vec(),
        b"{\"value\":1,\"expires_at\":0}".to_vec(),
        b"0".to_vec(),
        b"0:x".to_vec(),
        b"1|x".to_vec(),
        b"99999999999 x".to_vec(),
        vec![0; 8],
        vec![0; 20],
        vec![0xff; 20],
        vec![b'x'; 100_000],
    ];
    let largest = cache.profile().largest_value.unwrap_or(usize::MAX);
    let fits = |value: &&Vec<u8>| value.len() <= largest;
    let values = || values.iter().filter(fits).enumerate();
    for (index, value) in values() {
        cache
            .set_with_ttl(&cache.key(&index.to_string()), value.clone(), DAY)
            .await
            .is(())?;
        // The same bytes without a time to live must not be taken for such a wrapping.
        cache
            .set(&cache.key(&format!("plain-{index}")), value.clone())
            .await
            .is(())?;
    }
    for (index, value) in values() {
        cache
            .holds(&cache.key(&index.to_string()), value.clone())
            .await?;
        cache
            .holds(&cache.key(&format!("plain-{index}")), value.clone())
            .await?;
    }
    Ok(())
}
