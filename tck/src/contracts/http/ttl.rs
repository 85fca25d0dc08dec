//! Times to live, in the header `KV-TTL`.

use std::time::{Duration, Instant};

use crate::{Need, check::Check, subject::Subject, wire::Request};

const SECOND: Duration = Duration::from_secs(1);

/// Longer than any check takes.
const DAY: &str = "86400";

fn lease(key: &str, value: &str, ttl: &str) -> Request {
    Request::put(key, value).with("KV-TTL", ttl)
}

pub(super) async fn ttl_ends_an_entry(service: &Subject) -> Check {
    service.needs(Need::Cache).await?;
    let (key, other, third) = (service.key("a"), service.key("b"), service.key("c"));
    let begun = Instant::now();
    service.ask(lease(&third, "4", "100")).await?.is(&[201])?;
    service.ask(lease(&key, "1", "1")).await?.is(&[201])?;
    service.ask(lease(&other, "2", DAY)).await?.is(&[201])?;
    service.wait(SECOND + service.resolution()).await;
    service.reads_nothing(&key).await?;
    service.ask(Request::head(&key)).await?.is(&[404])?;
    service.reads(&other, "2").await?;
    let reply = service.ask(Request::get(&third)).await?;
    // Later it says nothing, and sooner that the seconds are none.
    if begun.elapsed() < 100 * SECOND {
        reply.is(&[200])?.has_value("4")?;
    }
    // What has expired is created anew.
    service.ask(Request::put(&key, "3")).await?.is(&[201])?;
    service.reads(&key, "3").await
}

pub(super) async fn put_without_ttl_clears_it(service: &Subject) -> Check {
    service.needs(Need::Cache).await?;
    let key = service.key("a");
    service.ask(lease(&key, "1", "1")).await?.done()?;
    service.store(&key, "2").await?;
    service.wait(SECOND + service.resolution()).await;
    service.reads(&key, "2").await
}

pub(super) async fn ttl_that_is_none_is_refused(service: &Subject) -> Check {
    service.needs(Need::Cache).await?;
    let key = service.key("a");
    for ttl in ["0", "-1", "1.5", "soon", ""] {
        service.ask(lease(&key, "1", ttl)).await?.is(&[400])?;
        service.reads_nothing(&key).await?;
    }
    Ok(())
}

pub(super) async fn remaining_ttl_is_told(service: &Subject) -> Check {
    service.needs(Need::Cache).await?;
    let key = service.key("a");
    service.ask(lease(&key, "1", DAY)).await?.done()?;
    for request in [Request::get(&key), Request::head(&key)] {
        let reply = service.ask(request).await?.is(&[200])?;
        let left = reply.header("KV-TTL").and_then(|left| left.parse().ok());
        let is_left = left.is_some_and(|left: u64| (43_200..=86_400).contains(&left));
        reply.meets(
            is_left,
            "KV-TTL with the seconds that are left, hardly less than 86400",
        )?;
    }
    service.store(&key, "2").await?;
    let reply = service.ask(Request::get(&key)).await?;
    let ends = reply.header("KV-TTL").is_some();
    reply.meets(!ends, "no KV-TTL where nothing ends")?;
    Ok(())
}
