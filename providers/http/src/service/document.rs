//! The body of a write: a key and a value of any kind.

use std::borrow::Cow;

use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, error::Category, value::RawValue};

use super::problem::Problem;

#[derive(Deserialize)]
struct Document<'d> {
    #[serde(borrow)]
    key: Cow<'d, str>,
    #[serde(borrow)]
    value: &'d RawValue,
}

/// Whether the headers announce a body of JSON, as it is.
pub(crate) fn announced(headers: &HeaderMap) -> Result<(), Problem> {
    let unsupported = |error: &str| {
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, error)
            .with(header::ACCEPT, "application/json")
    };
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let media_type = text(header::CONTENT_TYPE).unwrap_or_default();
    let mut parts = media_type.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    if name != "application/json" && !(name.starts_with("application/") && name.ends_with("+json"))
    {
        return Err(unsupported("the body has to be application/json"));
    }
    for part in parts {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let is_utf8 = value.trim_matches('"').eq_ignore_ascii_case("utf-8");
        if name.eq_ignore_ascii_case("charset") && !is_utf8 {
            return Err(unsupported("the body has to be UTF-8"));
        }
    }
    if text(header::CONTENT_ENCODING).is_some_and(|coding| !coding.eq_ignore_ascii_case("identity"))
    {
        return Err(
            unsupported("the body must not be encoded").with(header::ACCEPT_ENCODING, "identity")
        );
    }
    if headers.contains_key(header::CONTENT_RANGE) {
        return Err(Problem::bad_request(
            "a value is written as a whole, not in ranges",
        ));
    }
    Ok(())
}

/// The value in the body, exactly as it was sent, where the body is for this key.
pub(crate) fn value(body: &[u8], key: &str) -> Result<String, Problem> {
    let document = read(body)?;
    if document.key != key {
        let other = &document.key;
        let error = format!("Key in path '{key}' does not match key in body '{other}'");
        return Err(Problem::bad_request(error));
    }
    let value = document.value.get();
    // Taken over unread it might hold what nobody can read: half a surrogate pair, a number
    // beyond all numbers, a thousand brackets.
    serde_json::from_str::<Value>(value).map_err(|error| not_json(&error))?;
    Ok(value.to_owned())
}

fn read(body: &[u8]) -> Result<Document<'_>, Problem> {
    let unprocessable = |error: String| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error);
    // Of an array the fields would be taken in turn.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(match serde_json::from_slice::<Value>(body) {
            Ok(_) => unprocessable("the body is not an object with key and value".to_owned()),
            Err(error) => not_json(&error),
        });
    }
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Data => unprocessable(format!(
            "the body is not an object with key and value: {error}"
        )),
        _ => not_json(&error),
    })
}

fn not_json(error: &serde_json::Error) -> Problem {
    Problem::bad_request(format!("the body is not JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_exactly() {
        for text in [
            "1",
            "1.0",
            "-0",
            "12345678901234567890123",
            "null",
            "\"\\u00e9\"",
            "[1, 2]",
            "{\"b\":1,\"a\":2}",
            "0.1000",
        ] {
            let body = format!("{{\"key\":\"k\",\"value\":{text}}}");
            assert_eq!(value(body.as_bytes(), "k").ok().as_deref(), Some(text));
        }
    }

    #[test]
    fn what_can_not_be_read_is_not_taken() {
        let deep = format!(
            "{{\"key\":\"k\",\"value\":{}{}}}",
            "[".repeat(200),
            "]".repeat(200)
        );
        for (body, status) in [
            ("", 400),
            ("not json", 400),
            ("{\"key\":\"k\",\"value\":NaN}", 400),
            ("{\"key\":\"k\",\"value\":1e400}", 400),
            ("{\"key\":\"k\",\"value\":\"\\ud800\"}", 400),
            ("{\"key\":\"k\",\"value\":1} {}", 400),
            (deep.as_str(), 400),
            ("[\"k\",1]", 422),
            ("\"k\"", 422),
            ("{\"key\":\"k\"}", 422),
            ("{\"value\":1}", 422),
            ("{\"key\":1,\"value\":1}", 422),
            ("{\"key\":\"k\",\"value\":1,\"value\":2}", 422),
            ("{\"key\":\"other\",\"value\":1}", 400),
        ] {
            let refused = value(body.as_bytes(), "k").map_err(|problem| problem.status.as_u16());
            assert_eq!(refused, Err(status), "{body}");
        }
        assert!(value(b"{\"key\":\"k\",\"value\":\"\xff\"}", "k").is_err());
    }
}
