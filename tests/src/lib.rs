//! The proof that every clause of the kit can fail.
//!
//! A [`Mutant`] is a store with exactly one fault. It is made of [`clay`]: a correct store
//! whose single operations a mutant replaces.

#![expect(
    clippy::indexing_slicing,
    reason = "a mutant that panics is caught like any other"
)]

pub mod book;
pub mod clay;
pub mod deal;
mod faulty_codec;
pub mod manner;
pub mod mutant;
mod mutant_store;
pub mod mutants;
pub mod noise;
mod parts;
pub mod wire;

pub use mutant::Mutant;
