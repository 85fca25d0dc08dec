//! What the public macros expand to, step by step. Not for use by hand.

#[doc(hidden)]
#[macro_export]
macro_rules! __tck_certify {
    ($name:ident $factory:tt $contracts:tt $(,)?) => {
        $crate::__tck_certify! { $name $factory $contracts, {} }
    };
    ($name:ident $factory:tt [$($contract:ident)+], { $($profile:tt)* } $(,)?) => {
        #[cfg(test)]
        mod $name {
            use super::*;
            $crate::__tck_declare! { [$($contract)+] $factory [$($contract)+] [] $($profile)* }
        }
    };
    ($name:ident $factory:tt $contracts:tt $($rest:tt)*) => {
        ::core::compile_error!("the profile is a block after the factory and the contracts: `{ time: Manual, longest_key: 250 }`");
    };
}

/// Declares for all contracts what some of them say: that the provider is a cache, lists, or
/// writes on a condition.
#[doc(hidden)]
#[macro_export]
macro_rules! __tck_declare {
    ([cache $($rest:ident)*] $factory:tt $all:tt [$($declared:tt)*] $($profile:tt)*) => {
        $crate::__tck_declare! { [$($rest)*] $factory $all [$($declared)* cache: true,] $($profile)* }
    };
    ([listing $($rest:ident)*] $factory:tt $all:tt [$($declared:tt)*] $($profile:tt)*) => {
        $crate::__tck_declare! { [$($rest)*] $factory $all [$($declared)* listing: true,] $($profile)* }
    };
    ([atomic $($rest:ident)*] $factory:tt $all:tt [$($declared:tt)*] $($profile:tt)*) => {
        $crate::__tck_declare! { [$($rest)*] $factory $all [$($declared)* atomic: true,] $($profile)* }
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
    (http $factory:tt $profile:tt) => {
        ::core::compile_error!("a service keeps no contract of a store: use `http_contract!`");
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
            use super::*;

            fn __tck_factory() -> $crate::__private::Arc<dyn $crate::Factory> {
                $crate::factory::<$crate::__tck_capability!($can [$($($profile)*)?]), _, _, _>($factory)
            }

            fn __tck_profile() -> $crate::Profile {
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
    ($contract:ident $clause:ident [reopens] [reopens : true $($rest:tt)*]) => {
        $crate::__tck_test! { $contract $clause [] [] }
    };
    ($contract:ident $clause:ident [cache] [cache : true $($rest:tt)*]) => {
        $crate::__tck_test! { $contract $clause [] [] }
    };
    ($contract:ident $clause:ident [listing] [listing : true $($rest:tt)*]) => {
        $crate::__tck_test! { $contract $clause [] [] }
    };
    ($contract:ident $clause:ident [atomic] [atomic : true $($rest:tt)*]) => {
        $crate::__tck_test! { $contract $clause [] [] }
    };
    ($contract:ident $clause:ident [seed] [seed : true $($rest:tt)*]) => {
        $crate::__tck_test! { $contract $clause [] [] }
    };
    ($contract:ident $clause:ident [core] [core : false $($rest:tt)*]) => {
        $crate::__tck_ignored! { $contract $clause "not declared: core" }
    };
    ($contract:ident $clause:ident $need:tt [$token:tt $($rest:tt)*]) => {
        $crate::__tck_test! { $contract $clause $need [$($rest)*] }
    };
    ($contract:ident $clause:ident [second_handle] []) => {
        $crate::__tck_ignored! { $contract $clause "not declared: second_handle" }
    };
    ($contract:ident $clause:ident [reopens] []) => {
        $crate::__tck_ignored! { $contract $clause "not declared: reopens" }
    };
    ($contract:ident $clause:ident [cache] []) => {
        $crate::__tck_ignored! { $contract $clause "not declared: cache" }
    };
    ($contract:ident $clause:ident [listing] []) => {
        $crate::__tck_ignored! { $contract $clause "not declared: listing" }
    };
    ($contract:ident $clause:ident [atomic] []) => {
        $crate::__tck_ignored! { $contract $clause "not declared: atomic" }
    };
    ($contract:ident $clause:ident [seed] []) => {
        $crate::__tck_ignored! { $contract $clause "not declared: seed" }
    };
    ($contract:ident $clause:ident [core] []) => {
        $crate::__tck_test! { $contract $clause [] [] }
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
/// beside it, where the contract has clauses about that. The profile is read once, and each
/// that it declares is noted in its place, whatever the order.
#[doc(hidden)]
#[macro_export]
macro_rules! __tck_capability {
    ($can:ident $profile:tt) => { $crate::__tck_capability!($can [] [] [] $profile) };
    ($can:ident $cache:tt $listing:tt $atomic:tt [cache : true $($rest:tt)*]) => {
        $crate::__tck_capability!($can [Cache] $listing $atomic [$($rest)*])
    };
    ($can:ident $cache:tt $listing:tt $atomic:tt [listing : true $($rest:tt)*]) => {
        $crate::__tck_capability!($can $cache [Listing] $atomic [$($rest)*])
    };
    ($can:ident $cache:tt $listing:tt $atomic:tt [atomic : true $($rest:tt)*]) => {
        $crate::__tck_capability!($can $cache $listing [Atomic] [$($rest)*])
    };
    ($can:ident $cache:tt $listing:tt $atomic:tt [$token:tt $($rest:tt)*]) => {
        $crate::__tck_capability!($can $cache $listing $atomic [$($rest)*])
    };
    (Listing $cache:tt $listing:tt $atomic:tt []) => { $crate::__tck_capabilities!(Listing $cache) };
    (Atomic $cache:tt $listing:tt $atomic:tt []) => {
        $crate::__tck_capabilities!(Atomic $cache $listing)
    };
    (Transactional $cache:tt $listing:tt $atomic:tt []) => {
        $crate::__tck_capabilities!(Transactional $cache $listing $atomic)
    };
    ($can:ident $cache:tt $listing:tt $atomic:tt []) => { $crate::__tck_capabilities!($can) };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tck_capabilities {
    ($can:ident $([])*) => { $crate::capability::$can };
    ($can:ident $([$($with:ident)?])+) => {
        ($crate::capability::$can, $($($crate::capability::$with,)?)+)
    };
}
