//! The backend in the process: a file, or a place in memory, on the engine redb.

mod backend;
mod core;
mod engine;
mod error;
mod options;
mod record;
mod removal;
mod snapshot;
mod sweeper;
mod tables;
mod time;
mod transaction;
mod writer;

pub use engine::Durability;
pub use options::Options;
pub use record::LARGEST_VALUE;
