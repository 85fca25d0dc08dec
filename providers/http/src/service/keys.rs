//! One key: read, written, removed.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::Full;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    backend::{Backend, Entry, Removed, Written},
    condition::{Conditions, Tag, Verdict},
    document, pages,
    problem::{Answer, Problem},
    ttl::{self, KV_TTL},
};

/// `GET` and `HEAD`.
pub(crate) async fn read(
    backend: &Backend,
    key: &str,
    headers: &HeaderMap,
) -> Result<Answer, Problem> {
    let conditions = Conditions::of(headers)?;
    let entry = backend.read(key).await?;
    // Conditions count only where there would be something to answer without them.
    let entry = entry.ok_or_else(|| Problem::no_key(key))?;
    let own = entry.tag();
    let mut answer = match conditions.judge(Some(&own)) {
        Verdict::Failed => return Err(failed()),
        Verdict::Same => {
            let mut answer = Answer::default();
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            answer
        }
        Verdict::Met => pages::json(found(key, &entry)?),
    };
    tag(&mut answer, own);
    let revalidated = HeaderValue::from_static("no-cache");
    answer
        .headers_mut()
        .insert(header::CACHE_CONTROL, revalidated);
    if let Some(deadline) = entry.deadline
        && let Ok(left) = HeaderValue::from_str(&ttl::shown(deadline.left()))
    {
        answer.headers_mut().insert(KV_TTL, left);
    }
    Ok(answer)
}

/// `PUT` and `POST`.
pub(crate) async fn write(
    backend: &Backend,
    (key, path): (&str, &str),
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Answer, Problem> {
    let conditions = Conditions::of(headers)?;
    let ttl = ttl::asked(headers)?;
    let value = document::value(body, key)?;
    let (status, new) = match backend.write(key, value, ttl, &conditions).await? {
        Written::Created(tag) => (StatusCode::CREATED, tag),
        Written::Replaced(tag) => (StatusCode::OK, tag),
        Written::Failed => return Err(failed()),
    };
    let mut answer = pages::json(r#"{"success":true,"message":"Value stored successfully"}"#);
    *answer.status_mut() = status;
    tag(&mut answer, new);
    if status == StatusCode::CREATED
        && let Ok(path) = HeaderValue::from_str(path)
    {
        answer.headers_mut().insert(header::LOCATION, path);
    }
    if let Some(ttl) = ttl
        && let Ok(left) = HeaderValue::from_str(&ttl::shown(ttl))
    {
        answer.headers_mut().insert(KV_TTL, left);
    }
    Ok(answer)
}

/// `DELETE`.
pub(crate) async fn remove(
    backend: &Backend,
    key: &str,
    headers: &HeaderMap,
) -> Result<Answer, Problem> {
    let conditions = Conditions::of(headers)?;
    match backend.remove(key, &conditions).await? {
        Removed::Gone => Ok(pages::json(
            r#"{"success":true,"message":"Key deleted successfully"}"#,
        )),
        Removed::Absent => Err(Problem::no_key(key)),
        Removed::Failed => Err(failed()),
    }
}

fn found(key: &str, entry: &Entry) -> Result<Full<bytes::Bytes>, Problem> {
    #[derive(Serialize)]
    struct Found<'f> {
        success: bool,
        key: &'f str,
        value: &'f RawValue,
    }

    let value: &RawValue = serde_json::from_slice(&entry.value).map_err(Problem::unreadable)?;
    let found = Found {
        success: true,
        key,
        value,
    };
    serde_json::to_vec(&found)
        .map(Full::from)
        .map_err(Problem::unreadable)
}

fn tag(answer: &mut Answer, tag: Tag) {
    if let Some(tag) = tag.header() {
        answer.headers_mut().insert(header::ETAG, tag);
    }
}

fn failed() -> Problem {
    Problem::new(
        StatusCode::PRECONDITION_FAILED,
        "the conditions of the request do not hold",
    )
}
