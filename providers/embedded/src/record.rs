//! What is stored under a place: a deadline, if there is one, and a value.

use crate::{Error, Result, Value, time::Moment};

/// The largest value in bytes: of a text or bytes themselves, of others as they are stored.
pub const LARGEST_VALUE: usize = 16 << 20;

const PLAIN: u8 = 1;
const WITH_DEADLINE: u8 = 2;

/// The deadline and the encoded value of a record.
pub(crate) fn parts(record: &[u8]) -> Result<(Option<Moment>, &[u8])> {
    match record {
        [PLAIN, value @ ..] => Ok((None, value)),
        [WITH_DEADLINE, rest @ ..] => match rest.split_first_chunk() {
            Some((deadline, value)) => Ok((Some(Moment::from_be_bytes(*deadline)), value)),
            None => Err(Error::damaged("a record ends early")),
        },
        _ => Err(Error::damaged("a record of an unknown kind")),
    }
}

/// The encoded value of a record, where there is one that has not expired.
pub(crate) fn alive(record: Option<&[u8]>, now: Moment) -> Result<Option<&[u8]>> {
    let Some(record) = record else {
        return Ok(None);
    };
    let (deadline, value) = parts(record)?;
    Ok(deadline
        .is_none_or(|deadline| now < deadline)
        .then_some(value))
}

/// A record.
pub(crate) fn build(deadline: Option<Moment>, value: &[u8]) -> Vec<u8> {
    let mut record = Vec::with_capacity(1 + size_of::<Moment>() + value.len());
    match deadline {
        Some(deadline) => {
            record.push(WITH_DEADLINE);
            record.extend_from_slice(&deadline.to_be_bytes());
        }
        None => record.push(PLAIN),
    }
    record.extend_from_slice(value);
    record
}

/// The value as it is stored.
pub(crate) fn encode(value: &Value) -> Result<Vec<u8>> {
    let encoded = value.encode()?;
    let size = match value {
        Value::String(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => encoded.len(),
    };
    let limit = LARGEST_VALUE;
    if size > limit {
        return Err(Error::TooLarge { size, limit });
    }
    Ok(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_holds_what_it_was_built_from() {
        for deadline in [None, Some(0), Some(Moment::MAX)] {
            let record = build(deadline, b"value");
            assert_eq!(parts(&record).unwrap(), (deadline, b"value".as_slice()));
        }
    }

    #[test]
    fn it_is_alive_before_its_deadline() {
        let record = build(Some(10), b"v");
        assert_eq!(alive(Some(&record), 9).unwrap(), Some(b"v".as_slice()));
        assert_eq!(alive(Some(&record), 10).unwrap(), None);
        assert_eq!(alive(None, 0).unwrap(), None);
        assert_eq!(
            alive(Some(&build(None, b"v")), Moment::MAX).unwrap(),
            Some(b"v".as_slice())
        );
    }

    #[test]
    fn what_is_no_record_is_damaged() {
        for bytes in [&[][..], &[0], &[9, 1], &[WITH_DEADLINE, 1, 2]] {
            assert!(matches!(parts(bytes), Err(Error::Damaged { .. })));
        }
    }
}
