//! A contract applied to a provider.

use std::sync::Arc;

use crate::{Clause, Contract, Factory, Outcome, Profile, Time, runner};

/// A contract, the factory of a provider, and what that provider declares of itself.
pub struct Suite {
    contract: &'static Contract,
    factory: Arc<dyn Factory>,
    profile: Profile,
}

impl Suite {
    /// The suite that checks what `factory` makes.
    #[must_use]
    pub fn new(contract: &'static Contract, factory: Arc<dyn Factory>, profile: Profile) -> Self {
        Self {
            contract,
            factory,
            profile,
        }
    }

    /// The contract that is checked.
    #[must_use]
    pub fn contract(&self) -> &'static Contract {
        self.contract
    }

    /// Whether its checks wait on the clock on the wall.
    pub(crate) fn waits(&self) -> bool {
        matches!(self.profile.time, Time::Wall { .. })
    }

    /// Checks one clause.
    #[must_use]
    pub fn check(&self, clause: &'static Clause) -> Outcome {
        runner::run(clause, &self.factory, &self.profile)
    }

    /// Checks one clause and panics with the whole story where it is not as declared.
    ///
    /// # Panics
    ///
    /// Where a test should fail: at any outcome that the provider has not declared.
    #[track_caller]
    pub fn assert(&self, clause: &'static Clause) {
        let outcome = self.check(clause);
        if outcome.status.is_as_declared() {
            println!("{outcome}");
        } else {
            panic!("\n{outcome}");
        }
    }
}

impl std::fmt::Debug for Suite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Suite")
            .field("contract", &self.contract.name)
            .finish_non_exhaustive()
    }
}
