//! A technology compatibility kit for key-value stores and caches.
//!
//! The author of a store writes one macro call, and `cargo test` says clause by clause
//! whether callers can rely on the store:
//!
//! ```
//! # mod tests {
//! use std::{collections::HashMap, sync::Mutex};
//! use tck::{async_trait, Bytes, KeyValueStore, Result};
//!
//! #[derive(Default)]
//! struct MyStore(Mutex<HashMap<String, Bytes>>);
//!
//! #[async_trait]
//! impl KeyValueStore for MyStore {
//!     async fn get(&self, key: &str) -> Result<Option<Bytes>> {
//!         Ok(self.0.lock().unwrap().get(key).cloned())
//!     }
//!     async fn set(&self, key: &str, value: Bytes) -> Result<()> {
//!         self.0.lock().unwrap().insert(key.to_owned(), value);
//!         Ok(())
//!     }
//!     async fn delete(&self, key: &str) -> Result<()> {
//!         self.0.lock().unwrap().remove(key);
//!         Ok(())
//!     }
//! }
//!
//! tck::kv_store_contract!(my_store, || async { MyStore::default() });
//! # }
//! ```
//!
//! The macros: [`kv_store_contract!`], [`cache_contract!`], [`namespace_contract!`]
//! and [`certify!`] for several at once. Behind a feature each, because who needs less should not
//! wait for their build: `values_contract!` (feature `values`), `listing_contract!` (`listing`),
//! `atomic_contract!` (`atomic`), `transaction_contract!` (`transaction`), and `http_contract!`
//! for services (`http`). What is checked, and why: [`kv_store`], [`cache`], [`namespaces`],
//! `values`, `listing`, `atomic`, `transaction`, `http`.
//!
//! Data flows one way: the [factory](Factory) makes a provider, a recorder writes down its
//! calls, the check of a [`Clause`] looks at the answers, which comes to an [`Outcome`],
//! and outcomes make a [`Report`].
//!
//! It is not a benchmark, not a load generator, and no proof of what a store does when its
//! machine fails.

mod answer;
mod check;
mod clause;
mod contracts;
mod expansion;
mod factory;
mod lease;
mod macros;
mod outcome;
mod plot;
mod probe;
mod profile;
mod recorder;
mod report;
mod runner;
mod shown;
mod story;
mod subject;
mod suite;
mod timeline;
mod trace;
mod waiver;
#[cfg(feature = "http")]
mod wire;

pub use tck_api::*;

pub use check::{Breach, Cause};
pub use clause::{Clause, Contract, Level, Need};
#[cfg(feature = "atomic")]
pub use contracts::atomic;
#[cfg(feature = "http")]
pub use contracts::http;
#[cfg(feature = "listing")]
pub use contracts::listing;
#[cfg(feature = "transaction")]
pub use contracts::transaction;
#[cfg(feature = "values")]
pub use contracts::values;
pub use contracts::{CONTRACTS, cache, clauses, kv_store, namespaces};
pub use factory::{Capable, Factory, Provider, Setup, capability, factory};
pub use outcome::{Outcome, Status};
pub use profile::{EmptyKey, Isolation, Profile, Time, ZeroTtl};
pub use report::{Report, Totals, Verdict};
pub use suite::Suite;
pub use trace::Step;
pub use waiver::{Date, Waiver, waive};

/// What the macros need in the crate of a provider. Not for use by hand.
#[doc(hidden)]
pub mod __private {
    pub use std::sync::Arc;

    use crate::Setup;

    /// Tells the compiler what a closure is given.
    pub fn with_setup<R, F: Fn(Setup) -> R>(closure: F) -> F {
        closure
    }

    /// Tells the compiler what a closure is given.
    pub fn with_namespace<R, F: Fn(String) -> R>(closure: F) -> F {
        closure
    }

    /// The names that the block of a profile may use.
    pub mod profile {
        pub use std::time::Duration;

        #[cfg(feature = "atomic")]
        pub use crate::atomic;
        #[cfg(feature = "http")]
        pub use crate::http;
        #[cfg(feature = "listing")]
        pub use crate::listing;
        #[cfg(feature = "transaction")]
        pub use crate::transaction;
        #[cfg(feature = "values")]
        pub use crate::values;
        pub use crate::{
            EmptyKey, Isolation,
            Time::{self, Manual, Tokio, Wall},
            ZeroTtl, cache, kv_store, namespaces, waive,
        };
    }
}
