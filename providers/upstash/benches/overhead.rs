//! The provider beside its bare client: `cargo bench -p omni-kv-upstash`.

use bytes::Bytes;
use omni_kv_upstash::{Settings, Upstash};
use omni_tck_servers::{Overhead, Server, upstash};
use reqwest::{Client, RequestBuilder};
use tck_api::KeyValueStore;

const OVERHEAD: Overhead = Overhead {
    calls: 1_600,
    in_flight: 16,
};

static VALUE: [u8; 100] = [b'x'; 100];

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = upstash::Upstash::start()?;
    let settings = Settings::from_url(server.url())?;
    let store = Upstash::open(&settings).await?.namespace("bench")?;
    // The client asks for it though it speaks no TLS here.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().no_proxy().build()?;
    let url = format!("http://{}", settings.address);
    let set = async |index: usize| {
        let value = Bytes::from_static(&VALUE);
        let answer = store.set(&format!("key-{index}"), value).await;
        answer.expect("it is stored");
    };
    let bare_set = async |index: usize| {
        let request = client.post(format!("{url}/SET/bare~key-{index}"));
        let request = request.body(Bytes::from_static(&VALUE));
        send(request.bearer_auth(settings.token.reveal())).await;
    };
    OVERHEAD.print("set", set, bare_set).await;
    let get = async |index: usize| {
        let held = store.get(&format!("key-{index}")).await;
        held.expect("it is read").expect("it is there");
    };
    let bare_get = async |index: usize| {
        let command = format!("[\"GET\",\"bare~key-{index}\"]");
        let request = client.post(&url).body(command);
        send(request.bearer_auth(settings.token.reveal())).await;
    };
    OVERHEAD.print("get", get, bare_get).await;
    Ok(())
}

async fn send(request: RequestBuilder) {
    let answer = request.send().await.expect("it is answered");
    assert!(answer.status().is_success(), "{}", answer.status());
    answer.bytes().await.expect("it is whole");
}
