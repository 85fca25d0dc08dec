//! The provider beside its bare client: `cargo bench -p omni-kv-zookeeper`.

use omni_kv_zookeeper::ZooKeeper;
use omni_tck_servers::{Overhead, Server, zookeeper};
use tck::{Bytes, KeyValueStore};
use zookeeper_client::{Acls, Client, CreateMode};

const OVERHEAD: Overhead = Overhead {
    calls: 10_000,
    in_flight: 32,
};

const KEYS: usize = 1_000;

static VALUE: [u8; 100] = [b'x'; 100];

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = zookeeper::ZooKeeper::start()?;
    let store = ZooKeeper::connect(server.url()).await?.namespace("bench")?;
    let client = Client::connect(&server.address().to_string()).await?;
    let options = CreateMode::Persistent.with_acls(Acls::anyone_all());
    client.mkdir("/bare", &options).await?;
    for key in 0..KEYS {
        let value = Bytes::from_static(&VALUE);
        store.set(&key.to_string(), value).await?;
        client
            .create(&format!("/bare/{key}"), &VALUE, &options)
            .await?;
    }
    let set = async |index: usize| {
        let value = Bytes::from_static(&VALUE);
        let answer = store.set(&(index % KEYS).to_string(), value).await;
        answer.expect("it is stored");
    };
    let bare_set = async |index: usize| {
        let path = format!("/bare/{}", index % KEYS);
        let answer = client.set_data(&path, &VALUE, None).await;
        answer.expect("it is stored");
    };
    OVERHEAD.print("set", set, bare_set).await;
    let get = async |index: usize| {
        let held = store.get(&(index % KEYS).to_string()).await;
        held.expect("it is read").expect("it is there");
    };
    let bare_get = async |index: usize| {
        let path = format!("/bare/{}", index % KEYS);
        // The promise of the provider takes both.
        let mut nothing = client.new_multi_writer();
        let check = nothing.add_check_version("/bare", -1);
        check.expect("it is a path");
        let (agreed, data) = (nothing.commit(), client.get_data(&path));
        agreed.await.expect("it is up to date");
        data.await.expect("it is there");
    };
    OVERHEAD.print("get", get, bare_get).await;
    let bare_sync = async |index: usize| {
        let path = format!("/bare/{}", index % KEYS);
        let (synced, data) = (client.sync(&path), client.get_data(&path));
        synced.await.expect("it is synced");
        data.await.expect("it is there");
    };
    OVERHEAD.print("get after a sync", get, bare_sync).await;
    Ok(())
}
