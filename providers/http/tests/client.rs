//! What the client makes of answers that its own service does not give.

use std::{thread::sleep, time::Duration};

use omni_kv_http::{HttpStore, Settings};
use omni_tck_servers::{PATIENCE, faults::until_it_works, gateway::answering_by};
use tck::{Atomic, Cache, Error, ErrorKind, KeyValueStore};

/// Within which time a call about the key `slow` ends. A request takes a little more than half of it.
const TIMEOUT: Duration = Duration::from_millis(500);

/// A client of a service that gives these answers to a request by its first line.
async fn client(answers: fn(&str) -> (&'static str, &'static str)) -> tck::Result<HttpStore> {
    HttpStore::open(&service(PATIENCE, answers)?).await
}

/// Such a service, and how long a call to it may take.
fn service(
    timeout: Duration,
    answers: fn(&str) -> (&'static str, &'static str),
) -> tck::Result<Settings> {
    let address = answering_by(move |line| {
        if line.contains("slow") {
            sleep(TIMEOUT * 3 / 5);
        }
        match line.starts_with("GET /health") {
            true => ("200 OK", "{}"),
            false => answers(line),
        }
    });
    let mut settings = Settings::new(address.map_err(Error::backend)?.to_string());
    settings.timeout = timeout;
    Ok(settings)
}

fn kind<T>(done: tck::Result<T>) -> Option<ErrorKind> {
    done.err().map(|error| error.kind())
}

#[tokio::test]
async fn a_write_that_was_refused_is_not_done() -> tck::Result<()> {
    let store = client(|_| ("412 Precondition Failed", "")).await?;
    assert_eq!(
        kind(store.set("key", "1".into()).await),
        Some(ErrorKind::Backend)
    );
    assert!(!store.set_if_absent("key", "1".into()).await?);
    Ok(())
}

#[tokio::test]
async fn a_service_may_say_in_any_way_that_it_is_done() -> tck::Result<()> {
    let store = client(|line| match line.starts_with("DELETE") {
        true => ("202 Accepted", ""),
        false => ("204 No Content\r\nKV-TTL: 60", ""),
    })
    .await?;
    store.set("key", "1".into()).await?;
    store
        .set_with_ttl("key", "1".into(), Duration::from_secs(60))
        .await?;
    store.delete("key").await
}

#[tokio::test]
async fn a_refused_key_is_no_wrong_time_to_live() -> tck::Result<()> {
    let store = client(
        |line| match line.starts_with("PUT") || line.contains("odd") {
            true => ("400 Bad Request", ""),
            false => ("404 Not Found", ""),
        },
    )
    .await?;
    let minute = Duration::from_secs(60);
    let odd = store.set_with_ttl("odd", "1".into(), minute).await;
    assert_eq!(kind(odd), Some(ErrorKind::InvalidKey));
    let key = store.set_with_ttl("key", "1".into(), minute).await;
    assert_eq!(kind(key), Some(ErrorKind::InvalidTtl));
    Ok(())
}

#[tokio::test]
async fn a_call_of_two_requests_ends_in_time() -> tck::Result<()> {
    let settings = service(TIMEOUT, |line| match line.starts_with("GET") {
        true => ("200 OK\r\nETag: \"1\"", r#"{"key":"slow","value":"1"}"#),
        false => ("204 No Content", ""),
    })?;
    let store = until_it_works(async || HttpStore::open(&settings).await).await?;
    let set = store.compare_and_set("slow", b"1", "2".into()).await;
    assert_eq!(kind(set), Some(ErrorKind::TimedOut));
    Ok(())
}
