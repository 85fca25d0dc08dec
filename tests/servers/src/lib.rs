//! The servers that providers are certified against, and the faults between them.
//!
//! A [`Harness`] lists the tests of a provider: the clauses of the contracts it declares,
//! the [`faults`] that every provider has to bear, and tests of its own. They share a server,
//! which is started when the first of them needs it and ends with the process. Clauses wait
//! side by side. Where a server is not installed its tests are ignored and say so; under
//! `CI=true` they fail.

mod certificate;
mod certification;
mod conditions;
pub mod expiry;
pub mod failover;
pub mod faults;
mod folder;
pub mod gateway;
mod harness;
mod listener;
mod matrix;
mod overhead;
pub mod paths;
mod process;
mod proxy;
mod server;
pub mod strangers;

pub mod etcd;
pub mod memcached;
pub mod mongodb;
pub mod redis;
pub mod s3;
pub mod sealed;
pub mod upstash;
pub mod vault;
pub mod zookeeper;

pub use certification::{Certification, Opening, certified, connection};
pub use harness::{Harness, Shared, Tested};
pub use matrix::Declared;
pub use overhead::Overhead;
pub use process::Process;
pub use proxy::{Fault, FaultProxy};
pub use server::{
    Fronted, Nobody, PATIENCE, Running, Server, free_port, installed, is_listening, program,
    reply_to,
};
