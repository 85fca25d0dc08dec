//! Keys in paths.

use crate::{check::Check, subject::Subject, wire::Request};

/// What follows the beginning of keys that are not one another.
const APART: [&str; 14] = [
    "a",
    "A",
    "a ",
    " a",
    "a+",
    "a%20",
    "a%2B",
    "a.",
    "\u{e9}",
    "e\u{301}",
    "a\0",
    "a/",
    "a\u{ff41}",
    "a?",
];

/// What stands for something else in a path, and for itself in a key.
const RESERVED: [&str; 16] = [
    "/",
    "?",
    "#",
    "%",
    "+",
    " ",
    "&",
    "=",
    ";",
    ":",
    "@",
    ",",
    "\"",
    "[",
    "\\",
    "\u{1f980}",
];

/// Stores a value under a key that the service may refuse. Says whether it did not.
async fn takes(service: &Subject, key: &str, value: &str) -> Check<bool> {
    let reply = service.ask(Request::put(key, value)).await?;
    let reply = reply.is(&[200, 201, 204, 400, 413, 414, 422, 431])?;
    Ok(reply.is_done())
}

pub(super) async fn key_is_decoded_once(service: &Subject) -> Check {
    let begin = service.key("");
    for (path, key, decoded_twice) in [
        ("%2541", "%41", "A"),
        ("%2521", "%21", "!"),
        ("%2525", "%25", "%"),
    ] {
        let (key, twice) = (format!("{begin}{key}"), format!("{begin}{decoded_twice}"));
        let path = format!("/keys/{begin}{path}");
        let put = Request::to("PUT", &path).document(&key, "1");
        service.ask(put).await?.done()?;
        service.reads(&key, "1").await?;
        let other = service.ask(Request::get(&twice)).await?;
        other.is(&[404])?;
    }
    Ok(())
}

pub(super) async fn reserved_characters_are_part_of_a_key(service: &Subject) -> Check {
    for reserved in RESERVED {
        let key = service.key(&format!("{reserved}z"));
        let value = serde_json::Value::from(reserved).to_string();
        if takes(service, &key, &value).await? {
            service.reads(&key, &value).await?;
            let reply = service.ask(Request::delete(&key)).await?;
            reply.done()?;
        }
        service.reads_nothing_or_refused(&key).await?;
    }
    Ok(())
}

pub(super) async fn spellings_of_a_path_are_one_key(service: &Subject) -> Check {
    let key = service.key("a,\u{e9}-+");
    service.store(&key, "1").await?;
    let begin = service.key("");
    for spelling in ["a%2C%C3%A9%2D%2B", "a%2c%c3%a9-%2b", "%61,%C3%A9-+"] {
        let get = Request::to("GET", format!("/keys/{begin}{spelling}"));
        let reply = service.ask(get).await?;
        reply.is(&[200])?.has_value("1")?;
    }
    Ok(())
}

pub(super) async fn keys_are_told_apart(service: &Subject) -> Check {
    let mut taken = Vec::new();
    for name in APART {
        let key = service.key(name);
        let value = serde_json::Value::from(name).to_string();
        service.reads_nothing_or_refused(&key).await?;
        if takes(service, &key, &value).await? {
            taken.push((key, value));
        }
    }
    for (key, value) in &taken {
        service.reads(key, value).await?;
    }
    Ok(())
}

pub(super) async fn key_that_is_no_text_is_refused(service: &Subject) -> Check {
    let begin = service.key("");
    for (path, key) in [
        ("%FF", "\u{fffd}"),
        ("%C3%28", "\u{fffd}("),
        ("%zz", "%zz"),
        ("%2", "%2"),
    ] {
        let key = format!("{begin}{key}");
        let path = format!("/keys/{begin}{path}");
        let put = Request::to("PUT", &path).document(&key, "1");
        service.ask(put).await?.is(&[400])?;
        service.ask(Request::to("GET", &path)).await?.is(&[400])?;
        service.reads_nothing(&key).await?;
    }
    Ok(())
}

pub(super) async fn dots_lead_nowhere_else(service: &Subject) -> Check {
    let begin = service.key("a");
    service.store(&begin, "\"neighbour\"").await?;
    // Each ends in a segment of dots where the slash is decoded before the path is resolved.
    for (dots, value) in [("/.", "1"), ("/..", "2"), ("/b/..", "3"), ("/../a", "4")] {
        let key = format!("{begin}{dots}");
        let path = format!("/keys/{}", dotted(&key));
        let put = Request::to("PUT", &path).document(&key, value);
        let reply = service.ask(put).await?;
        let reply = reply.is(&[200, 201, 204, 400])?;
        if reply.is_done() {
            let read = service.ask(Request::to("GET", &path)).await?;
            read.is(&[200])?.has_value(value)?;
        }
        service.reads(&begin, "\"neighbour\"").await?;
    }
    let lone = service
        .ask(Request::to("GET", "/keys/%2E%2E/health"))
        .await?;
    lone.is(&[400, 404])?;
    Ok(())
}

/// Dots stand for themselves, and slashes do not.
fn dotted(key: &str) -> String {
    key.replace('/', "%2F")
}

pub(super) async fn trailing_slash_is_no_redirect(service: &Subject) -> Check {
    let key = service.key("a");
    service.store(&key, "1").await?;
    for method in ["GET", "DELETE"] {
        let slashed = Request::to(method, format!("/keys/{key}/"));
        service.ask(slashed).await?.is(&[400, 404, 405])?;
        service.reads(&key, "1").await?;
    }
    Ok(())
}

pub(super) async fn long_key_is_whole_or_refused(service: &Subject) -> Check {
    for length in [200, 300, 600, 3_000] {
        let long = service.key(&"k".repeat(length));
        let (one, other) = (format!("{long}1"), format!("{long}2"));
        let taken = takes(service, &one, "1").await?;
        if taken && takes(service, &other, "2").await? {
            service.reads(&one, "1").await?;
            service.reads(&other, "2").await?;
        }
    }
    Ok(())
}
