//! The provider beside the client that it is made of, in one run and in turn.

use std::time::{Duration, Instant};

use omni_kv_zookeeper::ZooKeeper;
use omni_tck_servers::{Server, zookeeper};
use tck::{Bytes, KeyValueStore};
use tokio::task::JoinSet;
use zookeeper_client::{Acls, Client, CreateMode};

const ROUNDS: usize = 7;
const CALLS: usize = 10_000;
const KEYS: usize = 1_000;
const IN_FLIGHT: usize = 32;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Outcome<()> {
    if let Some(reason) = zookeeper::ZooKeeper::missing() {
        println!("{reason}");
        return Ok(());
    }
    let server = zookeeper::ZooKeeper::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let value = Bytes::from(vec![b'x'; 100]);
        let store = ZooKeeper::connect(server.url()).await?.namespace("bench")?;
        let client = Client::connect(&server.address().to_string()).await?;
        let options = CreateMode::Persistent.with_acls(Acls::anyone_all());
        client.mkdir("/bare", &options).await?;
        for key in 0..KEYS {
            store.set(&key.to_string(), value.clone()).await?;
            let path = format!("/bare/{key}");
            client.create(&path, &value, &options).await?;
        }
        for kind in ["set", "get"] {
            let mut ratios = Vec::new();
            for round in 0..ROUNDS {
                let (ours, own) = (store.clone(), value.clone());
                let provider = rate(move |key| {
                    let (store, value) = (ours.clone(), own.clone());
                    async move {
                        match kind {
                            "set" => store.set(&key, value).await?,
                            _ => assert!(store.get(&key).await?.is_some()),
                        }
                        Ok(())
                    }
                });
                let (theirs, value) = (client.clone(), value.clone());
                let bare = rate(move |key| {
                    let (client, value) = (theirs.clone(), value.clone());
                    async move {
                        let path = format!("/bare/{key}");
                        if kind == "set" {
                            client.set_data(&path, &value, None).await?;
                        } else {
                            // The promise of the provider takes both.
                            let (synced, data) = (client.sync(&path), client.get_data(&path));
                            synced.await?;
                            data.await?;
                        }
                        Ok(())
                    }
                });
                // Whoever comes second finds a warm machine.
                let (provider, bare) = if round % 2 == 0 {
                    let provider = provider.await?;
                    (provider, bare.await?)
                } else {
                    let bare = bare.await?;
                    (provider.await?, bare)
                };
                println!("{kind}  provider {provider:7.0}/s  client {bare:7.0}/s");
                ratios.push(provider / bare);
            }
            ratios.sort_by(f64::total_cmp);
            let median = ratios.get(ROUNDS / 2).copied().unwrap_or_default();
            println!("{kind}  median of the ratios {median:.2}");
        }
        Ok(())
    })
}

/// How many calls are answered in a second, so many in flight.
async fn rate<F>(call: impl Fn(String) -> F) -> Outcome<f64>
where
    F: Future<Output = Outcome<()>> + Send + 'static,
{
    let start = Instant::now();
    let mut calls = JoinSet::new();
    for number in 0..CALLS {
        if calls.len() >= IN_FLIGHT
            && let Some(answer) = calls.join_next().await
        {
            answer??;
        }
        calls.spawn(call((number % KEYS).to_string()));
    }
    while let Some(answer) = calls.join_next().await {
        answer??;
    }
    let time = start.elapsed().max(Duration::from_nanos(1));
    Ok(CALLS as f64 / time.as_secs_f64())
}
