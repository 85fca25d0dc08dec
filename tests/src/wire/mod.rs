//! A plain service that keeps to the `http` contract, and can be remade with one fault.

mod answers;
mod conditions;
mod fault;
mod keys;
mod message;
mod path;
mod server;
mod values;
mod writes;

pub use fault::{Fault, WireMutant, check, mutants};
pub use message::Framing;
pub use server::Server;
