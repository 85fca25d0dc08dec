//! SecantusDB, which speaks the protocol of MongoDB.

use std::{
    ffi::OsString,
    fs, io,
    net::{SocketAddr, TcpStream},
    path::Path,
};

use crate::{Process, Running, Server, installed, program};

/// Its own sweep looks at entries as they were when it began, and takes along what was renewed
/// meanwhile. To delete by a condition is what MongoDB's own sweep does.
const SCRIPT: &str = "\
import datetime, sys, time
from secantus import SecantusDBServer
server = SecantusDBServer(host='127.0.0.1', port=int(sys.argv[1]), storage_path=sys.argv[2],
                          ttl_sweep_seconds=0)
server.start()
while True:
    time.sleep(0.5)
    expired = {'expires': {'$lt': datetime.datetime.now(datetime.timezone.utc)}}
    for collection in server.storage.list_collections('tck'):
        server.storage.delete_matching('tck', collection, expired)
";

/// A server that removes what has expired every half second.
#[derive(Debug)]
pub enum MongoDb {}

impl Server for MongoDb {
    const VARIABLE: &'static str = "TCK_MONGODB_URL";

    fn missing() -> Option<String> {
        installed("secantusd-py")
    }

    fn start() -> io::Result<Running> {
        let process = Process::start(command, listens)?;
        // It names itself as the primary, by its own address.
        // An interpreter has a thread for each connection, and runs one of them at a time.
        let options = "directConnection=true&maxPoolSize=2&serverMonitoringMode=poll";
        let url = format!("mongodb://{}/tck?{options}", process.address());
        Ok(Running::of(process, url))
    }
}

fn command(port: u16, folder: &Path) -> io::Result<Vec<OsString>> {
    let script = folder.join("server.py");
    fs::write(&script, SCRIPT)?;
    // The interpreter that it was installed for.
    let daemon = program("secantusd-py").unwrap_or_default();
    let python = daemon.with_file_name("python");
    let port = port.to_string().into();
    Ok(vec![
        python.into(),
        script.into(),
        port,
        folder.join("data").into(),
    ])
}

fn listens(address: SocketAddr) -> bool {
    TcpStream::connect(address).is_ok()
}
