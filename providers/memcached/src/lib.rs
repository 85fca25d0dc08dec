//! A key-value store and cache on Memcached.
//!
//! ```no_run
//! use std::time::Duration;
//! use omni_kv_memcached::Memcached;
//! use tck_api::{Cache, KeyValueStore};
//!
//! # async fn example() -> tck_api::Result<()> {
//! let memcached = Memcached::connect("memcached://localhost:11211?timeout=500ms").await?;
//! let sessions = memcached.namespace("sessions")?;
//! sessions.set_with_ttl("ada", "token".into(), Duration::from_secs(60)).await?;
//! assert!(sessions.has("ada").await?);
//! # Ok(())
//! # }
//! ```
//!
//! Every call ends within the timeout of the settings. All namespaces share a pool of
//! connections; one whose call failed or was given up is never used again.
//!
//! It does not spread keys over several servers, it does not list them, and it does not keep
//! Memcached from evicting what it has no room for.

mod atomic;
mod connection;
mod error;
mod pool;
mod server;
mod settings;
mod store;

pub use settings::Settings;
pub use store::{LARGEST_VALUE, LONGEST_KEY, LONGEST_NAMESPACE, Memcached, MemcachedStore};
