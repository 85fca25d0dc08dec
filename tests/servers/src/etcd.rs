//! etcd, alone and as a cluster.

use std::{
    ffi::OsString,
    io,
    net::SocketAddr,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{Process, Running, Server, certificate, free_port, installed, is_listening, reply_to};

/// A single etcd.
#[derive(Debug)]
pub enum Etcd {}

impl Server for Etcd {
    const VARIABLE: &'static str = "TCK_ETCD_URL";

    fn missing() -> Option<String> {
        installed("etcd")
    }

    fn start() -> io::Result<Running> {
        let process = alone("http", &[])?;
        let url = format!("etcd://{}", process.address());
        Ok(Running::of(process, url))
    }
}

/// An etcd that asks for the user `root` and the password `let me in`.
#[derive(Debug)]
pub enum GuardedEtcd {}

impl Server for GuardedEtcd {
    const VARIABLE: &'static str = "TCK_GUARDED_ETCD_URL";

    fn missing() -> Option<String> {
        Etcd::missing()
    }

    fn start() -> io::Result<Running> {
        let process = alone("http", &["--bcrypt-cost", "4"])?;
        for (path, body) in [
            ("user/add", r#"{"name":"root","password":"let me in"}"#),
            ("role/add", r#"{"name":"root"}"#),
            ("user/grant", r#"{"user":"root","role":"root"}"#),
            ("enable", "{}"),
        ] {
            let said = post(process.address(), &format!("auth/{path}"), body);
            if !said.starts_with("HTTP/1.1 200") {
                return Err(io::Error::other(said));
            }
        }
        let url = format!("etcd://root:let%20me%20in@{}", process.address());
        Ok(Running::of(process, url))
    }
}

/// An etcd that speaks TLS, with a certificate that the file `ca.pem` in its folder vouches
/// for.
#[derive(Debug)]
pub enum SealedEtcd {}

impl Server for SealedEtcd {
    const VARIABLE: &'static str = "TCK_SEALED_ETCD_URL";

    fn missing() -> Option<String> {
        Etcd::missing().or_else(certificate::missing)
    }

    fn start() -> io::Result<Running> {
        let certificate = ["--cert-file", "ca.pem", "--key-file", "key.pem"];
        let process = alone("https", &certificate)?;
        let (address, folder) = (process.address(), process.folder());
        let url = format!("etcds://{address}?ca={}/ca.pem", folder.display());
        Ok(Running::of(process, url))
    }
}

/// A cluster of three nodes.
#[derive(Debug)]
pub enum EtcdCluster {}

impl Server for EtcdCluster {
    const VARIABLE: &'static str = "TCK_ETCD_CLUSTER_URL";

    fn missing() -> Option<String> {
        Etcd::missing()
    }

    fn start() -> io::Result<Running> {
        // Somebody may take a port of a node before it does.
        (0..3).find_map(|_| cluster().ok()).map_or_else(cluster, Ok)
    }
}

fn cluster() -> io::Result<Running> {
    let peers = [free_port()?, free_port()?, free_port()?];
    let nodes = (0..peers.len())
        .map(|node| {
            // Where a machine is busy, a leader that is well may say nothing for seconds.
            let slow = ["--heartbeat-interval", "500", "--election-timeout", "5000"];
            let command = |port, folder: &Path| command("http", port, folder, &peers, node, &slow);
            // It serves when it has found the others.
            Process::start(command, is_listening)
        })
        .collect::<io::Result<Vec<_>>>()?;
    let start = Instant::now();
    while !nodes.iter().all(|node| serves(node.address())) {
        if start.elapsed() > Duration::from_secs(60) {
            return Err(io::Error::other("the cluster does not form"));
        }
        thread::sleep(Duration::from_millis(20));
    }
    let addresses: Vec<_> = nodes.iter().map(Process::address).collect();
    let [first, others @ ..] = addresses.as_slice() else {
        return Err(io::Error::other("a cluster has nodes"));
    };
    let others: Vec<_> = others.iter().map(SocketAddr::to_string).collect();
    let url = format!("etcd://{first}?nodes={}", others.join(","));
    Ok(Running::cluster(nodes, *first, url))
}

/// Whether the node at this address leads its cluster.
#[must_use]
pub fn leads(address: SocketAddr) -> bool {
    let said = post(address, "maintenance/status", "{}");
    field(&said, "leader").is_some_and(|leader| Some(leader) == field(&said, "member_id"))
}

/// How many keys the server at this address holds that begin with this text.
#[must_use]
pub fn count(address: SocketAddr, prefix: &str) -> Option<usize> {
    let first = STANDARD.encode(prefix);
    let behind = STANDARD.encode([prefix.as_bytes(), b"\xff"].concat());
    let body = format!(r#"{{"key":"{first}","range_end":"{behind}","count_only":true}}"#);
    let said = post(address, "kv/range", &body);
    let none = said.contains("revision").then_some(0);
    field(&said, "count").map_or(none, |count| count.parse().ok())
}

/// Has the server at this address forget all that was before now. Says whether it has.
#[must_use]
pub fn compact(address: SocketAddr) -> bool {
    let said = post(address, "kv/range", r#"{"key":"AA=="}"#);
    let body = field(&said, "revision").map(|now| format!(r#"{{"revision":{now}}}"#));
    body.is_some_and(|body| post(address, "kv/compaction", &body).starts_with("HTTP/1.1 200"))
}

fn field<'s>(said: &'s str, name: &str) -> Option<&'s str> {
    let (_, rest) = said.split_once(&format!("\"{name}\":\""))?;
    rest.split('"').next()
}

fn alone(scheme: &'static str, more: &[&str]) -> io::Result<Process> {
    let command = |port, folder: &Path| {
        if scheme == "https" {
            certificate::make(folder)?;
        }
        let quick = ["--heartbeat-interval", "10", "--election-timeout", "100"];
        let more = [&quick, more].concat();
        command(scheme, port, folder, &[free_port()?], 0, &more)
    };
    match scheme {
        "https" => Process::start(command, is_listening),
        _ => Process::start(command, serves),
    }
}

/// The command for one of the nodes whose peers listen on these ports.
fn command(
    scheme: &str,
    port: u16,
    folder: &Path,
    peers: &[u16],
    node: usize,
    more: &[&str],
) -> io::Result<Vec<OsString>> {
    let own = peers.get(node).copied().unwrap_or_default();
    let (clients, own) = (
        format!("{scheme}://127.0.0.1:{port}"),
        format!("http://127.0.0.1:{own}"),
    );
    let peers = peers.iter().enumerate();
    let peers = peers.map(|(node, port)| format!("node-{node}=http://127.0.0.1:{port}"));
    let (name, peers) = (format!("node-{node}"), peers.collect::<Vec<_>>().join(","));
    let words = [
        ["--name", &name],
        ["--listen-client-urls", &clients],
        ["--advertise-client-urls", &clients],
        ["--listen-peer-urls", &own],
        ["--initial-advertise-peer-urls", &own],
        ["--initial-cluster", &peers],
        ["--log-level", "error"],
    ];
    let words = words.as_flattened().iter().chain(more).map(OsString::from);
    let data = [OsString::from("--data-dir"), folder.join("data").into()];
    Ok(["etcd".into()]
        .into_iter()
        .chain(words)
        .chain(data)
        .collect())
}

fn serves(address: SocketAddr) -> bool {
    let request = "GET /health HTTP/1.1\r\nHost: etcd\r\nConnection: close\r\n\r\n";
    let reply = reply_to(address, request);
    reply.is_some_and(|reply| reply.contains(r#""health":"true""#))
}

fn post(address: SocketAddr, path: &str, body: &str) -> String {
    let length = body.len();
    let head = format!("POST /v3/{path} HTTP/1.1\r\nHost: etcd\r\nConnection: close\r\n");
    let request = format!("{head}Content-Length: {length}\r\n\r\n{body}");
    reply_to(address, &request).unwrap_or_default()
}
