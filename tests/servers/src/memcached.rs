//! Memcached.

use std::{ffi::OsString, fs, io, net::SocketAddr, path::Path};

use crate::{Process, Running, Server, certificate, installed, is_listening, reply_to};

/// A Memcached with room enough to evict nothing.
#[derive(Debug)]
pub enum Memcached {}

impl Server for Memcached {
    const VARIABLE: &'static str = "TCK_MEMCACHED_URL";

    fn missing() -> Option<String> {
        installed("memcached")
    }

    fn start() -> io::Result<Running> {
        let process = Process::start(|port, _| Ok(command(port, &[])), serves)?;
        let url = format!("memcached://{}", process.address());
        Ok(Running::of(process, url))
    }
}

/// A Memcached that asks for the user `ada` and the password `let-me-in`.
#[derive(Debug)]
pub enum GuardedMemcached {}

impl Server for GuardedMemcached {
    const VARIABLE: &'static str = "TCK_GUARDED_MEMCACHED_URL";

    fn missing() -> Option<String> {
        Memcached::missing()
    }

    fn start() -> io::Result<Running> {
        let command = |port, folder: &Path| {
            let users = folder.join("users");
            fs::write(&users, "ada:let-me-in\n")?;
            Ok(command(port, &["--auth-file".into(), users.into()]))
        };
        let process = Process::start(command, is_listening)?;
        let url = format!("memcached://ada:let-me-in@{}", process.address());
        Ok(Running::of(process, url))
    }
}

/// A Memcached that does not number its writes.
#[derive(Debug)]
pub enum UnnumberedMemcached {}

impl Server for UnnumberedMemcached {
    const VARIABLE: &'static str = "TCK_UNNUMBERED_MEMCACHED_URL";

    fn missing() -> Option<String> {
        Memcached::missing()
    }

    fn start() -> io::Result<Running> {
        let process = Process::start(|port, _| Ok(command(port, &["-C".into()])), serves)?;
        let url = format!("memcached://{}", process.address());
        Ok(Running::of(process, url))
    }
}

/// A Memcached that speaks TLS alone, and asks for a certificate.
#[derive(Debug)]
pub enum SealedMemcached {}

impl Server for SealedMemcached {
    const VARIABLE: &'static str = "TCK_SEALED_MEMCACHED_URL";

    fn missing() -> Option<String> {
        Memcached::missing().or_else(certificate::missing)
    }

    fn start() -> io::Result<Running> {
        let command = |port, folder: &Path| {
            certificate::make(folder)?;
            let [ca, key] = certificate::files(folder);
            let asked = "ssl_verify_mode=2";
            let sealed = format!("ssl_chain_cert={ca},ssl_key={key},ssl_ca_cert={ca},{asked}");
            Ok(command(port, &["-Z".into(), "-o".into(), sealed.into()]))
        };
        let process = Process::start(command, is_listening)?;
        let url = certificate::url("memcacheds", process.address(), process.folder());
        Ok(Running::of(process, url))
    }
}

fn command(port: u16, more: &[OsString]) -> Vec<OsString> {
    let port = port.to_string();
    // Root has to be named, or it refuses to run as root.
    let words = ["memcached", "-u", "root", "-l", "127.0.0.1", "-p", &port];
    let room = ["-U", "0", "-m", "1024", "-c", "4096", "-t", "2"];
    let words = words.into_iter().chain(room).map(OsString::from);
    words.chain(more.iter().cloned()).collect()
}

fn serves(address: SocketAddr) -> bool {
    let reply = reply_to(address, "version\r\n");
    reply.is_some_and(|reply| reply.starts_with("VERSION"))
}
