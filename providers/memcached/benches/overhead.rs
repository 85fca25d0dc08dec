//! The provider beside its bare client, in turn and in one run.

use std::sync::Arc;

use async_memcached::{AsciiProtocol, Client};
use bytes::Bytes;
use omni_kv_memcached::{Memcached, Settings};
use omni_tck_servers::{
    Server, memcached,
    overhead::{IN_FLIGHT, Measured, compare},
};
use tck_api::KeyValueStore;
use tokio::{runtime, sync::Mutex};

const CALLS: usize = 1_000;
static VALUE: [u8; 100] = [b'x'; 100];

fn main() -> Measured {
    if let Some(reason) = memcached::Memcached::missing() {
        println!("not measured: {reason}");
        return Ok(());
    }
    let server = memcached::Memcached::start()?;
    let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure(&server.address().to_string()))
}

async fn measure(address: &str) -> Measured {
    let mut settings = Settings::new(address);
    settings.connections = IN_FLIGHT.try_into()?;
    let store = Memcached::open(&settings).await?.namespace("bench")?;
    // One for each task, so that nobody ever waits for it.
    let mut clients = Vec::new();
    for _ in 0..IN_FLIGHT {
        let client = Client::new(format!("tcp://{address}")).await?;
        clients.push(Arc::new(Mutex::new(client)));
    }
    let (get, bare) = (store.clone(), clients.clone());
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
            let client = clients.get(task).cloned();
            async move {
                let client = client.ok_or("more tasks than clients")?;
                let key = format!("bare/key-{task}-{index}");
                Ok(client
                    .lock()
                    .await
                    .set(&key, &VALUE[..], None, None)
                    .await?)
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
            let client = bare.get(task).cloned();
            async move {
                let client = client.ok_or("more tasks than clients")?;
                let key = format!("bare/key-{task}-{index}");
                let found = client.lock().await.get(&key).await?;
                found.map(drop).ok_or_else(|| "nothing there".into())
            }
        },
    )
    .await
}
