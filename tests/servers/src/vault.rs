//! OpenBao, which speaks the protocol of Vault.

use std::{ffi::OsString, io, net::SocketAddr, path::Path};

use crate::{Process, Running, Server, installed, program, reply_to, server::wants_tls};

/// A server that keeps its data in memory, with the token `root` and a KV v2 engine at `secret`.
#[derive(Debug)]
pub enum Vault {}

impl Server for Vault {
    const VARIABLE: &'static str = "TCK_VAULT_URL";

    fn missing() -> Option<String> {
        installed("bao")
    }

    fn start() -> io::Result<Running> {
        let process = Process::start(|port, _| Ok(command(port)), serves)?;
        let url = format!("vault://root@{}/secret", process.address());
        Ok(Running::of(process, url))
    }
}

/// A server that speaks TLS alone.
#[derive(Debug)]
pub enum SealedVault {}

impl Server for SealedVault {
    const VARIABLE: &'static str = "TCK_SEALED_VAULT_URL";

    fn missing() -> Option<String> {
        Vault::missing()
    }

    fn start() -> io::Result<Running> {
        let sealed = |port, folder: &Path| {
            let mut words = command(port);
            let certificates = format!("-dev-tls-cert-dir={}", folder.display());
            words.extend(["-dev-tls".into(), certificates.into()]);
            Ok(words)
        };
        let process = Process::start(sealed, wants_tls)?;
        let (address, folder) = (process.address(), process.folder());
        let url = format!(
            "vaults://root@{address}/secret?ca={}/vault-ca.pem",
            folder.display()
        );
        Ok(Running::of(process, url))
    }
}

/// What lies under this name, as the engine's own tools show it.
pub fn stored(server: &Running, name: &str) -> io::Result<String> {
    ask(server.address(), "GET", name, "")
}

/// Stores a document under this name, as the engine's own tools do.
pub fn store(server: &Running, name: &str) -> io::Result<()> {
    let reply = ask(server.address(), "POST", name, r#"{"data":{}}"#)?;
    let is_stored = reply.starts_with("HTTP/1.0 200");
    is_stored
        .then_some(())
        .ok_or_else(|| io::Error::other(reply))
}

fn ask(address: SocketAddr, method: &str, name: &str, body: &str) -> io::Result<String> {
    let length = body.len();
    let head = format!("{method} /v1/secret/data/{name} HTTP/1.0\r\nX-Vault-Token: root");
    let request = format!("{head}\r\nContent-Length: {length}\r\n\r\n{body}");
    let reply = reply_to(address, &request);
    reply.ok_or_else(|| io::Error::other("no reply"))
}

fn command(port: u16) -> Vec<OsString> {
    let listen = format!("-dev-listen-address=127.0.0.1:{port}");
    // It has more memory than time.
    let program = program("bao").unwrap_or_else(|| "bao".into());
    let words = ["server", "-dev", "-dev-no-store-token", "-log-level=error"];
    let words = words
        .into_iter()
        .chain(["-dev-root-token-id=root", &listen]);
    let run = ["env".into(), "GOGC=800".into(), program.into_os_string()];
    run.into_iter().chain(words.map(OsString::from)).collect()
}

fn serves(address: SocketAddr) -> bool {
    let healthy = reply_to(address, "GET /v1/sys/health HTTP/1.0\r\n\r\n");
    let engine = "GET /v1/secret/config HTTP/1.0\r\nX-Vault-Token: root\r\n\r\n";
    let is_ok = |reply: String| reply.starts_with("HTTP/1.0 200");
    healthy.is_some_and(is_ok) && reply_to(address, engine).is_some_and(is_ok)
}
