//! Values that say who has written them, and when.

use bytes::Bytes;

use crate::{
    answer::{Answer, breach},
    check::Check,
    shown::Shown,
    subject::Subject,
};

/// How long a mark is, and how many of them make a value.
const MARK: usize = 8;
pub(super) const SMALL: usize = 64;
const LARGE: usize = 9_000;

/// How many marks make a large value.
pub(super) fn marks_of_large(store: &Subject) -> usize {
    let limit = store.profile().largest_value.unwrap_or(usize::MAX);
    LARGE.min(limit / MARK)
}

/// A value that says who has written it, and when, again and again, so that a mixture shows.
pub(super) fn marked(writer: usize, round: usize, marks: usize) -> Bytes {
    format!("{writer}:{round:05} ").repeat(marks).into()
}

/// Who has written the value that was read, and when. It has to be whole.
pub(super) fn mark_in(got: &Answer<Option<Bytes>>, marks: usize) -> Check<(usize, usize)> {
    let Some((writer, round)) = got.result.as_ref().ok().and_then(first_mark) else {
        let expected = "a value that was written, at every moment".to_owned();
        return Err(breach(expected, got.result.shown(), got.step));
    };
    got.is_value(marked(writer, round, marks))?;
    Ok((writer, round))
}

fn first_mark(value: &Option<Bytes>) -> Option<(usize, usize)> {
    let mark = value.as_ref()?.split(|byte| *byte == b' ').next()?;
    let (writer, round) = str::from_utf8(mark).ok()?.split_once(':')?;
    Some((writer.parse().ok()?, round.parse().ok()?))
}
