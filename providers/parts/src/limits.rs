//! What is too long or too large, seen before anything is sent.

use tck_api::{Error, Result};

/// The key or the name of a namespace, or [`Error::InvalidKey`] where it is longer than so
/// many bytes.
pub fn key_within(key: &str, longest: usize) -> Result<&str> {
    let length = key.len();
    if length <= longest {
        Ok(key)
    } else {
        let reason = format!("{length} bytes, the limit is {longest}");
        Err(Error::invalid_key(reason))
    }
}

/// Nothing, or [`Error::TooLarge`] where the value has more than so many bytes.
pub fn value_within(value: &[u8], largest: usize) -> Result<()> {
    let (size, limit) = (value.len(), largest);
    if size <= limit {
        Ok(())
    } else {
        Err(Error::TooLarge { size, limit })
    }
}

#[cfg(test)]
mod tests {
    use tck_api::ErrorKind;

    use super::*;

    #[test]
    fn the_limit_itself_is_within() {
        assert_eq!(key_within("four", 4).ok(), Some("four"));
        assert!(value_within(b"four", 4).is_ok());
        let key = key_within("größe", 6).map_err(|error| error.kind());
        assert_eq!(key, Err(ErrorKind::InvalidKey));
        let value = value_within(b"seven..", 6).map_err(|error| error.kind());
        assert_eq!(value, Err(ErrorKind::TooLarge));
    }
}
