//! What is read.

use crate::{check::Check, subject::Subject, wire::Request};

/// A value of each kind, and one that is nested.
const VALUES: [&str; 12] = [
    "true",
    "false",
    "0",
    "-1.5",
    "\"\"",
    "\"text\"",
    "[]",
    "[1,[2,null],\"3\"]",
    "{}",
    "{\"value\":{\"key\":1},\"b\":[{}]}",
    "\"null\"",
    "\"{\\\"value\\\":1}\"",
];

pub(super) async fn value_is_read_as_it_was_written(service: &Subject) -> Check {
    let key = service.key("a");
    let deep = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    for value in VALUES.into_iter().chain([deep.as_str()]) {
        service.store(&key, value).await?;
        service.reads(&key, value).await?;
        service.reads(&key, value).await?;
    }
    Ok(())
}

pub(super) async fn absent_key_answers_404(service: &Subject) -> Check {
    let key = service.key("never");
    service.ask(Request::get(&key)).await?.is(&[404])?;
    service.heads(&key, 404).await?;
    // To ask creates nothing.
    service.reads_nothing(&key).await
}

pub(super) async fn null_is_a_value(service: &Subject) -> Check {
    let key = service.key("a");
    service.store(&key, "null").await?;
    service.reads(&key, "null").await?;
    service.heads(&key, 200).await?;
    let again = service.ask(Request::put(&key, "null")).await?;
    again.is(&[200, 204])?;
    service.ask(Request::delete(&key)).await?.done()?;
    service.reads_nothing(&key).await
}

pub(super) async fn head_answers_as_get(service: &Subject) -> Check {
    let (key, absent) = (service.key("a"), service.key("never"));
    service.store(&key, "{\"b\":[1,2,3]}").await?;
    for key in [key, absent] {
        let get = service.ask(Request::get(&key)).await?.is(&[200, 404])?;
        let mut head = service.ask(Request::head(&key)).await?.is(&[get.status])?;
        let empty = !head.has_surplus;
        head = head.meets(empty, "no body after the answer to HEAD")?;
        for name in ["Content-Type", "ETag"] {
            let same = head.header(name) == get.header(name);
            let expected = match get.header(name) {
                Some(value) => format!("{name}: {value}, as GET has"),
                None => format!("no {name}, as GET has none"),
            };
            head = head.meets(same, &expected)?;
        }
        let size = get.body.len().to_string();
        let sizes = head.header("Content-Length").is_none_or(|own| own == size);
        head.meets(
            sizes,
            &format!("Content-Length: {size}, as GET has, or none"),
        )?;
    }
    Ok(())
}

pub(super) async fn answer_says_that_it_is_json(service: &Subject) -> Check {
    let key = service.key("a");
    service.store(&key, "1").await?;
    let reply = service.ask(Request::get(&key)).await?.is(&[200])?;
    let is_json = reply.media_type().eq_ignore_ascii_case("application/json");
    reply.meets(is_json, "Content-Type: application/json")?;
    Ok(())
}

pub(super) async fn answer_is_not_to_be_guessed_at(service: &Subject) -> Check {
    let key = service.key("a");
    service.store(&key, "\"<script>alert(1)</script>\"").await?;
    for request in [Request::get(&key), Request::get(&service.key("<b>"))] {
        let reply = service.ask(request).await?;
        let said = reply.header("X-Content-Type-Options");
        let said = said.is_some_and(|said| said.eq_ignore_ascii_case("nosniff"));
        reply.meets(said, "X-Content-Type-Options: nosniff")?;
    }
    Ok(())
}

pub(super) async fn answer_is_not_kept_by_caches(service: &Subject) -> Check {
    let key = service.key("a");
    service.store(&key, "1").await?;
    let reply = service.ask(Request::get(&key)).await?.is(&[200])?;
    let asks_again = reply.listed("Cache-Control").any(|directive| {
        let known = ["no-store", "no-cache", "max-age=0"];
        known
            .iter()
            .any(|known| known.eq_ignore_ascii_case(directive))
    });
    reply.meets(asks_again, "Cache-Control: no-store, no-cache or max-age=0")?;
    Ok(())
}
