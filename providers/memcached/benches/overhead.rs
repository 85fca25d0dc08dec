//! The provider beside its bare client, in turn and in one run.

use std::{
    error::Error,
    sync::Arc,
    time::{Duration, Instant},
};

use async_memcached::{AsciiProtocol, Client};
use bytes::Bytes;
use omni_kv_memcached::{Memcached, MemcachedStore, Settings};
use omni_tck_servers::{Server, memcached};
use tck_api::KeyValueStore;
use tokio::{runtime, task::JoinSet};

/// How many calls are on their way at a time, each on a connection of its own.
const IN_FLIGHT: usize = 16;
/// How many calls each of them makes in a round.
const CALLS: usize = 1_000;
const ROUNDS: usize = 15;
static VALUE: [u8; 100] = [b'x'; 100];

type Measured<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Clone, Copy, Debug)]
enum Call {
    Get,
    Set,
}

fn main() -> Measured<()> {
    if let Some(reason) = memcached::Memcached::missing() {
        println!("not measured: {reason}");
        return Ok(());
    }
    let server = memcached::Memcached::start()?;
    let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
    let address = server.address().to_string();
    runtime.block_on(async {
        let mut settings = Settings::new(&address);
        settings.connections = IN_FLIGHT.try_into()?;
        let store = Memcached::open(&settings).await?.namespace("bench")?;
        let mut clients = Vec::new();
        for _ in 0..IN_FLIGHT {
            clients.push(Client::new(format!("tcp://{address}")).await?);
        }
        for call in [Call::Set, Call::Get] {
            let mut rounds = Vec::new();
            for _ in 0..ROUNDS {
                let provider = by_provider(&store, call).await?;
                let client = by_client(&mut clients, call).await?;
                rounds.push((provider, client));
            }
            print(call, &rounds);
        }
        Ok(())
    })
}

async fn by_provider(store: &MemcachedStore, call: Call) -> Measured<Duration> {
    let store = Arc::new(store.clone());
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for task in 0..IN_FLIGHT {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            for index in 0..CALLS {
                let key = format!("key-{task}-{index}");
                match call {
                    Call::Get => assert!(store.get(&key).await?.is_some()),
                    Call::Set => store.set(&key, Bytes::from_static(&VALUE)).await?,
                }
            }
            Ok::<_, tck_api::Error>(())
        });
    }
    for done in tasks.join_all().await {
        done?;
    }
    Ok(start.elapsed())
}

async fn by_client(clients: &mut Vec<Client>, call: Call) -> Measured<Duration> {
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for (task, mut client) in clients.drain(..).enumerate() {
        tasks.spawn(async move {
            for index in 0..CALLS {
                let key = format!("bare/key-{task}-{index}");
                match call {
                    Call::Get => assert!(client.get(&key).await?.is_some()),
                    Call::Set => client.set(&key, &VALUE[..], None, None).await?,
                }
            }
            Ok::<_, async_memcached::Error>(client)
        });
    }
    for client in tasks.join_all().await {
        clients.push(client?);
    }
    Ok(start.elapsed())
}

/// Prints the medians of the rates, and of the shares in the same round.
fn print(call: Call, rounds: &[(Duration, Duration)]) {
    let rate = |time: &Duration| (IN_FLIGHT * CALLS) as f64 / time.as_secs_f64();
    let of = |number: fn(f64, f64) -> f64| {
        let numbers = rounds
            .iter()
            .map(|(provider, client)| number(rate(provider), rate(client)));
        median(numbers.collect())
    };
    let (provider, client) = (of(|provider, _| provider), of(|_, client| client));
    let share = of(|provider, client| provider / client);
    println!("{call:?}: provider {provider:.0}/s, client {client:.0}/s, share {share:.2}");
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}
