//! What every cache keeps, whatever the expiry of its backend is like.

use std::time::{Duration, Instant};

use tck::Cache;

use crate::{Running, Tested, faults::until_it_works};

const DECADES: Duration = Duration::from_secs(30 * 365 * 86_400);

/// Times to live that outgrow the counters of backends.
pub const LONG: [(&str, Duration); 3] = [
    ("30 years", DECADES),
    ("3 million", DECADES.saturating_mul(100_000)),
    ("ever", Duration::MAX),
];

/// An entry is there for so many milliseconds, and goes then.
///
/// # Panics
///
/// Where an entry goes early.
pub async fn keeps_milliseconds(store: &impl Cache, times: &[u64]) -> Tested {
    for millis in times {
        let (ttl, key) = (Duration::from_millis(*millis), millis.to_string());
        let start = Instant::now();
        store.set_with_ttl(&key, "value".into(), ttl).await?;
        while store.has(&key).await? {}
        let held = start.elapsed();
        assert!(held >= ttl, "{ttl:?} were over after {held:?}");
    }
    Ok(())
}

/// Entries with times to live that nobody waits for are there.
///
/// # Panics
///
/// Where one is not.
pub async fn keeps_long(store: &impl Cache, times: &[(&str, Duration)]) -> Tested {
    for (key, ttl) in times {
        store.set_with_ttl(key, "value".into(), *ttl).await?;
        assert!(store.has(key).await?, "{key}");
    }
    Ok(())
}

/// A server that was restarted knows what has to go, and when. Says when that was.
///
/// # Panics
///
/// Where an entry goes early, or never had to.
pub async fn outlives_a_restart(
    server: &Running,
    store: &impl Cache,
    ttl: Duration,
) -> Tested<Instant> {
    let is_there = async |key| until_it_works(async || store.has(key).await).await;
    let start = Instant::now();
    store.set_with_ttl("key", "value".into(), ttl).await?;
    store.set("other", "value".into()).await?;
    let restarted = Instant::now();
    for process in server.processes() {
        process.restart()?;
    }
    let was_there = is_there("key").await?;
    assert!(was_there || start.elapsed() >= ttl, "it went early");
    while is_there("key").await? {}
    assert!(start.elapsed() >= ttl);
    assert!(is_there("other").await?);
    Ok(restarted)
}
