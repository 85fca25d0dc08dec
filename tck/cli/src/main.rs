//! The command line of the kit: which clauses there are, why, and whether a provider
//! keeps them.

mod args;
mod catalogue;
mod check;
mod explain;
mod list;
mod nearest;
mod target;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;

use crate::{
    args::{Args, Command},
    nearest::UnknownName,
};

fn main() -> ExitCode {
    let mut out = io::stdout().lock();
    let ended = match Args::parse().command {
        Command::Check { provider, format } => check::run(&provider, format, &mut out),
        Command::List { format } => list::run(format, &mut out),
        Command::Explain { clause, format } => explain::run(&clause, format, &mut out),
    };
    match ended.and_then(|code| out.flush().map(|()| code).map_err(Failure::from)) {
        Ok(code) => code,
        Err(Failure::Name(error)) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
        Err(Failure::Open(reason)) => {
            eprintln!("error: the provider can't be opened: {reason}");
            ExitCode::from(2)
        }
        // The reader has seen enough: `tck list | head`.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(Failure::Output(error)) => {
            eprintln!("error: the output could not be written: {error}");
            ExitCode::from(70)
        }
    }
}

/// Why a command came to no end.
enum Failure {
    Name(UnknownName),
    Open(String),
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<UnknownName> for Failure {
    fn from(error: UnknownName) -> Self {
        Self::Name(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Output(error.into())
    }
}
