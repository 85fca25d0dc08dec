//! What the checks of several contracts probe a store with.

pub(crate) mod conditional;
pub(crate) mod crew;
pub(crate) mod crowd;
pub(crate) mod dropping;
pub(crate) mod keys;
pub(crate) mod listing;
pub(crate) mod payload;
pub(crate) mod race;
pub(crate) mod retry;
pub(crate) mod together;
pub(crate) mod transaction;
pub(crate) mod view;
