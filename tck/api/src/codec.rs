//! How typed values become the bytes that a store holds.

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Error, Result};

/// Turns values of one type into bytes and back.
///
/// What `encode` accepts, `decode` gives back: a value that would read back as nothing,
/// or not at all, is refused as [`Error::InvalidValue`] when it is written.
pub trait Codec<T>: Send + Sync {
    /// The bytes to store for `value`.
    fn encode(&self, value: &T) -> Result<Bytes>;

    /// The value that `bytes` stand for, or [`Error::InvalidValue`].
    fn decode(&self, bytes: &Bytes) -> Result<T>;
}

/// Any `serde` type that can be compared, as JSON text. Values that are JSON `null` are refused: a reader
/// could not tell them from a missing key.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json;

impl<T: Serialize + DeserializeOwned + PartialEq> Codec<T> for Json {
    fn encode(&self, value: &T) -> Result<Bytes> {
        let json = serde_json::to_vec(value)
            .map_err(|error| Error::invalid_value(format!("does not become JSON: {error}")))?;
        let json = Bytes::from(json);
        // JSON has no NaN or infinity and `serde_json` writes `null` for them; a type may
        // also skip fields that it needs. Reading it back is the one check for all of it.
        let read_back: T = self.decode(&json)?;
        match read_back == *value {
            true => Ok(json),
            false => Err(Error::invalid_value("would read back as another value")),
        }
    }

    fn decode(&self, bytes: &Bytes) -> Result<T> {
        if bytes.trim_ascii() == b"null" {
            return Err(Error::invalid_value("JSON null would read back as nothing"));
        }
        serde_json::from_slice(bytes)
            .map_err(|error| Error::invalid_value(format!("does not decode: {error}")))
    }
}

/// Bytes and text as they are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Raw;

impl Codec<Bytes> for Raw {
    fn encode(&self, value: &Bytes) -> Result<Bytes> {
        Ok(value.clone())
    }

    fn decode(&self, bytes: &Bytes) -> Result<Bytes> {
        Ok(bytes.clone())
    }
}

impl Codec<String> for Raw {
    fn encode(&self, value: &String) -> Result<Bytes> {
        Ok(Bytes::from(value.clone()))
    }

    fn decode(&self, bytes: &Bytes) -> Result<String> {
        String::from_utf8(bytes.to_vec())
            .map_err(|error| Error::invalid_value(format!("does not decode: {error}")))
    }
}
