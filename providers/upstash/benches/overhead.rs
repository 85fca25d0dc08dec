//! The provider beside its bare client, in turn and in one run.

use bytes::Bytes;
use omni_kv_upstash::{Settings, Upstash};
use omni_tck_servers::{
    Server,
    overhead::{Measured, compare},
    upstash,
};
use reqwest::{Client, RequestBuilder};
use tck_api::KeyValueStore;
use tokio::runtime;

const CALLS: usize = 100;
static VALUE: [u8; 100] = [b'x'; 100];

fn main() -> Measured {
    if let Some(reason) = upstash::Upstash::missing() {
        println!("not measured: {reason}");
        return Ok(());
    }
    let server = upstash::Upstash::start()?;
    let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure(server.url()))
}

async fn measure(url: &str) -> Measured {
    let settings = Settings::from_url(url)?;
    let store = Upstash::open(&settings).await?.namespace("bench")?;
    // The client asks for it though it speaks no TLS here.
    #[cfg(feature = "tls")]
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().no_proxy().build()?;
    let url = format!("http://{}", settings.address);
    let token = settings.token;
    let (get, getting, base, secret) = (store.clone(), client.clone(), url.clone(), token.clone());
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
            let url = format!("{url}/SET/bare~key-{task}-{index}");
            let request = client.post(url).bearer_auth(token.reveal());
            let request = request.body(Bytes::from_static(&VALUE));
            asked(request)
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
            let command = format!("[\"GET\",\"bare~key-{task}-{index}\"]");
            let request = getting.post(&base).bearer_auth(secret.reveal());
            let request = request.body(command);
            asked(request)
        },
    )
    .await
}

async fn asked(request: RequestBuilder) -> Measured {
    let response = request.send().await?.error_for_status()?;
    response.bytes().await?;
    Ok(())
}
