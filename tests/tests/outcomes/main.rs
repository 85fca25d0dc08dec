//! Whatever a provider does, each clause comes to an outcome in bounded time.

mod factories;
mod hangs;
mod odd;
mod stories;
mod verdicts;
