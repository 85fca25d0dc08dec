//! Memcached.

use std::{ffi::OsString, io, net::SocketAddr};

use crate::{Process, Running, Server, installed, reply_to};

/// A Memcached with room enough to evict nothing.
#[derive(Debug)]
pub enum Memcached {}

impl Server for Memcached {
    const VARIABLE: &'static str = "TCK_MEMCACHED_URL";

    fn missing() -> Option<String> {
        installed("memcached")
    }

    fn start() -> io::Result<Running> {
        let process = Process::start(|port, _| Ok(command(port)), serves)?;
        let url = format!("memcached://{}", process.address());
        Ok(Running::of(process, url))
    }
}

fn command(port: u16) -> Vec<OsString> {
    let port = port.to_string();
    // Root has to be named, or it refuses to run as root.
    let words = ["memcached", "-u", "root", "-l", "127.0.0.1", "-p", &port];
    let room = ["-U", "0", "-m", "1024", "-c", "4096", "-t", "2"];
    words.into_iter().chain(room).map(OsString::from).collect()
}

fn serves(address: SocketAddr) -> bool {
    let reply = reply_to(address, "version\r\n");
    reply.is_some_and(|reply| reply.starts_with("VERSION"))
}
