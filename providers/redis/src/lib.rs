//! A key-value store and cache on Redis, Valkey and Redis Cluster.
//!
//! ```no_run
//! use std::time::Duration;
//! use omni_kv_redis::Redis;
//! use tck_api::{Cache, KeyValueStore};
//!
//! # async fn example() -> tck_api::Result<()> {
//! let redis = Redis::connect("redis://localhost:6379?timeout=2s").await?;
//! let sessions = redis.namespace("sessions")?;
//! sessions.set_with_ttl("ada", "token".into(), Duration::from_secs(60)).await?;
//! assert!(sessions.has("ada").await?);
//! # Ok(())
//! # }
//! ```
//!
//! Every call ends within the timeout of the settings. One connection is shared by all
//! namespaces and calls; it is made anew where it broke.
//!
//! It is not a client for the other commands of Redis, and it does not lock: what
//! [`Atomic`](tck_api::Atomic) promises, a server keeps, not a set of servers that vote.

mod cluster;
mod connection;
mod error;
mod listing;
mod settings;
mod store;
#[cfg(feature = "tls")]
mod tls;

pub use omni_kv_parts::Tls;
pub use settings::Settings;
pub use store::{LARGEST_VALUE, LONGEST_KEY, Redis, RedisStore};
