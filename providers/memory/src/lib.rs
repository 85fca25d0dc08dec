//! A key-value store and cache in the memory of the process.
//!
//! It is the reference provider of the kit: it keeps all contracts, and reads like what it
//! is. Entries that have expired are never answered, and are removed as later writes come
//! by, so that they do not pile up. Handles are cheap to clone and see the same data.
//!
//! It is not a cache that evicts: what has no time to live stays. Nothing outlives the
//! process.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> tck_api::Result<()> {
//! use std::time::Duration;
//! use omni_kv_memory::MemoryStore;
//! use tck_api::{Bytes, Cache, KeyValueStore};
//!
//! let store = MemoryStore::new();
//! store.set("user:1", Bytes::from("Ada")).await?;
//! store.set_with_ttl("session", Bytes::from("7f3a"), Duration::from_secs(60)).await?;
//! assert_eq!(store.get("user:1").await?, Some(Bytes::from("Ada")));
//! assert!(store.has("session").await?);
//! # Ok(()) }
//! ```

mod config;
mod shard;
mod space;
mod store;
mod transaction;

pub use config::Config;
pub use store::{Memory, MemoryStore};
