//! A key as a segment of a path.

#[cfg(feature = "service")]
use percent_encoding::percent_decode_str;
#[cfg(feature = "client")]
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands for itself in a path.
#[cfg(feature = "client")]
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'~')
    .remove(b':');

/// The segment of a key. Dots are quoted, since `.` and `..` lead elsewhere in a path.
#[cfg(feature = "client")]
pub(crate) fn segment(key: &str) -> String {
    utf8_percent_encode(key, PLAIN).to_string()
}

/// The key of a segment, where it is one.
#[cfg(feature = "service")]
pub(crate) fn key(segment: &str) -> Option<String> {
    let is_whole = |escape: &[u8]| {
        escape
            .get(..2)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let mut escapes = segment.as_bytes().split(|byte| *byte == b'%').skip(1);
    if !escapes.all(is_whole) {
        return None;
    }
    percent_decode_str(segment)
        .decode_utf8()
        .ok()
        .map(Into::into)
}

#[cfg(all(test, feature = "client", feature = "service"))]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_again() {
        for text in [
            "a", ".", "..", "a/b", "a b", "a+b", "%", "%2F", "größe", "\0", "?#", "~-_:",
        ] {
            let segment = segment(text);
            assert!(!segment.contains(['/', '?', '#', '.', ' ']), "{segment}");
            assert_eq!(key(&segment).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_is_no_text_is_no_key() {
        for segment in ["%FF", "%", "%2", "%zz", "%C3%28"] {
            assert_eq!(key(segment), None, "{segment}");
        }
    }
}
