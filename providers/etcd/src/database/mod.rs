//! A database for the facade of `omni-kv-embedded`, on etcd.

mod backend;
mod client;
mod layout;
mod reactor;
mod transaction;

pub use backend::EtcdDatabase;
pub use layout::LONGEST_NAME;
