//! The provider keeps the contracts on a server with the protocol of MongoDB, and bears its faults.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    num::NonZeroUsize,
    process::ExitCode,
    time::{Duration, Instant},
};

use mongodb::{
    Client, Collection, IndexModel,
    bson::{Document, doc},
    options::IndexOptions,
};
use omni_kv_mongodb::{LARGEST_VALUE, LONGEST_KEY, MongoDb, MongoStore, Settings, Values};
use omni_tck_servers::{
    Certification, Declared, Fault, Fronted, Harness, PATIENCE, Server, Shared, Tested, connection,
    faults,
    faults::{until_it_works, written},
    mongodb as servers, strangers,
};
use tck::{Atomic, Bytes, Cache, Error, ErrorKind, KeyValueStore, Listing, Result, Suite};
use tokio::time::timeout;

const DECLARED: Declared = Declared {
    provider: "mongodb",
    server: "SecantusDB's server in Rust, which speaks its protocol",
    longest_key: Some(LONGEST_KEY),
    largest_value: Some(LARGEST_VALUE),
    resolution: Duration::from_millis(5),
    durability: "as the server is set",
};

fn main() -> ExitCode {
    let single = Shared::<servers::MongoDb>::default();
    let harness = Harness::new()
        .declared(DECLARED)
        .certify("single", &single, suites(&single, Values::Bytes))
        .certify("json", &single, suites(&single, Values::Json))
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
        .test("single::key_is_no_query", &single, takes_keys_literally)
        .test(
            "single::all_requests_of_a_call_end_in_time",
            &single,
            ends_in_time,
        )
        .test(
            "single::what_others_want_unique_is_an_error",
            &single,
            refuses_duplicates,
        )
        .test(
            "guarded::a_password_is_used_and_not_shown",
            &Shared::<servers::GuardedMongoDb>::default(),
            uses_a_password,
        )
        .test(
            "sealed::a_certificate_is_checked",
            &Shared::<servers::SealedMongoDb>::default(),
            checks_the_certificate,
        );
    let harness = faults::add(harness, "single", &single, open);
    faults::add_silence(harness, "single", &single, open).run()
}

fn suites<S: Server>(server: &Shared<S>, values: Values) -> Vec<Suite> {
    let profile = DECLARED.profile();
    let server = server.clone();
    let open = move |setup: tck::Setup| {
        let url = server.get().url().to_owned();
        // This server looks at all documents of a collection for a page of a listing.
        let place = setup.shared(|| place(setup.namespace()));
        async move {
            let open = || as_values(&url, values, Some(&place));
            let client = connection(&setup, open).await?;
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

async fn open(url: String, timeout: Duration, namespace: String) -> Result<MongoStore> {
    let mut settings = Settings::from_url(&url).map_err(Error::backend)?;
    settings.timeout = timeout;
    MongoDb::open(&settings).await?.namespace(&namespace)
}

/// A store whose calls may take their time: no test is about it.
async fn patient(url: &str, namespace: &str) -> Result<MongoStore> {
    open(url.to_owned(), PATIENCE, namespace.to_owned()).await
}

/// A collection for all handles of a clause.
fn place(namespace: &str) -> String {
    let mut hasher = DefaultHasher::new();
    namespace.hash(&mut hasher);
    format!("entries-{:016x}", hasher.finish())
}

async fn as_values(url: &str, values: Values, place: Option<&str>) -> Result<MongoDb> {
    let mut settings = Settings::from_url(url).map_err(Error::backend)?;
    if let Some(collection) = place {
        collection.clone_into(&mut settings.collection);
    }
    settings.values = values;
    settings.timeout = PATIENCE;
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
    let store = patient(server.get().url(), "absent").await?;
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
    let store = patient(server.get().url(), "removed").await?;
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
    let store = patient(server.get().url(), "decades").await?;
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
    let store = patient(server.get().url(), "literal").await?;
    for key in ["$ne", "{\"$gt\":\"\"}", ".*", "", "\0", "a/b"] {
        store.delete(key).await?;
        assert_eq!(store.get(key).await?, None, "{key}");
        store.set(key, key.to_owned().into()).await?;
        assert_eq!(store.get(key).await?.as_deref(), Some(key.as_bytes()));
    }
    Ok(())
}

async fn refuses_duplicates(server: Shared<servers::MongoDb>) -> Tested {
    let place = "unique";
    let store = as_values(server.get().url(), Values::Json, Some(place))
        .await?
        .namespace("unique")?;
    let database = Client::with_uri_str(server.get().url()).await?;
    let entries: Collection<Document> = database.database("tck").collection(place);
    let unique = IndexOptions::builder().unique(true).build();
    let emails = IndexModel::builder().keys(doc! { "value.email": 1 });
    entries.create_index(emails.options(unique).build()).await?;
    let email = || Bytes::from_static(br#"{"email":"ada@example.org"}"#);
    store.set("ada", email()).await?;
    store.set("ada", email()).await?;
    let set = timeout(PATIENCE, store.set("eve", email())).await?;
    assert_eq!(set.map_err(|error| error.kind()), Err(ErrorKind::Backend));
    let set = store.set_if_absent("eve", email()).await;
    assert_eq!(set.map_err(|error| error.kind()), Err(ErrorKind::Backend));
    assert!(!store.set_if_absent("ada", "[]".into()).await?);
    Ok(())
}

/// Each answer comes within the limit, and not both do.
async fn ends_in_time(server: Shared<servers::MongoDb>) -> Tested {
    let Fronted { proxy, url, .. } = servers::MongoDb::front(server.get())?;
    let limit = Duration::from_secs(1);
    let opened = async || open(url.clone(), limit, "slow".to_owned()).await;
    let store = until_it_works(opened).await?;
    written(&store, "key", "before").await?;
    proxy.set(Fault::Delay(limit * 3 / 4));
    let changed = store.compare_and_set("key", b"before", "after".into());
    let kind = changed.await.map_err(|error| error.kind());
    assert_eq!(kind, Err(ErrorKind::TimedOut));
    Ok(())
}

async fn uses_a_password(server: Shared<servers::GuardedMongoDb>) -> Tested {
    let url = server.get().url();
    let anybody = url
        .replace("root:let%20me%20in@", "")
        .replace("&authSource=admin", "");
    let admin = Client::with_uri_str(&anybody).await?.database("admin");
    // Whoever is on the same machine may make the first user.
    let root = doc! { "createUser": "root", "pwd": "let me in", "roles": ["root"] };
    admin.run_command(root).await?;

    let store = patient(url, "guarded").await?;
    store.set("key", "value".into()).await?;
    assert_eq!(store.get("key").await?, Some("value".into()));
    for wrong in [anybody, url.replace("let%20me%20in", "guess")] {
        strangers::is_refused(MongoDb::connect(&wrong).await, "guess")?;
    }
    Ok(())
}

async fn checks_the_certificate(server: Shared<servers::SealedMongoDb>) -> Tested {
    let open = |url| open(url, Duration::from_secs(5), "sealed".to_owned());
    omni_tck_servers::sealed::certificate_is_checked(server.get(), open).await
}
