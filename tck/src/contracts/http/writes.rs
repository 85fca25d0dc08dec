//! What is written, and removed.

use crate::{check::Check, subject::Subject, wire::Request};

pub(super) async fn put_that_creates_answers_201(service: &Subject) -> Check {
    let key = service.key("a");
    service.ask(Request::put(&key, "1")).await?.is(&[201])?;
    service.reads(&key, "1").await?;
    service.ask(Request::delete(&key)).await?.done()?;
    // What was there once is created anew.
    service.ask(Request::put(&key, "2")).await?.is(&[201])?;
    service.reads(&key, "2").await
}

pub(super) async fn put_that_replaces_answers_200_or_204(service: &Subject) -> Check {
    let key = service.key("a");
    service.store(&key, "1").await?;
    for value in ["{\"b\":2}", "null", "3"] {
        let reply = service.ask(Request::put(&key, value)).await?;
        reply.is(&[200, 204])?;
        service.reads(&key, value).await?;
    }
    Ok(())
}

pub(super) async fn put_again_changes_nothing(service: &Subject) -> Check {
    let key = service.key("a");
    for _ in 0..3 {
        service.store(&key, "[1]").await?;
        service.reads(&key, "[1]").await?;
    }
    Ok(())
}

pub(super) async fn post_answers_201_only_where_it_creates(service: &Subject) -> Check {
    let key = service.key("a");
    let post = |value| Request::about("POST", &key).document(&key, value);
    let created = service.ask(post("1")).await?;
    // A service need not have it.
    if matches!(created.status, 405 | 501) {
        return Ok(());
    }
    let created = created.is(&[201])?;
    let names = created.header("Location").is_some();
    created.meets(names, "201 with a Location")?;
    service.ask(post("2")).await?.is(&[200, 204])?;
    service.reads(&key, "2").await
}

pub(super) async fn put_of_a_part_is_refused(service: &Subject) -> Check {
    let key = service.key("a");
    service.store(&key, "\"whole\"").await?;
    let part = Request::put(&key, "\"part\"").with("Content-Range", "bytes 0-9/100");
    service.ask(part).await?.is(&[400])?;
    service.reads(&key, "\"whole\"").await
}

pub(super) async fn key_in_the_body_is_that_in_the_path(service: &Subject) -> Check {
    let (key, other) = (service.key("a"), service.key("b"));
    let mismatch = || Request::about("PUT", &key).document(&other, "2");
    service.ask(mismatch()).await?.is(&[400])?;
    service.reads_nothing(&key).await?;
    service.reads_nothing(&other).await?;
    service.store(&key, "1").await?;
    service.ask(mismatch()).await?.is(&[400])?;
    service.reads(&key, "1").await?;
    service.reads_nothing(&other).await
}

pub(super) async fn delete_removes_the_value(service: &Subject) -> Check {
    let (key, other) = (service.key("a"), service.key("b"));
    service.store(&key, "1").await?;
    service.store(&other, "2").await?;
    let reply = service.ask(Request::delete(&key)).await?;
    reply.is(&[200, 202, 204])?;
    service.reads_nothing(&key).await?;
    service.heads(&key, 404).await?;
    service.reads(&other, "2").await
}

pub(super) async fn delete_answers_the_same_each_time(service: &Subject) -> Check {
    let never = service.key("never");
    let first = service.ask(Request::delete(&never)).await?;
    let status = first.is(&[200, 204, 404])?.status;
    service.ask(Request::delete(&never)).await?.is(&[status])?;
    let key = service.key("a");
    service.store(&key, "1").await?;
    service.ask(Request::delete(&key)).await?.done()?;
    for _ in 0..2 {
        service.ask(Request::delete(&key)).await?.is(&[status])?;
    }
    service.reads_nothing(&key).await
}
