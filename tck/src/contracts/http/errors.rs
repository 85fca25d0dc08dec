//! What is wrong with a request, and who says so.

use serde_json::Value;

use crate::{check::Check, subject::Subject, wire::Request};

pub(super) async fn errors_are_problem_documents(service: &Subject) -> Check {
    let key = service.key("a");
    for (request, status) in [
        (Request::get(&key), 404),
        (Request::put(&key, "NaN"), 400),
        (
            Request::put(&key, "1").with("Content-Type", "text/plain"),
            415,
        ),
        (Request::to("PUT", "/health"), 405),
    ] {
        let reply = service.ask(request).await?.is(&[status])?;
        let is_problem = reply.media_type() == "application/problem+json";
        let reply = reply.meets(is_problem, "Content-Type: application/problem+json")?;
        let document = reply.document()?;
        let same = document.get("status").is_none_or(|own| *own == status);
        let texts = ["type", "title"].map(|name| document.get(name).is_none_or(Value::is_string));
        let is_whole = document.is_object() && same && !texts.contains(&false);
        let expected = format!("a document with the status {status}, and type and title as text");
        reply.meets(is_whole, &expected)?;
    }
    Ok(())
}

pub(super) async fn wrong_request_is_no_server_error(service: &Subject) -> Check {
    let key = service.key("a");
    let put = |value: &str| Request::put(&key, value);
    // Not so much that it is refused for its size.
    let most = service.declared().await?.largest_body.unwrap_or(200_000);
    let deep = "[".repeat((most / 2).min(100_000));
    let requests = [
        put(&deep),
        put("1e999999999999"),
        put("\"\\ud800\""),
        put("\"\\u12\""),
        put("1").with("KV-TTL", "99999999999999999999"),
        put("1").with("If-Match", "\u{e9}"),
        put("1").with("Content-Type", "\u{e9}/;;="),
        Request::to("GET", "/keys/"),
        Request::to("GET", "/keys/%"),
        Request::to("GET", "/keys/%00"),
        Request::to("GET", "/keys/a/b"),
        Request::to("GET", "/%2e%2e/%2e%2e/etc/passwd"),
        Request::to("GET", format!("/keys/{key}?%FF&=")),
    ];
    for request in requests {
        let reply = service.ask(request).await?;
        // A service that does not know a header may ignore it.
        let is_no_failure = reply.status < 500;
        reply.meets(is_no_failure, "an answer below 500")?;
    }
    // Nor has any of them left what can't be read.
    service.ask(Request::get(&key)).await?.is(&[200, 404])?;
    Ok(())
}

pub(super) async fn request_without_host_answers_400(service: &Subject) -> Check {
    let key = service.key("a");
    let get = Request::get(&key).without_host();
    service.ask(get).await?.is(&[400])?;
    let put = Request::put(&key, "1").without_host();
    service.ask(put).await?.is(&[400])?;
    service.reads_nothing(&key).await
}

pub(super) async fn refused_body_is_not_the_next_request(service: &Subject) -> Check {
    let key = service.key("a");
    service.store(&key, "1").await?;
    let hidden = format!("DELETE /keys/{key} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let refused = [
        Request::about("PUT", &key).with("Content-Type", "text/plain"),
        Request::about("PATCH", &key),
        Request::about("PUT", &key).with("If-Match", "\"other\""),
        Request::to("PUT", format!("/keys/{key}/")),
    ];
    for request in refused {
        let requests = [request.body(hidden.as_str()), Request::get(&key)];
        let mut replies = service.ask_all(&requests).await?.into_iter();
        // Where it closes at once with a body unread, the answer may be lost with it.
        if let Some(first) = replies.next() {
            let not_done = !first.is_done();
            first.meets(not_done, "a refusal")?;
        }
        // The service may close the connection, and answers what was asked otherwise.
        if let Some(second) = replies.next() {
            second.is(&[200])?.has_value("1")?;
        }
        if let Some(third) = replies.next() {
            third.meets(false, "no answer to what was not asked")?;
        }
        service.reads(&key, "1").await?;
    }
    Ok(())
}
