//! Typed values, with the codec that comes with the kit and with one of the provider's own.

use std::sync::Arc;

use omni_kv_memory::MemoryStore;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tck::{Bytes, Codec, Error, Json, Result, Typed};

tck::values_contract!(my_values, || async { MemoryStore::new() });

/// JSON behind a byte that tells the version of the format.
struct Versioned;

impl<T: Serialize + DeserializeOwned + PartialEq> Codec<T> for Versioned {
    fn encode(&self, value: &T) -> Result<Bytes> {
        let json = Json.encode(value)?;
        Ok(Bytes::from([b"1".as_slice(), &json].concat()))
    }

    fn decode(&self, bytes: &Bytes) -> Result<T> {
        match bytes.split_first() {
            Some((b'1', json)) => Json.decode(&Bytes::copy_from_slice(json)),
            _ => Err(Error::invalid_value("not of version 1")),
        }
    }
}

tck::values_contract!(versioned, || async { MemoryStore::new() }, { codec: Versioned });

/// What a program stores.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct User {
    name: String,
    age: u32,
}

#[tokio::test]
async fn a_model_is_stored_and_read() -> Result<()> {
    let users: Typed<User> = Typed::json(Arc::new(MemoryStore::new()));
    users
        .set(
            "ada",
            &User {
                name: "Ada".to_owned(),
                age: 36,
            },
        )
        .await?;
    assert_eq!(users.get("ada").await?.map(|user| user.age), Some(36));
    assert_eq!(users.get("bob").await?, None);
    Ok(())
}
