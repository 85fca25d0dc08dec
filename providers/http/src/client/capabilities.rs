//! What a service says of itself.

use http::{Method, StatusCode};
use serde_json::Value;
use tck_api::{Error, Result};

use super::{HttpStore, LONGEST_KEY, wire::Asked};

/// What a service can do beside getting, setting and deleting, and how much it takes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Capabilities {
    /// It keeps times to live.
    pub cache: bool,
    /// It lists its keys.
    pub listing: bool,
    /// It writes on conditions.
    pub atomic: bool,
    /// The length in bytes of the longest key, with its namespace, where there is a limit.
    pub longest_key: Option<usize>,
    /// The size in bytes of the largest JSON text of a value, where there is a limit.
    pub largest_value: Option<usize>,
    /// The size in bytes of the largest body, where there is a limit.
    pub largest_body: Option<usize>,
}

/// What is around a value in a body, at the most: a long key behind a long namespace. Half of
/// a body that is small.
const FRAME: usize = 2 * ESCAPED * LONGEST_KEY;

/// How many bytes of JSON a byte may take.
const ESCAPED: usize = 6;

impl Capabilities {
    /// The length of the longest key with its namespace.
    pub(super) fn longest_name(&self) -> usize {
        let in_body = self.largest_body.map(|body| frame(body) / ESCAPED);
        least([self.longest_key, in_body])
    }

    /// How many bytes fit into a value, whatever they are.
    pub(super) fn largest_bytes(&self) -> usize {
        let in_body = self.largest_body.map(|body| body - frame(body));
        // In quotes.
        least([self.largest_value, in_body]).saturating_sub(2) / ESCAPED
    }
}

fn frame(body: usize) -> usize {
    FRAME.min(body / 2)
}

fn least(limits: [Option<usize>; 2]) -> usize {
    limits.into_iter().flatten().min().unwrap_or(usize::MAX)
}

impl HttpStore {
    /// What the service says that it can do. One that says nothing only gets, sets and deletes.
    pub async fn capabilities(&self) -> Result<Capabilities> {
        let asked = Asked::new(Method::GET, "/.well-known/kv-capabilities");
        let answer = self.wire.ask(&asked).await?;
        let said = match answer.status {
            StatusCode::OK => {
                serde_json::from_slice::<Value>(&answer.body).map_err(Error::backend)?
            }
            StatusCode::NOT_FOUND => Value::Null,
            _ => return Err(answer.error()),
        };
        let able = said.get("capabilities").and_then(Value::as_array);
        let has = |name| able.into_iter().flatten().any(|able| able == name);
        let limit = |name| {
            let limit = said.get(name).and_then(Value::as_u64);
            limit.and_then(|limit| usize::try_from(limit).ok())
        };
        Ok(Capabilities {
            cache: has("cache"),
            listing: has("listing"),
            atomic: has("atomic"),
            longest_key: limit("longest_key"),
            largest_value: limit("largest_value"),
            largest_body: limit("largest_body"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_room_for_a_key_and_a_value() {
        for (largest_body, name, bytes) in [
            (2 * FRAME, 2 * LONGEST_KEY, 8_191),
            (1_204, 100, 100),
            (1, 0, 0),
        ] {
            let said = Capabilities {
                largest_body: Some(largest_body),
                ..Capabilities::default()
            };
            assert_eq!((said.longest_name(), said.largest_bytes()), (name, bytes));
        }
    }
}
