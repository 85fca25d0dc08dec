//! All contracts that there are: those of stores, and that of services.

use tck::{CONTRACTS, Clause, Contract, http};

pub(crate) fn contracts() -> impl Iterator<Item = &'static Contract> {
    CONTRACTS.iter().copied().chain([&http::CONTRACT])
}

pub(crate) fn clauses() -> impl Iterator<Item = &'static Clause> {
    contracts().flat_map(|contract| contract.clauses).copied()
}
