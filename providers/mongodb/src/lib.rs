//! A key-value store and cache on MongoDB.
//!
//! ```no_run
//! use std::time::Duration;
//! use omni_kv_mongodb::MongoDb;
//! use tck_api::{Cache, KeyValueStore};
//!
//! # async fn example() -> tck_api::Result<()> {
//! let mongodb = MongoDb::connect("mongodb://user:password@localhost:27017/app?timeout=2s").await?;
//! let sessions = mongodb.namespace("sessions")?;
//! sessions.set_with_ttl("ada", "token".into(), Duration::from_secs(60)).await?;
//! assert!(sessions.has("ada").await?);
//! # Ok(())
//! # }
//! ```
//!
//! Every call ends within the timeout of the settings. The connections are those of the driver,
//! shared by all namespaces and calls.
//!
//! It is no mapper of objects, and it queries nothing but keys.

mod collection;
mod entry;
mod error;
mod json;
mod listing;
mod settings;
mod store;

pub use settings::{Settings, Values};
pub use store::{LARGEST_VALUE, LONGEST_KEY, MongoDb, MongoStore};
