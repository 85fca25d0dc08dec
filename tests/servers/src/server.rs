//! What all servers have in common.

use std::{
    env, io,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs},
    path::PathBuf,
    time::Duration,
};

use crate::{FaultProxy, Process};

/// How long a call may take, or a server, where it is not what a test is about: who shares a
/// busy machine waits.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A kind of server that tests run against.
pub trait Server: 'static {
    /// The variable that names a server of one's own, such as `TCK_REDIS_URL`.
    const VARIABLE: &'static str;

    /// Why it can't be started on this machine, if it can't.
    fn missing() -> Option<String>;

    /// Starts one on free ports, with folders of its own, and waits until it serves.
    fn start() -> io::Result<Running>;

    /// A proxy in front of it.
    fn front(running: &Running) -> io::Result<Fronted> {
        let proxy = FaultProxy::to(running.address())?;
        let url = running.url_through(proxy.address());
        Ok(Fronted {
            proxy,
            url,
            own: None,
        })
    }
}

/// A server behind a proxy.
#[derive(Debug)]
pub struct Fronted {
    /// What stands between.
    pub proxy: FaultProxy,
    /// How the provider reaches the server through it.
    pub url: String,
    /// The server, where it is behind this proxy alone.
    pub own: Option<Process>,
}

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    url: String,
    address: SocketAddr,
    processes: Vec<Process>,
}

impl Running {
    /// A server that was started as this process. The URL is that of the provider, with
    /// this process's address in it.
    #[must_use]
    pub fn of(process: Process, url: String) -> Self {
        let address = process.address();
        Self::cluster(vec![process], address, url)
    }

    /// Several processes that serve together, the first of them at this address.
    #[must_use]
    pub fn cluster(processes: Vec<Process>, address: SocketAddr, url: String) -> Self {
        Self {
            url,
            address,
            processes,
        }
    }

    /// A server that was there before.
    pub fn at(url: &str) -> io::Result<Self> {
        let (_, rest) = url.split_once("://").unwrap_or_default();
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        let address = host.to_socket_addrs()?.next();
        let address = address.ok_or_else(|| io::Error::other("the URL names no address"))?;
        // Everything that replaces the address looks for it as it is written.
        let url = url.replacen(host, &address.to_string(), 1);
        Ok(Self::cluster(Vec::new(), address, url))
    }

    /// How the provider reaches it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How the provider reaches it through a proxy.
    #[must_use]
    pub fn url_through(&self, proxy: SocketAddr) -> String {
        let (own, proxy) = (self.address.to_string(), proxy.to_string());
        self.url.replacen(&own, &proxy, 1)
    }

    /// What runs, one process for each node.
    #[must_use]
    pub fn processes(&self) -> &[Process] {
        &self.processes
    }
}

/// A port that nobody listens on, below those that a second port is counted from.
pub fn free_port() -> io::Result<u16> {
    loop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        if port < 55_000 {
            return Ok(port);
        }
    }
}

/// An address of this machine where nobody listens while this is held.
#[derive(Debug)]
pub struct Nobody {
    /// The near end of a connection: who listens needs a port that is not in use.
    held: TcpStream,
}

impl Nobody {
    /// Takes an address.
    pub fn new() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let held = TcpStream::connect(listener.local_addr()?)?;
        Ok(Self { held })
    }

    /// Where nobody listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.held.local_addr()
    }
}

/// The program of that name, on the path or among what tests/scripts/servers has installed.
#[must_use]
pub fn program(name: &str) -> Option<PathBuf> {
    let tools = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/tools/bin");
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([tools.into()]);
    folders
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Why a program can't be started, if it is not installed.
#[must_use]
pub fn installed(name: &str) -> Option<String> {
    let missing = || format!("{name} is not installed (see tests/scripts/servers)");
    program(name).is_none().then(missing)
}

/// Whether somebody takes connections at this address.
#[must_use]
pub fn is_listening(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
}

/// What a server answers to this, up to the first pause.
#[must_use]
pub fn reply_to(address: SocketAddr, request: &str) -> Option<String> {
    // Longer than a busy machine takes; a server that is just starting may never answer.
    let limit = Duration::from_secs(10);
    let mut stream = TcpStream::connect_timeout(&address, limit).ok()?;
    stream.set_read_timeout(Some(limit)).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut reply = vec![0; 4_096];
    let length = stream.read(&mut reply).ok()?;
    Some(String::from_utf8_lossy(reply.get(..length)?).into_owned())
}

/// Whether a web server in Go serves there, and wants TLS: it says so without.
pub(crate) fn wants_tls(address: SocketAddr) -> bool {
    let reply = reply_to(address, "GET / HTTP/1.0\r\n\r\n");
    reply.is_some_and(|reply| reply.starts_with("HTTP/1.0 400"))
}
