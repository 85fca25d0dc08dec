//! The contracts: the list of each in its `mod.rs`, the checks beside it.

#[cfg(feature = "atomic")]
pub mod atomic;
pub mod cache;
#[cfg(feature = "http")]
pub mod http;
pub mod kv_store;
#[cfg(feature = "listing")]
pub mod listing;
pub mod namespaces;
#[cfg(feature = "transaction")]
pub mod transaction;
#[cfg(feature = "values")]
pub mod values;

use crate::{Clause, Contract};

/// All contracts of stores that are built, the basic ones first. That of services, `http`, stands
/// apart: what is checked is no store, and no factory of one can be given to it.
pub const CONTRACTS: &[&Contract] = &[
    &kv_store::CONTRACT,
    &cache::CONTRACT,
    #[cfg(feature = "values")]
    &values::CONTRACT,
    &namespaces::CONTRACT,
    #[cfg(feature = "listing")]
    &listing::CONTRACT,
    #[cfg(feature = "atomic")]
    &atomic::CONTRACT,
    #[cfg(feature = "transaction")]
    &transaction::CONTRACT,
];

/// All clauses of all contracts of stores.
pub fn clauses() -> impl Iterator<Item = &'static Clause> {
    CONTRACTS
        .iter()
        .flat_map(|contract| contract.clauses)
        .copied()
}
