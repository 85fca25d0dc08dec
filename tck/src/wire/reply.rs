//! What a service answers, and what a clause expects of it.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{command::body_shown, exchange::Lost, same::same};
use crate::{answer::breach, check::Check};

/// An answer on the wire.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether something came after an answer that has no body.
    pub(crate) has_surplus: bool,
    /// The step that it answers.
    pub(crate) step: Option<usize>,
}

/// The headers that a story shows.
const SHOWN: [&str; 5] = ["Allow", "Content-Type", "ETag", "KV-TTL", "Location"];

impl Reply {
    pub(crate) fn of_head(head: &str) -> Result<Self, String> {
        let mut lines = head.trim_end().split("\r\n");
        let first = lines.next().unwrap_or_default();
        let status = match first.split(' ').collect::<Vec<_>>()[..] {
            ["HTTP/1.1" | "HTTP/1.0", status, ..] if status.len() == 3 => status.parse().ok(),
            _ => None,
        };
        let status = status.ok_or_else(|| format!("the status line is {first:?}"))?;
        let mut headers = Vec::new();
        for line in lines {
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| format!("a header is {line:?}"))?;
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        Ok(Self {
            status,
            headers,
            ..Self::default()
        })
    }

    /// A header, whatever the case of its name.
    pub(crate) fn header<'r>(&'r self, name: &'r str) -> Option<&'r str> {
        self.lines(name).next()
    }

    /// What a header lists, on one line or several.
    pub(crate) fn listed<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        self.lines(name)
            .flat_map(|line| line.split(','))
            .map(str::trim)
    }

    fn lines<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        let lines = self.headers.iter();
        let named = lines.filter(move |(other, _)| other.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    pub(crate) fn length(&self) -> Result<Option<usize>, Lost> {
        let length = self.header("Content-Length").map(str::parse);
        length
            .transpose()
            .map_err(|_| Lost::Malformed("Content-Length is no number".to_owned()))
    }

    /// The media type, without its parameters.
    pub(crate) fn media_type(&self) -> &str {
        let all = self.header("Content-Type").unwrap_or_default();
        all.split(';').next().unwrap_or_default().trim()
    }

    /// The methods that `Allow` names.
    pub(crate) fn allows(&self, method: &str) -> bool {
        self.listed("Allow").any(|allowed| allowed == method)
    }

    pub(crate) fn is_done(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn is_refused(&self) -> bool {
        (400..500).contains(&self.status)
    }

    /// The status, the headers that matter and the beginning of the body.
    pub(crate) fn shown(&self) -> String {
        let mut shown = self.status.to_string();
        for name in SHOWN {
            match self.header(name) {
                Some("application/json") | None => {}
                Some(value) if name == "Content-Type" => shown += &format!(", {value}"),
                Some(value) => shown += &format!(", {name}: {value}"),
            }
        }
        if !self.body.is_empty() {
            shown += &format!(", {}", body_shown(&self.body));
        }
        shown
    }

    /// Expects one of these statuses.
    pub(crate) fn is(self, statuses: &[u16]) -> Check<Self> {
        let expected: Vec<_> = statuses.iter().map(u16::to_string).collect();
        let as_expected = statuses.contains(&self.status);
        self.meets(as_expected, &expected.join(" or "))
    }

    /// Expects that it was done, whatever the answer says of it.
    pub(crate) fn done(self) -> Check<Self> {
        let done = self.is_done();
        self.meets(done, "2xx")
    }

    /// Expects that the request was refused as one that is wrong.
    pub(crate) fn refused(self) -> Check<Self> {
        let refused = self.is_refused();
        self.meets(refused, "4xx")
    }

    /// Expects what a clause says in its own words.
    pub(crate) fn meets(self, as_expected: bool, expected: &str) -> Check<Self> {
        match as_expected {
            true => Ok(self),
            false => Err(breach(expected.to_owned(), self.shown(), self.step)),
        }
    }

    /// The body, which has to be JSON that any reader can read.
    pub(crate) fn document(&self) -> Check<Value> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let observed = format!("{}: {error}", self.shown());
            breach("a body of JSON".to_owned(), observed, self.step)
        })
    }

    /// Expects a value under `value` in the document, the same number, text or structure.
    pub(crate) fn has_value(&self, expected: &str) -> Check {
        #[derive(Deserialize)]
        struct Found<'f> {
            #[serde(borrow)]
            value: &'f RawValue,
        }

        self.document()?;
        let found = serde_json::from_slice::<Found<'_>>(&self.body).ok();
        let value = found.map(|found| found.value.get());
        if value.is_some_and(|value| same(value, expected)) {
            return Ok(());
        }
        let shown = body_shown(expected.as_bytes());
        Err(breach(
            format!("200 with the value {shown}"),
            self.shown(),
            self.step,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_whatever_the_case_of_its_names() {
        let head = "HTTP/1.1 200 OK\r\netag: \"a\"\r\nALLOW: GET, PUT\r\nallow: HEAD\r\n\r\n";
        let reply = Reply::of_head(head).unwrap();
        assert_eq!((reply.status, reply.header("ETag")), (200, Some("\"a\"")));
        assert!(reply.allows("PUT") && reply.allows("HEAD") && !reply.allows("GE"));
        for head in [
            "",
            "HTTP/1.1\r\n\r\n",
            "200 OK",
            "HTTP/1.1 200 OK\r\nx\r\n\r\n",
        ] {
            assert!(Reply::of_head(head).is_err(), "{head:?}");
        }
    }
}
