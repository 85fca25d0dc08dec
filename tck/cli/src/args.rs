//! What can be asked on the command line.

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Contracts for key-value stores and caches: what they ask, why, and who keeps them
#[derive(Debug, Parser)]
#[command(name = "tck", version)]
pub(crate) struct Arguments {
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
        /// The provider: `memory`, `embedded:`, `embedded:PATH` for a file, or the URL of a
        /// service, `http://127.0.0.1:8000`
        provider: String,
        #[command(flatten)]
        checked: Checked,
        /// Check this contract alone, or these: the option may be given several times
        #[arg(long = "contract", value_name = "CONTRACT")]
        contracts: Vec<String>,
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
    /// Serve tests of a key-value service: two workflows, and runs of whole contracts
    Serve(Serve),
}

/// How a service is checked.
#[derive(Clone, Debug, Args)]
pub(crate) struct Checked {
    /// How much longer than its time to live a service may show a value, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 10)]
    pub(crate) resolution: u64,
    /// The service is one's own, though it is not on this machine
    #[arg(long)]
    pub(crate) own_target: bool,
    /// Check also what clients of the service that this one follows rely on
    #[arg(long)]
    pub(crate) seed: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Serve {
    /// The service to test
    #[arg(
        long,
        env,
        hide_env_values = true,
        default_value = "http://kv-service:8000"
    )]
    pub(crate) kv_service_url: String,
    /// The address to listen at
    #[arg(long, env = "HOST", default_value = "0.0.0.0")]
    pub(crate) host: String,
    /// The port to listen at; 0 is any that is free
    #[arg(long, env = "PORT", default_value_t = 8001)]
    pub(crate) port: u16,
    /// How much longer than its time to live the service may show a value, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 10)]
    pub(crate) resolution: u64,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}
