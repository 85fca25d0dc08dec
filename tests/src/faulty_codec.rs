//! A codec with a fault.

use tck::{Bytes, Codec, Error, Result};

/// A codec with a fault, for any `serde` type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FaultyCodec {
    pub(crate) encode: fn(serde_json::Value) -> Result<Bytes>,
    pub(crate) decode: fn(&Bytes) -> Result<serde_json::Value>,
    /// Whether it takes what its JSON has no word for.
    pub(crate) is_loose: bool,
}

impl<T: serde::Serialize + serde::de::DeserializeOwned> Codec<T> for FaultyCodec {
    fn encode(&self, value: &T) -> Result<Bytes> {
        let json = serde_json::to_value(value).map_err(Error::backend)?;
        if !self.is_loose {
            let _: T = read(json.clone())?;
        }
        (self.encode)(json)
    }

    fn decode(&self, bytes: &Bytes) -> Result<T> {
        read((self.decode)(bytes)?)
    }
}

fn read<T: serde::de::DeserializeOwned>(json: serde_json::Value) -> Result<T> {
    serde_json::from_value(json).map_err(|error| Error::invalid_value(error.to_string()))
}
