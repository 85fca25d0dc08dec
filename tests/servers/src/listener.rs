//! Who listens on a port.

use std::{fs, path::Path};

/// Whether a process listens on a port. Where the system does not say, it is taken for granted.
pub(crate) fn listens(process: u32, port: u16) -> bool {
    let about = Path::new("/proc").join(process.to_string());
    let tables = ["net/tcp", "net/tcp6"].map(|table| fs::read_to_string(about.join(table)));
    if tables.iter().all(Result::is_err) {
        return !Path::new("/proc/net").exists();
    }
    let sockets: Vec<_> = tables
        .iter()
        .flatten()
        .flat_map(|table| table.lines().filter_map(|line| listening_on(port, line)))
        .collect();
    let held = fs::read_dir(about.join("fd")).into_iter().flatten();
    let held = held.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
    held.into_iter().any(|held| {
        sockets
            .iter()
            .any(|socket| held.as_os_str() == socket.as_str())
    })
}

/// The socket of a line in the table of connections, if it listens on the port.
fn listening_on(port: u16, line: &str) -> Option<String> {
    const LISTENS: &str = "0A";
    let mut words = line.split_whitespace().skip(1);
    let (_, its_port) = words.next()?.rsplit_once(':')?;
    let (_, state, inode) = (words.next()?, words.next()?, words.nth(5)?);
    let is_it = state == LISTENS && u16::from_str_radix(its_port, 16) == Ok(port);
    is_it.then(|| format!("socket:[{inode}]"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{
        net::{Ipv4Addr, TcpListener, TcpStream},
        process,
    };

    use super::*;

    #[test]
    fn who_listens_does_so_and_nobody_else() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        assert!(listens(process::id(), address.port()));
        assert!(!listens(1, address.port()));
        let connection = TcpStream::connect(address).unwrap();
        let near = connection.local_addr().unwrap();
        assert!(!listens(process::id(), near.port()));
        drop(listener);
        assert!(!listens(process::id(), address.port()));
    }
}
