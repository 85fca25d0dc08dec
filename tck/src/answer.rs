//! What a provider answered, and what a clause expects of it.

use std::time::Instant;

use bytes::Bytes;
use tck_api::{ErrorKind, Result};

use crate::{
    check::{Breach, Cause, Check, Stop},
    lease::Lease,
    recorder::Recorder,
    shown::{Shown, difference},
};

/// The answer to one call, with the step it stands at and the moment it came.
#[derive(Debug)]
#[must_use = "an answer that nobody looks at proves nothing"]
pub(crate) struct Answer<T> {
    pub(crate) result: Result<T>,
    pub(crate) step: Option<usize>,
    pub(crate) came: Instant,
}

impl<T> Answer<T> {
    /// The answer to the call of this thread that ended last, where no lease is at stake.
    pub(crate) fn of(result: Result<T>, store: &Recorder) -> Self {
        Self {
            result,
            step: store.last_step(),
            came: Instant::now(),
        }
    }
}

impl<T> Answer<T>
where
    Result<T>: Shown,
{
    /// Expects any answer but an error.
    pub(crate) fn ok(self) -> Check<T> {
        let (observed, step) = (self.result.shown(), self.step);
        self.result
            .map_err(|_| breach("Ok".to_owned(), observed, step))
    }

    /// Expects exactly this.
    pub(crate) fn is(&self, expected: T) -> Check
    where
        T: PartialEq,
    {
        let as_expected = matches!(&self.result, Ok(answer) if *answer == expected);
        self.expect(as_expected, &Ok(expected).shown())
    }

    /// Expects that it is done, and says why it must be.
    pub(crate) fn is_done(&self, why: &str) -> Check {
        self.expect(self.result.is_ok(), &format!("Ok(()): {why}"))
    }

    /// Expects that it is done, or refused in this one way. Says whether it was done.
    pub(crate) fn is_done_unless(&self, kind: ErrorKind) -> Check<bool> {
        if self.is_error(kind) {
            return Ok(false);
        }
        self.expect(self.result.is_ok(), &format!("Ok(()) or Err({kind}: …)"))?;
        Ok(true)
    }

    /// Expects a refusal of one of these kinds.
    pub(crate) fn is_refused(&self, kinds: &[ErrorKind]) -> Check {
        let as_expected = matches!(&self.result, Err(error) if kinds.contains(&error.kind()));
        let kinds: Vec<_> = kinds.iter().map(|kind| format!("Err({kind}: …)")).collect();
        self.expect(as_expected, &kinds.join(" or "))
    }

    /// Whether it is an error of this kind.
    pub(crate) fn is_error(&self, kind: ErrorKind) -> bool {
        matches!(&self.result, Err(error) if error.kind() == kind)
    }

    /// Goes on only where the answer came before the entry may have expired. Otherwise
    /// it proves nothing, whatever it is.
    pub(crate) fn within(self, lease: &Lease) -> Check<Self> {
        if self.came < lease.earliest_end {
            Ok(self)
        } else {
            Err(Stop::Late)
        }
    }

    /// Says that this is not what was expected.
    pub(crate) fn is_not(&self, expected: &str) -> Check {
        self.expect(false, expected)
    }

    fn expect(&self, as_expected: bool, expected: &str) -> Check {
        if as_expected {
            return Ok(());
        }
        Err(breach(expected.to_owned(), self.result.shown(), self.step))
    }
}

impl Answer<Option<Bytes>> {
    /// Expects this value.
    pub(crate) fn is_value(&self, expected: impl Into<Bytes>) -> Check {
        self.is_bytes(expected.into())
    }

    fn is_bytes(&self, expected: Bytes) -> Check {
        match &self.result {
            Ok(Some(observed)) if *observed == expected => Ok(()),
            Ok(Some(observed)) => {
                let parted = difference(&expected, observed);
                let observed = self.result.shown() + &parted;
                Err(breach(Some(expected).shown(), observed, self.step))
            }
            _ => self.is(Some(expected)),
        }
    }

    /// Expects that there is nothing.
    pub(crate) fn is_missing(&self) -> Check {
        self.is(None)
    }
}

pub(crate) fn breach(expected: String, observed: String, step: Option<usize>) -> Stop {
    Stop::Breach(Box::new(Breach {
        expected,
        observed,
        cause: Cause::Answer,
        step,
    }))
}
