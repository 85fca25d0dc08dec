//! The provider beside its bare client: `cargo bench -p omni-kv-vault`.

use omni_kv_vault::Vault;
use omni_tck_servers::{Overhead, Server, vault};
use reqwest::{Client, RequestBuilder};
use tck::KeyValueStore;

const OVERHEAD: Overhead = Overhead {
    calls: 2_000,
    in_flight: 64,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = vault::Vault::start()?;
    let store = Vault::connect(server.url()).await?.namespace("bench")?;
    let client = Client::builder().no_proxy().build()?;
    let url = |index| {
        let key = index % 100;
        format!("http://{}/v1/secret/data/bench/{key}", server.address())
    };
    let set = async |index: usize| {
        let value = "x".repeat(100).into();
        let answer = store.set(&(index % 100).to_string(), value).await;
        answer.expect("it is stored");
    };
    let post = async |index: usize| {
        let value = "x".repeat(136);
        let body = format!(r#"{{"data":{{"=base64":"{value}"}}}}"#);
        send(client.post(url(index)).body(body)).await;
    };
    OVERHEAD.print("set", set, post).await;
    let read = async |index: usize| {
        let answer = store.get(&(index % 100).to_string()).await;
        answer.expect("it is read").expect("it is there");
    };
    let get = async |index: usize| send(client.get(url(index))).await;
    OVERHEAD.print("get", read, get).await;
    Ok(())
}

async fn send(request: RequestBuilder) {
    let request = request.header("x-vault-token", "root");
    let answer = request.send().await.expect("it is answered");
    assert!(answer.status().is_success(), "{}", answer.status());
    answer.bytes().await.expect("it is whole");
}
