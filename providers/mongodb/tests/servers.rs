//! The provider keeps the contracts on a server with the protocol of MongoDB, and bears its faults.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    num::NonZeroUsize,
    process::ExitCode,
    time::{Duration, Instant},
};

use mongodb::{
    Client, Collection,
    bson::{Document, doc},
};
use omni_kv_mongodb::{LARGEST_VALUE, LONGEST_KEY, MongoDb, MongoStore, Settings, Values};
use omni_tck_servers::{
    Certification, Declared, Harness, Server, Shared, Tested, connection, faults,
    mongodb as servers,
};
use tck::{Atomic, Cache, Error, KeyValueStore, Listing, Result, Suite};

const DECLARED: Declared = Declared {
    provider: "mongodb",
    server: "SecantusDB 0.7, which speaks its protocol",
    longest_key: Some(LONGEST_KEY),
    largest_value: Some(LARGEST_VALUE),
    resolution: Duration::from_millis(5),
    durability: "as the server is set",
};

fn main() -> ExitCode {
    let single = Shared::<servers::MongoDb>::default();
    let harness = Harness::new()
        .declared(DECLARED)
        .at_a_time(8)
        .certify("single", &single, suites(&single, Values::Bytes))
        .certify("json", &single, suites_of_values(&single))
        .test(
            "single::expired_entry_is_absent_before_it_is_removed",
            &single,
            is_absent_in_time,
        )
        .test(
            "single::expired_entry_is_removed_later",
            &single,
            is_removed_later,
        )
        .test("single::decades_are_kept", &single, keeps_decades)
        .test("single::document_lies_as_it_is", &single, stores_documents)
        .test("single::key_is_no_query", &single, takes_keys_literally);
    faults::add(harness, "single", &single, open).run()
}

fn suites<S: Server>(server: &Shared<S>, values: Values) -> Vec<Suite> {
    let profile = DECLARED.profile();
    let server = server.clone();
    let open = move |setup: tck::Setup| {
        let url = server.get().url().to_owned();
        // The server looks at all documents of a collection for each page of a listing.
        let collection = setup.shared(|| Place::of(setup.namespace()));
        async move {
            let place = Some(&*collection);
            let client = connection(&setup, || as_values(&url, values, place)).await?;
            client.namespace(setup.namespace())
        }
    };
    Certification::of(profile, open)
        .store()
        .cache()
        .listing()
        .atomic()
        .suites()
}

/// The contracts that look into values: the server is slow.
fn suites_of_values<S: Server>(server: &Shared<S>) -> Vec<Suite> {
    let mut suites = suites(server, Values::Json);
    suites.retain(|suite| ["values", "atomic"].contains(&suite.contract().name));
    suites
}

async fn open(url: String, timeout: Duration, namespace: String) -> Result<MongoStore> {
    let mut settings = Settings::from_url(&url).map_err(Error::backend)?;
    settings.timeout = timeout;
    // To open is several requests, for which a busy interpreter may need longer than one may take.
    for _ in 0..20 {
        match MongoDb::open(&settings).await {
            Err(error) if error.is_retryable() => {}
            opened => return opened?.namespace(&namespace),
        }
    }
    MongoDb::open(&settings).await?.namespace(&namespace)
}

/// A collection for all handles of a clause.
struct Place(String);

impl Place {
    fn of(namespace: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        namespace.hash(&mut hasher);
        Self(format!("entries-{:016x}", hasher.finish()))
    }
}

async fn as_values(url: &str, values: Values, place: Option<&Place>) -> Result<MongoDb> {
    let mut settings = Settings::from_url(url).map_err(Error::backend)?;
    if let Some(Place(collection)) = place {
        settings.collection.clone_from(collection);
    }
    settings.values = values;
    // Under load the interpreter of the server takes its time.
    settings.timeout = Duration::from_secs(30);
    MongoDb::open(&settings).await
}

/// What others see.
async fn entries(server: &Shared<servers::MongoDb>) -> Result<Collection<Document>> {
    let client = Client::with_uri_str(server.get().url()).await;
    let database = client.map_err(Error::backend)?.database("tck");
    Ok(database.collection("entries"))
}

/// The server removes what has expired once a minute.
async fn is_absent_in_time(server: Shared<servers::MongoDb>) -> Tested {
    let store = MongoDb::connect(server.get().url())
        .await?
        .namespace("absent")?;
    for millis in [1, 50, 999] {
        let ttl = Duration::from_millis(millis);
        let start = Instant::now();
        store.set_with_ttl("key", "value".into(), ttl).await?;
        while store.has("key").await? {}
        let took = start.elapsed();
        assert!(took >= ttl, "{ttl:?} were over after {took:?}");
        assert_eq!(store.get("key").await?, None);
        let page = store.list("", None, NonZeroUsize::MIN).await?;
        assert_eq!(page.items.len(), 0);
        assert!(!store.compare_and_set("key", b"value", "x".into()).await?);
        assert!(store.set_if_absent("key", "value".into()).await?);
    }
    Ok(())
}

async fn is_removed_later(server: Shared<servers::MongoDb>) -> Tested {
    let store = MongoDb::connect(server.get().url())
        .await?
        .namespace("removed")?;
    let short = Duration::from_millis(10);
    store.set_with_ttl("short", "value".into(), short).await?;
    store.set("plain", "value".into()).await?;
    let seen = entries(&server).await?;
    let start = Instant::now();
    while seen
        .find_one(doc! { "_id": "removed/short" })
        .await?
        .is_some()
    {
        // A server of one's own looks once a minute.
        assert!(
            start.elapsed() < Duration::from_secs(180),
            "it is still there"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(store.has("plain").await?);
    Ok(())
}

async fn keeps_decades(server: Shared<servers::MongoDb>) -> Tested {
    let store = MongoDb::connect(server.get().url())
        .await?
        .namespace("decades")?;
    let decades = Duration::from_secs(30 * 365 * 86_400);
    for (key, ttl) in [
        ("30 years", decades),
        ("3 thousand", decades * 100),
        ("3 million", decades * 100_000),
        ("ever", Duration::MAX),
    ] {
        store.set_with_ttl(key, "value".into(), ttl).await?;
        assert!(store.has(key).await?, "{key}");
    }
    Ok(())
}

async fn stores_documents(server: Shared<servers::MongoDb>) -> Tested {
    let url = server.get().url();
    let store = as_values(url, Values::Json, None)
        .await?
        .namespace("documents")?;
    store
        .set("ada", r#"{"age":36,"name":"Ada"}"#.into())
        .await?;
    let seen = entries(&server).await?;
    // As a program asks that knows nothing of the provider.
    let ada = doc! { "value.name": "Ada", "value.age": { "$gt": 30 } };
    let entry = seen.find_one(ada).await?.ok_or("it is not found")?;
    assert_eq!(entry.get_str("_id").ok(), Some("documents/ada"));
    // And as one writes.
    let older = doc! { "$set": { "value.age": 37 } };
    seen.update_one(doc! { "_id": "documents/ada" }, older)
        .await?;
    let held = store.get("ada").await?;
    assert_eq!(held.as_deref(), Some(&br#"{"age":37,"name":"Ada"}"#[..]));
    // Documents that are equal to the server are not the same value.
    store.set("one", r#"{"a":1}"#.into()).await?;
    let (other, same) = (br#"{"a":1.0}"#, br#"{"a":1}"#);
    assert!(!store.compare_and_set("one", other, "[]".into()).await?);
    assert!(store.compare_and_set("one", same, "[]".into()).await?);
    Ok(())
}

async fn takes_keys_literally(server: Shared<servers::MongoDb>) -> Tested {
    let store = MongoDb::connect(server.get().url())
        .await?
        .namespace("literal")?;
    for key in ["$ne", "{\"$gt\":\"\"}", ".*", "", "\0", "a/b"] {
        assert_eq!(store.get(key).await?, None, "{key}");
        store.set(key, key.to_owned().into()).await?;
        assert_eq!(store.get(key).await?.as_deref(), Some(key.as_bytes()));
    }
    Ok(())
}
