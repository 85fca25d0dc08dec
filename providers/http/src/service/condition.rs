//! Conditional requests (RFC 9110, section 13).

use http::{HeaderMap, HeaderName, HeaderValue, header};
use sha2::{Digest, Sha256};

use super::problem::Problem;

/// The strong tag of a value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Tag(String);

impl Tag {
    pub(crate) fn of(value: &[u8]) -> Self {
        // Half of it is still more than anybody finds a second value for.
        let digest = Sha256::digest(value);
        let half = digest.into_iter().take(16);
        let digits = half.flat_map(|byte| [byte >> 4, byte & 0xf]);
        // Each digit by itself: every read makes a tag, and formatting takes several times as long.
        let mut text = String::with_capacity(34);
        text.push('"');
        text.extend(digits.filter_map(|digit| char::from_digit(digit.into(), 16)));
        text.push('"');
        Self(text)
    }

    /// As a header has it.
    pub(crate) fn header(self) -> Option<HeaderValue> {
        self.0.try_into().ok()
    }
}

/// The conditions of a request.
#[derive(Debug, Default)]
pub(crate) struct Conditions {
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
}

/// What conditions come to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    Met,
    /// `If-None-Match` does not hold: for a read, what the client has is what there is.
    Same,
    Failed,
}

impl Conditions {
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        Ok(Self {
            if_match: Tags::of(headers, &header::IF_MATCH)?,
            if_none_match: Tags::of(headers, &header::IF_NONE_MATCH)?,
        })
    }

    pub(crate) fn is_none(&self) -> bool {
        self.if_match.is_none() && self.if_none_match.is_none()
    }

    pub(crate) fn judge(&self, current: Option<&Tag>) -> Verdict {
        if self
            .if_match
            .as_ref()
            .is_some_and(|tags| !tags.match_strongly(current))
        {
            return Verdict::Failed;
        }
        if self
            .if_none_match
            .as_ref()
            .is_some_and(|tags| tags.match_weakly(current))
        {
            return Verdict::Same;
        }
        Verdict::Met
    }
}

#[derive(Debug)]
enum Tags {
    Any,
    /// Each with whether it is weak.
    These(Vec<(bool, String)>),
}

impl Tags {
    fn of(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Self>, Problem> {
        let wrong = || Problem::bad_request(format!("{name} is not a list of entity tags"));
        let mut tags = Vec::new();
        let mut values = headers.get_all(name).iter().peekable();
        if values.peek().is_none() {
            return Ok(None);
        }
        for value in values {
            let mut rest = value.to_str().map_err(|_| wrong())?.trim();
            if rest == "*" {
                return Ok(Some(Self::Any));
            }
            while !rest.is_empty() {
                let weak = rest.strip_prefix("W/");
                let quoted = weak.unwrap_or(rest).strip_prefix('"').ok_or_else(wrong)?;
                let (tag, after) = quoted.split_once('"').ok_or_else(wrong)?;
                tags.push((weak.is_some(), format!("\"{tag}\"")));
                rest = after.trim_start();
                rest = match rest.strip_prefix(',') {
                    Some(more) => more.trim_start_matches([',', ' ', '\t']),
                    None if rest.is_empty() => rest,
                    None => return Err(wrong()),
                };
            }
        }
        if tags.is_empty() {
            return Err(wrong());
        }
        Ok(Some(Self::These(tags)))
    }

    fn match_strongly(&self, current: Option<&Tag>) -> bool {
        let is = |current: &Tag| match self {
            Self::Any => true,
            Self::These(tags) => tags.iter().any(|(weak, tag)| !weak && *tag == current.0),
        };
        current.is_some_and(is)
    }

    fn match_weakly(&self, current: Option<&Tag>) -> bool {
        let is = |current: &Tag| match self {
            Self::Any => true,
            Self::These(tags) => tags.iter().any(|(_, tag)| *tag == current.0),
        };
        current.is_some_and(is)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_stays_the_same() {
        // Clients keep them, whichever version of the service has made them.
        let tag = Tag::of(br#""a value of some thirty characters""#);
        assert_eq!(tag.0, "\"dae270d3ee8c18b856c1eb9f5239a613\"");
    }

    fn verdict(name: HeaderName, value: &'static str, current: Option<&str>) -> Option<Verdict> {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        let current = current.map(|text| Tag(text.to_owned()));
        Conditions::of(&headers)
            .ok()
            .map(|conditions| conditions.judge(current.as_ref()))
    }

    #[test]
    fn if_match_compares_strongly() {
        use Verdict::{Failed, Met};

        for (value, current, expected) in [
            ("\"a\"", Some("\"a\""), Met),
            ("\"a\", \"b\"", Some("\"b\""), Met),
            ("W/\"a\"", Some("\"a\""), Failed),
            ("\"a\"", Some("\"b\""), Failed),
            ("\"a\"", None, Failed),
            ("*", Some("\"b\""), Met),
            ("*", None, Failed),
            ("\"a,b\"", Some("\"a,b\""), Met),
        ] {
            assert_eq!(
                verdict(header::IF_MATCH, value, current),
                Some(expected),
                "{value}"
            );
        }
    }

    #[test]
    fn if_none_match_compares_weakly() {
        use Verdict::{Met, Same};

        for (value, current, expected) in [
            ("\"a\"", Some("\"a\""), Same),
            ("W/\"a\"", Some("\"a\""), Same),
            ("\"a\"", Some("\"b\""), Met),
            ("*", None, Met),
            ("*", Some("\"a\""), Same),
        ] {
            assert_eq!(
                verdict(header::IF_NONE_MATCH, value, current),
                Some(expected),
                "{value}"
            );
        }
    }

    #[test]
    fn what_is_no_list_of_tags_is_refused() {
        for value in ["a", "\"a", "\"a\" \"b\"", "", "\"a\"; \"b\"", "W/a"] {
            assert_eq!(verdict(header::IF_MATCH, value, None), None, "{value}");
        }
    }
}
