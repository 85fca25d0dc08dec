//! Requests that are done on a condition.

use crate::{Need, check::Check, subject::Subject, wire::Request};

const OTHER: &str = "\"tck-some-other-tag\"";

/// The tag of what is under a key.
pub(super) async fn tag(service: &Subject, key: &str) -> Check<String> {
    let reply = service.ask(Request::get(key)).await?.is(&[200])?;
    let tag = reply.header("ETag").unwrap_or_default().to_owned();
    let is_strong = tag.len() >= 2 && tag.starts_with('"') && tag.ends_with('"');
    reply.meets(is_strong, "a strong ETag, in quotes")?;
    Ok(tag)
}

pub(super) async fn condition_is_never_ignored(service: &Subject) -> Check {
    let key = service.key("a");
    service.store(&key, "1").await?;
    for (name, value) in [("If-None-Match", "*"), ("If-Match", OTHER)] {
        let put = Request::put(&key, "2").with(name, value);
        let delete = Request::delete(&key).with(name, value);
        for request in [put, delete] {
            let reply = service.ask(request).await?;
            let refused = reply.is_refused() || reply.status == 501;
            reply.meets(
                refused,
                "412, or another refusal: the condition does not hold",
            )?;
            service.reads(&key, "1").await?;
        }
    }
    Ok(())
}

pub(super) async fn etag_is_strong_and_follows_the_value(service: &Subject) -> Check {
    service.needs(Need::Atomic).await?;
    let key = service.key("a");
    let mut seen: Vec<String> = Vec::new();
    for value in ["1", "2", "\"1\"", "null", "[1]", "12345678901234567890"] {
        let stored = service.store(&key, value).await?;
        let tag = tag(service, &key).await?;
        let same = stored.header("ETag").is_none_or(|own| own == tag);
        stored.meets(same, &format!("ETag: {tag}, as GET answers, or none"))?;
        let again = service.ask(Request::get(&key)).await?;
        let same = again.header("ETag") == Some(&tag);
        let again = again.meets(same, &format!("ETag: {tag}, as before"))?;
        let is_new = !seen.contains(&tag);
        again.meets(is_new, "another ETag for another value")?;
        seen.push(tag);
    }
    Ok(())
}

pub(super) async fn if_match_guards_writes(service: &Subject) -> Check {
    service.needs(Need::Atomic).await?;
    let key = service.key("a");
    let put = |value, tags: &str| Request::put(&key, value).with("If-Match", tags);
    for tags in ["*", OTHER] {
        service.ask(put("0", tags)).await?.is(&[412])?;
        service.reads_nothing(&key).await?;
    }
    service.store(&key, "1").await?;
    let first = tag(service, &key).await?;
    service.ask(put("2", &first)).await?.is(&[200, 204])?;
    // The tag is that of the value before, and a weak one never matches here.
    let second = tag(service, &key).await?;
    for tags in [first, format!("W/{second}"), OTHER.to_owned()] {
        service.ask(put("3", &tags)).await?.is(&[412])?;
        service.reads(&key, "2").await?;
    }
    let list = format!("{OTHER} , \"a,b\",{second}");
    service.ask(put("3", &list)).await?.is(&[200, 204])?;
    service.ask(put("4", "*")).await?.is(&[200, 204])?;
    service.reads(&key, "4").await
}

pub(super) async fn conditions_guard_deletes(service: &Subject) -> Check {
    service.needs(Need::Atomic).await?;
    let key = service.key("a");
    service.store(&key, "1").await?;
    let tag = tag(service, &key).await?;
    let delete = |name, tags: &str| Request::delete(&key).with(name, tags);
    for (name, tags) in [
        ("If-Match", OTHER),
        ("If-None-Match", "*"),
        ("If-None-Match", tag.as_str()),
    ] {
        service.ask(delete(name, tags)).await?.is(&[412])?;
        service.reads(&key, "1").await?;
    }
    let reply = service.ask(delete("If-Match", &tag)).await?;
    reply.is(&[200, 202, 204])?;
    service.reads_nothing(&key).await
}

pub(super) async fn if_none_match_creates_only(service: &Subject) -> Check {
    service.needs(Need::Atomic).await?;
    let key = service.key("a");
    let put = |value| Request::put(&key, value).with("If-None-Match", "*");
    service.ask(put("null")).await?.is(&[201])?;
    service.ask(put("2")).await?.is(&[412])?;
    service.reads(&key, "null").await?;
    service.ask(Request::delete(&key)).await?.done()?;
    service.ask(put("3")).await?.is(&[201])?;
    service.reads(&key, "3").await
}

pub(super) async fn if_none_match_answers_304(service: &Subject) -> Check {
    service.needs(Need::Atomic).await?;
    let key = service.key("a");
    service.store(&key, "1").await?;
    let tag = tag(service, &key).await?;
    let same = [
        tag.clone(),
        format!("W/{tag}"),
        format!("{OTHER}, {tag}"),
        "*".to_owned(),
    ];
    for tags in same {
        for request in [Request::get(&key), Request::head(&key)] {
            let reply = service.ask(request.with("If-None-Match", &tags)).await?;
            let reply = reply.is(&[304])?;
            let is_whole = reply.header("ETag") == Some(&tag) && !reply.has_surplus;
            reply.meets(is_whole, &format!("304 with ETag: {tag} and no body"))?;
        }
    }
    service.store(&key, "2").await?;
    let reply = service
        .ask(Request::get(&key).with("If-None-Match", &tag))
        .await?;
    reply.is(&[200])?.has_value("2")
}

pub(super) async fn if_match_goes_before_if_none_match(service: &Subject) -> Check {
    service.needs(Need::Atomic).await?;
    let key = service.key("a");
    service.store(&key, "1").await?;
    let tag = tag(service, &key).await?;
    let both = |request: Request, first: &str, second: &str| {
        request
            .with("If-None-Match", second)
            .with("If-Match", first)
    };
    let get = || Request::get(&key);
    service.ask(both(get(), OTHER, &tag)).await?.is(&[412])?;
    service.ask(both(get(), &tag, &tag)).await?.is(&[304])?;
    service.ask(both(get(), &tag, OTHER)).await?.is(&[200])?;
    let put = Request::put(&key, "2");
    service.ask(both(put, &tag, "*")).await?.is(&[412])?;
    service.reads(&key, "1").await
}

pub(super) async fn condition_does_not_hide_an_absent_key(service: &Subject) -> Check {
    let key = service.key("never");
    for (name, value) in [
        ("If-None-Match", OTHER),
        ("If-None-Match", "*"),
        ("If-Match", OTHER),
    ] {
        let reply = service.ask(Request::get(&key).with(name, value)).await?;
        reply.is(&[404])?;
    }
    Ok(())
}

pub(super) async fn malformed_tag_is_refused(service: &Subject) -> Check {
    let key = service.key("a");
    service.store(&key, "1").await?;
    for (name, tags) in [
        ("If-Match", "tag"),
        ("If-Match", "\"open"),
        ("If-None-Match", "tag"),
        ("If-None-Match", "w/\"weak\""),
    ] {
        let put = Request::put(&key, "2").with(name, tags);
        service.ask(put).await?.is(&[400])?;
        service.reads(&key, "1").await?;
    }
    Ok(())
}
