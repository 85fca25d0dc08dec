//! A key-value store and cache on the KV v2 engine of Vault and OpenBao.
//!
//! ```no_run
//! use std::time::Duration;
//! use omni_kv_vault::Vault;
//! use tck_api::{Cache, KeyValueStore};
//!
//! # async fn example() -> tck_api::Result<()> {
//! let vault = Vault::connect("vault://token@localhost:8200/secret?timeout=2s").await?;
//! let sessions = vault.namespace("sessions")?;
//! sessions.set_with_ttl("ada", "token".into(), Duration::from_secs(60)).await?;
//! assert!(sessions.has("ada").await?);
//! # Ok(())
//! # }
//! ```
//!
//! Every request ends within the timeout of the settings. Connections are shared by all
//! namespaces and calls, and made anew where they broke.
//!
//! It is not a client for the other engines, it renews no token, and it does not unseal.

mod connection;
mod error;
mod listing;
mod record;
mod settings;
mod store;

pub use settings::{Settings, Values};
pub use store::{LARGEST_VALUE, LONGEST_KEY, Vault, VaultStore};
