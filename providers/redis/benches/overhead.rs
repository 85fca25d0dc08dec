//! The provider beside its bare client: `cargo bench -p omni-kv-redis`.

use bytes::Bytes;
use omni_kv_redis::Redis;
use omni_tck_servers::{Overhead, Server, redis::Redis as Single};
use redis::{AsyncCommands, Client, aio::ConnectionManager};
use tck::KeyValueStore;

const OVERHEAD: Overhead = Overhead {
    calls: 20_000,
    in_flight: 64,
};

static VALUE: [u8; 100] = [b'x'; 100];

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Single::start()?;
    let store = Redis::connect(server.url()).await?.namespace("bench")?;
    let client = ConnectionManager::new(Client::open(server.url())?).await?;
    let set = async |index: usize| {
        let value = Bytes::from_static(&VALUE);
        let answer = store.set(&format!("key-{index}"), value).await;
        answer.expect("it is stored");
    };
    let bare_set = async |index: usize| {
        let key = format!("bare/key-{index}");
        let answer = client.clone().set::<_, _, ()>(key, &VALUE[..]).await;
        answer.expect("it is stored");
    };
    OVERHEAD.print("set", set, bare_set).await;
    let get = async |index: usize| {
        let held = store.get(&format!("key-{index}")).await;
        held.expect("it is read").expect("it is there");
    };
    let bare_get = async |index: usize| {
        let key = format!("bare/key-{index}");
        let held: Option<Bytes> = client.clone().get(key).await.expect("it is read");
        held.expect("it is there");
    };
    OVERHEAD.print("get", get, bare_get).await;
    Ok(())
}
