//! Times to live in headers.

use std::time::Duration;

use http::{HeaderMap, HeaderName};

use super::problem::Problem;

/// In requests the time to live, in answers what is left of it.
pub(crate) const KV_TTL: HeaderName = HeaderName::from_static("kv-ttl");

/// The time to live that a request asks for: seconds, or a number with the unit `us`, `ms`,
/// `s`, `m`, `h` or `d`.
pub(crate) fn asked(headers: &HeaderMap) -> Result<Option<Duration>, Problem> {
    let mut values = headers.get_all(KV_TTL).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let ttl = value.to_str().ok().and_then(read);
    match (ttl, values.next()) {
        (Some(ttl), None) if !ttl.is_zero() => Ok(Some(ttl)),
        _ => Err(Problem::bad_request(
            "KV-TTL is not a time above zero, such as 60, 1500ms, 5m, 2h or 7d",
        )),
    }
}

/// What is left, in seconds, begun ones counted.
pub(crate) fn shown(left: Duration) -> String {
    left.as_secs()
        .saturating_add(u64::from(left.subsec_nanos() > 0))
        .to_string()
}

fn read(text: &str) -> Option<Duration> {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    let (count, unit) = text.split_at(end);
    let count: u64 = count.parse().ok()?;
    let seconds = |each: u64| count.checked_mul(each).map(Duration::from_secs);
    match unit {
        "us" => Some(Duration::from_micros(count)),
        "ms" => Some(Duration::from_millis(count)),
        "" | "s" => seconds(1),
        "m" => seconds(60),
        "h" => seconds(3_600),
        "d" => seconds(86_400),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_unit() {
        for (text, seconds) in [
            ("60", 60),
            ("60s", 60),
            ("5m", 300),
            ("2h", 7_200),
            ("7d", 604_800),
        ] {
            assert_eq!(read(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(read("1500ms"), Some(Duration::from_millis(1_500)));
        assert_eq!(read("15us"), Some(Duration::from_micros(15)));
        for text in [
            "",
            "s",
            "-1",
            "1.5",
            "1 s",
            "1w",
            "99999999999999999999",
            "1s1",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_begun_second_counts() {
        assert_eq!(shown(Duration::from_millis(1_001)), "2");
        assert_eq!(shown(Duration::from_secs(1)), "1");
        assert_eq!(shown(Duration::MAX), u64::MAX.to_string());
    }
}
