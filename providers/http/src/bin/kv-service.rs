//! A key-value service in front of any provider.

use std::{
    env::{self, VarError},
    fs, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::{Parser, ValueEnum};
use omni_kv_http::{Backend, HttpStore, Limits, Server, Service, Settings, Token, stopped};

/// A key-value service in front of any provider.
#[derive(Debug, Parser)]
#[command(name = "kv-service", version)]
struct Arguments {
    /// The store: `memory:`, `embedded:PATH`, or a URL of a provider that is built in
    #[arg(
        long,
        env = "KV_STORE",
        hide_env_values = true,
        default_value = "memory:"
    )]
    store: String,
    /// The namespace of the keys in that store
    #[arg(long, env = "KV_NAMESPACE", default_value = "kv-service")]
    namespace: String,
    /// The address to listen at
    #[arg(long, env = "HOST", default_value = "0.0.0.0")]
    host: String,
    /// The port to listen at; 0 is any that is free
    #[arg(long, env = "PORT", default_value_t = 8000)]
    port: u16,
    /// What to write to the standard error
    #[arg(
        long,
        env = "LOG_LEVEL",
        value_enum,
        ignore_case = true,
        default_value = "info"
    )]
    log_level: Level,
    /// A file with the token that requests have to bear; `KV_TOKEN` holds the token itself
    #[arg(long)]
    token_file: Option<PathBuf>,
    /// The largest body, in bytes
    #[arg(long, env = "KV_LARGEST_BODY", default_value_t = 8 << 20)]
    largest_body: usize,
    /// How many connections there may be at a time
    #[arg(long, env = "KV_CONNECTIONS", default_value_t = Limits::default().connections)]
    connections: usize,
    /// How long a body may take, and then the store, in seconds
    #[arg(long, env = "KV_PATIENCE", default_value_t = 30)]
    patience: u64,
    /// How long the head of a request may take, and a connection be idle, in seconds
    #[arg(long, env = "KV_IDLE", default_value_t = 30)]
    idle: u64,
    /// Ask the service at this host and port for its health instead, and say so by the exit code
    #[arg(long)]
    health: bool,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, ValueEnum)]
enum Level {
    Error,
    #[value(alias = "warn")]
    Warning,
    Info,
    #[value(alias = "trace")]
    Debug,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.health {
        true => health(&arguments).await,
        false => serve(&arguments).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kv-service: {error}");
            ExitCode::FAILURE
        }
    }
}

/// For containers, which have no other program to ask it with.
async fn health(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let host = match arguments.host.parse() {
        Ok(IpAddr::V4(ip)) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
        Ok(IpAddr::V6(ip)) if ip.is_unspecified() => format!("[{}]", Ipv6Addr::LOCALHOST),
        Ok(IpAddr::V6(ip)) => format!("[{ip}]"),
        _ => arguments.host.clone(),
    };
    let settings = Settings::new(format!("{host}:{}", arguments.port));
    HttpStore::open(&settings).await?;
    println!("healthy");
    Ok(())
}

async fn serve(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let opened = omni_kv_open::open(&arguments.store, &arguments.namespace).await?;
    let backend = Backend::new(opened.store)
        .cache(opened.cache)
        .listing(opened.listing)
        .atomic(opened.atomic)
        .longest_key(opened.longest_key)
        .largest_value(opened.largest_value);
    let mut service = Service::new(backend)
        .largest_body(arguments.largest_body)
        .patience(Duration::from_secs(arguments.patience.max(1)))
        .logs_requests(arguments.log_level >= Level::Info);
    match token(arguments)? {
        Some(token) => service = service.token(token),
        None if arguments.log_level >= Level::Warning && is_open(&arguments.host) => {
            eprintln!(
                "warning: everybody who reaches {} may read and write: set KV_TOKEN",
                arguments.host
            );
        }
        None => {}
    }
    let mut limits = Limits::default();
    limits.connections = arguments.connections;
    limits.idle = Duration::from_secs(arguments.idle.max(1));
    let address = (arguments.host.as_str(), arguments.port);
    let server = Server::bind(address, service, limits).await?;
    // Who starts it on any free port reads here which it is.
    println!("listening on http://{}", server.address()?);
    server.run(stopped()?).await;
    Ok(())
}

fn token(arguments: &Arguments) -> io::Result<Option<Token>> {
    let token = match &arguments.token_file {
        Some(path) => Some(fs::read_to_string(path)?),
        // Not an argument, which everybody on the machine could read.
        None => match env::var("KV_TOKEN") {
            Err(VarError::NotPresent) => None,
            Err(VarError::NotUnicode(_)) => return Err(io::Error::other("the token is no text")),
            Ok(token) => Some(token),
        },
    };
    match token.as_deref().map(str::trim) {
        Some("") => Err(io::Error::other("the token is empty")),
        token => Ok(token.map(Token::new)),
    }
}

/// Whether others than this machine reach this host.
fn is_open(host: &str) -> bool {
    let addresses = (host, 0).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
    let ips = addresses.unwrap_or_default();
    !ips.iter().map(SocketAddr::ip).all(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_reaches_loopback() {
        for (host, open) in [
            ("127.0.0.1", false),
            ("127.0.0.2", false),
            ("::1", false),
            ("0.0.0.0", true),
            ("::", true),
            ("192.0.2.1", true),
        ] {
            assert_eq!(is_open(host), open, "{host}");
        }
    }
}
