//! Which request asks for what.

use http::{HeaderValue, Method, StatusCode, header};

use super::problem::{Answer, Problem};
use crate::key;

/// What a path names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Resource {
    Health,
    Ready,
    Capabilities,
    Metrics,
    OpenApi,
    Docs,
    Keys,
    Key(String),
    /// `*`, the service as a whole.
    Service,
}

const KNOWN: [&str; 10] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "QUERY", "TRACE", "CONNECT",
];

impl Resource {
    pub(crate) fn at(path: &str) -> Result<Self, Problem> {
        Ok(match path {
            "/health" => Self::Health,
            "/ready" => Self::Ready,
            "/.well-known/kv-capabilities" => Self::Capabilities,
            "/metrics" => Self::Metrics,
            "/openapi.json" => Self::OpenApi,
            "/docs" => Self::Docs,
            "/keys" => Self::Keys,
            "*" => Self::Service,
            _ => match path.strip_prefix("/keys/") {
                Some(segment) if !segment.is_empty() && !segment.contains('/') => {
                    let wrong = || Problem::bad_request("the key in the path is not UTF-8");
                    Self::Key(key::key(segment).ok_or_else(wrong)?)
                }
                _ => {
                    let error = format!("there is nothing at {path}");
                    return Err(Problem::new(StatusCode::NOT_FOUND, error));
                }
            },
        })
    }

    /// Whether it can be asked for without a token: those who watch over a service have none,
    /// and a browser that opens the page about it has none yet.
    pub(crate) fn is_open(&self) -> bool {
        matches!(
            self,
            Self::Health | Self::Ready | Self::OpenApi | Self::Docs
        )
    }

    /// The methods it has.
    fn methods(&self) -> &'static [&'static str] {
        match self {
            Self::Key(_) => &["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"],
            Self::Service => &["OPTIONS"],
            _ => &["GET", "HEAD", "OPTIONS"],
        }
    }

    fn allowed(&self) -> String {
        self.methods().join(", ")
    }

    /// Whether it has this method, or what to answer instead.
    pub(crate) fn admits(&self, method: &Method) -> Result<(), Problem> {
        if self.methods().contains(&method.as_str()) {
            return Ok(());
        }
        if !KNOWN.contains(&method.as_str()) {
            return Err(Problem::new(
                StatusCode::NOT_IMPLEMENTED,
                format!("there is no method {method}"),
            ));
        }
        let problem = Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            format!("{method} is not for this"),
        );
        Err(problem.with(header::ALLOW, &self.allowed()))
    }

    /// The answer to `OPTIONS`.
    pub(crate) fn options(&self) -> Answer {
        let mut answer = Answer::default();
        *answer.status_mut() = StatusCode::NO_CONTENT;
        if let Ok(methods) = HeaderValue::try_from(self.allowed()) {
            answer.headers_mut().insert(header::ALLOW, methods);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_one_segment() {
        let key = |path| match Resource::at(path) {
            Ok(Resource::Key(key)) => Ok(key),
            Ok(_) => Err(200),
            Err(problem) => Err(problem.status.as_u16()),
        };
        assert_eq!(key("/keys/a").as_deref(), Ok("a"));
        assert_eq!(key("/keys/a%2Fb").as_deref(), Ok("a/b"));
        assert_eq!(key("/keys/%2E%2E").as_deref(), Ok(".."));
        assert_eq!(key("/keys/%25").as_deref(), Ok("%"));
        for (path, status) in [
            ("/keys/a/b", 404),
            ("/keys/", 404),
            ("/keys/a/", 404),
            ("/keys/%FF", 400),
            ("/key/a", 404),
        ] {
            assert_eq!(key(path), Err(status), "{path}");
        }
    }

    #[test]
    fn methods_are_admitted_or_named() {
        let status = |method: &str| {
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            let admitted = Resource::Key("a".to_owned()).admits(&method);
            admitted.map_err(|problem| problem.status.as_u16())
        };
        assert_eq!(status("PUT"), Ok(()));
        assert_eq!(status("PATCH"), Err(405));
        assert_eq!(status("BREW"), Err(501));
    }
}
