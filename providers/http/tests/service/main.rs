//! The program `kv-service`, over real sockets.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a panic fails the test"
)]

mod connection;
mod fuzz;
mod kv_service;
mod limits;
mod random;
mod readme;
mod shutdown;
mod soak;
mod token;
