//! Any text as a name that every backend takes.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tck_api::Result;

use crate::key_within;

/// Opens a name that is base64 throughout, and stands alone for the empty text.
const QUOTE: char = '=';

/// A text in letters, digits and `- _ . :`, which stand for themselves; every other byte is
/// `=` and two digits. No two texts have the same name, none is empty, `.` or `..`.
#[must_use]
pub fn quoted(text: &str) -> String {
    if text.is_empty() {
        return QUOTE.to_string();
    }
    let mut name = String::with_capacity(text.len());
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'.' if index == 0 => name.push_str("=2E"),
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' | b'.' | b':' => {
                name.push(char::from(byte));
            }
            _ => name.push_str(&format!("={byte:02X}")),
        }
    }
    name
}

/// The text that has this name, if one has.
#[must_use]
pub fn unquoted(name: &str) -> Option<String> {
    if name == "=" {
        return Some(String::new());
    }
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'=' {
            let digits = [rest.next()?, rest.next()?];
            let digits = str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    // A text has one name: others that would read the same are not ours.
    (quoted(&text) == name).then_some(text)
}

/// How long a name may be. A text whose quoted name is longer is named in base64, so that
/// every text up to [`Room::longest`] has a name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Room(usize);

impl Room {
    /// Room for names of so many bytes.
    #[must_use]
    pub const fn of(bytes: usize) -> Self {
        Self(bytes)
    }

    /// The length in bytes of the longest text that always has a name.
    #[must_use]
    pub const fn longest(self) -> usize {
        self.0.saturating_sub(2) * 3 / 4
    }

    /// The name of the text, or [`Error::InvalidKey`](tck_api::Error::InvalidKey) where it is too long.
    pub fn name(self, text: &str) -> Result<String> {
        let name = quoted(key_within(text, self.longest())?);
        if name.len() <= self.0 {
            return Ok(name);
        }
        Ok(format!("=={}", URL_SAFE_NO_PAD.encode(text)))
    }

    /// The text that has this name, if one has.
    #[must_use]
    pub fn text(self, name: &str) -> Option<String> {
        let text = match name.strip_prefix("==") {
            Some(encoded) => String::from_utf8(URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()?,
            None => unquoted(name)?,
        };
        self.name(&text)
            .is_ok_and(|own| own == name)
            .then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_text_reads_as_itself() {
        assert_eq!(quoted("user:42.name_x-y"), "user:42.name_x-y");
    }

    #[test]
    fn what_a_backend_may_take_for_something_else_is_quoted() {
        for (text, name) in [
            ("", "="),
            (".", "=2E"),
            ("..", "=2E."),
            ("a/b", "a=2Fb"),
            ("a b\r\nflush_all", "a=20b=0D=0Aflush_all"),
            ("%2F", "=252F"),
            ("=", "=3D"),
            ("*?[a]", "=2A=3F=5Ba=5D"),
        ] {
            assert_eq!(quoted(text), name);
            assert_eq!(unquoted(name).as_deref(), Some(text));
        }
    }

    #[test]
    fn names_of_others_have_no_text() {
        for name in ["a b", "=", "=2", "=2f", "=41", "a/b", "==", "==!", ".x"] {
            let text = Room::of(100).text(name);
            assert_eq!(text.is_some(), name == "=", "{name} is {text:?}");
        }
    }

    #[test]
    fn a_text_that_is_too_long_has_no_name() {
        let room = Room::of(10);
        assert_eq!(room.longest(), 6);
        assert!(room.name(&"x".repeat(6)).is_ok());
        assert!(room.name(&"x".repeat(7)).is_err());
    }

    proptest! {
        #[test]
        fn every_text_up_to_the_longest_has_a_name_of_its_own(
            text in any::<String>(),
            bytes in 4..300_usize,
        ) {
            let room = Room::of(bytes);
            let name = room.name(&text);
            prop_assert_eq!(name.is_ok(), text.len() <= room.longest());
            if let Ok(name) = name {
                prop_assert!(name.len() <= bytes);
                prop_assert_eq!(room.text(&name), Some(text));
            }
        }
    }
}
