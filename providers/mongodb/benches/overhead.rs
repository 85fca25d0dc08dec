//! The provider beside its bare client: `cargo bench -p omni-kv-mongodb`.

use mongodb::{
    Client, Collection,
    bson::{Binary, Document, doc, spec::BinarySubtype},
};
use omni_kv_mongodb::MongoDb;
use omni_tck_servers::{Overhead, Server, mongodb as servers};
use tck::KeyValueStore;

const OVERHEAD: Overhead = Overhead {
    calls: 2_000,
    in_flight: 64,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = servers::MongoDb::start()?;
    let store = MongoDb::connect(server.url()).await?.namespace("bench")?;
    // As the provider: nothing is tried again by itself.
    let bare_url = format!("{}&retryWrites=false&retryReads=false", server.url());
    let client = Client::with_uri_str(bare_url).await?;
    let bare: Collection<Document> = client.database("bare").collection("entries");
    let id = |index: usize| doc! { "_id": format!("bench/{}", index % 100) };
    let set = async |index: usize| {
        let value = "x".repeat(100).into();
        let answer = store.set(&(index % 100).to_string(), value).await;
        answer.expect("it is stored");
    };
    let replace = async |index: usize| {
        let mut entry = id(index);
        let (subtype, bytes) = (BinarySubtype::Generic, vec![b'x'; 100]);
        entry.insert("value", Binary { subtype, bytes });
        let put = bare.replace_one(id(index), entry).upsert(true).await;
        put.expect("it is stored");
    };
    OVERHEAD.print("set", set, replace).await;
    let get = async |index: usize| {
        let answer = store.get(&(index % 100).to_string()).await;
        answer.expect("it is read").expect("it is there");
    };
    let find = async |index: usize| {
        let found = bare.find_one(id(index)).await;
        found.expect("it is read").expect("it is there");
    };
    OVERHEAD.print("get", get, find).await;
    Ok(())
}
