//! A cache that is closed and opened again.

use tck_api::ErrorKind::InvalidKey;

use crate::{
    check::Check,
    lease::{DAY, Lease},
    probe::keys::{length_of_long_keys, sized},
    subject::Subject,
};

pub(super) async fn reopened_cache_keeps_deadlines(cache: &Subject) -> Check {
    cache
        .timed(async |ttl| {
            let [short, shortened, cleared, renewed, deleted] =
                ["short", "shortened", "cleared", "renewed", "deleted"].map(|name| cache.key(name));
            let [later, anew] = ["later", "anew"].map(|name| cache.key(name));
            let century = cache.key("century");
            let odd = odd_keys(cache);
            let changed = async |alone: &Subject| -> Check<(Lease, Lease)> {
                let long = alone.set_with_ttl(&century, "value", DAY * 36_525);
                long.await.is(())?;
                for key in &odd {
                    let odd = alone.set_with_ttl(key, "", ttl).await;
                    odd.is_done_unless(InvalidKey)?;
                }
                alone.set_with_ttl(&cleared, "old", ttl).await.is(())?;
                alone.set(&cleared, "value").await.is(())?;
                alone.set_with_ttl(&renewed, "old", ttl).await.is(())?;
                alone.set_with_ttl(&renewed, "value", DAY).await.is(())?;
                alone.set_with_ttl(&deleted, "old", ttl).await.is(())?;
                alone.delete(&deleted).await.is(())?;
                alone.set(&shortened, "old").await.is(())?;
                for key in [&later, &anew] {
                    alone.set_with_ttl(key, "old", ttl).await.is(())?;
                }
                let lease = alone.lease(&short, "value", ttl).await?;
                Ok((lease, alone.lease(&shortened, "value", ttl).await?))
            };
            let is_over = async |alone: &Subject| {
                for gone in [&short, &shortened, &deleted] {
                    alone.lacks(gone).await?;
                }
                for key in &odd {
                    let answer = alone.get(key).await;
                    if !answer.is_error(InvalidKey) {
                        answer.is_missing()?;
                    }
                }
                alone.holds(&century, "value").await?;
                alone.holds(&cleared, "value").await?;
                alone.holds(&renewed, "value").await
            };

            // In one it all ends while it is closed, in the other after it was opened again.
            changed(&cache.opened("closed").await?).await?;
            let (lease, last) = changed(&cache.opened("reopened").await?).await?;
            let alone = cache.opened("reopened").await?;
            // A deadline that was read back is cleared as any other.
            alone.set(&later, "value").await.is(())?;
            alone.delete(&anew).await.is(())?;
            alone.set(&anew, "value").await.is(())?;
            for key in [&short, &shortened] {
                alone.get(key).await.within(&lease)?.is_value("value")?;
            }
            cache.wait_until_late(&lease).await;
            for key in [&short, &shortened] {
                alone.get(key).await.within(&lease)?.is_value("value")?;
            }
            cache.wait_until_gone(&last).await;
            is_over(&alone).await?;
            drop(alone);
            is_over(&cache.opened("closed").await?).await?;
            let alone = cache.opened("reopened").await?;
            alone.holds(&later, "value").await?;
            alone.holds(&anew, "value").await?;
            is_over(&alone).await
        })
        .await
}

/// Keys that a list of deadlines may not take as they are.
fn odd_keys(cache: &Subject) -> Vec<String> {
    let long = sized(cache, length_of_long_keys(cache), "x", "");
    let odd = ["a b", "a=b", "a\tb", "a\nb", "\"a\"", "a:b", "é", "a\0b"];
    odd.map(|name| cache.key(name))
        .into_iter()
        .chain([long])
        .collect()
}
