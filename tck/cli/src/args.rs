//! What can be asked on the command line.

use clap::{Parser, Subcommand, ValueEnum};

/// Contracts for key-value stores and caches: what they ask, why, and who keeps them
#[derive(Debug, Parser)]
#[command(name = "tck", version)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check a provider against all contracts that it declares
    ///
    /// Exit code 0: conformant. 1: not conformant. 2: wrong use. 3: incomplete, something
    /// could not be judged.
    Check {
        /// The provider: `memory`, `embedded:`, `embedded:PATH` for a file, or `http://HOST:PORT`
        /// for a service on this machine
        provider: String,
        /// How to print the report
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// List all clauses of all contracts
    List {
        /// How to print the list
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Say what a clause asks, why, and how to comply
    Explain {
        /// The clause, as in `kv_store::delete_is_idempotent`
        clause: String,
        /// How to print the clause
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}
