//! The contracts: the list of each in its `mod.rs`, the checks beside it.

pub mod atomic;
pub mod cache;
pub mod kv_store;
pub mod listing;
pub mod namespaces;
pub mod transaction;
#[cfg(feature = "values")]
pub mod values;

use crate::{Clause, Contract};

/// All contracts, the basic ones first.
pub const CONTRACTS: &[&Contract] = &[
    &kv_store::CONTRACT,
    &cache::CONTRACT,
    #[cfg(feature = "values")]
    &values::CONTRACT,
    &namespaces::CONTRACT,
    &listing::CONTRACT,
    &atomic::CONTRACT,
    &transaction::CONTRACT,
];

/// All clauses of all contracts.
pub fn clauses() -> impl Iterator<Item = &'static Clause> {
    CONTRACTS
        .iter()
        .flat_map(|contract| contract.clauses)
        .copied()
}
