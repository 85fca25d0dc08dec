//! A key-value store and cache on Upstash, over its REST interface.
//!
//! ```no_run
//! use std::time::Duration;
//! use omni_kv_upstash::Upstash;
//! use tck_api::{Cache, KeyValueStore};
//!
//! # async fn example() -> tck_api::Result<()> {
//! let upstash = Upstash::connect("upstash://:token@name.upstash.io?timeout=2s").await?;
//! let sessions = upstash.namespace("sessions")?;
//! sessions.set_with_ttl("ada", "token".into(), Duration::from_secs(60)).await?;
//! assert!(sessions.has("ada").await?);
//! # Ok(())
//! # }
//! ```
//!
//! Every request ends within the timeout of the settings, and none is sent twice.
//!
//! It is not a client for the other commands, and it needs no connection to Redis.

mod connection;
mod error;
mod listing;
mod settings;
mod store;
mod tls;

pub use settings::Settings;
pub use store::{LARGEST_VALUE, LONGEST_KEY, LONGEST_NAMESPACE, Upstash, UpstashStore};
