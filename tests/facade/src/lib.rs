//! What the facade of `omni-kv-embedded` promises on any backend: each test is a function of
//! an empty database, so that every backend runs the same.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod documentation;
mod kv_store;
mod model;
mod runs;
mod transactions;

pub use model::{Subject, is_like_a_map};

use omni_kv_embedded::{KvStore, RunId};

/// Something that the facade promises.
#[derive(Clone, Copy, Debug)]
pub struct Promise {
    /// Its name, which says what it is.
    pub name: &'static str,
    /// Sees to it that it holds in an empty database, or panics.
    pub holds: fn(&KvStore),
}

macro_rules! promises {
    ($($module:ident::$name:ident),+ $(,)?) => {
        /// All that the facade promises, whatever it stands on.
        pub const PROMISES: &[Promise] = &[$(Promise {
            name: concat!(stringify!($module), "::", stringify!($name)),
            holds: $module::$name,
        }),+];
    };
}

promises![
    documentation::its_example_holds,
    kv_store::put_and_get,
    kv_store::get_nonexistent,
    kv_store::delete,
    kv_store::list_all,
    kv_store::list_with_prefix,
    kv_store::list_with_values,
    kv_store::what_is_too_long_or_too_large_is_refused,
    runs::run_isolation,
    runs::a_run_that_has_ended_holds_nothing_and_takes_nothing,
    transactions::multi_key_atomic,
    transactions::transaction_read_your_writes,
    transactions::kvstore_ext_in_transaction,
    transactions::an_error_or_a_panic_in_the_closure_leaves_nothing_behind,
    transactions::of_two_transactions_that_read_the_same_one_meets_a_conflict,
    transactions::a_transaction_is_tried_again_so_many_times,
    transactions::a_transaction_that_is_open_holds_up_nobody,
    transactions::many_threads_count_without_losing_one,
    transactions::a_listing_in_a_transaction_goes_on_after_any_text,
    transactions::what_was_listed_up_to_a_limit_is_relied_on_so_far,
];

/// A run that has begun.
fn begun(kv: &KvStore) -> RunId {
    let run = RunId::new();
    kv.database().begin_run(&run).unwrap();
    run
}
