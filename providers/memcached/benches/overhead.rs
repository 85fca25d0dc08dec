//! The provider beside its bare client: `cargo bench -p omni-kv-memcached`.

use async_memcached::{AsciiProtocol, Client};
use bytes::Bytes;
use omni_kv_memcached::{Memcached, Settings};
use omni_tck_servers::{Overhead, Server, memcached};
use tck::KeyValueStore;
use tokio::sync::Mutex;

const OVERHEAD: Overhead = Overhead {
    calls: 20_000,
    in_flight: 16,
};

static VALUE: [u8; 100] = [b'x'; 100];

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = memcached::Memcached::start()?;
    let address = server.address().to_string();
    let mut settings = Settings::new(address.as_str());
    settings.connections = OVERHEAD.in_flight.try_into()?;
    let store = Memcached::open(&settings).await?.namespace("bench")?;
    // The bare clients wait for one another as little as the provider's do.
    let mut clients = Vec::new();
    for _ in 0..OVERHEAD.in_flight {
        let client = Client::new(format!("tcp://{address}")).await?;
        clients.push(Mutex::new(client));
    }
    let client = |index: usize| {
        clients
            .get(index % clients.len())
            .expect("there are some")
            .lock()
    };
    let set = async |index: usize| {
        let value = Bytes::from_static(&VALUE);
        let answer = store.set(&format!("key-{index}"), value).await;
        answer.expect("it is stored");
    };
    let bare_set = async |index: usize| {
        let (key, mut client) = (format!("bare/key-{index}"), client(index).await);
        let answer = client.set(&key, &VALUE[..], None, None).await;
        answer.expect("it is stored");
    };
    OVERHEAD.print("set", set, bare_set).await;
    let get = async |index: usize| {
        let held = store.get(&format!("key-{index}")).await;
        held.expect("it is read").expect("it is there");
    };
    let bare_get = async |index: usize| {
        let (key, mut client) = (format!("bare/key-{index}"), client(index).await);
        let held = client.get(&key).await;
        held.expect("it is read").expect("it is there");
    };
    OVERHEAD.print("get", get, bare_get).await;
    Ok(())
}
