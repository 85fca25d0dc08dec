//! The provider beside the client that it is made of, in one run and in turn.

use std::time::{Duration, Instant};

use omni_kv_etcd::Etcd;
use omni_tck_servers::{Server, etcd};
use reqwest::Client;
use tck::{Bytes, KeyValueStore};
use tokio::task::JoinSet;

const ROUNDS: usize = 7;
const CALLS: usize = 4_000;
const IN_FLIGHT: usize = 32;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Outcome<()> {
    if let Some(reason) = etcd::Etcd::missing() {
        println!("{reason}");
        return Ok(());
    }
    let server = etcd::Etcd::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let store = Etcd::connect(server.url()).await?.namespace("bench")?;
        let value = Bytes::from(vec![b'x'; 100]);
        let bare = Bare {
            http: Client::builder().no_proxy().build()?,
            url: format!("http://{}/v3/kv", server.address()),
        };
        for kind in ["set", "get"] {
            let mut ratios = Vec::new();
            for round in 0..ROUNDS {
                let (ours, theirs) = (store.clone(), bare.clone());
                let value = value.clone();
                let provider = rate(move |key| {
                    let (store, value) = (ours.clone(), value.clone());
                    async move {
                        match kind {
                            "set" => store.set(&key, value).await?,
                            _ => assert!(store.get(&key).await?.is_some()),
                        }
                        Ok(())
                    }
                });
                let client = rate(move |_| {
                    let bare = theirs.clone();
                    async move { bare.call(kind).await }
                });
                // Whoever comes second finds a warm machine.
                let (provider, client) = if round % 2 == 0 {
                    let provider = provider.await?;
                    (provider, client.await?)
                } else {
                    let client = client.await?;
                    (provider.await?, client)
                };
                println!("{kind}  provider {provider:7.0}/s  client {client:7.0}/s");
                ratios.push(provider / client);
            }
            ratios.sort_by(f64::total_cmp);
            let median = ratios.get(ROUNDS / 2).copied().unwrap_or_default();
            println!("{kind}  median of the ratios {median:.2}");
        }
        Ok(())
    })
}

/// The client, sending what is as small as what the provider sends.
#[derive(Clone)]
struct Bare {
    http: Client,
    url: String,
}

impl Bare {
    async fn call(&self, kind: &str) -> Outcome<()> {
        let (path, body) = match kind {
            "set" => {
                let value = "eHh4".repeat(34);
                let key = "YmFyZS8xMjM0";
                ("put", format!(r#"{{"key":"{key}","value":"{value}"}}"#))
            }
            _ => ("range", r#"{"key":"YmFyZS8xMjM0"}"#.to_owned()),
        };
        let url = format!("{}/{path}", self.url);
        let answer = self.http.post(url).body(body).send().await?;
        answer.error_for_status()?.bytes().await?;
        Ok(())
    }
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
        calls.spawn(call(number.to_string()));
    }
    while let Some(answer) = calls.join_next().await {
        answer??;
    }
    let time = start.elapsed().max(Duration::from_nanos(1));
    Ok(CALLS as f64 / time.as_secs_f64())
}
