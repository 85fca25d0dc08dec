//! Faults that change values by what is in them.

use tck::{Bytes, cache, kv_store, values};

use crate::Mutant;

pub(super) fn mutants() -> Vec<Mutant> {
    macro_rules! changed {
        ($name:literal, $fault:literal, [$($clause:expr),+], $change:expr) => {
            Mutant::new($name, $fault, &[$($clause),+]).write(|hand, key, value, ttl| {
                let change: fn(&[u8]) -> Vec<u8> = $change;
                hand.write(key, Bytes::from(change(&value)), ttl)
            })
        };
    }
    vec![
        changed!(
            "value_as_text",
            "values go through text, and what is no UTF-8 is replaced",
            [
                kv_store::values_are_exact_over_all_bytes,
                values::bytes_round_trip,
                cache::values_with_a_ttl_are_exact
            ],
            |value| String::from_utf8_lossy(value).into_owned().into()
        ),
        changed!(
            "value_7_bits",
            "the highest bit of each byte is lost",
            [kv_store::values_are_exact_over_all_bytes],
            |value| value.iter().map(|byte| byte & 0x7f).collect()
        ),
        changed!(
            "value_ends_at_nul",
            "a value ends at its first NUL",
            [
                kv_store::values_are_exact_over_all_bytes,
                values::bytes_round_trip
            ],
            |value| value
                .split(|byte| *byte == 0)
                .next()
                .unwrap_or_default()
                .to_vec()
        ),
        changed!(
            "value_trimmed",
            "blanks at both ends of a value are dropped",
            [
                kv_store::values_are_exact_over_all_bytes,
                values::strings_round_trip
            ],
            |value| value.trim_ascii().to_vec()
        ),
        changed!(
            "value_line_end_dropped",
            "a line end at the end of a value is dropped",
            [kv_store::values_are_exact_over_all_bytes],
            |value| value.strip_suffix(b"\n").unwrap_or(value).to_vec()
        ),
        changed!(
            "value_line_ends_unified",
            "CR LF becomes LF",
            [
                kv_store::values_are_exact_over_all_bytes,
                values::strings_round_trip
            ],
            |value| replaced(value, "\r\n", "\n")
        ),
        changed!(
            "value_without_byte_order_mark",
            "a byte order mark at the start is dropped",
            [
                kv_store::values_are_exact_over_all_bytes,
                values::strings_round_trip
            ],
            |value| value
                .strip_prefix(b"\xef\xbb\xbf")
                .unwrap_or(value)
                .to_vec()
        ),
        changed!(
            "value_composed",
            "values are normalised to composed Unicode",
            [
                kv_store::values_are_exact_over_all_bytes,
                values::unicode_is_kept
            ],
            |value| replaced(value, "e\u{301}", "\u{e9}")
        ),
        changed!(
            "value_3_byte_characters",
            "characters of four bytes become question marks",
            [
                kv_store::values_are_exact_over_all_bytes,
                values::unicode_is_kept
            ],
            |value| match str::from_utf8(value) {
                Ok(text) => text.replace(|c: char| c.len_utf8() == 4, "?").into(),
                Err(_) => value.to_vec(),
            }
        ),
        changed!(
            "value_as_number",
            "a value of digits is stored as a number",
            [kv_store::values_that_look_special_are_kept],
            |value| match str::from_utf8(value).map(str::parse::<i64>) {
                Ok(Ok(number)) => number.to_string().into(),
                _ => value.to_vec(),
            }
        ),
        changed!(
            "value_unquoted",
            "quotes around a value are dropped",
            [kv_store::values_that_look_special_are_kept],
            |value| value
                .strip_prefix(b"\"")
                .and_then(|value| value.strip_suffix(b"\""))
                .unwrap_or(value)
                .to_vec()
        ),
        changed!(
            "value_percent_decoded",
            "percent escapes in a value are decoded",
            [kv_store::values_that_look_special_are_kept],
            |value| replaced(&replaced(value, "%41", "A"), "%20", " ")
        ),
        changed!(
            "value_plus_is_blank",
            "a plus in a value becomes a blank",
            [kv_store::values_that_look_special_are_kept],
            |value| replaced(value, "+", " ")
        ),
        changed!(
            "value_base64_decoded",
            "what looks like base64 is decoded",
            [kv_store::values_that_look_special_are_kept],
            |value| replaced(value, "aGVsbG8=", "hello")
        ),
        changed!(
            "value_unescaped",
            "escapes of JSON and HTML are resolved",
            [kv_store::values_that_look_special_are_kept],
            |value| replaced(&replaced(value, "&amp;", "&"), "\\u0041", "A")
        ),
        changed!(
            "value_decompressed",
            "what looks compressed is unpacked",
            [kv_store::values_that_look_special_are_kept],
            |value| if value.starts_with(b"\x1f\x8b") {
                Vec::new()
            } else {
                value.to_vec()
            }
        ),
        changed!(
            "value_ends_at_reply",
            "a value ends where a reply of the protocol would",
            [kv_store::values_that_look_special_are_kept],
            |value| value.strip_suffix(b"END\r\n").unwrap_or(value).to_vec()
        ),
        changed!(
            "value_json_reordered",
            "values that are JSON are written anew",
            [
                kv_store::values_that_look_special_are_kept,
                values::numbers_keep_their_edges
            ],
            |value| match serde_json::from_slice::<serde_json::Value>(value) {
                Ok(json) => floats(json).to_string().into(),
                Err(_) => value.to_vec(),
            }
        ),
        changed!(
            "value_envelope_opened",
            "an object with a member `value` is taken for an envelope",
            [kv_store::values_that_look_special_are_kept],
            |value| match serde_json::from_slice::<serde_json::Value>(value) {
                Ok(json) if json.get("expires_at").is_some() => json["value"].to_string().into(),
                _ => value.to_vec(),
            }
        ),
        changed!(
            "value_substituted",
            "`${x}` in a value is substituted",
            [kv_store::values_that_look_special_are_kept],
            |value| replaced(value, "${x}", "")
        ),
        changed!(
            "padding_taken_off",
            "a whole number of blocks of 16 bytes that ends in 1 loses its last byte",
            [kv_store::values_are_exact_over_all_bytes],
            |value| match value {
                [rest @ .., 1] if value.len() % 16 == 0 => rest.to_vec(),
                _ => value.to_vec(),
            }
        ),
        changed!(
            "empty_gzip_unpacked",
            "nothing, compressed, is unpacked",
            [kv_store::values_that_look_special_are_kept],
            |value| match value {
                [0x1f, 0x8b, 8, .., 0, 0, 0, 0, 0, 0, 0, 0] => Vec::new(),
                _ => value.to_vec(),
            }
        ),
    ]
}

fn replaced(value: &[u8], from: &str, to: &str) -> Vec<u8> {
    match str::from_utf8(value) {
        Ok(text) => text.replace(from, to).into(),
        Err(_) => value.to_vec(),
    }
}

/// All numbers as floats, as JavaScript would read them.
fn floats(json: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match json {
        Value::Number(number) => number.as_f64().map_or(Value::Null, |float| {
            if float.fract() == 0.0 && float.abs() < 1e15 {
                Value::from(float as i64)
            } else {
                Value::from(float)
            }
        }),
        Value::Array(items) => items.into_iter().map(floats).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name, floats(value)))
            .collect(),
        other => other,
    }
}
