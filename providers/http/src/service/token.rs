//! Who may use the service.

use constant_time_eq::constant_time_eq;
use http::{HeaderMap, StatusCode, header};
use omni_kv_parts::Secret;

use super::problem::Problem;

/// The token that every request has to bear.
#[derive(Clone, Debug)]
pub struct Token(Secret);

impl Token {
    /// This token.
    pub fn new(token: impl Into<Secret>) -> Self {
        Self(token.into())
    }

    pub(crate) fn allows(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let borne = headers
            .get(header::AUTHORIZATION)
            .map(http::HeaderValue::as_bytes);
        let borne = borne.and_then(|value| value.split_at_checked(7));
        let borne = borne.filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer "));
        match borne {
            Some((_, token)) if constant_time_eq(token, self.0.reveal().as_bytes()) => Ok(()),
            _ => {
                let problem = Problem::new(StatusCode::UNAUTHORIZED, "a bearer token is needed");
                Err(problem.with(header::WWW_AUTHENTICATE, "Bearer"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_the_token_is_allowed() {
        let token = Token::new("s3cret");
        for (borne, allowed) in [
            ("Bearer s3cret", true),
            ("bearer s3cret", true),
            ("Bearer s3cre", false),
            ("Bearer s3crets", false),
            ("Basic s3cret", false),
            ("s3cret", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, HeaderValue::from_static(borne));
            assert_eq!(token.allows(&headers).is_ok(), allowed, "{borne}");
        }
        assert!(token.allows(&HeaderMap::new()).is_err());
    }
}
