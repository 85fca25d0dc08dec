//! Which values are the same, whatever they are written like.

use serde_json::Value;

/// Whether two texts of JSON are the same value. Numbers are compared as decimals: what a
/// double can't tell apart is another number nonetheless.
pub(super) fn same(one: &str, other: &str) -> bool {
    let read = |text| serde_json::from_str::<Value>(text).ok();
    match (read(one), read(other)) {
        (Some(Value::Number(_)), Some(Value::Number(_))) => decimal(one) == decimal(other),
        (Some(one), Some(other)) => alike(&one, &other),
        _ => false,
    }
}

fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| alike(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let found = |(name, value)| other.get(name).is_some_and(|other| alike(value, other));
            one.len() == other.len() && one.iter().all(found)
        }
        _ => one == other,
    }
}

/// The sign, the digits and the power of ten of the last digit.
fn decimal(text: &str) -> Option<(bool, String, i64)> {
    let text = text.trim();
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent: i64 = exponent.trim_start_matches('+').parse().ok()?;
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0').trim_end_matches('0');
    if digits.is_empty() {
        return Some((false, String::new(), 0));
    }
    let zeros = all.len() - all.trim_end_matches('0').len();
    let power = exponent - i64::try_from(fraction.len()).ok()? + i64::try_from(zeros).ok()?;
    Some((is_negative, digits.to_owned(), power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_the_same_where_they_mean_the_same() {
        for (one, other) in [
            ("1", "1.0"),
            ("100", "1e2"),
            ("-0", "0"),
            ("12345678901234567890123", "12345678901234567890123"),
            ("0.10", "1E-1"),
            ("\"\\u00e9\"", "\"é\""),
            ("[1.0,{\"a\":null}]", "[1, {\"a\": null}]"),
        ] {
            assert!(same(one, other), "{one} and {other}");
        }
        for (one, other) in [
            ("12345678901234567890123", "12345678901234567890124"),
            ("9007199254740993", "9007199254740992"),
            ("1", "-1"),
            ("1", "\"1\""),
            ("null", "0"),
            ("[]", "{}"),
            ("{\"a\":1}", "{\"a\":1,\"b\":1}"),
            ("\"é\"", "\"e\u{301}\""),
        ] {
            assert!(!same(one, other), "{one} and {other}");
        }
    }
}
