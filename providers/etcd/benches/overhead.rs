//! The provider beside its bare client: `cargo bench -p omni-kv-etcd`.

use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use omni_kv_etcd::Etcd;
use omni_tck_servers::{Overhead, Server, etcd};
use tck::{Bytes, KeyValueStore};
use tokio::net::TcpStream;

const OVERHEAD: Overhead = Overhead {
    calls: 4_000,
    in_flight: 32,
};

static VALUE: [u8; 100] = [b'x'; 100];

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = etcd::Etcd::start()?;
    let store = Etcd::connect(server.url()).await?.namespace("bench")?;
    let stream = TcpStream::connect(server.address()).await?;
    stream.set_nodelay(true)?;
    let (client, line) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
    tokio::spawn(line);
    // What is as small as what the provider sends, put together beforehand.
    let call = async |path: &str, request: Bytes| {
        let url = format!("http://{}/etcdserverpb.KV/{path}", server.address());
        let call = Request::post(url)
            .header("te", "trailers")
            .header("content-type", "application/grpc")
            .body(Full::new(request));
        let answer = client.clone().send_request(call.expect("a request")).await;
        let answer = answer.expect("it is answered");
        assert!(answer.status().is_success(), "{}", answer.status());
        let answer = answer.into_body().collect().await.expect("it is whole");
        assert!(!answer.to_bytes().is_empty(), "it is refused");
    };
    let set = async |index: usize| {
        let value = Bytes::from_static(&VALUE);
        let answer = store.set(&index.to_string(), value).await;
        answer.expect("it is stored");
    };
    let [put, range] = [
        [b"\0\0\0\0\x71\x0a\x09bare/1234\x12\x64", &VALUE[..]].concat(),
        b"\0\0\0\0\x0b\x0a\x09bare/1234".to_vec(),
    ]
    .map(Bytes::from);
    let put = async |_| call("Put", put.clone()).await;
    OVERHEAD.print("set", set, put).await;
    let get = async |index: usize| {
        let held = store.get(&index.to_string()).await;
        held.expect("it is read").expect("it is there");
    };
    let range = async |_| call("Range", range.clone()).await;
    OVERHEAD.print("get", get, range).await;
    Ok(())
}
