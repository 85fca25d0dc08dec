//! ZooKeeper, alone and as an ensemble.

use std::{
    ffi::OsString,
    fs, io,
    net::SocketAddr,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use crate::{Process, Running, Server, certificate, free_port, installed, is_listening, reply_to};

const CLASSES: [&str; 3] = [
    "/usr/share/java/zookeeper.jar",
    "/usr/share/java/slf4j-nop.jar",
    "/usr/share/java/netty-codec.jar",
];

/// A single ZooKeeper.
#[derive(Debug)]
pub enum ZooKeeper {}

impl Server for ZooKeeper {
    const VARIABLE: &'static str = "TCK_ZOOKEEPER_URL";

    fn missing() -> Option<String> {
        let missing = CLASSES.into_iter().find(|file| !Path::new(file).is_file());
        let missing =
            missing.map(|file| format!("{file} is not installed (see tests/scripts/servers)"));
        missing.or_else(|| installed("java"))
    }

    fn start() -> io::Result<Running> {
        let process = Process::start(|port, folder| command(folder, plain(port), &[], 0), serves)?;
        let url = format!("zookeeper://{}", process.address());
        Ok(Running::of(process, url))
    }
}

/// A ZooKeeper that speaks TLS alone, and asks for a certificate.
#[derive(Debug)]
pub enum SealedZooKeeper {}

impl Server for SealedZooKeeper {
    const VARIABLE: &'static str = "TCK_SEALED_ZOOKEEPER_URL";

    fn missing() -> Option<String> {
        ZooKeeper::missing().or_else(certificate::missing)
    }

    fn start() -> io::Result<Running> {
        let command = |port, folder: &Path| {
            certificate::make(folder)?;
            let [ca, key] = certificate::files(folder);
            let own = folder.join("own.pem");
            // It wants both in one file.
            fs::write(&own, [fs::read(&key)?, fs::read(&ca)?].concat())?;
            let config = format!(
                "secureClientPort={port}\nsecureClientPortAddress=127.0.0.1\n\
                 serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory\n\
                 ssl.keyStore.location={}\nssl.trustStore.location={ca}\n",
                own.display()
            );
            command(folder, config, &[], 0)
        };
        let process = Process::start(command, is_listening)?;
        let url = certificate::url("zookeepers", process.address(), process.folder());
        Ok(Running::of(process, url))
    }
}

/// An ensemble of three servers.
#[derive(Debug)]
pub enum ZooKeeperEnsemble {}

impl Server for ZooKeeperEnsemble {
    const VARIABLE: &'static str = "TCK_ZOOKEEPER_ENSEMBLE_URL";

    fn missing() -> Option<String> {
        ZooKeeper::missing()
    }

    fn start() -> io::Result<Running> {
        // Somebody may take a port of a server before it does.
        (0..3)
            .find_map(|_| ensemble().ok())
            .map_or_else(ensemble, Ok)
    }
}

fn ensemble() -> io::Result<Running> {
    let mut peers = Vec::new();
    for _ in 0..3 {
        peers.push([free_port()?, free_port()?]);
    }
    let servers = (0..peers.len())
        .map(|server| {
            let command = |port, folder: &Path| command(folder, plain(port), &peers, server);
            // It serves when it has found the others.
            Process::start(command, is_running)
        })
        .collect::<io::Result<Vec<_>>>()?;
    let start = Instant::now();
    while !servers.iter().all(|server| serves(server.address())) {
        if start.elapsed() > Duration::from_secs(90) {
            return Err(io::Error::other("the ensemble does not form"));
        }
        thread::sleep(Duration::from_millis(20));
    }
    let addresses: Vec<_> = servers.iter().map(Process::address).collect();
    let [first, others @ ..] = addresses.as_slice() else {
        return Err(io::Error::other("an ensemble has servers"));
    };
    let others: Vec<_> = others.iter().map(SocketAddr::to_string).collect();
    let url = format!("zookeeper://{first}?nodes={}", others.join(","));
    Ok(Running::cluster(servers, *first, url))
}

/// Whether the server at this address leads its ensemble.
#[must_use]
pub fn leads(address: SocketAddr) -> bool {
    said(address).contains("Mode: leader")
}

/// How many nodes the server at this address holds, its own among them.
#[must_use]
pub fn nodes(address: SocketAddr) -> Option<usize> {
    let said = said(address);
    let (_, count) = said.split_once("Node count: ")?;
    count.lines().next()?.trim().parse().ok()
}

fn plain(port: u16) -> String {
    format!("clientPort={port}\nclientPortAddress=127.0.0.1\n")
}

/// The command for one of the servers whose peers listen on these ports, or for one alone.
fn command(
    folder: &Path,
    mut config: String,
    peers: &[[u16; 2]],
    server: usize,
) -> io::Result<Vec<OsString>> {
    let data = folder.join("data");
    fs::create_dir_all(&data)?;
    fs::write(data.join("myid"), server.to_string())?;
    config.push_str(&format!(
        "tickTime=200\ninitLimit=100\nsyncLimit=50\ndataDir={}\n\
         admin.enableServer=false\nmaxClientCnxns=0\nmaxSessionTimeout=20000\n",
        data.display()
    ));
    for (server, [follow, elect]) in peers.iter().enumerate() {
        config.push_str(&format!("server.{server}=127.0.0.1:{follow}:{elect}\n"));
    }
    let file = folder.join("zoo.cfg");
    fs::write(&file, config)?;
    let words = [
        "java",
        "-Xmx192m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Dzookeeper.4lw.commands.whitelist=srvr",
        // Whether the disk keeps it is not what is certified.
        "-Dzookeeper.forceSync=no",
        "-cp",
        &CLASSES.join(":"),
        "org.apache.zookeeper.server.quorum.QuorumPeerMain",
    ];
    let words = words.into_iter().map(OsString::from);
    Ok(words.chain([file.into()]).collect())
}

fn said(address: SocketAddr) -> String {
    reply_to(address, "srvr").unwrap_or_default()
}

fn is_running(address: SocketAddr) -> bool {
    !said(address).is_empty()
}

fn serves(address: SocketAddr) -> bool {
    said(address).contains("Mode:")
}
