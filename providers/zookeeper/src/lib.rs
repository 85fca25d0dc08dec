//! A key-value store and cache on ZooKeeper.
//!
//! ```no_run
//! use std::time::Duration;
//! use omni_kv_zookeeper::ZooKeeper;
//! use tck_api::{Cache, KeyValueStore};
//!
//! # async fn example() -> tck_api::Result<()> {
//! let zookeeper = ZooKeeper::connect("zookeeper://localhost:2181/kv?timeout=2s").await?;
//! let leases = zookeeper.namespace("leases")?;
//! leases.set_with_ttl("ada", "token".into(), Duration::from_secs(60)).await?;
//! assert!(leases.has("ada").await?);
//! # Ok(())
//! # }
//! ```
//!
//! Every call ends within the timeout of the settings. One session is shared by all namespaces
//! and calls; it is made anew where it was lost.
//!
//! It is not a client for watches, ephemeral nodes or sequences.

mod connection;
mod error;
mod listing;
mod settings;
mod store;
mod sweeper;
#[cfg(feature = "tls")]
mod tls;

pub use settings::Settings;
pub use store::{LARGEST_VALUE, LONGEST_KEY, ZooKeeper, ZooKeeperStore};
