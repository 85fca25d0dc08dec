//! Times to live in a transaction at the ends of what can be counted, and beyond limits.

use std::time::Duration;

use bytes::Bytes;
use tck_api::ErrorKind::{InvalidKey, InvalidTtl, TooLarge};

use crate::{
    EmptyKey, ZeroTtl,
    answer::Answer,
    check::Check,
    lease::DAY,
    probe::{keys::sized, payload::pattern},
    subject::Subject,
};

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
        store.wait(DAY * 31).await;
        store.holds(&months, "months").await?;
        store.wait(DAY * 20).await;
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
