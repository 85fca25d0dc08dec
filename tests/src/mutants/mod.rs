//! All mutants, by what their fault is about.
//!
//! A new fault goes into the file whose subject it is; nothing else has to be touched.

mod basics;
mod codecs;
mod documents;
mod expiry;
mod json;
mod key_encoding;
mod key_length;
mod key_patterns;
mod namespaces;
mod renewal;
mod sharing;
mod ttl_limits;
mod value_content;
mod value_size;

use crate::Mutant;

/// Every mutant there is.
#[must_use]
pub fn all() -> Vec<Mutant> {
    [
        basics::mutants(),
        key_encoding::mutants(),
        key_length::mutants(),
        key_patterns::mutants(),
        value_content::mutants(),
        value_size::mutants(),
        sharing::mutants(),
        expiry::mutants(),
        renewal::mutants(),
        ttl_limits::mutants(),
        documents::mutants(),
        codecs::mutants(),
        namespaces::mutants(),
    ]
    .concat()
}
