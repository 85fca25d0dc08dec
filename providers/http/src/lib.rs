//! A key-value store over HTTP: a service in front of any provider, and its client.
//!
//! ```no_run
//! use omni_kv_http::HttpStore;
//! use tck_api::KeyValueStore;
//!
//! # async fn example() -> tck_api::Result<()> {
//! // Somewhere: kv-service --store embedded:data.redb
//! let store = HttpStore::connect("http://localhost:8000").await?;
//! store.set("ada", "token".into()).await?;
//! assert!(store.has("ada").await?);
//! # Ok(())
//! # }
//! ```
//!
//! The service holds JSON values, and keeps to HTTP: conditional requests, problem documents,
//! times to live, listings. What it answers stands in its OpenAPI document, at
//! `/openapi.json`. It is not a cluster: several services may stand in front of one store.

#[cfg(feature = "client")]
mod client;
mod key;
#[cfg(feature = "service")]
mod log;
#[cfg(feature = "service")]
mod server;
#[cfg(feature = "service")]
mod service;
#[cfg(feature = "service")]
mod stream;

#[cfg(feature = "client")]
pub use client::{Capabilities, HttpStore, LARGEST_VALUE, LONGEST_KEY, Settings};
#[cfg(feature = "service")]
pub use server::{Answers, Limits, Server, stopped};
#[cfg(feature = "service")]
pub use service::{Backend, Service, Token};
