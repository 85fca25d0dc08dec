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
#[macro_export]
macro_rules! listing_contract {
    ($($call:tt)*) => {
        $crate::__tck_contract! { listing __tck_listing Listing $($call)* }
    };
}

/// Proves that a provider keeps the `atomic` contract: a test for each clause.
///
/// It takes what [`kv_store_contract!`] takes. For a provider that is a cache as well,
/// `cache: true` in the profile adds what is asked of times to live.
#[macro_export]
macro_rules! atomic_contract {
    ($($call:tt)*) => {
        $crate::__tck_contract! { atomic __tck_atomic Atomic $($call)* }
    };
}

/// Proves that a provider keeps the `transaction` contract: a test for each clause.
///
/// It takes what [`kv_store_contract!`] takes. In the profile, `isolation` declares a level
/// below the serializable one; `cache: true` and `listing: true` add what is asked of times
/// to live and of listings in transactions.
#[macro_export]
macro_rules! transaction_contract {
    ($($call:tt)*) => {
        $crate::__tck_contract! { transaction __tck_transaction Transactional $($call)* }
    };
}

/// Proves that a provider keeps several contracts, with one factory and one profile: a
/// module of tests for each. With `cache` or `listing` among them, what the others ask of
/// a cache or a listing is declared as well.
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

#[doc(hidden)]
#[macro_export]
macro_rules! __tck_certify {
    ($name:ident $factory:tt $contracts:tt $(,)?) => {
        $crate::__tck_certify! { $name $factory $contracts, {} }
    };
    ($name:ident $factory:tt [$($contract:ident)+], { $($profile:tt)* } $(,)?) => {
        #[cfg(test)]
        mod $name {
            #[allow(unused_imports, reason = "not every call needs them")]
            use super::*;
            $crate::__tck_declare! { [$($contract)+] $factory [$($contract)+] [] $($profile)* }
        }
    };
    ($name:ident $factory:tt $contracts:tt $($rest:tt)*) => {
        ::core::compile_error!("the profile is a block after the factory and the contracts: `{ time: Manual, longest_key: 250 }`");
    };
}

/// Declares for all contracts what some of them say: that the provider is a cache, or lists.
#[doc(hidden)]
#[macro_export]
macro_rules! __tck_declare {
    ([cache $($rest:ident)*] $factory:tt $all:tt [$($declared:tt)*] $($profile:tt)*) => {
        $crate::__tck_declare! { [$($rest)*] $factory $all [$($declared)* cache: true,] $($profile)* }
    };
    ([listing $($rest:ident)*] $factory:tt $all:tt [$($declared:tt)*] $($profile:tt)*) => {
        $crate::__tck_declare! { [$($rest)*] $factory $all [$($declared)* listing: true,] $($profile)* }
    };
    ([$other:ident $($rest:ident)*] $factory:tt $all:tt $declared:tt $($profile:tt)*) => {
        $crate::__tck_declare! { [$($rest)*] $factory $all $declared $($profile)* }
    };
    ([] $factory:tt [$($contract:ident)+] [$($declared:tt)*] $($profile:tt)*) => {
        $crate::__tck_certify_each! { [$($contract)+] $factory { $($declared)* $($profile)* } }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tck_certify_each {
    ([$($contract:ident)+] $factory:tt $profile:tt) => {
        $($crate::__tck_certify_one! { $contract $factory $profile })+
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tck_certify_one {
    (kv_store { $($factory:tt)+ } $profile:tt) => {
        $crate::kv_store_contract!(kv_store, $($factory)+, $profile);
    };
    (cache { $($factory:tt)+ } $profile:tt) => {
        $crate::cache_contract!(cache, $($factory)+, $profile);
    };
    (values { $($factory:tt)+ } $profile:tt) => {
        $crate::values_contract!(values, $($factory)+, $profile);
    };
    (namespaces { $($factory:tt)+ } $profile:tt) => {
        $crate::__tck_contract! { namespaces __tck_namespaces Store by_setup namespaces, $($factory)+, $profile }
    };
    (listing { $($factory:tt)+ } $profile:tt) => {
        $crate::listing_contract!(listing, $($factory)+, $profile);
    };
    (atomic { $($factory:tt)+ } $profile:tt) => {
        $crate::atomic_contract!(atomic, $($factory)+, $profile);
    };
    (transaction { $($factory:tt)+ } $profile:tt) => {
        $crate::transaction_contract!(transaction, $($factory)+, $profile);
    };
    ($other:ident $factory:tt $profile:tt) => {
        ::core::compile_error!(::core::concat!(
            "there is no contract `",
            ::core::stringify!($other),
            "`: expected `kv_store`, `cache`, `values`, `namespaces`, `listing`, `atomic` or `transaction`",
        ));
    };
}

/// Reads a call, and tells the compiler what a closure with an argument is given.
#[doc(hidden)]
#[macro_export]
macro_rules! __tck_contract {
    ($contract:ident $tests:ident $can:ident by_setup $name:ident, | $setup:tt | $body:expr $(, $($profile:tt)*)?) => {
        $crate::__tck_suite! { $contract $tests $can $name { $crate::__private::with_setup(| $setup | $body) } [$($($profile)*)?] }
    };
    ($contract:ident $tests:ident $can:ident by_setup $name:ident, move | $setup:tt | $body:expr $(, $($profile:tt)*)?) => {
        $crate::__tck_suite! { $contract $tests $can $name { $crate::__private::with_setup(move | $setup | $body) } [$($($profile)*)?] }
    };
    ($contract:ident $tests:ident $can:ident by_setup $name:ident, $factory:expr $(, $($profile:tt)*)?) => {
        $crate::__tck_suite! { $contract $tests $can $name { $factory } [$($($profile)*)?] }
    };
    (namespaces $tests:ident $can:ident $name:ident, | $namespace:tt | $body:expr $(, $($profile:tt)*)?) => {
        $crate::__tck_suite! { namespaces $tests $can $name { $crate::__private::with_namespace(| $namespace | $body) } [$($($profile)*)?] }
    };
    (namespaces $tests:ident $can:ident $name:ident, move | $namespace:tt | $body:expr $(, $($profile:tt)*)?) => {
        $crate::__tck_suite! { namespaces $tests $can $name { $crate::__private::with_namespace(move | $namespace | $body) } [$($($profile)*)?] }
    };
    ($contract:ident $tests:ident $can:ident $name:ident, $($call:tt)+) => {
        $crate::__tck_contract! { $contract $tests $can by_setup $name, $($call)+ }
    };
    ($contract:ident $($call:tt)*) => {
        ::core::compile_error!("expected a name, a factory and perhaps a profile: `my_store, || async { MyStore::new() }, { .. }`");
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tck_suite {
    ($contract:ident $tests:ident $can:ident $name:ident { $factory:expr } [$({ $($profile:tt)* } $(,)?)?]) => {
        #[cfg(test)]
        mod $name {
            #[allow(unused_imports, reason = "not every call needs them")]
            use super::*;

            fn __tck_factory() -> $crate::__private::Arc<dyn $crate::Factory> {
                $crate::factory::<$crate::__tck_capability!($can [$($($profile)*)?]), _, _, _>($factory)
            }

            fn __tck_profile() -> $crate::Profile {
                #[allow(unused_imports, reason = "not every call needs them")]
                use $crate::__private::profile::{*, $contract::*};
                $crate::__tck_profile!($crate::Profile::new() ; $($($profile)*)?)
            }

            #[track_caller]
            fn __tck_assert(clause: &'static $crate::Clause) {
                let contract = &$crate::$contract::CONTRACT;
                $crate::Suite::new(contract, __tck_factory(), __tck_profile()).assert(clause);
            }

            $crate::$tests! { [$($($profile)*)?] }
        }
    };
    ($contract:ident $tests:ident $can:ident $name:ident $factory:tt $profile:tt) => {
        ::core::compile_error!("the profile is a block after the factory: `{ time: Manual, longest_key: 250 }`");
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tck_profile {
    ($built:expr ; ) => { $built };
    ($built:expr ; waivers : $waivers:expr $(, $($rest:tt)*)?) => {
        $crate::__tck_profile!($built.waivers({
            // An item, unlike a block, is evaluated wherever the code is checked.
            const WAIVERS: &[$crate::Waiver] = &$waivers;
            WAIVERS
        }) ; $($($rest)*)?)
    };
    ($built:expr ; $field:ident : $value:expr $(, $($rest:tt)*)?) => {
        $crate::__tck_profile!($built.$field($value) ; $($($rest)*)?)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tck_tests {
    ($profile:tt $contract:ident $($clause:ident [$($need:ident)?])+) => {
        $($crate::__tck_test! { $contract $clause [$($need)?] $profile })+
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tck_test {
    ($contract:ident $clause:ident [] $profile:tt) => {
        #[::core::prelude::v1::test]
        fn $clause() {
            __tck_assert($crate::$contract::$clause);
        }
    };
    ($contract:ident $clause:ident [second_handle] [second_handle : true $($rest:tt)*]) => {
        $crate::__tck_test! { $contract $clause [] [] }
    };
    ($contract:ident $clause:ident [cache] [cache : true $($rest:tt)*]) => {
        $crate::__tck_test! { $contract $clause [] [] }
    };
    ($contract:ident $clause:ident [listing] [listing : true $($rest:tt)*]) => {
        $crate::__tck_test! { $contract $clause [] [] }
    };
    ($contract:ident $clause:ident $need:tt [$token:tt $($rest:tt)*]) => {
        $crate::__tck_test! { $contract $clause $need [$($rest)*] }
    };
    ($contract:ident $clause:ident [second_handle] []) => {
        $crate::__tck_ignored! { $contract $clause "not declared: second_handle" }
    };
    ($contract:ident $clause:ident [cache] []) => {
        $crate::__tck_ignored! { $contract $clause "not declared: cache" }
    };
    ($contract:ident $clause:ident [listing] []) => {
        $crate::__tck_ignored! { $contract $clause "not declared: listing" }
    };
}

/// The reason has to be a literal: of anything else the test harness says nothing.
#[doc(hidden)]
#[macro_export]
macro_rules! __tck_ignored {
    ($contract:ident $clause:ident $reason:literal) => {
        #[::core::prelude::v1::test]
        #[ignore = $reason]
        fn $clause() {
            __tck_assert($crate::$contract::$clause);
        }
    };
}

/// What a contract asks of the factory: its own capability, and what the profile declares
/// beside it, where the contract has clauses about that.
#[doc(hidden)]
#[macro_export]
macro_rules! __tck_capability {
    (Store $profile:tt) => { $crate::capability::Store };
    (Cache $profile:tt) => { $crate::capability::Cache };
    ($can:ident [cache : true $($rest:tt)*]) => {
        ($crate::capability::$can, $crate::capability::Cache)
    };
    ($can:ident [$token:tt $($rest:tt)*]) => {
        $crate::__tck_capability!($can [$($rest)*])
    };
    ($can:ident []) => { $crate::capability::$can };
}
