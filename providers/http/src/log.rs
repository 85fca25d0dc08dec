//! Lines on the standard error.

use std::{
    fmt::Display,
    io::{Write, stderr},
};

/// Writes a line as a whole. Where nobody reads it any more, the service goes on without.
pub(crate) fn line(text: impl Display) {
    let line = format!("{text}\n");
    let _ = stderr().write_all(line.as_bytes());
}
