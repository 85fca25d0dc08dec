//! The command line of the kit: which clauses there are, why, and whether a provider
//! keeps them.

mod args;
mod catalogue;
mod check;
mod explain;
mod list;
mod nearest;
mod serve;
mod target;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;

use crate::{
    args::{Arguments, Command},
    nearest::UnknownName,
};

fn main() -> ExitCode {
    let mut out = io::stdout().lock();
    let ended = match Arguments::parse().command {
        Command::Check {
            provider,
            checked,
            contracts,
            format,
        } => check::run(&provider, &checked, &contracts, format, &mut out),
        Command::Serve(arguments) => serve::run(&arguments).map(|()| ExitCode::SUCCESS),
        Command::List { format } => list::run(format, &mut out),
        Command::Explain { clause, format } => explain::run(&clause, format, &mut out),
    };
    match ended.and_then(|code| heard(out.flush()).map(|()| code)) {
        Ok(code) => code,
        // The reader has seen enough: `tck list | head`.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(if matches!(failure, Failure::Output(_)) {
                70
            } else {
                2
            })
        }
    }
}

/// A reader that has gone away changes no verdict.
fn heard(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Why a command came to no end.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Name(UnknownName),
    #[error("there are several clauses of that name: {0}")]
    SeveralNames(String),
    #[error("the provider can't be opened: {0}")]
    Open(String),
    #[error("the service can't listen: {0}")]
    Listen(io::Error),
    #[error("the output could not be written: {0}")]
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
