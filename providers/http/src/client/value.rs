//! Bytes as JSON values, in documents: text as a string, anything else as an object with its
//! base64.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tck_api::{Error, Result};

#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Value<'v> {
    Text(#[serde(borrow)] Cow<'v, str>),
    Bytes(Encoded),
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Encoded {
    base64: String,
}

/// The body of a write.
pub(crate) fn document(name: &str, bytes: &[u8]) -> Result<String> {
    #[derive(Serialize)]
    struct Document<'d> {
        key: &'d str,
        value: &'d RawValue,
    }

    let value = RawValue::from_string(encoded(bytes)).map_err(Error::backend)?;
    let document = Document {
        key: name,
        value: &value,
    };
    serde_json::to_string(&document).map_err(Error::backend)
}

/// The bytes in the answer to a read.
pub(crate) fn value_in(body: &[u8]) -> Result<Bytes> {
    #[derive(Deserialize)]
    struct Found<'f> {
        #[serde(borrow)]
        value: &'f RawValue,
    }

    let found: Found<'_> = serde_json::from_slice(body).map_err(Error::backend)?;
    decoded(found.value.get())
}

/// The value that stands for these bytes.
fn encoded(bytes: &[u8]) -> String {
    let value = match str::from_utf8(bytes) {
        Ok(text) => Value::Text(text.into()),
        Err(_) => Value::Bytes(Encoded {
            base64: STANDARD.encode(bytes),
        }),
    };
    serde_json::to_string(&value).unwrap_or_default()
}

/// The bytes that a value stands for, where this client has written it.
pub(crate) fn decoded(json: &str) -> Result<Bytes> {
    let foreign = || Error::invalid_value("not written by this client");
    match serde_json::from_str(json).map_err(|_| foreign())? {
        Value::Text(text) => Ok(text.into_owned().into()),
        Value::Bytes(Encoded { base64 }) => {
            let bytes = STANDARD.decode(base64).map_err(|_| foreign())?;
            Ok(bytes.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back() {
        for bytes in [
            &b""[..],
            b"text",
            "größe \0 \"".as_bytes(),
            b"\xff\xfe",
            b"{\"base64\":\"AA==\"}",
        ] {
            let value = encoded(bytes);
            assert_eq!(decoded(&value).ok().as_deref(), Some(bytes), "{value}");
        }
    }

    #[test]
    fn values_of_others_are_refused() {
        for json in [
            "1",
            "null",
            "[]",
            "{}",
            "{\"base64\":1}",
            "{\"base64\":\"\",\"x\":1}",
            "{\"base64\":\"*\"}",
        ] {
            assert!(decoded(json).is_err(), "{json}");
        }
    }
}
