//! What lies in the collection for a key.

use bytes::Bytes;
use mongodb::bson::{Binary, Bson, DateTime, Document, doc, oid::ObjectId, spec::BinarySubtype};
use omni_kv_parts::Deadline;
use tck_api::{Error, Result};

use crate::{Values, json};

pub(crate) const ID: &str = "_id";
pub(crate) const EXPIRES: &str = "expires";
pub(crate) const REVISION: &str = "revision";
const VALUE: &str = "value";
const TEXT: &str = "text";

/// JSON up to this size is a document, which takes several times its room.
const LARGEST_DOCUMENT: usize = 1 << 20;

/// The end of the year 9999 in milliseconds, after which servers and tools read no dates. What
/// lives longer lives for ever.
const LAST_DATE: i64 = 253_402_300_799_999;

/// The entry to store under this id. No two are the same, so that each can be told from what
/// comes after it.
pub(crate) fn closed(
    id: &str,
    value: &[u8],
    deadline: Option<Deadline>,
    values: Values,
) -> Document {
    let mut entry = doc! { ID: id, REVISION: ObjectId::new() };
    let text = str::from_utf8(value)
        .ok()
        .filter(|_| values == Values::Json);
    match text {
        None => entry.insert(VALUE, binary(value)),
        Some(text) => match document(text) {
            None => entry.insert(VALUE, text),
            Some(document) => {
                // In other words than the document's own, it lies beside it.
                if json::text(&document).is_none_or(|own| own != text) {
                    entry.insert(TEXT, text);
                }
                entry.insert(VALUE, document)
            }
        },
    };
    if let Some(expires) = deadline.and_then(date) {
        entry.insert(EXPIRES, expires);
    }
    entry
}

/// The value of an entry.
pub(crate) fn opened(mut entry: Document) -> Result<Bytes> {
    let foreign = || Error::invalid_value("not stored by this provider");
    match entry.remove(VALUE) {
        Some(Bson::Binary(binary)) => Ok(binary.bytes.into()),
        Some(Bson::String(text)) => Ok(text.into()),
        Some(Bson::Document(own)) => match entry.remove(TEXT) {
            // Others may have changed the document meanwhile, and not the text.
            Some(Bson::String(text)) if document(&text).as_ref() == Some(&own) => Ok(text.into()),
            _ => json::text(&own).map(Bytes::from).ok_or_else(foreign),
        },
        _ => Err(foreign()),
    }
}

/// What is true of an entry that is not absent by now.
pub(crate) fn alive() -> Document {
    doc! { "$or": [{ EXPIRES: null }, { EXPIRES: { "$gt": DateTime::now() } }] }
}

/// Whether this entry is not absent by now.
pub(crate) fn is_alive(entry: &Document) -> bool {
    let deadline = entry.get_datetime(EXPIRES);
    deadline.map_or(true, |deadline| DateTime::now() < *deadline)
}

/// What is true of an entry that is absent by now.
pub(crate) fn expired() -> Document {
    doc! { EXPIRES: { "$lte": DateTime::now() } }
}

fn document(text: &str) -> Option<Document> {
    (text.len() <= LARGEST_DOCUMENT)
        .then(|| json::document(text))
        .flatten()
}

fn binary(value: &[u8]) -> Binary {
    Binary {
        subtype: BinarySubtype::Generic,
        bytes: value.to_vec(),
    }
}

/// Rounded up, so that no entry goes early.
fn date(deadline: Deadline) -> Option<DateTime> {
    let millis = i64::try_from(deadline.micros().div_ceil(1_000)).ok()?;
    (millis <= LAST_DATE).then(|| DateTime::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn stored(value: &[u8], values: Values) -> Document {
        let entry = closed("id", value, None, values);
        assert_eq!(opened(entry.clone()).expect("it is ours"), value);
        entry
    }

    #[test]
    fn bytes_are_binary_data() {
        for (value, values) in [
            (&b"{}"[..], Values::Bytes),
            (b"text", Values::Bytes),
            (b"\xff\0", Values::Json),
        ] {
            let entry = stored(value, values);
            assert!(entry.get_binary_generic(VALUE).is_ok(), "{entry}");
        }
    }

    #[test]
    fn a_json_object_is_a_document() {
        let entry = stored(br#"{"age":36,"list":[1.5,null,{"a":""}]}"#, Values::Json);
        let expected = doc! { "age": 36_i64, "list": [1.5, Bson::Null, { "a": "" }] };
        assert_eq!(entry.get_document(VALUE).ok(), Some(&expected));
        assert!(!entry.contains_key(TEXT));
    }

    #[test]
    fn text_that_a_document_does_not_keep_lies_beside_it() {
        for text in [
            r#"{"b":1,"a":2}"#,
            r#"{"a": 1}"#,
            r#"{"a":18446744073709551615}"#,
        ] {
            let mut entry = stored(text.as_bytes(), Values::Json);
            assert_eq!(entry.get_str(TEXT).ok(), Some(text));
            // Who changes the document need not care for the text.
            entry.insert(VALUE, doc! { "b": 7 });
            assert_eq!(opened(entry).expect("it is ours"), r#"{"b":7}"#);
        }
    }

    #[test]
    fn what_is_no_document_is_text() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(80), "]".repeat(80));
        for text in [
            "[1]",
            "null",
            "",
            "{",
            r#"{"$set":1}"#,
            r#"{"a":{"b.c":1}}"#,
            &deep,
        ] {
            let entry = stored(text.as_bytes(), Values::Json);
            assert_eq!(entry.get_str(VALUE).ok(), Some(text));
        }
    }

    #[test]
    fn dates_end_with_the_year_9999() {
        let year = Duration::from_secs(365 * 86_400);
        for (years, is_kept) in [(0, true), (7_000, true), (9_000, false)] {
            let entry = closed("id", b"", Deadline::after(year * years), Values::Bytes);
            assert_eq!(entry.contains_key(EXPIRES), is_kept, "{entry}");
        }
    }
}
