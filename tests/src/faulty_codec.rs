//! A codec with a fault.

use tck::{Bytes, Codec, Error, Result};

/// A codec with a fault, for any `serde` type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FaultyCodec {
    pub(crate) encode: fn(serde_json::Value) -> Result<Bytes>,
    pub(crate) decode: fn(&Bytes) -> Result<serde_json::Value>,
    pub(crate) care: Care,
}

/// What a codec looks at before it takes a value that JSON may have no word for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Care {
    /// Whether the same value would be read back.
    Equal,
    /// Whether any value would be.
    Readable,
    /// At nothing.
    None,
}

impl<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq> Codec<T> for FaultyCodec {
    fn encode(&self, value: &T) -> Result<Bytes> {
        let json =
            serde_json::to_value(value).map_err(|error| Error::invalid_value(error.to_string()))?;
        let is_equal = read::<T>(json.clone()).map(|read| read == *value);
        match (self.care, is_equal) {
            (Care::Equal | Care::Readable, Err(unreadable)) => return Err(unreadable),
            (Care::Equal, Ok(false)) => return Err(Error::invalid_value("another value")),
            _ => {}
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
