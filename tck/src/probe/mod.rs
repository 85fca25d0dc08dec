//! What the checks of several contracts probe a store with.

#[cfg(feature = "atomic")]
pub(crate) mod conditional;
pub(crate) mod crew;
pub(crate) mod crowd;
pub(crate) mod dropping;
pub(crate) mod keys;
#[cfg(feature = "listing")]
pub(crate) mod listing;
pub(crate) mod payload;
pub(crate) mod race;
#[cfg(feature = "transaction")]
pub(crate) mod retry;
pub(crate) mod together;
#[cfg(feature = "transaction")]
pub(crate) mod transaction;
#[cfg(feature = "transaction")]
pub(crate) mod view;
