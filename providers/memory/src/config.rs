//! What a memory server can be told.

use std::sync::Arc;

use tck_api::{Bytes, Clock, Error, Result, SystemClock};

/// The clock and the limits of a [`Memory`](crate::Memory). The default goes by the
/// clock of the machine and has no limits.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The time that entries expire by.
    pub clock: Arc<dyn Clock>,
    /// The longest key, and the longest name of a namespace, in bytes.
    pub longest_key: usize,
    /// The largest value in bytes.
    pub largest_value: usize,
}

impl Config {
    /// Goes by another clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Refuses longer keys.
    #[must_use]
    pub fn longest_key(mut self, bytes: usize) -> Self {
        self.longest_key = bytes;
        self
    }

    /// Refuses larger values.
    #[must_use]
    pub fn largest_value(mut self, bytes: usize) -> Self {
        self.largest_value = bytes;
        self
    }

    pub(crate) fn check(&self, key: &str, value: &Bytes) -> Result<()> {
        self.check_key(key)?;
        let (size, limit) = (value.len(), self.largest_value);
        if size > limit {
            Err(Error::TooLarge { size, limit })
        } else {
            Ok(())
        }
    }

    pub(crate) fn check_key(&self, key: &str) -> Result<()> {
        let (length, limit) = (key.len(), self.longest_key);
        if length > limit {
            return Err(Error::invalid_key(format!(
                "{length} bytes, the limit is {limit}"
            )));
        }
        Ok(())
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            longest_key: usize::MAX,
            largest_value: usize::MAX,
        }
    }
}
