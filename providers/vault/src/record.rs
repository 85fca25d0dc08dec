//! What lies in Vault for a value: a small JSON object.
//!
//! A document is that object itself; where its text could not be told from it, the text lies
//! beside it, as the member `=text`. Everything else has that member alone, or `=base64`. A time
//! to live is the member `=expires`, and what was deleted has only `=deleted`. A document's own
//! members that begin with `=` get another one in front.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use omni_kv_parts::Deadline;
use serde_json::{Map, Value};
use tck_api::{Error, Result};

use crate::{LARGEST_VALUE, Values};

const MARK: char = '=';
const TEXT: &str = "=text";
const BASE64: &str = "=base64";
const EXPIRES: &str = "=expires";
const DELETED: &str = "=deleted";

/// How large, deep and long a record may be: servers refuse larger ones.
const LARGEST: usize = LARGEST_VALUE * 4 / 3;
const DEEPEST: usize = 64;
const MOST_PARTS: usize = 5_000;
/// Names of members count as well. OpenBao takes a thousand in a request, which has some of its own.
const MOST_TEXTS: usize = 900;

/// The object to store.
pub(crate) fn closed(
    value: &[u8],
    deadline: Option<Deadline>,
    values: Values,
) -> Map<String, Value> {
    let readable = match values {
        Values::Bytes => None,
        Values::Json => readable(value),
    };
    let mut record = readable.unwrap_or_else(|| one(BASE64, STANDARD.encode(value)));
    if let Some(deadline) = deadline {
        record.insert(EXPIRES.to_owned(), deadline.micros().to_string().into());
    }
    record
}

/// The object to store in place of what is deleted. It is a version like any other, so that no
/// condition holds across it.
pub(crate) fn tombstone() -> Map<String, Value> {
    Map::from_iter([(DELETED.to_owned(), true.into())])
}

pub(crate) fn is_tombstone(record: &Map<String, Value>) -> bool {
    record.contains_key(DELETED)
}

/// The value that was stored, where it is not absent by now.
pub(crate) fn opened(mut record: Map<String, Value>) -> Result<Option<Bytes>> {
    let foreign = || Error::invalid_value("not stored by this provider");
    if is_tombstone(&record) {
        return Ok(None);
    }
    if let Some(expires) = record.remove(EXPIRES) {
        let micros = expires.as_str().and_then(|text| text.parse().ok());
        if Deadline::from_micros(micros.ok_or_else(foreign)?).is_past() {
            return Ok(None);
        }
    }
    if let Some(encoded) = record.remove(BASE64) {
        let bytes = encoded.as_str().and_then(|text| STANDARD.decode(text).ok());
        return bytes.map(|bytes| Some(bytes.into())).ok_or_else(foreign);
    }
    let text = match record.remove(TEXT) {
        Some(Value::String(text)) => Some(text),
        Some(_) => return Err(foreign()),
        None => None,
    };
    match text {
        // Others may have changed the document meanwhile, and not the text.
        Some(text) if record.is_empty() || stands_for(&text, &record) => Ok(Some(text.into())),
        _ => {
            let json = serde_json::to_vec(&sorted(unmarked(record)));
            Ok(Some(json.map_err(Error::backend)?.into()))
        }
    }
}

/// A record that says what is in it, where one is not too large.
fn readable(value: &[u8]) -> Option<Map<String, Value>> {
    let text = str::from_utf8(value).ok()?;
    let weight = weight(value);
    let alone = || one(TEXT, text.to_owned());
    let Some(members) = document(value) else {
        return (weight <= LARGEST).then(alone);
    };
    let is_exact = members.values().all(is_kept)
        && serde_json::to_vec(&sorted(members.clone())).is_ok_and(|json| json == value);
    let mut record = marked(members);
    if is_exact && weight <= LARGEST {
        return Some(record);
    }
    if weight <= LARGEST / 2 {
        record.insert(TEXT.to_owned(), text.into());
        return Some(record);
    }
    (weight <= LARGEST).then(alone)
}

/// A document with its members in the order in which a server writes them, which is that of a
/// map unless another crate of the program has asked for maps that keep the order of a text.
fn sorted(members: Map<String, Value>) -> Value {
    let mut document = Value::Object(members);
    document.sort_all_objects();
    document
}

fn document(value: &[u8]) -> Option<Map<String, Value>> {
    let Ok(Value::Object(members)) = serde_json::from_slice(value) else {
        return None;
    };
    let mut extent = Extent::default();
    extent.holds_all(&members, DEEPEST).then_some(members)
}

/// What there is in a document so far.
#[derive(Default)]
struct Extent {
    parts: usize,
    texts: usize,
}

impl Extent {
    fn holds_all(&mut self, members: &Map<String, Value>, depth: usize) -> bool {
        self.texts += members.len();
        members.values().all(|member| self.holds(member, depth))
    }

    fn holds(&mut self, member: &Value, depth: usize) -> bool {
        self.parts += 1;
        self.texts += usize::from(member.is_string());
        if depth == 0 || self.parts > MOST_PARTS || self.texts > MOST_TEXTS {
            return false;
        }
        match member {
            Value::Array(list) => list.iter().all(|member| self.holds(member, depth - 1)),
            Value::Object(members) => self.holds_all(members, depth - 1),
            _ => true,
        }
    }
}

/// Whether a server that reads all numbers as floats writes it in the same way.
fn is_kept(member: &Value) -> bool {
    const EXACT: u64 = 1 << 53;
    match member {
        Value::Number(number) => number.as_i64().is_some_and(|integer| {
            // Numbers may be kept as texts, of which `-0` is another one of zero.
            integer.unsigned_abs() <= EXACT && integer.to_string() == number.to_string()
        }),
        Value::Array(list) => list.iter().all(is_kept),
        Value::Object(members) => members.values().all(is_kept),
        _ => true,
    }
}

/// Whether it is the text of this document, as far as a server has kept its numbers.
fn stands_for(text: &str, record: &Map<String, Value>) -> bool {
    let members = document(text.as_bytes()).map(marked);
    members.is_some_and(|members| alike(&members.into(), &record.clone().into()))
}

fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| alike(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, one)| other.get(name).is_some_and(|other| alike(one, other)))
        }
        _ => one == other,
    }
}

fn marked(members: Map<String, Value>) -> Map<String, Value> {
    let marked = members.into_iter().map(|(name, member)| {
        let is_ours = name.starts_with(MARK);
        (
            if is_ours {
                format!("{MARK}{name}")
            } else {
                name
            },
            member,
        )
    });
    marked.collect()
}

fn unmarked(record: Map<String, Value>) -> Map<String, Value> {
    let members = record.into_iter().map(|(name, member)| {
        let own = name.strip_prefix(MARK).map(str::to_owned);
        (own.unwrap_or(name), member)
    });
    members.collect()
}

/// The most that it takes on a server, which writes each of some characters in six.
fn weight(value: &[u8]) -> usize {
    let added = value.iter().map(|byte| match byte {
        b'"' | b'\\' => 1,
        b'<' | b'>' | b'&' | 0x7F => 5,
        // The first of three, for some of which six are written.
        0xE2 => 3,
        byte if byte.is_ascii_control() => 5,
        _ => 0,
    });
    value.len() + added.sum::<usize>()
}

fn one(name: &str, text: String) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), Value::String(text))])
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    fn stored(text: &str) -> Value {
        let record = closed(text.as_bytes(), None, Values::Json);
        let back = opened(record.clone()).expect("it is ours");
        assert_eq!(back.as_deref(), Some(text.as_bytes()));
        record.into()
    }

    #[test]
    fn a_json_object_is_the_document_itself() {
        let text = r#"{"=odd":[1,{"a":"b"}],"name":"Ada"}"#;
        let expected = json!({"name": "Ada", "==odd": [1, {"a": "b"}]});
        assert_eq!(stored(text), expected);
        assert_eq!(stored("{}"), json!({}));
    }

    #[test]
    fn text_that_a_document_does_not_keep_lies_beside_it() {
        for text in [
            r#"{"b":1,"a":2}"#,
            r#"{"a":[{"c":1,"b":2}]}"#,
            r#"{"a":1,"a":2}"#,
            r#"{"a":1,"a":1}"#,
            r#"{ "a": 1 }"#,
            r#"{"a":9007199254740993}"#,
            r#"{"a":1.0}"#,
            r#"{"a":1e2}"#,
            r#"{"a":-0}"#,
        ] {
            let record = stored(text);
            assert_eq!(record[TEXT], text);
            assert!(record.get("a").is_some(), "{record}");
        }
    }

    #[test]
    fn members_come_back_in_their_order_whatever_lies_beside_them() {
        let text = r#"{"a":1,"b":2,"c":{"a":1,"b":2},"d":4}"#;
        let minute = Deadline::after(Duration::from_secs(60));
        let record = closed(text.as_bytes(), minute, Values::Json);
        // A server writes them in order, the deadline first.
        let written = sorted(record).to_string();
        let read = serde_json::from_str(&written).expect("it is an object");
        let back = opened(read).expect("it is ours");
        assert_eq!(back.as_deref(), Some(text.as_bytes()));
    }

    #[test]
    fn a_document_that_others_have_changed_counts_more_than_its_text() {
        let mut record = closed(br#"{"b":1.0,"a":2}"#, None, Values::Json);
        record.insert("b".to_owned(), 1.into());
        let same = opened(record.clone()).expect("it is ours");
        assert_eq!(same.as_deref(), Some(&br#"{"b":1.0,"a":2}"#[..]));
        record.insert("b".to_owned(), 3.into());
        let changed = opened(record).expect("it is ours");
        assert_eq!(changed.as_deref(), Some(&br#"{"a":2,"b":3}"#[..]));
    }

    #[test]
    fn what_is_no_document_or_too_large_for_one_is_text() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(80), "]".repeat(80));
        let many = format!("{{\"a\":[{}0]}}", "0,".repeat(10_000));
        let large = format!("{{ \"a\":\"{}\"}}", "x".repeat(LARGEST / 2));
        let members: Map<_, _> = (0..1_000).map(|n| (n.to_string(), json!(n))).collect();
        let texts = json!({"a": vec!["b"; 1_000]}).to_string();
        let members = json!({ "a": members }).to_string();
        for text in [
            "[1]", "null", "", "no json", "{", &deep, &many, &large, &members, &texts,
        ] {
            assert_eq!(stored(text), json!({"=text": text}));
        }
    }

    #[test]
    fn bytes_are_base64() {
        let escaped = vec![0; LARGEST_VALUE];
        for (value, values) in [
            (&b"\xff\0"[..], Values::Json),
            (&escaped, Values::Json),
            (b"{}", Values::Bytes),
        ] {
            let record = closed(value, None, values);
            assert!(record.contains_key(BASE64));
            assert_eq!(opened(record).expect("it is ours").as_deref(), Some(value));
        }
    }

    #[test]
    fn a_deadline_lies_beside_the_value() {
        for values in [Values::Bytes, Values::Json] {
            let minute = Deadline::after(Duration::from_secs(60));
            let alive = opened(closed(b"{}", minute, values)).expect("it is ours");
            assert_eq!(alive.as_deref(), Some(&b"{}"[..]));
            let past = Some(Deadline::from_micros(1));
            let gone = opened(closed(b"{}", past, values)).expect("it is ours");
            assert_eq!(gone, None);
        }
        assert_eq!(opened(tombstone()).expect("it is ours"), None);
    }
}
