//! What is stored under a place: a checksum, a deadline, if there is one, and a value.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::time::Moment;
use crate::{Error, Result};

/// The largest value in bytes: of a text or bytes themselves, of others as they are stored.
pub const LARGEST_VALUE: usize = 16 << 20;

const PLAIN: u8 = 1;
const WITH_DEADLINE: u8 = 2;

/// How many bytes the checksum takes, which stands in front.
const CHECKSUM: usize = size_of::<u64>();

/// The deadline and the encoded value of the record at a place. The engine checks its pages
/// only after a crash, so each record is looked at whenever somebody asks for it.
pub(super) fn parts<'r>(place: &[u8], record: &'r [u8]) -> Result<(Option<Moment>, &'r [u8])> {
    let Some((sum, body)) = record.split_first_chunk::<CHECKSUM>() else {
        return Err(Error::damaged("a record ends early"));
    };
    if *sum != checksum(place, body) {
        return Err(Error::damaged("a record is not what was written"));
    }
    match body {
        [PLAIN, value @ ..] => Ok((None, value)),
        [WITH_DEADLINE, rest @ ..] => match rest.split_first_chunk() {
            Some((deadline, value)) => Ok((Some(Moment::from_be_bytes(*deadline)), value)),
            None => Err(Error::damaged("a record ends early")),
        },
        _ => Err(Error::damaged("a record of an unknown kind")),
    }
}

/// Of the place as well, so that a record is not taken for that of another key.
fn checksum(place: &[u8], body: &[u8]) -> [u8; CHECKSUM] {
    xxh3_64_with_seed(body, xxh3_64(place)).to_be_bytes()
}

/// The deadline and the encoded value of the record at a place, where there is one that has
/// not expired.
pub(super) fn living<'r>(
    place: &[u8],
    record: Option<&'r [u8]>,
    now: Moment,
) -> Result<Option<(Option<Moment>, &'r [u8])>> {
    let parts = record.map(|record| parts(place, record)).transpose()?;
    Ok(parts.filter(|(deadline, _)| deadline.is_none_or(|deadline| now < deadline)))
}

/// The encoded value alone.
pub(super) fn alive<'r>(
    place: &[u8],
    record: Option<&'r [u8]>,
    now: Moment,
) -> Result<Option<&'r [u8]>> {
    Ok(living(place, record, now)?.map(|(_, value)| value))
}

/// The record for a place.
pub(super) fn build(place: &[u8], deadline: Option<Moment>, value: &[u8]) -> Vec<u8> {
    let mut record = Vec::with_capacity(CHECKSUM + 1 + size_of::<Moment>() + value.len());
    record.extend_from_slice(&[0; CHECKSUM]);
    match deadline {
        Some(deadline) => {
            record.push(WITH_DEADLINE);
            record.extend_from_slice(&deadline.to_be_bytes());
        }
        None => record.push(PLAIN),
    }
    record.extend_from_slice(value);
    if let Some((sum, body)) = record.split_first_chunk_mut() {
        *sum = checksum(place, body);
    }
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_holds_what_it_was_built_from() {
        for deadline in [None, Some(0), Some(Moment::MAX)] {
            let record = build(b"place", deadline, b"value");
            let parts = parts(b"place", &record).unwrap();
            assert_eq!(parts, (deadline, b"value".as_slice()));
        }
    }

    #[test]
    fn it_is_alive_before_its_deadline() {
        let record = build(b"p", Some(10), b"v");
        let at = |now| alive(b"p", Some(&record), now).unwrap();
        assert_eq!(at(9), Some(b"v".as_slice()));
        assert_eq!(at(10), None);
        assert_eq!(alive(b"p", None, 0).unwrap(), None);
        let record = build(b"p", None, b"v");
        let alive = alive(b"p", Some(&record), Moment::MAX);
        assert_eq!(alive.unwrap(), Some(b"v".as_slice()));
    }

    #[test]
    fn what_is_no_record_is_damaged() {
        for body in [&[][..], &[0], &[9, 1], &[WITH_DEADLINE, 1, 2]] {
            let record = [&checksum(b"p", body), body].concat();
            assert!(matches!(parts(b"p", &record), Err(Error::Damaged { .. })));
            assert!(matches!(parts(b"p", body), Err(Error::Damaged { .. })));
        }
    }

    #[test]
    fn a_record_that_was_changed_anywhere_is_damaged() {
        let record = build(b"place", Some(10), b"value");
        for index in 0..record.len() {
            let mut changed = record.clone();
            changed[index] ^= 1;
            assert!(matches!(
                parts(b"place", &changed),
                Err(Error::Damaged { .. })
            ));
        }
        assert!(matches!(
            parts(b"plays", &record),
            Err(Error::Damaged { .. })
        ));
    }
}
