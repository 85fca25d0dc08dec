//! A clause, and the contract that it belongs to.

use std::{fmt, future::Future, pin::Pin};

use crate::{check::Check, subject::Subject};

/// What callers of one trait may rely on: an ordered list of clauses.
#[derive(Debug)]
#[non_exhaustive]
pub struct Contract {
    /// The name, as in `kv_store`.
    pub name: &'static str,
    /// What the contract is about, in a sentence.
    pub summary: &'static str,
    /// Its clauses, the simple ones first.
    pub clauses: &'static [&'static Clause],
}

/// One requirement, and the check that can tell whether a provider meets it.
#[cfg_attr(feature = "report", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Clause {
    /// The path, as in `kv_store::delete_is_idempotent`: the name of the test, the anchor
    /// in the guide and the argument of `tck explain`.
    pub id: &'static str,
    /// The name of the contract: the first half of the id.
    pub contract: &'static str,
    /// The second half of the id.
    pub name: &'static str,
    /// How much a caller depends on it.
    pub level: Level,
    /// What a provider declares before the clause applies to it.
    pub needs: Option<Need>,
    /// What breaks for callers where a store does not comply.
    pub purpose: &'static str,
    /// What the check does and what it expects.
    pub behaviour: &'static str,
    /// What an author usually has to change.
    pub fix: &'static str,
    #[cfg_attr(feature = "report", serde(skip))]
    pub(crate) check: CheckFn,
}

pub(crate) type CheckFn = for<'s> fn(&'s Subject) -> Checking<'s>;

/// A check that is under way.
pub(crate) type Checking<'s> = Pin<Box<dyn Future<Output = Check> + 's>>;

impl fmt::Debug for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// How much a caller depends on a clause, in the words of RFC 2119.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "report",
    derive(serde::Serialize),
    serde(rename_all = "UPPERCASE")
)]
#[non_exhaustive]
pub enum Level {
    /// Without it a provider is not conformant, waived or not.
    Must,
    /// May be waived for a stated reason.
    Should,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
        })
    }
}

/// Something that not every provider has, and that a clause can't do without.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "report",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Need {
    /// The factory, called again with the same namespace, opens the same data.
    SecondHandle,
    /// The factory, called again when all handles are gone, opens the same data.
    Reopens,
    /// The factory makes a [`Cache`](crate::Cache).
    Cache,
    /// The factory makes a [`Listing`](crate::Listing).
    Listing,
    /// The factory makes an [`Atomic`](crate::Atomic) store.
    Atomic,
    /// The service keeps to what HTTP asks.
    #[cfg(feature = "http")]
    Core,
    /// The service answers as the clients of the original service expect.
    #[cfg(feature = "http")]
    Seed,
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::SecondHandle => "second_handle",
            Self::Reopens => "reopens",
            Self::Cache => "cache",
            Self::Listing => "listing",
            Self::Atomic => "atomic",
            #[cfg(feature = "http")]
            Self::Core => "core",
            #[cfg(feature = "http")]
            Self::Seed => "seed",
        })
    }
}

/// Writes a contract down once. From the list come the constant of each clause, the
/// contract's catalogue, and the hidden macro that makes a test of each clause in the
/// crate of a provider. The body of a clause is the function that its line names.
///
/// The leading `($)` hands the macro a dollar sign, so that it can write a macro.
macro_rules! contract {
    (
        ($d:tt) $contract:ident as $tests:ident: $summary:literal
        $(
            $file:ident::$name:ident $level:ident $(needs $need:ident)? {
                purpose: $purpose:literal,
                behaviour: $behaviour:literal,
                fix: $fix:literal,
            }
        )+
    ) => {
        #[doc = $summary]
        pub const CONTRACT: $crate::Contract = $crate::Contract {
            name: stringify!($contract),
            summary: $summary,
            clauses: &[$($name),+],
        };

        $(
            #[doc = concat!($purpose, "\n\n", $behaviour, "\n\nTo comply: ", $fix)]
            #[expect(non_upper_case_globals, reason = "the path of a clause is its id")]
            pub const $name: &$crate::Clause = &$crate::Clause {
                id: concat!(stringify!($contract), "::", stringify!($name)),
                contract: stringify!($contract),
                name: stringify!($name),
                level: $crate::Level::$level,
                needs: $crate::clause::need!($($need)?),
                purpose: $purpose,
                behaviour: $behaviour,
                fix: $fix,
                check: {
                    // A closure would be compiled anew in each crate that names the clause.
                    #[inline(never)]
                    fn check(subject: &$crate::subject::Subject) -> $crate::clause::Checking<'_> {
                        Box::pin($file::$name(subject))
                    }
                    check
                },
            };
        )+

        #[doc(hidden)]
        #[macro_export]
        macro_rules! $tests {
            ($d profile:tt) => {
                $d crate::__tck_tests! {
                    $d profile $contract $($name [$($need)?])+
                }
            };
        }
    };
}

macro_rules! need {
    () => {
        None
    };
    (second_handle) => {
        Some($crate::Need::SecondHandle)
    };
    (reopens) => {
        Some($crate::Need::Reopens)
    };
    (cache) => {
        Some($crate::Need::Cache)
    };
    (listing) => {
        Some($crate::Need::Listing)
    };
    (atomic) => {
        Some($crate::Need::Atomic)
    };
    (core) => {
        Some($crate::Need::Core)
    };
    (seed) => {
        Some($crate::Need::Seed)
    };
}

pub(crate) use {contract, need};
