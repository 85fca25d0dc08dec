//! The provider beside its bare client: `cargo bench -p omni-kv-s3`.

use object_store::{ObjectStoreExt, aws::AmazonS3Builder, path::Path};
use omni_kv_s3::S3;
use omni_tck_servers::{Overhead, Server, s3};
use tck::KeyValueStore;

const OVERHEAD: Overhead = Overhead {
    calls: 1_000,
    in_flight: 64,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = s3::S3::start()?;
    let store = S3::connect(server.url()).await?.namespace("bench")?;
    let bare = AmazonS3Builder::new()
        .with_access_key_id("ak")
        .with_secret_access_key("s3cr3t/+key")
        .with_endpoint(format!("http://{}", server.address()))
        .with_allow_http(true)
        .with_bucket_name("tck")
        .build()?;
    let path = |index: usize| Path::from(format!("bare/{}", index % 100));
    let set = async |index: usize| {
        let value = "x".repeat(100).into();
        let answer = store.set(&(index % 100).to_string(), value).await;
        answer.expect("it is stored");
    };
    let put = async |index: usize| {
        let put = bare.put(&path(index), "x".repeat(100).into()).await;
        put.expect("it is stored");
    };
    OVERHEAD.print("set", set, put).await;
    let read = async |index: usize| {
        let answer = store.get(&(index % 100).to_string()).await;
        answer.expect("it is read").expect("it is there");
    };
    let get = async |index: usize| {
        let answer = bare.get(&path(index)).await.expect("it is read");
        answer.bytes().await.expect("it is whole");
    };
    OVERHEAD.print("get", read, get).await;
    Ok(())
}
