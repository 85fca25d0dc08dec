//! Values, and how they are written down: as CBOR, RFC 8949.

use std::{collections::BTreeMap, convert::Infallible};

use minicbor::{Decoder, Encoder, data::Type};

use crate::{Error, Result};

/// How deep lists and maps may stand in each other.
const DEEPEST: usize = 128;

/// What is stored under a key.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Nothing, which is still there: a key that holds it exists.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    I64(i64),
    /// A number with a fraction, kept bit by bit.
    F64(f64),
    /// A text.
    String(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Values in order.
    List(Vec<Self>),
    /// Values by name.
    Map(BTreeMap<String, Self>),
}

impl Value {
    /// The value as it is stored, where it is no larger than this many bytes: of a text or
    /// bytes themselves, of others as they are stored.
    pub(crate) fn encode_within(&self, limit: usize) -> Result<Vec<u8>> {
        let encoded = self.encode()?;
        let size = match self {
            Self::String(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            _ => encoded.len(),
        };
        if size > limit {
            return Err(Error::TooLarge { size, limit });
        }
        Ok(encoded)
    }

    fn encode(&self) -> Result<Vec<u8>> {
        let mut encoder = Encoder::new(Vec::new());
        self.write(&mut encoder, DEEPEST)?;
        Ok(encoder.into_writer())
    }

    /// The value that was stored.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::new(bytes);
        let value = Self::read(&mut decoder, DEEPEST).map_err(|error| match error {
            Misread::Engine(error) => Error::damaged(format!("a value: {error}")),
            Misread::TooDeep => too_deep(),
        })?;
        if decoder.position() != bytes.len() {
            return Err(Error::damaged("a value is longer than it says"));
        }
        Ok(value)
    }

    fn write(&self, to: &mut Encoder<Vec<u8>>, depth: usize) -> Result<()> {
        let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
        match self {
            Self::Null => to.null()?,
            Self::Bool(truth) => to.bool(*truth)?,
            Self::I64(number) => to.i64(*number)?,
            Self::F64(number) => to.f64(*number)?,
            Self::String(text) => to.str(text)?,
            Self::Bytes(bytes) => to.bytes(bytes)?,
            Self::List(values) => {
                to.array(values.len() as u64)?;
                for value in values {
                    value.write(to, depth)?;
                }
                to
            }
            Self::Map(values) => {
                to.map(values.len() as u64)?;
                for (name, value) in values {
                    value.write(to.str(name)?, depth)?;
                }
                to
            }
        };
        Ok(())
    }

    fn read(from: &mut Decoder<'_>, depth: usize) -> Result<Self, Misread> {
        let depth = depth.checked_sub(1).ok_or(Misread::TooDeep)?;
        Ok(match from.datatype()? {
            Type::Null => {
                from.null()?;
                Self::Null
            }
            Type::Bool => Self::Bool(from.bool()?),
            Type::F64 => Self::F64(from.f64()?),
            Type::String => Self::String(from.str()?.to_owned()),
            Type::Bytes => Self::Bytes(from.bytes()?.to_owned()),
            Type::Array => {
                let count = from.array()?.unwrap_or_default();
                let values = (0..count).map(|_| Self::read(from, depth));
                Self::List(values.collect::<Result<_, _>>()?)
            }
            Type::Map => {
                let count = from.map()?.unwrap_or_default();
                let named = (0..count).map(|_| {
                    let name = from.str()?.to_owned();
                    Ok((name, Self::read(from, depth)?))
                });
                Self::Map(named.collect::<Result<_, Misread>>()?)
            }
            // All whole numbers, and an error for what is none of these.
            _ => Self::I64(from.i64()?),
        })
    }
}

impl From<minicbor::encode::Error<Infallible>> for Error {
    fn from(error: minicbor::encode::Error<Infallible>) -> Self {
        Self::InvalidValue {
            reason: error.to_string(),
        }
    }
}

enum Misread {
    Engine(minicbor::decode::Error),
    TooDeep,
}

impl From<minicbor::decode::Error> for Misread {
    fn from(error: minicbor::decode::Error) -> Self {
        Self::Engine(error)
    }
}

fn too_deep() -> Error {
    Error::InvalidValue {
        reason: format!("more than {DEEPEST} lists and maps in each other"),
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident),+ $(,)?) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )+};
}

from! {
    bool => Bool,
    i64 => I64,
    i32 => I64,
    u32 => I64,
    f64 => F64,
    String => String,
    &str => String,
    Vec<u8> => Bytes,
    &[u8] => Bytes,
    Vec<Value> => List,
    BTreeMap<String, Value> => Map,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(value: &Value) -> Value {
        Value::decode(&value.encode().unwrap()).unwrap()
    }

    #[test]
    fn every_kind_reads_back_as_itself() {
        let list = Value::List(vec![Value::Null, 1.into(), "one".into()]);
        let map = BTreeMap::from([
            (String::new(), Value::Null),
            ("list".to_owned(), list.clone()),
            ("map".to_owned(), Value::Map(BTreeMap::new())),
        ]);
        for value in [
            Value::Null,
            true.into(),
            i64::MIN.into(),
            i64::MAX.into(),
            (-1).into(),
            23.into(),
            24.into(),
            (-0.0).into(),
            f64::MIN_POSITIVE.into(),
            f64::INFINITY.into(),
            0.1.into(),
            "".into(),
            "grüße \0 😀".into(),
            Value::Bytes((0..=u8::MAX).collect()),
            Value::List(Vec::new()),
            list,
            Value::Map(map),
        ] {
            assert_eq!(round_trip(&value), value);
        }
        let Value::F64(zero) = round_trip(&Value::F64(-0.0)) else {
            panic!("a float reads back as one");
        };
        assert!(zero.is_sign_negative());
        assert!(matches!(round_trip(&Value::F64(f64::NAN)), Value::F64(nan) if nan.is_nan()));
    }

    #[test]
    fn what_is_too_deep_is_refused_and_does_not_overflow_the_stack() {
        let deep = |depth| (1..depth).fold(Value::Null, |inner, _| Value::List(vec![inner]));
        assert!(deep(DEEPEST).encode().is_ok());
        assert!(matches!(
            deep(DEEPEST + 1).encode(),
            Err(Error::InvalidValue { .. })
        ));
        let bytes = vec![0x81; 1_000_000];
        assert!(matches!(
            Value::decode(&bytes),
            Err(Error::InvalidValue { .. })
        ));
    }

    #[test]
    fn bytes_that_are_no_value_are_damaged() {
        for bytes in [
            &[][..],
            &[0x18],
            &[0xff],
            &[0x01, 0x01],
            &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x61, 0xff],
        ] {
            assert!(
                matches!(Value::decode(bytes), Err(Error::Damaged { .. })),
                "{bytes:?}"
            );
        }
    }
}
