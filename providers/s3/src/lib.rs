//! A key-value store and cache on S3 and what speaks its protocol.
//!
//! ```no_run
//! use std::time::Duration;
//! use omni_kv_s3::S3;
//! use tck_api::{Cache, KeyValueStore};
//!
//! # async fn example() -> tck_api::Result<()> {
//! let s3 = S3::connect("s3://key:secret@s3.eu-central-1.amazonaws.com/bucket?region=eu-central-1").await?;
//! let sessions = s3.namespace("sessions")?;
//! sessions.set_with_ttl("ada", "token".into(), Duration::from_secs(60)).await?;
//! assert!(sessions.has("ada").await?);
//! # Ok(())
//! # }
//! ```
//!
//! Every request ends within the timeout of the settings. Connections are shared by all
//! namespaces and calls, and made anew where they broke.
//!
//! It is no file system and no client for the other abilities of S3. It makes no bucket, and it
//! needs a server that honours `If-Match` and `If-None-Match` where it is used as
//! [`Atomic`](tck_api::Atomic).

mod bucket;
mod error;
mod listing;
mod path;
mod settings;
mod store;

pub use settings::Settings;
pub use store::{LARGEST_VALUE, LONGEST_KEY, LONGEST_NAMESPACE, S3, S3Store};
