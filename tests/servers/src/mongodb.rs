//! SecantusDB, which speaks the protocol of MongoDB: its server in Rust.

use std::{ffi::OsString, fs, io, path::Path};

use crate::{Process, Running, Server, certificate, installed, is_listening};

/// MongoDB itself looks for what has expired once a minute.
const SETTINGS: &str = "\
[storage]
ttl_sweep_seconds = 0.5
";

/// A server that removes what has expired every half second.
#[derive(Debug)]
pub enum MongoDb {}

impl Server for MongoDb {
    const VARIABLE: &'static str = "TCK_MONGODB_URL";

    fn missing() -> Option<String> {
        installed("secantusd-rs")
    }

    fn start() -> io::Result<Running> {
        let process = start(|_| Ok(Vec::new()))?;
        // It names itself as the primary, by its own address.
        let url = format!("mongodb://{}/tck?directConnection=true", process.address());
        Ok(Running::of(process, url))
    }
}

/// A server that asks for the user `root` and the password `let me in`, once there is one.
#[derive(Debug)]
pub enum GuardedMongoDb {}

impl Server for GuardedMongoDb {
    const VARIABLE: &'static str = "TCK_GUARDED_MONGODB_URL";

    fn missing() -> Option<String> {
        MongoDb::missing()
    }

    fn start() -> io::Result<Running> {
        let process = start(|_| Ok(vec!["--auth".into()]))?;
        let address = process.address();
        let options = "directConnection=true&authSource=admin";
        let url = format!("mongodb://root:let%20me%20in@{address}/tck?{options}");
        Ok(Running::of(process, url))
    }
}

/// A server that speaks TLS alone.
#[derive(Debug)]
pub enum SealedMongoDb {}

impl Server for SealedMongoDb {
    const VARIABLE: &'static str = "TCK_SEALED_MONGODB_URL";

    fn missing() -> Option<String> {
        MongoDb::missing().or_else(certificate::missing)
    }

    fn start() -> io::Result<Running> {
        let process = start(|folder| {
            certificate::make(folder)?;
            let files = ["--tls-cert-file", "ca.pem", "--tls-key-file", "key.pem"];
            Ok(files.map(OsString::from).to_vec())
        })?;
        let ca = process.folder().join("ca.pem");
        let options = format!("directConnection=true&tls=true&tlsCAFile={}", ca.display());
        let url = format!("mongodb://{}/tck?{options}", process.address());
        Ok(Running::of(process, url))
    }
}

fn start(more: impl Fn(&Path) -> io::Result<Vec<OsString>>) -> io::Result<Process> {
    let command = |port: u16, folder: &Path| {
        let settings = folder.join("settings.toml");
        fs::write(&settings, SETTINGS)?;
        let port = port.to_string();
        let mut command: Vec<OsString> = vec!["secantusd-rs".into(), "--config".into()];
        command.push(settings.into());
        // What is written of the log is what is taken of the disk, and it starts with a file.
        let options = [
            "--port",
            &port,
            "--cache-size",
            "256M",
            "--log-file-max",
            "8MB",
        ];
        command.extend(options.map(OsString::from));
        command.extend(["--storage-path".into(), folder.join("data").into()]);
        command.extend(more(folder)?);
        Ok(command)
    };
    Process::start(command, is_listening)
}
