//! Redis, alone and as a cluster.

use std::{
    ffi::OsString,
    io,
    net::SocketAddr,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use crate::{
    FaultProxy, Fronted, Process, Running, Server, certificate, installed, is_listening, reply_to,
};

/// A single Redis without persistence.
#[derive(Debug)]
pub enum Redis {}

impl Server for Redis {
    const VARIABLE: &'static str = "TCK_REDIS_URL";

    fn missing() -> Option<String> {
        installed("redis-server")
    }

    fn start() -> io::Result<Running> {
        let process = start(&[])?;
        let url = format!("redis://{}", process.address());
        Ok(Running::of(process, url))
    }
}

/// A Redis that asks for the password `let me in`.
#[derive(Debug)]
pub enum GuardedRedis {}

impl Server for GuardedRedis {
    const VARIABLE: &'static str = "TCK_GUARDED_REDIS_URL";

    fn missing() -> Option<String> {
        Redis::missing()
    }

    fn start() -> io::Result<Running> {
        let process = start(&["--requirepass", "let me in"])?;
        let url = format!("redis://:let%20me%20in@{}", process.address());
        Ok(Running::of(process, url))
    }
}

/// A Redis that speaks TLS alone, and asks who comes.
#[derive(Debug)]
pub enum SealedRedis {}

impl Server for SealedRedis {
    const VARIABLE: &'static str = "TCK_SEALED_REDIS_URL";

    fn missing() -> Option<String> {
        Redis::missing().or_else(certificate::missing)
    }

    fn start() -> io::Result<Running> {
        let command = |port: u16, folder: &Path| {
            certificate::make(folder)?;
            let port = port.to_string();
            let sealed = ["--tls-port", &port, "--tls-cert-file", "ca.pem"];
            let keys = ["--tls-key-file", "key.pem", "--tls-ca-cert-file", "ca.pem"];
            Ok(command(0, folder, &[sealed, keys].concat()))
        };
        let process = Process::start(command, is_listening)?;
        let url = certificate::url("rediss", process.address(), process.folder());
        Ok(Running::of(process, url))
    }
}

/// A Redis that has written what it acknowledges.
#[derive(Debug)]
pub enum DurableRedis {}

impl Server for DurableRedis {
    const VARIABLE: &'static str = "TCK_DURABLE_REDIS_URL";

    fn missing() -> Option<String> {
        Redis::missing()
    }

    fn start() -> io::Result<Running> {
        let process = start(&["--appendonly", "yes", "--appendfsync", "always"])?;
        let url = format!("redis://{}", process.address());
        Ok(Running::of(process, url))
    }
}

/// A cluster of three masters.
#[derive(Debug)]
pub enum RedisCluster {}

impl Server for RedisCluster {
    const VARIABLE: &'static str = "TCK_REDIS_CLUSTER_URL";

    fn missing() -> Option<String> {
        Redis::missing()
    }

    fn start() -> io::Result<Running> {
        let nodes = (0..3)
            .map(|_| start(&IN_A_CLUSTER))
            .collect::<io::Result<Vec<_>>>()?;
        let addresses: Vec<_> = nodes
            .iter()
            .map(|node| node.address().to_string())
            .collect();
        let joined = Command::new("redis-cli")
            .args(["--cluster", "create"])
            .args(&addresses)
            .args(["--cluster-replicas", "0", "--cluster-yes"])
            .output()?;
        if !joined.status.success() {
            let said = String::from_utf8_lossy(&joined.stdout).into_owned();
            return Err(io::Error::other(said));
        }
        formed(|| nodes.iter().all(|node| is_joined(node.address(), 3)))?;
        let address = nodes.first().map(Process::address);
        let address = address.ok_or_else(|| io::Error::other("a cluster has nodes"))?;
        let url = format!("redis-cluster://{address}?nodes={}", addresses.join(","));
        Ok(Running::cluster(nodes, address, url))
    }

    /// Nodes say themselves where they are reached, so it is a cluster of its own, of one master
    /// that says that it is the proxy.
    fn front(_: &Running) -> io::Result<Fronted> {
        let node = start(&IN_A_CLUSTER)?;
        let proxy = FaultProxy::to(node.address())?;
        let (ip, port) = (proxy.address().ip(), proxy.address().port());
        for order in [
            "CLUSTER ADDSLOTSRANGE 0 16383".to_owned(),
            format!("CONFIG SET cluster-announce-ip {ip}"),
            format!("CONFIG SET cluster-announce-port {port}"),
        ] {
            let reply = reply_to(node.address(), &format!("{order}\r\n")).unwrap_or_default();
            if !reply.starts_with("+OK") {
                return Err(io::Error::other(format!("{order}: {reply}")));
            }
        }
        formed(|| is_joined(node.address(), 1))?;
        Ok(Fronted {
            url: format!("redis-cluster://{}", proxy.address()),
            proxy,
            own: Some(node),
        })
    }
}

const IN_A_CLUSTER: [&str; 4] = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];

fn formed(is_formed: impl Fn() -> bool) -> io::Result<()> {
    let start = Instant::now();
    while !is_formed() {
        if start.elapsed() > Duration::from_secs(60) {
            return Err(io::Error::other("the cluster does not form"));
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

pub(crate) fn start(more: &[&str]) -> io::Result<Process> {
    Process::start(|port, folder| Ok(command(port, folder, more)), serves)
}

fn command(port: u16, folder: &Path, more: &[&str]) -> Vec<OsString> {
    let port = port.to_string();
    let words = ["redis-server", "--port", &port, "--bind", "127.0.0.1"];
    let words = words
        .into_iter()
        .chain(["--save", "", "--appendonly", "no"]);
    let words = words.chain(more.iter().copied()).map(OsString::from);
    words.chain(["--dir".into(), folder.into()]).collect()
}

fn serves(address: SocketAddr) -> bool {
    // One with a password says so.
    let reply = reply_to(address, "PING\r\n");
    reply.is_some_and(|reply| reply.starts_with("+PONG") || reply.starts_with("-NOAUTH"))
}

fn is_joined(address: SocketAddr, nodes: usize) -> bool {
    let reply = reply_to(address, "CLUSTER INFO\r\n").unwrap_or_default();
    let known = format!("cluster_known_nodes:{nodes}");
    reply.contains("cluster_state:ok") && reply.contains(&known)
}
