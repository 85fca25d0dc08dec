//! SeaweedFS, which speaks the protocol of S3.

use std::{ffi::OsString, fs, io, net::SocketAddr, path::Path};

use crate::{
    Process, Running, Server, certificate, free_port, installed, reply_to, server::wants_tls,
};

/// Who may do what. Everybody may write, so that a probe need not sign.
const USERS: &str = r#"{"identities": [
    {"name": "tck", "actions": ["Admin", "Read", "Write", "List", "Tagging"],
     "credentials": [{"accessKey": "ak", "secretKey": "s3cr3t/+key"}]},
    {"name": "anonymous", "actions": ["Write:tck"]}
]}"#;

/// A server with the bucket `tck`, the access key `ak` and the secret key `s3cr3t/+key`.
#[derive(Debug)]
pub enum S3 {}

impl Server for S3 {
    const VARIABLE: &'static str = "TCK_S3_URL";

    fn missing() -> Option<String> {
        installed("weed")
    }

    fn start() -> io::Result<Running> {
        let process = Process::start(command, stores)?;
        let url = format!("s3+http://ak:s3cr3t%2F+key@{}/tck", process.address());
        Ok(Running::of(process, url))
    }
}

/// A server that speaks TLS alone.
#[derive(Debug)]
pub enum SealedS3 {}

impl Server for SealedS3 {
    const VARIABLE: &'static str = "TCK_SEALED_S3_URL";

    fn missing() -> Option<String> {
        S3::missing().or_else(certificate::missing)
    }

    fn start() -> io::Result<Running> {
        let sealed = |port, folder: &Path| {
            certificate::make(folder)?;
            let mut words = command(port, folder)?;
            words.extend(["-s3.cert.file=ca.pem", "-s3.key.file=key.pem"].map(OsString::from));
            Ok(words)
        };
        let process = Process::start(sealed, wants_tls)?;
        let (address, folder) = (process.address(), process.folder());
        let url = format!(
            "s3://ak:s3cr3t%2F+key@{address}/tck?ca={}/ca.pem",
            folder.display()
        );
        Ok(Running::of(process, url))
    }
}

fn command(port: u16, folder: &Path) -> io::Result<Vec<OsString>> {
    let users = folder.join("s3.json");
    fs::write(&users, USERS)?;
    let folder = folder.join("data");
    fs::create_dir(&folder)?;
    let words = [
        "weed -logtostderr mini -ip 127.0.0.1 -ip.bind 127.0.0.1 -bucket tck -admin.ui=false",
        "-webdav=false -s3.autoCreateBucket=false -master.telemetry=false -s3.port.iceberg 0 -s3.port.lance 0",
    ];
    let words = words.into_iter().flat_map(str::split_whitespace);
    let mut words: Vec<_> = words.map(OsString::from).collect();
    words.extend(["-s3.port".into(), port.to_string().into()]);
    let others = ["master", "volume", "filer", "admin"].map(|part| format!("-{part}.port"));
    let others = others.into_iter().flat_map(|http| {
        let grpc = format!("{http}.grpc");
        [http, grpc]
    });
    for flag in others.chain(["-s3.port.grpc".to_owned()]) {
        words.extend([flag.into(), free_port()?.to_string().into()]);
    }
    words.extend([
        "-s3.config".into(),
        users.into(),
        "-dir".into(),
        folder.into(),
    ]);
    Ok(words)
}

/// It lists before it stores.
fn stores(address: SocketAddr) -> bool {
    let put = "PUT /tck/probe HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nok";
    reply_to(address, put).is_some_and(|reply| reply.starts_with("HTTP/1.1 200"))
}
