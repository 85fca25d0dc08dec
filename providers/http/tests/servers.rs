//! The client keeps the contracts against the service, and bears its faults.

use std::{io, net::SocketAddr, process::ExitCode, time::Duration};

use omni_kv_http::{HttpStore, LARGEST_VALUE, LONGEST_KEY, Settings};
use omni_tck_servers::{
    Declared, Harness, Process, Running, Server, Shared, certified, faults, reply_to,
};
use tck::{EmptyKey, Error, Result, Suite};

/// `kv-service` in front of a store in memory.
enum KvService {}

impl Server for KvService {
    const VARIABLE: &'static str = "TCK_HTTP_URL";

    fn missing() -> Option<String> {
        None
    }

    fn start() -> io::Result<Running> {
        let process = Process::start(
            |port, _| {
                let port = port.to_string();
                let words = [
                    env!("CARGO_BIN_EXE_kv-service"),
                    "--host",
                    "127.0.0.1",
                    "--port",
                    &port,
                ];
                Ok(words
                    .into_iter()
                    .chain(["--log-level", "error"])
                    .map(Into::into)
                    .collect())
            },
            serves,
        )?;
        let url = format!("http://{}", process.address());
        Ok(Running::of(process, url))
    }
}

fn serves(address: SocketAddr) -> bool {
    let reply = reply_to(address, "GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n");
    reply.is_some_and(|reply| reply.starts_with("HTTP/1.1 200"))
}

const DECLARED: Declared = Declared {
    provider: "http",
    server: "kv-service before `memory:`",
    longest_key: Some(LONGEST_KEY),
    largest_value: Some(LARGEST_VALUE),
    resolution: Duration::from_millis(5),
    durability: "as the store is behind it",
};

fn main() -> ExitCode {
    let service = Shared::<KvService>::default();
    let harness = Harness::new()
        .declared(DECLARED)
        .certify("memory", &service, suites(&service));
    let harness = faults::add(harness, "memory", &service, open);
    faults::add_silence(harness, "memory", &service, open).run()
}

fn suites(service: &Shared<KvService>) -> Vec<Suite> {
    let profile = DECLARED.profile().empty_key(EmptyKey::Refused);
    certified(service, profile, connect, |service, name| {
        Ok(service.namespace(name))
    })
    .store()
    .cache()
    .listing()
    .atomic()
    .suites()
}

async fn connect(url: String, timeout: Duration) -> Result<HttpStore> {
    let mut settings = Settings::from_url(&url).map_err(Error::backend)?;
    settings.timeout = timeout;
    HttpStore::open(&settings).await
}

async fn open(url: String, timeout: Duration, namespace: String) -> Result<HttpStore> {
    Ok(connect(url, timeout).await?.namespace(&namespace))
}
