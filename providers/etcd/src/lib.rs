//! A key-value store and cache with transactions on etcd.
//!
//! ```no_run
//! use std::time::Duration;
//! use omni_kv_etcd::Etcd;
//! use tck_api::{Cache, KeyValueStore};
//!
//! # async fn example() -> tck_api::Result<()> {
//! let etcd = Etcd::connect("etcd://localhost:2379?timeout=2s").await?;
//! let sessions = etcd.namespace("sessions")?;
//! sessions.set_with_ttl("ada", "token".into(), Duration::from_secs(60)).await?;
//! assert!(sessions.has("ada").await?);
//! # Ok(())
//! # }
//! ```
//!
//! It speaks gRPC, with messages written down here, so that nothing but a Rust toolchain is
//! needed to build it. Every call ends within the timeout of the settings.
//!
//! With the feature `database` there is also `EtcdDatabase`, with which the facade of
//! `omni-kv-embedded` opens on etcd.
//!
//! It is not a client for the other services of etcd: it watches nothing, elects nobody and
//! keeps no lease alive.

mod connection;
#[cfg(feature = "database")]
mod database;
mod error;
mod leases;
mod listing;
mod message;
mod node;
mod settings;
mod snapshot;
mod span;
mod store;
mod transaction;
mod wire;
mod write;

#[cfg(feature = "database")]
pub use database::{EtcdDatabase, LONGEST_NAME};
pub use omni_kv_parts::Tls;
pub use settings::Settings;
pub use store::{Etcd, EtcdStore, LARGEST_VALUE, LONGEST_KEY};
