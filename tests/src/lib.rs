//! The proof that every clause of the kit can fail.
//!
//! A [`Mutant`] is a store with exactly one fault. It is made of [`clay`]: a correct store
//! whose single operations a mutant replaces.

pub mod book;
pub mod clay;
pub mod mutant;
pub mod mutants;
pub mod noise;

pub use mutant::Mutant;
