//! All mutants, by what their fault is about.
//!
//! A new fault goes into the file whose subject it is; nothing else has to be touched.

mod basics;
mod contents;
mod expiry;
mod keys;
mod limits;
mod namespaces;
mod renewal;
mod sharing;
mod values;

use crate::Mutant;

/// Every mutant there is.
#[must_use]
pub fn all() -> Vec<Mutant> {
    [
        basics::mutants(),
        keys::mutants(),
        contents::mutants(),
        sharing::mutants(),
        expiry::mutants(),
        renewal::mutants(),
        limits::mutants(),
        values::mutants(),
        namespaces::mutants(),
    ]
    .concat()
}
