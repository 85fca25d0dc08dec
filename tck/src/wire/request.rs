//! A request, as it goes over the wire.

use std::fmt::Write;

use super::Target;

/// A request to a service.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path exactly as it is sent, without the base of the target.
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) key: Option<String>,
    pub(crate) framing: Framing,
    /// Without it, the header that every request must have is left out.
    pub(crate) has_host: bool,
}

/// How the body is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Framing {
    /// With its length.
    Length,
    /// In chunks of a few bytes.
    Chunks,
    /// With its length, once the service has said that it wants it.
    Expected,
}

impl Request {
    /// A request to a path that is sent as it stands here.
    pub(crate) fn to(method: &str, path: impl Into<String>) -> Self {
        Self {
            method: method.to_owned(),
            path: path.into(),
            headers: Vec::new(),
            body: None,
            key: None,
            framing: Framing::Length,
            has_host: true,
        }
    }

    /// A request about a key.
    pub(crate) fn about(method: &str, key: &str) -> Self {
        Self {
            key: Some(key.to_owned()),
            ..Self::to(method, format!("/keys/{}", segment(key)))
        }
    }

    pub(crate) fn get(key: &str) -> Self {
        Self::about("GET", key)
    }

    pub(crate) fn head(key: &str) -> Self {
        Self::about("HEAD", key)
    }

    pub(crate) fn delete(key: &str) -> Self {
        Self::about("DELETE", key)
    }

    /// Stores a value, which is JSON.
    pub(crate) fn put(key: &str, value: &str) -> Self {
        Self::about("PUT", key).document(key, value)
    }

    /// The document that stores a value under a key.
    pub(crate) fn document(self, key: &str, value: &str) -> Self {
        let key = serde_json::Value::from(key);
        self.json(format!("{{\"key\":{key},\"value\":{value}}}"))
    }

    pub(crate) fn json(self, body: impl Into<Vec<u8>>) -> Self {
        self.with("Content-Type", "application/json").body(body)
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// With this header, instead of one of the same name.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn framing(mut self, framing: Framing) -> Self {
        self.framing = framing;
        self
    }

    pub(crate) fn without_host(mut self) -> Self {
        self.has_host = false;
        self
    }

    /// Whether it may leave something under a key.
    pub(crate) fn writes(&self) -> bool {
        matches!(self.method.as_str(), "PUT" | "POST" | "PATCH") && self.path.starts_with("/keys/")
    }

    /// The request line and the headers.
    pub(crate) fn head_for(&self, target: &Target, connection: &str) -> String {
        let mut head = format!("{} {}{} HTTP/1.1\r\n", self.method, target.base, self.path);
        let mut add = |name: &str, value: &str| {
            let _ = write!(head, "{name}: {value}\r\n");
        };
        if self.has_host {
            add("Host", &target.authority());
        }
        if let Some(token) = &target.token {
            add("Authorization", &format!("Bearer {token}"));
        }
        for (name, value) in &self.headers {
            add(name, value);
        }
        if let Some(body) = &self.body {
            match self.framing {
                Framing::Chunks => add("Transfer-Encoding", "chunked"),
                Framing::Length | Framing::Expected => {
                    add("Content-Length", &body.len().to_string());
                }
            }
            if self.framing == Framing::Expected {
                add("Expect", "100-continue");
            }
        }
        add("Connection", connection);
        head + "\r\n"
    }

    /// The body, as it goes over the wire.
    pub(crate) fn framed_body(&self) -> Vec<u8> {
        let body = self.body.as_deref().unwrap_or_default();
        if self.framing != Framing::Chunks {
            return body.to_vec();
        }
        let mut framed = Vec::new();
        for chunk in body.chunks(7) {
            framed.extend(format!("{:x};note=\"x\"\r\n", chunk.len()).into_bytes());
            framed.extend(chunk);
            framed.extend(b"\r\n");
        }
        framed.extend(b"0\r\n\r\n");
        framed
    }
}

/// A key as a segment of a path: what is not unreserved stands as its bytes.
pub(crate) fn segment(key: &str) -> String {
    let mut segment = String::new();
    for byte in key.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' => {
                segment.push(char::from(byte));
            }
            _ => {
                let _ = write!(segment, "%{byte:02X}");
            }
        }
    }
    segment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_what_it_looks_like() {
        let target = Target::new("http://localhost:8/v1").unwrap().token("t");
        let request = Request::put("a/b", "1").framing(Framing::Chunks);
        assert_eq!(
            request.head_for(&target, "close"),
            "PUT /v1/keys/a%2Fb HTTP/1.1\r\nHost: localhost:8\r\nAuthorization: Bearer t\r\n\
             Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        );
        let body = String::from_utf8(request.framed_body()).unwrap();
        assert!(
            body.starts_with("7;note=\"x\"\r\n{\"key\":\r\n7;"),
            "{body}"
        );
        assert!(body.ends_with("\r\n0\r\n\r\n"), "{body}");
    }
}
