//! How keys, values and answers look in a trace.

use bytes::Bytes;
use tck_api::Result;

/// What is shown of a long value.
const HEAD: usize = 40;

/// Something that an operation answers with.
pub(crate) trait Shown {
    fn shown(&self) -> String;
}

impl Shown for () {
    fn shown(&self) -> String {
        "Ok(())".to_owned()
    }
}

impl Shown for bool {
    fn shown(&self) -> String {
        format!("Ok({self})")
    }
}

impl Shown for Bytes {
    fn shown(&self) -> String {
        let head = self.get(..HEAD).unwrap_or(self);
        let head = match str::from_utf8(head) {
            Ok(text) => format!("{text:?}"),
            Err(_) => format!("b\"{}\"", head.escape_ascii()),
        };
        if self.len() > HEAD {
            format!("{head}… {} bytes", self.len())
        } else {
            head
        }
    }
}

impl Shown for Option<Bytes> {
    fn shown(&self) -> String {
        match self {
            Some(value) => format!("Ok(Some({}))", value.shown()),
            None => "Ok(None)".to_owned(),
        }
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

/// A key in quotes; of a long one, its head and its length.
pub(crate) fn key(key: &str) -> String {
    if key.len() <= 2 * HEAD {
        return format!("{key:?}");
    }
    let head: String = key.chars().take(HEAD).collect();
    format!("{head:?}… {} bytes", key.len())
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
        ", {} bytes of {}, other than expected from byte {same} on",
        observed.len(),
        expected.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_shown_as_text_and_bytes_as_bytes() {
        assert_eq!(Bytes::from("a\n").shown(), r#""a\n""#);
        assert_eq!(Bytes::from(vec![0xff, 0]).shown(), r#"b"\xff\x00""#);
    }

    #[test]
    fn a_long_value_is_cut_and_says_its_size() {
        let shown = Bytes::from(vec![b'x'; 41]).shown();
        assert_eq!(shown, format!("\"{}\"… 41 bytes", "x".repeat(40)));
        assert_eq!(
            Bytes::from(vec![b'x'; 40]).shown(),
            format!("\"{}\"", "x".repeat(40))
        );
    }

    #[test]
    fn a_long_key_is_cut_at_a_character() {
        let long = "é".repeat(60);
        assert_eq!(key(&long), format!("\"{}\"… 120 bytes", "é".repeat(40)));
        assert_eq!(key("short"), "\"short\"");
    }

    #[test]
    fn the_place_of_a_difference_is_told_where_it_can_not_be_seen() {
        let expected = Bytes::from(vec![7; 100]);
        let observed = Bytes::from(vec![7; 60]);
        assert!(difference(&expected, &observed).contains("60 bytes of 100"));
        assert!(difference(&expected, &observed).contains("from byte 60"));
        assert_eq!(difference(&Bytes::from("a"), &Bytes::from("b")), "");
    }
}
