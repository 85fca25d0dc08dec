//! Who comes with credentials that are wrong.

use tck::{ErrorKind, Result};

use crate::Tested;

/// Such a caller is refused for good, and nothing of what was guessed is said.
///
/// # Panics
///
/// Where the error is of another kind, or says it.
#[track_caller]
pub fn is_refused<T>(answer: Result<T>, guess: &str) -> Tested {
    let Err(error) = answer else {
        return Err("a stranger was served".into());
    };
    let said = format!("{error} {error:?}");
    assert_eq!(error.kind(), ErrorKind::Backend, "{said}");
    assert!(!said.contains(guess), "{said}");
    Ok(())
}
