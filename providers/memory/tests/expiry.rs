//! What has expired does not pile up.

use std::{sync::Arc, time::Duration};

use omni_kv_memory::{Config, MemoryStore};
use tck::{Bytes, Cache, KeyValueStore, ManualClock, Result};

fn store(clock: &ManualClock) -> MemoryStore {
    MemoryStore::with_config(Config::default().clock(Arc::new(clock.clone())))
}

#[tokio::test]
async fn a_million_short_lived_keys_pass_through_in_bounded_memory() -> Result<()> {
    let clock = ManualClock::new();
    let store = store(&clock);
    let mut most = 0;
    for number in 0..1_000_000_u32 {
        // A thousand keys are alive at any time.
        clock.advance(Duration::from_micros(10));
        let key = number.to_string();
        store
            .set_with_ttl(&key, Bytes::new(), Duration::from_millis(10))
            .await?;
        if number.is_multiple_of(10_000) {
            most = most.max(store.held());
        }
    }
    assert!(most < 2_000, "{most} entries held");
    Ok(())
}

#[tokio::test]
async fn deadlines_of_a_key_that_is_overwritten_do_not_pile_up() -> Result<()> {
    let clock = ManualClock::new();
    let store = store(&clock);
    for _ in 0..1_000 {
        store
            .set_with_ttl("key", Bytes::new(), Duration::from_secs(3_600))
            .await?;
    }
    assert_eq!((store.held(), store.deadlines()), (1, 1));
    store.set("key", Bytes::new()).await?;
    assert_eq!((store.held(), store.deadlines()), (1, 0));
    store
        .set_with_ttl("key", Bytes::new(), Duration::from_secs(3_600))
        .await?;
    store.delete("key").await?;
    assert_eq!((store.held(), store.deadlines()), (0, 0));
    Ok(())
}

#[tokio::test]
async fn writes_remove_what_has_expired_and_nothing_else() -> Result<()> {
    let clock = ManualClock::new();
    let store = store(&clock);
    for number in 0..10_000_u32 {
        let ttl = Duration::from_secs(if number.is_multiple_of(2) { 1 } else { 3_600 });
        store
            .set_with_ttl(&number.to_string(), Bytes::new(), ttl)
            .await?;
    }
    clock.advance(Duration::from_secs(2));
    for number in 0..10_000_u32 {
        store.set(&format!("plain-{number}"), Bytes::new()).await?;
    }
    assert_eq!(store.held(), 15_000);
    assert!(store.has("1").await? && !store.has("0").await?);
    Ok(())
}
