//! Where a server listens.

use tck_api::{Error, Result};

/// The host of an address, without the brackets of version 6, and its port, where it has one.
/// What could be read as anything else is an error.
pub fn host_and_port(address: &str) -> Result<(&str, Option<u16>)> {
    let wrong = || Error::backend(format!("not a host and a port: {address:?}"));
    let (host, port) = match address.strip_prefix('[') {
        Some(rest) => rest.split_once(']').ok_or_else(wrong)?,
        None => address.split_at(address.find(':').unwrap_or(address.len())),
    };
    let is_plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    let is_host = match address.starts_with('[') {
        true => host.parse::<std::net::Ipv6Addr>().is_ok(),
        false => !host.is_empty() && host.chars().all(is_plain),
    };
    let port = match port.strip_prefix(':') {
        Some(port) => Some(port.parse().map_err(|_| wrong())?),
        None if port.is_empty() => None,
        None => return Err(wrong()),
    };
    match is_host {
        true => Ok((host, port)),
        false => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_maybe_a_port() -> Result<()> {
        for (address, host, port) in [
            ("example.org:2181", "example.org", Some(2181)),
            ("example.org", "example.org", None),
            ("127.0.0.1:1", "127.0.0.1", Some(1)),
            ("[::1]:65535", "::1", Some(65_535)),
            ("[::1]", "::1", None),
            ("a_b", "a_b", None),
        ] {
            assert_eq!(host_and_port(address)?, (host, port));
        }
        Ok(())
    }

    #[test]
    fn what_is_more_or_less_is_refused() {
        for address in [
            "",
            ":1",
            "a:",
            "a:b",
            "a:65536",
            "a:1:2",
            "::1",
            "[::1",
            "[]",
            "[a]:1",
            "[::1]x",
            "[::1]2",
            "tcp://a:1",
            "a:1/path",
            "a/path",
            "a,b",
            "a b",
            "user@a",
            "a\r\n",
        ] {
            assert!(host_and_port(address).is_err(), "{address:?}");
        }
    }
}
