//! The moment from which an entry is absent, stored beside its value.

use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tck_api::{Error, Result};

use crate::Moment;

/// The moment from which an entry is absent, in microseconds since 1970: the clocks of all
/// machines that use a store are to agree.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Deadline(u64);

impl Deadline {
    /// The end of a time to live that begins now. None where it is further than the clock
    /// counts: such an entry never expires.
    #[must_use]
    pub fn after(ttl: Duration) -> Option<Self> {
        Moment::now().after(ttl)
    }

    /// The deadline that was stored as this number.
    #[must_use]
    pub fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// The number to store.
    #[must_use]
    pub fn micros(self) -> u64 {
        self.0
    }

    /// Whether the entry is absent by now.
    #[must_use]
    pub fn is_past(self) -> bool {
        self.left().is_zero()
    }

    /// How long it is until then.
    #[must_use]
    pub fn left(self) -> Duration {
        Moment::now().until(self)
    }
}

/// A value with its deadline, as a backend stores it: a byte that says which form it is, the
/// deadline where there is one, and the value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sealed {
    /// The value.
    pub value: Bytes,
    /// From when on it is absent.
    pub deadline: Option<Deadline>,
}

const PLAIN: u8 = 0;
const WITH_DEADLINE: u8 = 1;

impl Sealed {
    /// How many bytes it takes besides the value, at the most.
    pub const OVERHEAD: usize = 9;

    /// A value that is absent from then on.
    pub fn new(value: impl Into<Bytes>, deadline: Option<Deadline>) -> Self {
        Self {
            value: value.into(),
            deadline,
        }
    }

    /// What to store.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let mut bytes = BytesMut::with_capacity(Self::OVERHEAD + self.value.len());
        match self.deadline {
            None => bytes.put_u8(PLAIN),
            Some(deadline) => {
                bytes.put_u8(WITH_DEADLINE);
                bytes.put_u64(deadline.micros());
            }
        }
        bytes.put_slice(&self.value);
        bytes.freeze()
    }

    /// What was stored, or [`Error::InvalidValue`] where somebody else has stored it.
    pub fn from_bytes(mut bytes: Bytes) -> Result<Self> {
        let foreign = || Error::invalid_value("not stored by this provider");
        let form = bytes.try_get_u8().map_err(|_| foreign())?;
        let deadline = match form {
            PLAIN => None,
            WITH_DEADLINE => {
                let micros = bytes.try_get_u64().map_err(|_| foreign())?;
                Some(Deadline::from_micros(micros))
            }
            _ => return Err(foreign()),
        };
        Ok(Self {
            value: bytes,
            deadline,
        })
    }

    /// The value, where it is not absent by now.
    #[must_use]
    pub fn alive(self) -> Option<Bytes> {
        self.is_alive().then_some(self.value)
    }

    /// Whether it is not absent by now.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.deadline.is_none_or(|deadline| !deadline.is_past())
    }
}

#[cfg(test)]
mod tests {
    use tck_api::ErrorKind;

    use super::*;

    #[test]
    fn what_is_sealed_opens_again() {
        let deadlines = [None, Deadline::after(Duration::from_secs(60))];
        for deadline in deadlines {
            for value in [&b""[..], b"\0\x01\xff", b"lease"] {
                let sealed = Sealed::new(value, deadline);
                let opened = Sealed::from_bytes(sealed.to_bytes());
                assert_eq!(opened.ok(), Some(sealed));
            }
        }
    }

    #[test]
    fn what_others_have_stored_is_refused() {
        for bytes in [&b""[..], b"plain text", b"\x01short"] {
            let opened = Sealed::from_bytes(Bytes::from(bytes));
            assert_eq!(
                opened.map_err(|error| error.kind()),
                Err(ErrorKind::InvalidValue)
            );
        }
    }

    #[test]
    fn a_deadline_passes() {
        let now = Deadline::after(Duration::ZERO).expect("now is not for ever");
        let gone = Sealed::new("gone", Some(now));
        // It counts in microseconds, and this one is not over yet.
        while !now.is_past() {
            std::hint::spin_loop();
        }
        assert_eq!(gone.alive(), None);
        let minute = Duration::from_secs(60);
        let deadline = Deadline::after(minute).expect("a minute is not for ever");
        assert!(!deadline.is_past());
        assert!(
            deadline.left() > minute / 2 && deadline.left() <= minute + Duration::from_micros(1)
        );
    }

    #[test]
    fn an_endless_time_to_live_never_passes() {
        for ttl in [Duration::MAX, Duration::from_secs(u64::MAX / 2)] {
            assert_eq!(Deadline::after(ttl), None);
        }
        let century = Duration::from_secs(100 * 365 * 86_400);
        assert!(Deadline::after(century).is_some_and(|deadline| !deadline.is_past()));
    }
}
