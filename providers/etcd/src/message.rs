//! What goes to etcd's JSON gateway and comes from it.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};

/// Bytes, which travel as base64.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Blob(pub(crate) Bytes);

impl<T: Into<Bytes>> From<T> for Blob {
    fn from(bytes: T) -> Self {
        Self(bytes.into())
    }
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Base64;

        impl Visitor<'_> for Base64 {
            type Value = Blob;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("base64")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Blob, E> {
                STANDARD.decode(text).map(Blob::from).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Base64)
    }
}

/// A number of 64 bits, which travels as text.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    struct Text;

    impl Visitor<'_> for Text {
        type Value = i64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number as text")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<i64, E> {
            text.parse().map_err(E::custom)
        }
    }

    deserializer.deserialize_str(Text)
}

#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Range {
    pub(crate) key: Blob,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) range_end: Option<Blob>,
    pub(crate) limit: usize,
    /// Zero for the present.
    pub(crate) revision: i64,
    pub(crate) keys_only: bool,
}

impl Range {
    /// The entry of this name.
    pub(crate) fn of(name: Bytes) -> Self {
        Self {
            key: name.into(),
            ..Self::default()
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct Put {
    pub(crate) key: Blob,
    pub(crate) value: Blob,
    /// Zero for none.
    pub(crate) lease: i64,
}

#[derive(Debug, Serialize)]
pub(crate) struct DeleteRange {
    pub(crate) key: Blob,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) range_end: Option<Blob>,
    /// Whether the answer is to hold what was removed.
    pub(crate) prev_kv: bool,
}

impl DeleteRange {
    /// The entry of this name.
    pub(crate) fn of(name: Bytes) -> Self {
        Self {
            key: name.into(),
            range_end: None,
            prev_kv: false,
        }
    }

    /// All entries from `start` to before `end`.
    #[cfg(feature = "database")]
    pub(crate) fn all(start: Bytes, end: Bytes) -> Self {
        Self {
            range_end: Some(end.into()),
            ..Self::of(start)
        }
    }
}

/// A condition on the revision that has written last.
#[derive(Debug, Serialize)]
pub(crate) struct Compare {
    pub(crate) key: Blob,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) range_end: Option<Blob>,
    pub(crate) target: &'static str,
    pub(crate) result: &'static str,
    pub(crate) mod_revision: i64,
}

impl Compare {
    /// The entry is the one that this revision has written, or absent where it is zero.
    pub(crate) fn is(name: Bytes, revision: i64) -> Self {
        Self {
            key: name.into(),
            range_end: None,
            target: "MOD",
            result: "EQUAL",
            mod_revision: revision,
        }
    }

    /// The entry is there.
    #[cfg(feature = "database")]
    pub(crate) fn exists(name: Bytes) -> Self {
        Self {
            result: "GREATER",
            ..Self::is(name, 0)
        }
    }

    /// Nothing from `start` to before `end` was written after this revision.
    pub(crate) fn is_unchanged(start: Bytes, end: Bytes, revision: i64) -> Self {
        Self {
            key: start.into(),
            range_end: Some(end.into()),
            target: "MOD",
            result: "LESS",
            mod_revision: revision.saturating_add(1),
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) enum Operation {
    #[serde(rename = "request_range")]
    Range(Range),
    #[serde(rename = "request_put")]
    Put(Put),
    #[serde(rename = "request_delete_range")]
    Delete(DeleteRange),
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Txn {
    pub(crate) compare: Vec<Compare>,
    pub(crate) success: Vec<Operation>,
    pub(crate) failure: Vec<Operation>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) struct Grant {
    /// In seconds.
    pub(crate) ttl: u64,
}

#[derive(Serialize)]
pub(crate) struct Login<'s> {
    pub(crate) name: &'s str,
    pub(crate) password: &'s str,
}

#[derive(Serialize)]
pub(crate) struct Nothing {}

/// An answer that says nothing but that it was done.
#[derive(Debug, Deserialize)]
pub(crate) struct Done {}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Header {
    #[serde(default, deserialize_with = "number")]
    pub(crate) revision: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Found {
    pub(crate) header: Header,
    pub(crate) kvs: Vec<Entry>,
    pub(crate) more: bool,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Entry {
    pub(crate) key: Blob,
    #[serde(default)]
    pub(crate) value: Blob,
    #[serde(deserialize_with = "number")]
    pub(crate) mod_revision: i64,
    #[serde(default, deserialize_with = "number")]
    pub(crate) lease: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Decided {
    pub(crate) succeeded: bool,
    pub(crate) responses: Vec<Response>,
}

impl Decided {
    /// The entry that was asked for first.
    pub(crate) fn into_entry(self) -> Option<Entry> {
        let first = self.responses.into_iter().next()?;
        first.response_range.kvs.into_iter().next()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Response {
    pub(crate) response_range: Found,
    #[cfg(feature = "database")]
    pub(crate) response_delete_range: Removed,
}

#[cfg(feature = "database")]
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Removed {
    pub(crate) prev_kvs: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Granted {
    #[serde(rename = "ID", deserialize_with = "number")]
    pub(crate) id: i64,
}

#[derive(Deserialize)]
pub(crate) struct Token {
    pub(crate) token: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_what_the_gateway_reads() -> serde_json::Result<()> {
        let put = Put {
            key: "a".to_owned().into(),
            value: Bytes::from_static(b"\0\xff").into(),
            lease: 7,
        };
        let txn = Txn {
            compare: vec![Compare::is("a".into(), 3)],
            success: vec![Operation::Put(put)],
            failure: vec![],
        };
        assert_eq!(
            serde_json::to_string(&txn)?,
            r#"{"compare":[{"key":"YQ==","target":"MOD","result":"EQUAL","mod_revision":3}],"#
                .to_owned()
                + r#""success":[{"request_put":{"key":"YQ==","value":"AP8=","lease":7}}],"failure":[]}"#
        );
        assert_eq!(serde_json::to_string(&Grant { ttl: 5 })?, r#"{"TTL":5}"#);
        Ok(())
    }

    #[test]
    fn an_answer_leaves_out_what_is_zero() -> serde_json::Result<()> {
        let found: Found = serde_json::from_str(
            r#"{"header":{"cluster_id":"1","revision":"9"},
                "kvs":[{"key":"YQ==","create_revision":"2","mod_revision":"4"}],"count":"1"}"#,
        )?;
        assert_eq!((found.header.revision, found.more), (9, false));
        let entry = found.kvs.first().map(|entry| (&entry.value, entry.lease));
        assert_eq!(entry, Some((&Blob::default(), 0)));
        let decided: Decided = serde_json::from_str(r#"{"header":{"revision":"9"}}"#)?;
        assert!(!decided.succeeded && decided.responses.is_empty());
        Ok(())
    }
}
