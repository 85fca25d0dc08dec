//! What a provider declares of itself.

use std::time::Duration;

use crate::{Clause, Need, waiver::Waiver};

/// What a provider declares of itself, beside the contracts it invokes.
///
/// In the macros it is the block after the factory, a line for each method used here:
///
/// ```
/// # use std::time::Duration;
/// use tck::{EmptyKey, Profile, Time};
///
/// let profile = Profile::new()
///     .time(Time::Wall { resolution: Duration::from_secs(1) })
///     .longest_key(250)
///     .largest_value(1 << 20)
///     .empty_key(EmptyKey::Refused);
/// ```
#[derive(Clone, Debug)]
pub struct Profile {
    pub(crate) time: Time,
    pub(crate) longest_key: Option<usize>,
    pub(crate) largest_value: Option<usize>,
    pub(crate) empty_key: EmptyKey,
    pub(crate) zero_ttl: ZeroTtl,
    pub(crate) isolation: Isolation,
    pub(crate) second_handle: bool,
    pub(crate) reopens: bool,
    pub(crate) cache: bool,
    pub(crate) listing: bool,
    pub(crate) atomic: bool,
    #[cfg(feature = "http")]
    pub(crate) core: bool,
    #[cfg(feature = "http")]
    pub(crate) seed: bool,
    pub(crate) patience: Duration,
    pub(crate) waivers: &'static [Waiver],
    #[cfg(feature = "values")]
    pub(crate) codec: std::sync::Arc<dyn crate::values::ValueCodec>,
}

/// The time that a provider goes by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Time {
    /// The provider takes [`Setup::clock`](crate::Setup::clock), which the kit moves:
    /// times to live of hours pass in microseconds.
    Manual,
    /// The provider goes by `tokio::time`, which the kit pauses.
    Tokio,
    /// The provider, or its server, goes by the clock on the wall.
    Wall {
        /// How much longer than its time to live an entry may be seen.
        resolution: Duration,
    },
}

/// What a provider does with the empty key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EmptyKey {
    /// It is a key like any other.
    Accepted,
    /// Every operation answers `Error::InvalidKey`.
    Refused,
}

/// What a cache does with a time to live of zero.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ZeroTtl {
    /// The entry is expired at once.
    Expired,
    /// The entry never expires.
    Forever,
    /// The write answers `Error::InvalidTtl` and changes nothing.
    Invalid,
}

/// What a store promises to transactions that run side by side.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Isolation {
    /// Those that succeed might have run one after the other.
    Serializable,
    /// Each reads the data of one moment, and no two succeed that have read and written the
    /// same key. Two may succeed of which each has read what the other has written.
    Snapshot,
}

impl Profile {
    /// What the kit assumes of a provider that declares nothing: the clock on the wall,
    /// seen to 10 milliseconds, no limits, the empty key accepted, a time to live of zero
    /// expired at once, transactions serializable, no second handle, nothing kept when all are
    /// gone, no capability beside the one that the contract is about, 30 seconds of patience,
    /// and no waivers.
    #[must_use]
    pub fn new() -> Self {
        Self {
            time: Time::Wall {
                resolution: Duration::from_millis(10),
            },
            longest_key: None,
            largest_value: None,
            empty_key: EmptyKey::Accepted,
            zero_ttl: ZeroTtl::Expired,
            isolation: Isolation::Serializable,
            second_handle: false,
            reopens: false,
            cache: false,
            listing: false,
            atomic: false,
            #[cfg(feature = "http")]
            core: true,
            #[cfg(feature = "http")]
            seed: false,
            patience: Duration::from_secs(30),
            waivers: &[],
            #[cfg(feature = "values")]
            codec: std::sync::Arc::new(crate::Json),
        }
    }

    /// The time that the provider goes by.
    #[must_use]
    pub fn time(mut self, time: Time) -> Self {
        self.time = time;
        self
    }

    /// The length in bytes of the longest key that the provider takes.
    ///
    /// # Panics
    ///
    /// Where it is below 64: clauses need keys that say whose they are.
    #[must_use]
    pub fn longest_key(mut self, bytes: usize) -> Self {
        assert!(
            bytes >= 64,
            "`longest_key` is {bytes}, and has to be 64 or more"
        );
        self.longest_key = Some(bytes);
        self
    }

    /// The size in bytes of the largest value that the provider takes.
    ///
    /// # Panics
    ///
    /// Where it is below 1,024: clauses need values that say who has written them.
    #[must_use]
    pub fn largest_value(mut self, bytes: usize) -> Self {
        assert!(
            bytes >= 1_024,
            "`largest_value` is {bytes}, and has to be 1,024 or more"
        );
        self.largest_value = Some(bytes);
        self
    }

    /// What the provider does with the empty key.
    #[must_use]
    pub fn empty_key(mut self, policy: EmptyKey) -> Self {
        self.empty_key = policy;
        self
    }

    /// What the cache does with a time to live of zero.
    #[must_use]
    pub fn zero_ttl(mut self, policy: ZeroTtl) -> Self {
        self.zero_ttl = policy;
        self
    }

    /// What the store promises to transactions that run side by side.
    #[must_use]
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = isolation;
        self
    }

    /// Whether the factory makes a [`Cache`](crate::Cache). Declares the clauses about
    /// expiry in other contracts.
    #[must_use]
    pub fn cache(mut self, is_cache: bool) -> Self {
        self.cache = is_cache;
        self
    }

    /// Whether the factory makes a [`Listing`](crate::Listing). Declares the clauses about
    /// listings in other contracts.
    #[must_use]
    pub fn listing(mut self, is_listing: bool) -> Self {
        self.listing = is_listing;
        self
    }

    /// Whether the factory makes an [`Atomic`](crate::Atomic) store. Declares the clauses
    /// about writes on a condition in other contracts.
    #[must_use]
    pub fn atomic(mut self, is_atomic: bool) -> Self {
        self.atomic = is_atomic;
        self
    }

    /// Whether the factory, called again with the same [`Setup::namespace`], opens the
    /// same data, and with another one data that are apart. Declares the clauses about a second
    /// handle.
    ///
    /// [`Setup::namespace`]: crate::Setup::namespace
    #[must_use]
    pub fn second_handle(mut self, shared: bool) -> Self {
        self.second_handle = shared;
        self
    }

    /// Whether the factory, called again with the same [`Setup::namespace`] when all handles on
    /// it are gone, opens what was there. Declares the clauses about a store that is opened
    /// again.
    ///
    /// [`Setup::namespace`]: crate::Setup::namespace
    #[must_use]
    pub fn reopens(mut self, kept: bool) -> Self {
        self.reopens = kept;
        self
    }

    /// How long one call may take before it counts as hanging.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The clauses that the provider is known to fail.
    #[must_use]
    pub fn waivers(mut self, waivers: &'static [Waiver]) -> Self {
        self.waivers = waivers;
        self
    }

    /// Whether the service keeps to what HTTP asks: the clauses of the profile `core`, which
    /// are declared unless it says otherwise.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn core(mut self, core: bool) -> Self {
        self.core = core;
        self
    }

    /// Whether the service answers as the clients of the original service expect: the
    /// clauses of the profile `seed`.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn seed(mut self, seed: bool) -> Self {
        self.seed = seed;
        self
    }

    /// How the provider's own typed layer turns values into bytes. The `values` contract
    /// checks it together with the provider; without it, [`Json`](crate::Json).
    #[cfg(feature = "values")]
    #[must_use]
    pub fn codec(mut self, codec: impl crate::values::ValueCodec + 'static) -> Self {
        self.codec = std::sync::Arc::new(codec);
        self
    }

    pub(crate) fn declares(&self, need: Need) -> bool {
        match need {
            Need::SecondHandle => self.second_handle,
            Need::Reopens => self.reopens,
            Need::Cache => self.cache,
            Need::Listing => self.listing,
            Need::Atomic => self.atomic,
            #[cfg(feature = "http")]
            Need::Core => self.core,
            #[cfg(feature = "http")]
            Need::Seed => self.seed,
        }
    }

    pub(crate) fn waiver(&self, clause: &Clause) -> Option<&'static Waiver> {
        self.waivers
            .iter()
            .find(|waiver| waiver.clause.id == clause.id)
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::new()
    }
}
