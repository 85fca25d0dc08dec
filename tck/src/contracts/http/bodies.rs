//! The body of a write: what it has to be, and how it may come.

use crate::{
    answer::breach,
    check::{Check, Stop},
    subject::Subject,
    wire::{Framing, Request},
};

/// What takes the place of the value, and makes of the document what is no JSON.
const NO_VALUES: [&str; 9] = [
    "",
    "NaN",
    "Infinity",
    "-Infinity",
    "01",
    "1.",
    "'a'",
    "\"\u{1}\"",
    "undefined",
];

/// Documents that are JSON and no key with a value. The key stands for `KEY`.
const SHAPES: [&str; 7] = [
    "{\"key\":KEY}",
    "{\"value\":1}",
    "{\"key\":null,\"value\":1}",
    "{\"key\":1,\"value\":1}",
    "[KEY,1]",
    "KEY",
    "null",
];

/// The largest body that is made to show that it is too large.
const LARGEST: usize = 64 << 20;

fn shaped(shape: &str, key: &str) -> Request {
    let quoted = format!("\"{key}\"");
    Request::about("PUT", key).json(shape.replace("KEY", &quoted))
}

/// Bodies that are no JSON, for a key.
fn no_json(key: &str) -> Vec<Request> {
    let put = || Request::about("PUT", key);
    let mut requests: Vec<_> = NO_VALUES
        .into_iter()
        .map(|value| Request::put(key, value))
        .collect();
    let document = format!("{{\"key\":\"{key}\",\"value\":1}}");
    let cut = document.get(..document.len() - 1).unwrap_or_default();
    let mut not_utf8 = format!("{{\"key\":\"{key}\",\"value\":\"").into_bytes();
    not_utf8.extend(b"\xff\"}");
    requests.extend([
        put().json(""),
        put().json("not json"),
        put().json(cut),
        put().json(format!("{document} {document}")),
        put().json(not_utf8),
    ]);
    requests
}

pub(super) async fn body_that_is_no_json_is_refused(service: &Subject) -> Check {
    let key = service.key("a");
    for request in no_json(&key) {
        service.ask(request).await?.refused()?;
        service.reads_nothing(&key).await?;
    }
    service.store(&key, "1").await?;
    service.ask(Request::put(&key, "NaN")).await?.refused()?;
    service.reads(&key, "1").await
}

pub(super) async fn body_of_another_shape_is_refused(service: &Subject) -> Check {
    let key = service.key("a");
    for shape in SHAPES {
        service.ask(shaped(shape, &key)).await?.refused()?;
        service.reads_nothing(&key).await?;
    }
    Ok(())
}

pub(super) async fn wrong_bodies_are_told_apart(service: &Subject) -> Check {
    let key = service.key("a");
    for request in no_json(&key) {
        service.ask(request).await?.is(&[400])?;
    }
    for shape in SHAPES {
        service.ask(shaped(shape, &key)).await?.is(&[422])?;
    }
    Ok(())
}

pub(super) async fn other_media_type_answers_415(service: &Subject) -> Check {
    let key = service.key("a");
    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
    ] {
        let put = Request::put(&key, "1").with("Content-Type", media_type);
        service.ask(put).await?.is(&[415])?;
        service.reads_nothing(&key).await?;
    }
    Ok(())
}

pub(super) async fn media_type_has_no_case_and_may_have_parameters(service: &Subject) -> Check {
    let key = service.key("a");
    for (media_type, value) in [
        ("application/json; charset=utf-8", "1"),
        ("application/json;charset=\"UTF-8\"", "2"),
        ("Application/JSON", "3"),
    ] {
        let put = Request::put(&key, value).with("Content-Type", media_type);
        service.ask(put).await?.done()?;
        service.reads(&key, value).await?;
    }
    Ok(())
}

pub(super) async fn coded_body_is_not_taken_for_plain(service: &Subject) -> Check {
    let key = service.key("a");
    for coding in ["gzip", "x-tck-unknown"] {
        let put = Request::put(&key, "1").with("Content-Encoding", coding);
        service.ask(put).await?.is(&[400, 415])?;
        service.reads_nothing(&key).await?;
    }
    Ok(())
}

pub(super) async fn body_in_chunks_is_taken(service: &Subject) -> Check {
    let key = service.key("a");
    let value = format!("\"{}\"", "chunk ".repeat(20));
    let put = Request::put(&key, &value).framing(Framing::Chunks);
    service.ask(put).await?.done()?;
    service.reads(&key, &value).await
}

pub(super) async fn body_is_asked_for_where_that_is_expected(service: &Subject) -> Check {
    let key = service.key("a");
    let put = Request::put(&key, "1").framing(Framing::Expected);
    service.ask(put).await?.done()?;
    service.reads(&key, "1").await
}

pub(super) async fn value_of_a_mebibyte_is_taken(service: &Subject) -> Check {
    let declared = service.declared().await?;
    let limits = [declared.largest_body, declared.largest_value];
    let limits = limits.into_iter().flatten();
    let size = limits.fold(1 << 20, |size, limit| size.min(limit.saturating_sub(1_000)));
    let key = service.key("a");
    let value = format!("\"{}\"", "0123456789abcdef".repeat(size / 16));
    service.store(&key, &value).await?;
    service.reads(&key, &value).await
}

pub(super) async fn body_beyond_the_limit_answers_413(service: &Subject) -> Check {
    let limit = match service.declared().await?.largest_body {
        Some(limit) if limit <= LARGEST => limit,
        _ => {
            let limit = format!("largest_body of at most {LARGEST}");
            return Err(Stop::NotDeclared(limit.into()));
        }
    };
    let key = service.key("a");
    // It says how large it is, and is not sent: none need be read to refuse it.
    let value = format!("\"{}\"", "x".repeat(limit));
    let put = Request::put(&key, &value).framing(Framing::Expected);
    let reply = service.ask(put).await?;
    if reply.is_done() {
        let expected = format!("413, since largest_body is {limit}");
        return Err(breach(expected, reply.shown(), reply.step));
    }
    reply.is(&[413])?;
    service.reads_nothing(&key).await
}
