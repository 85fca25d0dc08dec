//! The provider beside its bare client: `cargo bench -p omni-kv-etcd`.

use omni_kv_etcd::Etcd;
use omni_tck_servers::{Overhead, Server, etcd};
use reqwest::Client;
use tck::{Bytes, KeyValueStore};

const OVERHEAD: Overhead = Overhead {
    calls: 4_000,
    in_flight: 32,
};

static VALUE: [u8; 100] = [b'x'; 100];

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = etcd::Etcd::start()?;
    let store = Etcd::connect(server.url()).await?.namespace("bench")?;
    #[cfg(feature = "tls")]
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().no_proxy().build()?;
    // What is as small as what the provider sends.
    let post = async |path: &str, body: String| {
        let url = format!("http://{}/v3/kv/{path}", server.address());
        let answer = client.post(url).body(body).send().await;
        let answer = answer.expect("it is answered");
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.bytes().await.expect("it is whole");
    };
    let set = async |index: usize| {
        let value = Bytes::from_static(&VALUE);
        let answer = store.set(&index.to_string(), value).await;
        answer.expect("it is stored");
    };
    let put = async |_| {
        let value = "eHh4".repeat(34);
        let body = format!(r#"{{"key":"YmFyZS8xMjM0","value":"{value}"}}"#);
        post("put", body).await;
    };
    OVERHEAD.print("set", set, put).await;
    let get = async |index: usize| {
        let held = store.get(&index.to_string()).await;
        held.expect("it is read").expect("it is there");
    };
    let range = async |_| post("range", r#"{"key":"YmFyZS8xMjM0"}"#.to_owned()).await;
    OVERHEAD.print("get", get, range).await;
    Ok(())
}
