//! How keys, values and answers look in a trace.

use std::{fmt, time::Duration};

use bytes::Bytes;
use tck_api::{Page, Result, Transaction};

/// What is shown of a long value.
const HEAD: usize = 40;
/// How many characters of the end of a long key are shown: long ones often differ there.
const TAIL: usize = 8;
/// How many keys of a list are shown.
const KEYS: usize = 4;

/// Something that an operation answers with.
pub(crate) trait Shown {
    fn shown(&self) -> String;
}

impl<T: Recorded> Shown for T {
    fn shown(&self) -> String {
        self.recorded().to_string()
    }
}

impl<T: Shown> Shown for Result<T> {
    fn shown(&self) -> String {
        match self {
            Ok(answer) => answer.shown(),
            Err(error) => format!("Err({error})"),
        }
    }
}

/// What a provider answers with, and a trace keeps for each call.
pub(crate) trait Recorded {
    fn recorded(&self) -> Record;
}

impl Recorded for () {
    fn recorded(&self) -> Record {
        Record::Done
    }
}

impl Recorded for bool {
    fn recorded(&self) -> Record {
        Record::Truth(*self)
    }
}

impl Recorded for Option<Bytes> {
    fn recorded(&self) -> Record {
        Record::Value(self.as_deref().map(Glimpse::of))
    }
}

impl Recorded for Page<String> {
    fn recorded(&self) -> Record {
        Record::Page(page(keys(&self.items), self.next.as_deref()))
    }
}

impl Recorded for Page<(String, Bytes)> {
    fn recorded(&self) -> Record {
        let shown = self.items.iter().map(pair);
        Record::Page(page(listed(shown), self.next.as_deref()))
    }
}

impl Recorded for Box<dyn Transaction> {
    fn recorded(&self) -> Record {
        Record::Done
    }
}

/// An answer as it is kept: enough to be shown, and cheap.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Record {
    Done,
    Truth(bool),
    Value(Option<Glimpse>),
    Page(String),
    Failure(String),
    /// What a service answered, in words.
    #[cfg(feature = "http")]
    Reply(String),
}

impl Record {
    pub(crate) fn of<T: Recorded>(result: &Result<T>) -> Self {
        match result {
            Ok(answer) => answer.recorded(),
            Err(error) => Self::Failure(error.to_string()),
        }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("Ok(())"),
            Self::Truth(truth) => write!(f, "Ok({truth})"),
            Self::Value(Some(value)) => write!(f, "Ok(Some({value}))"),
            Self::Value(None) => f.write_str("Ok(None)"),
            Self::Page(page) => write!(f, "Ok({page})"),
            Self::Failure(error) => write!(f, "Err({error})"),
            #[cfg(feature = "http")]
            Self::Reply(reply) => f.write_str(reply),
        }
    }
}

/// The beginning of a value, and its length.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Glimpse {
    head: [u8; HEAD],
    length: usize,
}

impl Glimpse {
    pub(crate) fn of(value: &[u8]) -> Self {
        let mut head = [0; HEAD];
        for (kept, byte) in head.iter_mut().zip(value) {
            *kept = *byte;
        }
        Self {
            head,
            length: value.len(),
        }
    }
}

impl fmt::Display for Glimpse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = self.head.get(..self.length).unwrap_or(&self.head);
        match str::from_utf8(head) {
            Ok(text) => write!(f, "{text:?}")?,
            Err(_) => write!(f, "b\"{}\"", head.escape_ascii())?,
        }
        if self.length > HEAD {
            write!(f, "… {} bytes", self.length)
        } else {
            Ok(())
        }
    }
}

/// A key in quotes; of a long one, its head and its length.
pub(crate) fn key(key: &str) -> String {
    if key.chars().count() <= 2 * HEAD {
        return format!("{key:?}");
    }
    let head: String = key.chars().take(HEAD).collect();
    let last: Vec<_> = key.chars().rev().take(TAIL).collect();
    let tail: String = last.into_iter().rev().collect();
    format!("{head:?}…{tail:?} {} bytes", key.len())
}

/// The first keys of a list, and how many there are.
pub(crate) fn keys<K: AsRef<str>>(keys: &[K]) -> String {
    listed(keys.iter().map(|name| key(name.as_ref())))
}

/// A key and the beginning of its value.
pub(crate) fn pair((name, value): &(String, Bytes)) -> String {
    format!("({}, {})", key(name), Glimpse::of(value))
}

fn listed(mut items: impl ExactSizeIterator<Item = String>) -> String {
    let count = items.len();
    let mut shown = items.by_ref().take(KEYS).collect::<Vec<_>>().join(", ");
    if count > KEYS {
        shown += &format!(", … {count} keys");
    }
    format!("[{shown}]")
}

fn page(items: String, next: Option<&str>) -> String {
    match next {
        Some(next) => format!("{items}, next after {}", key(next)),
        None => items,
    }
}

/// Where two values part, in words; nothing where the eye sees it.
pub(crate) fn difference(expected: &Bytes, observed: &Bytes) -> String {
    if expected.len().max(observed.len()) <= HEAD {
        return String::new();
    }
    let same = expected
        .iter()
        .zip(observed.iter())
        .take_while(|(a, b)| a == b)
        .count();
    format!(
        ", {} bytes instead of {}, different from byte {same} on",
        observed.len(),
        expected.len()
    )
}

/// Three digits at the most: `12 µs`, `3.4 ms`, `1.2 s`.
pub(crate) fn duration(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    // What would be rounded up to a thousand is one of the next unit.
    let (value, unit) = match nanos {
        0 => return String::new(),
        1..1_000 => return format!("{nanos} ns"),
        1_000..999_500 => (nanos as f64 / 1e3, "µs"),
        999_500..999_500_000 => (nanos as f64 / 1e6, "ms"),
        _ => (nanos as f64 / 1e9, "s"),
    };
    if value < 9.95 {
        format!("{value:.1} {unit}")
    } else {
        format!("{value:.0} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_three_digits_at_the_most() {
        for (nanos, text) in [
            (0, ""),
            (999, "999 ns"),
            (1_000, "1.0 µs"),
            (12_300, "12 µs"),
            (999_000, "999 µs"),
            (3_400_000, "3.4 ms"),
            (1_000_000_000, "1.0 s"),
            (61_000_000_000, "61 s"),
        ] {
            assert_eq!(duration(Duration::from_nanos(nanos)), text);
        }
    }

    #[test]
    fn text_is_shown_as_text_and_bytes_as_bytes() {
        assert_eq!(Glimpse::of(&Bytes::from("a\n")).to_string(), r#""a\n""#);
        assert_eq!(
            Glimpse::of(&Bytes::from(vec![0xff, 0])).to_string(),
            r#"b"\xff\x00""#
        );
    }

    #[test]
    fn a_long_value_is_cut_and_says_its_size() {
        let shown = Glimpse::of(&Bytes::from(vec![b'x'; 41])).to_string();
        assert_eq!(shown, format!("\"{}\"… 41 bytes", "x".repeat(40)));
        assert_eq!(
            Glimpse::of(&Bytes::from(vec![b'x'; 40])).to_string(),
            format!("\"{}\"", "x".repeat(40))
        );
    }

    #[test]
    fn a_long_key_is_cut_at_a_character() {
        let long = "é".repeat(100);
        let (head, tail) = ("é".repeat(40), "é".repeat(8));
        assert_eq!(key(&long), format!("\"{head}\"…\"{tail}\" 200 bytes"));
        assert_eq!(key("short"), "\"short\"");
    }

    #[test]
    fn the_place_of_a_difference_is_told_where_it_can_not_be_seen() {
        let expected = Bytes::from(vec![7; 100]);
        let observed = Bytes::from(vec![7; 60]);
        assert!(difference(&expected, &observed).contains("60 bytes instead of 100"));
        assert!(difference(&expected, &observed).contains("from byte 60"));
        assert_eq!(difference(&Bytes::from("a"), &Bytes::from("b")), "");
    }
}
