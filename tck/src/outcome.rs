//! What one clause came to.

use std::time::Duration;

use crate::{Breach, Clause, Step, Waiver};

/// What one clause came to, with the steps that led there.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// The clause.
    pub clause: &'static Clause,
    /// What it came to.
    pub status: Status,
    /// What the check did; nothing where the provider complied.
    pub steps: Vec<Step>,
    /// How long it took, in time on the wall.
    pub took: Duration,
}

/// What a clause came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Status {
    /// The provider complies.
    Pass,
    /// It does not. A waiver that has expired is named.
    Violation {
        /// What was expected and what was observed.
        breach: Breach,
        /// The waiver that would have covered it until its last day.
        expired: Option<&'static Waiver>,
    },
    /// It does not, and a waiver says so.
    Waived {
        /// What was expected and what was observed.
        breach: Breach,
        /// The waiver that covers it.
        waiver: &'static Waiver,
    },
    /// It complies, yet a waiver says that it does not.
    UnexpectedPass {
        /// The waiver to strike.
        waiver: &'static Waiver,
    },
    /// The clause applies only to providers that declare more than this one.
    NotDeclared {
        /// What it does not declare.
        missing: String,
    },
    /// The machine was too slow to prove anything.
    Inconclusive {
        /// What was tried.
        reason: String,
    },
    /// The factory or the kit failed, not the provider.
    Error {
        /// How.
        reason: String,
    },
}

impl Status {
    /// The name, as it stands in reports.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Violation { .. } => "violation",
            Self::Waived { .. } => "waived",
            Self::UnexpectedPass { .. } => "unexpected_pass",
            Self::NotDeclared { .. } => "not_declared",
            Self::Inconclusive { .. } => "inconclusive",
            Self::Error { .. } => "error",
        }
    }

    /// Whether the outcome is what the provider declared: a test of it passes.
    #[must_use]
    pub fn is_as_declared(&self) -> bool {
        matches!(
            self,
            Self::Pass | Self::Waived { .. } | Self::NotDeclared { .. }
        )
    }
}
