//! The macros that a provider's tests invoke.
//!
//! Each expands to a module with a plain `#[test]` for each clause. All tests of a module
//! call one function of the kit with the clause and the factory, so that little is
//! compiled in the provider's crate, and nothing but this kit need be in its manifest.

/// Proves that a provider keeps the `kv_store` contract: a test for each clause.
///
/// ```
/// # mod tests {
/// # use std::{collections::HashMap, sync::Mutex};
/// # use tck::{async_trait, Bytes, KeyValueStore, Result};
/// # #[derive(Default)] struct MyStore(Mutex<HashMap<String, Bytes>>);
/// # #[async_trait] impl KeyValueStore for MyStore {
/// #     async fn get(&self, key: &str) -> Result<Option<Bytes>> { Ok(self.0.lock().unwrap().get(key).cloned()) }
/// #     async fn set(&self, key: &str, value: Bytes) -> Result<()> { self.0.lock().unwrap().insert(key.to_owned(), value); Ok(()) }
/// #     async fn delete(&self, key: &str) -> Result<()> { self.0.lock().unwrap().remove(key); Ok(()) }
/// # }
/// tck::kv_store_contract!(my_store, || async { MyStore::default() });
/// # }
/// ```
///
/// The factory makes a fresh, clean provider for each clause. It answers with the provider
/// or with a `Result` of it. Where it takes an argument it is given a [`Setup`](crate::Setup):
/// a namespace of its own and a clock.
///
/// An optional block declares the [profile](crate::Profile), a line for each of its methods:
///
/// ```
/// # mod tests {
/// # use std::{collections::HashMap, sync::{Arc, Mutex}};
/// # use tck::{async_trait, Bytes, Error, KeyValueStore, Result};
/// # #[derive(Default)] struct MyStore(Arc<Mutex<HashMap<String, Bytes>>>);
/// # impl MyStore { async fn connect(namespace: &str) -> Result<Self> { Ok(Self::default()) } }
/// # #[async_trait] impl KeyValueStore for MyStore {
/// #     async fn get(&self, key: &str) -> Result<Option<Bytes>> { Ok(self.0.lock().unwrap().get(key).cloned()) }
/// #     async fn set(&self, key: &str, value: Bytes) -> Result<()> { self.0.lock().unwrap().insert(key.to_owned(), value); Ok(()) }
/// #     async fn delete(&self, key: &str) -> Result<()> { match self.0.lock().unwrap().remove(key) { Some(_) => Ok(()), None => Err(Error::backend("no such key")) } }
/// # }
/// tck::kv_store_contract!(
///     my_store,
///     |setup| async move { MyStore::connect(setup.namespace()).await },
///     {
///         time: Wall { resolution: Duration::from_secs(1) },
///         longest_key: 250,
///         empty_key: EmptyKey::Refused,
///         waivers: [waive(delete_is_idempotent, "the server reports absent keys", "2099-12-31")],
///     }
/// );
/// # }
/// ```
#[macro_export]
macro_rules! kv_store_contract {
    ($($call:tt)*) => {
        $crate::__tck_contract! { kv_store __tck_kv_store Store $($call)* }
    };
}

/// Proves that a provider keeps the `cache` contract: a test for each clause.
///
/// It takes what [`kv_store_contract!`] takes. A cache in memory that can be handed a clock
/// is tested without waiting:
///
/// ```
/// # mod tests {
/// # use tck::{async_trait, Bytes, Cache, Clock, KeyValueStore, Result};
/// # use std::{collections::HashMap, sync::{Arc, Mutex}, time::{Duration, Instant}};
/// # struct MyCache { clock: Arc<dyn Clock>, entries: Mutex<HashMap<String, (Bytes, Option<Instant>)>> }
/// # impl MyCache { fn with_clock(clock: Arc<dyn Clock>) -> Self { Self { clock, entries: Mutex::default() } } }
/// # #[async_trait] impl KeyValueStore for MyCache {
/// #     async fn get(&self, key: &str) -> Result<Option<Bytes>> {
/// #         let now = self.clock.now();
/// #         Ok(self.entries.lock().unwrap().get(key).filter(|(_, end)| end.is_none_or(|end| now < end)).map(|(value, _)| value.clone()))
/// #     }
/// #     async fn set(&self, key: &str, value: Bytes) -> Result<()> { self.entries.lock().unwrap().insert(key.to_owned(), (value, None)); Ok(()) }
/// #     async fn delete(&self, key: &str) -> Result<()> { self.entries.lock().unwrap().remove(key); Ok(()) }
/// # }
/// # #[async_trait] impl Cache for MyCache {
/// #     async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
/// #         let end = self.clock.now().checked_add(ttl);
/// #         self.entries.lock().unwrap().insert(key.to_owned(), (value, end)); Ok(())
/// #     }
/// # }
/// tck::cache_contract!(my_cache, |setup| async move { MyCache::with_clock(setup.clock()) }, {
///     time: Manual,
/// });
/// # }
/// ```
#[macro_export]
macro_rules! cache_contract {
    ($($call:tt)*) => {
        $crate::__tck_contract! { cache __tck_cache Cache $($call)* }
    };
}

/// Proves that a provider keeps the `values` contract: a test for each clause.
///
/// It takes what [`kv_store_contract!`] takes, and a `codec` in the profile for a provider
/// that brings its own.
#[cfg(feature = "values")]
#[macro_export]
macro_rules! values_contract {
    ($($call:tt)*) => {
        $crate::__tck_contract! { values __tck_values Store $($call)* }
    };
}

/// Says that the feature is missing.
#[cfg(not(feature = "values"))]
#[macro_export]
macro_rules! values_contract {
    ($($call:tt)*) => {
        ::core::compile_error!("`values_contract!` needs the feature `values` of `omni-tck`");
    };
}

/// Proves that a provider keeps the `namespaces` contract: a test for each clause.
///
/// It takes what [`kv_store_contract!`] takes, only that the factory is given the name of
/// the namespace to serve. All that it makes must stand on the same server.
#[macro_export]
macro_rules! namespace_contract {
    ($($call:tt)*) => {
        $crate::__tck_contract! { namespaces __tck_namespaces Store $($call)* }
    };
}

/// Proves that a provider keeps the `listing` contract: a test for each clause.
///
/// It takes what [`kv_store_contract!`] takes. For a provider that is a cache as well,
/// `cache: true` in the profile adds what is asked of expired keys.
#[cfg(feature = "listing")]
#[macro_export]
macro_rules! listing_contract {
    ($($call:tt)*) => {
        $crate::__tck_contract! { listing __tck_listing Listing $($call)* }
    };
}

/// Says that the feature is missing.
#[cfg(not(feature = "listing"))]
#[macro_export]
macro_rules! listing_contract {
    ($($call:tt)*) => {
        ::core::compile_error!("`listing_contract!` needs the feature `listing` of `omni-tck`");
    };
}

/// Proves that a provider keeps the `atomic` contract: a test for each clause.
///
/// It takes what [`kv_store_contract!`] takes. For a provider that is a cache as well,
/// `cache: true` in the profile adds what is asked of times to live; for one that lists,
/// `listing: true` adds what is asked of listings.
#[cfg(feature = "atomic")]
#[macro_export]
macro_rules! atomic_contract {
    ($($call:tt)*) => {
        $crate::__tck_contract! { atomic __tck_atomic Atomic $($call)* }
    };
}

/// Says that the feature is missing.
#[cfg(not(feature = "atomic"))]
#[macro_export]
macro_rules! atomic_contract {
    ($($call:tt)*) => {
        ::core::compile_error!("`atomic_contract!` needs the feature `atomic` of `omni-tck`");
    };
}

/// Proves that a provider keeps the `transaction` contract: a test for each clause.
///
/// It takes what [`kv_store_contract!`] takes. In the profile, `isolation` declares a level
/// below the serializable one; `cache: true`, `listing: true` and `atomic: true` add what is
/// asked of times to live, of listings and of writes on a condition beside transactions.
#[cfg(feature = "transaction")]
#[macro_export]
macro_rules! transaction_contract {
    ($($call:tt)*) => {
        $crate::__tck_contract! { transaction __tck_transaction Transactional $($call)* }
    };
}

/// Says that the feature is missing.
#[cfg(not(feature = "transaction"))]
#[macro_export]
macro_rules! transaction_contract {
    ($($call:tt)*) => {
        ::core::compile_error!(
            "`transaction_contract!` needs the feature `transaction` of `omni-tck`"
        );
    };
}

/// Proves that a service keeps the `http` contract: a test for each clause.
///
/// The factory answers with where the service is: a URL, a [`Target`](crate::http::Target) with a
/// token, or a `Result` of either. It may start the service, on the runtime that it is called
/// on. `seed: true` in the profile adds what clients of the original service expect,
/// `core: false` leaves out what HTTP asks.
///
/// ```no_run
/// tck::http_contract!(my_service, || async { "http://127.0.0.1:8000" }, { seed: true });
/// ```
#[cfg(feature = "http")]
#[macro_export]
macro_rules! http_contract {
    ($($call:tt)*) => {
        $crate::__tck_contract! { http __tck_http Service $($call)* }
    };
}

/// Says that the feature is missing.
#[cfg(not(feature = "http"))]
#[macro_export]
macro_rules! http_contract {
    ($($call:tt)*) => {
        ::core::compile_error!("`http_contract!` needs the feature `http` of `omni-tck`");
    };
}

/// Proves that a provider keeps several contracts, with one factory and one profile: a
/// module of tests for each. With `cache`, `listing` or `atomic` among them, what the others
/// ask of such a provider is declared as well.
///
/// ```
/// # mod tests {
/// # use std::{collections::HashMap, sync::{LazyLock, Mutex}};
/// # use tck::{async_trait, Bytes, KeyValueStore, Result};
/// # static SERVER: LazyLock<Mutex<HashMap<(String, String), Bytes>>> = LazyLock::new(Mutex::default);
/// # struct MyStore(String);
/// # impl MyStore { fn open(name: &str) -> Self { Self(name.to_owned()) } fn at(&self, key: &str) -> (String, String) { (self.0.clone(), key.to_owned()) } }
/// # #[async_trait] impl KeyValueStore for MyStore {
/// #     async fn get(&self, key: &str) -> Result<Option<Bytes>> { Ok(SERVER.lock().unwrap().get(&self.at(key)).cloned()) }
/// #     async fn set(&self, key: &str, value: Bytes) -> Result<()> { SERVER.lock().unwrap().insert(self.at(key), value); Ok(()) }
/// #     async fn delete(&self, key: &str) -> Result<()> { SERVER.lock().unwrap().remove(&self.at(key)); Ok(()) }
/// # }
/// tck::certify!(
///     my_store,
///     |setup| async move { MyStore::open(setup.namespace()) },
///     [kv_store, namespaces],
///     { second_handle: true }
/// );
/// # }
/// ```
#[macro_export]
macro_rules! certify {
    ($name:ident, | $setup:tt | $body:expr, [$($contract:ident),+ $(,)?] $($rest:tt)*) => {
        $crate::__tck_certify! { $name { | $setup | $body } [$($contract)+] $($rest)* }
    };
    ($name:ident, move | $setup:tt | $body:expr, [$($contract:ident),+ $(,)?] $($rest:tt)*) => {
        $crate::__tck_certify! { $name { move | $setup | $body } [$($contract)+] $($rest)* }
    };
    ($name:ident, $factory:expr, [$($contract:ident),+ $(,)?] $($rest:tt)*) => {
        $crate::__tck_certify! { $name { $factory } [$($contract)+] $($rest)* }
    };
}
