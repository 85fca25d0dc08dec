//! A codec with a fault.

use tck::{Bytes, Codec, Error, Result};

/// A codec with a fault, for any `serde` type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FaultyCodec {
    pub(crate) encode: fn(serde_json::Value) -> Result<Bytes>,
    pub(crate) decode: fn(&Bytes) -> Result<serde_json::Value>,
}

impl<T: serde::Serialize + serde::de::DeserializeOwned> Codec<T> for FaultyCodec {
    fn encode(&self, value: &T) -> Result<Bytes> {
        (self.encode)(serde_json::to_value(value).map_err(Error::backend)?)
    }

    fn decode(&self, bytes: &Bytes) -> Result<T> {
        let value = (self.decode)(bytes)?;
        serde_json::from_value(value).map_err(|error| Error::invalid_value(error.to_string()))
    }
}
