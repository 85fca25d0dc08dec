//! A key-value store embedded in the process: runs, transactions, listing and times to live.
//!
//! Keys are text, values are a [`Value`], and each belongs to a run, a namespace that is
//! begun and ended as a whole. What a call acknowledges is on disk, unless a lower
//! [`Durability`] was asked for. Entries that have expired are never answered; a thread in
//! the background removes them.
//!
//! It is not a server: one process at a time opens a file. It stands on the engine `redb`
//! and keeps to its limits, the foremost being that writes are committed one at a time. Who
//! outgrows one machine opens the same on etcd, by `omni_kv_etcd::EtcdDatabase`, or on another
//! [`backend`].
//!
//! ```
//! # fn main() -> omni_kv_embedded::Result<()> {
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("my.db");
//! use std::{sync::Arc, time::Duration};
//! use omni_kv_embedded::{Database, KvStore, KvStoreExt, RunId, Value};
//!
//! let db = Arc::new(Database::open(path)?);
//! let kv = KvStore::new(db.clone());
//! let run = RunId::new();
//! db.begin_run(&run)?;
//!
//! kv.put(&run, "user:1", Value::String("Ada".into()))?;
//! kv.put_with_ttl(&run, "token", Value::I64(7), Duration::from_secs(60))?;
//! assert!(kv.exists(&run, "token")?);
//! kv.transaction(&run, |txn| {
//!     txn.put("user:2", Value::Bool(true))?;
//!     assert_eq!(txn.get("user:2")?, Some(Value::Bool(true)));
//!     Ok(())
//! })?;
//! assert_eq!(kv.list(&run, Some("user:"))?, ["user:1", "user:2"]);
//! assert_eq!(kv.list_with_values(&run, None)?.len(), 3);
//! assert!(kv.delete(&run, "user:1")?);
//!
//! db.transaction(&run, |txn| {
//!     txn.kv_put("seen", Value::I64(1))?;
//!     txn.kv_get("seen")?;
//!     txn.kv_delete("seen")
//! })?;
//! # Ok(()) }
//! ```
//!
//! Databases in files and in memory come with the feature `file`, which is on by default.
//!
//! For async code and for the traits of `omni-tck-api` there is [`EmbeddedStore`], a handle
//! on one run.

pub mod backend;
mod context;
mod database;
mod error;
#[cfg(feature = "file")]
mod file;
mod kv_store;
mod kv_transaction;
mod place;
mod run;
mod store;
mod transaction;
mod value;

pub use context::TransactionContext;
pub use database::Database;
pub use error::{Error, Result};
#[cfg(feature = "file")]
pub use file::{Durability, LARGEST_VALUE, Options};
pub use kv_store::KvStore;
pub use kv_transaction::{KvStoreExt, KvTransaction};
pub use place::{LONGEST_KEY, TypeTag};
pub use run::RunId;
pub use store::EmbeddedStore;
pub use value::Value;
