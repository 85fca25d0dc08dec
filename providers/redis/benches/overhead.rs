//! The provider beside its bare client, in turn and in one run.

use bytes::Bytes;
use omni_kv_redis::Redis;
use omni_tck_servers::{
    Server,
    overhead::{Measured, compare},
    redis::Redis as Single,
};
use redis::{AsyncCommands, Client, aio::ConnectionManager};
use tck_api::KeyValueStore;
use tokio::runtime;

const CALLS: usize = 1_000;
static VALUE: [u8; 100] = [b'x'; 100];

fn main() -> Measured {
    if let Some(reason) = Single::missing() {
        println!("not measured: {reason}");
        return Ok(());
    }
    let server = Single::start()?;
    let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure(server.url()))
}

async fn measure(url: &str) -> Measured {
    let store = Redis::connect(url).await?.namespace("bench")?;
    let client = ConnectionManager::new(Client::open(url)?).await?;
    let (get, bare) = (store.clone(), client.clone());
    compare(
        "set",
        CALLS,
        move |task, index| {
            let store = store.clone();
            async move {
                let key = format!("key-{task}-{index}");
                Ok(store.set(&key, Bytes::from_static(&VALUE)).await?)
            }
        },
        move |task, index| {
            let mut client = client.clone();
            async move {
                let key = format!("bare/key-{task}-{index}");
                Ok(client.set::<_, _, ()>(key, &VALUE[..]).await?)
            }
        },
    )
    .await?;
    compare(
        "get",
        CALLS,
        move |task, index| {
            let store = get.clone();
            async move {
                let found = store.get(&format!("key-{task}-{index}")).await?;
                found.map(drop).ok_or_else(|| "nothing there".into())
            }
        },
        move |task, index| {
            let mut client = bare.clone();
            async move {
                let key = format!("bare/key-{task}-{index}");
                let found: Option<Bytes> = client.get(key).await?;
                found.map(drop).ok_or_else(|| "nothing there".into())
            }
        },
    )
    .await
}
