//! The traits that a key-value store or cache implements.
//!
//! A provider depends on this crate alone. Whether it keeps what the traits promise is
//! checked by the kit, the package `omni-tck`, which is a dev-dependency.
//!
//! It is not a client, a connection pool or a storage engine.
//!
//! ```
//! use std::{collections::HashMap, sync::Mutex};
//! use tck_api::{async_trait, Bytes, KeyValueStore, Result};
//!
//! #[derive(Default)]
//! struct MyStore(Mutex<HashMap<String, Bytes>>);
//!
//! #[async_trait]
//! impl KeyValueStore for MyStore {
//!     async fn get(&self, key: &str) -> Result<Option<Bytes>> {
//!         Ok(self.0.lock().unwrap().get(key).cloned())
//!     }
//!     async fn set(&self, key: &str, value: Bytes) -> Result<()> {
//!         self.0.lock().unwrap().insert(key.to_owned(), value);
//!         Ok(())
//!     }
//!     async fn delete(&self, key: &str) -> Result<()> {
//!         self.0.lock().unwrap().remove(key);
//!         Ok(())
//!     }
//! }
//! ```

mod atomic;
mod clock;
#[cfg(feature = "values")]
mod codec;
mod error;
mod listing;
mod pointer;
mod store;
mod transaction;
#[cfg(feature = "values")]
mod typed;

pub use async_trait::async_trait;
pub use bytes::Bytes;

pub use atomic::Atomic;
pub use clock::{Clock, ManualClock, SystemClock};
#[cfg(feature = "values")]
pub use codec::{Codec, Json, Raw};
pub use error::{Error, ErrorKind, Result};
pub use listing::{Listing, Page};
pub use store::{Cache, KeyValueStore};
pub use transaction::{Transaction, Transactional};
#[cfg(feature = "values")]
pub use typed::Typed;
