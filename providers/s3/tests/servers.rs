//! The provider keeps the contracts on a server that its users run, and bears its faults.

use std::{num::NonZeroUsize, process::ExitCode, time::Duration};

use omni_kv_s3::{LARGEST_VALUE, LONGEST_KEY, S3, S3Store, Settings};
use omni_tck_servers::{
    Declared, Harness, PATIENCE, Server, Shared, Tested, certified, expiry, faults, gateway, paths,
    s3, strangers,
};
use tck::{Atomic, Cache, Error, ErrorKind, KeyValueStore, Listing, Result, Suite};

const DECLARED: Declared = Declared {
    provider: "s3",
    server: "SeaweedFS 4.48",
    longest_key: Some(LONGEST_KEY),
    largest_value: Some(LARGEST_VALUE),
    resolution: Duration::from_millis(5),
    durability: "as the service is set",
};

fn main() -> ExitCode {
    let single = Shared::<s3::S3>::default();
    let harness = Harness::new()
        .declared(DECLARED)
        .at_a_time(16)
        .certify("single", &single, suites(&single))
        .test("single::milliseconds_are_kept", &single, keeps_milliseconds)
        .test("single::decades_are_kept", &single, keeps_decades)
        .test(
            "single::condition_holds_for_an_expired_object",
            &single,
            holds_conditions_for_the_expired,
        )
        .test(
            "single::key_may_begin_like_a_folder",
            &single,
            tells_keys_from_folders,
        )
        .test(
            "single::absent_keys_take_their_place_on_a_page",
            &single,
            looks_at_no_more_than_a_page,
        )
        .test(
            "single::wrong_secret_and_bucket_are_errors",
            &single,
            refuses_strangers,
        )
        .test(
            "single::gateway_is_not_taken_for_the_bucket",
            &single,
            tells_gateways_apart,
        );
    let harness = harness.test(
        "sealed::a_certificate_is_checked",
        &Shared::<s3::SealedS3>::default(),
        checks_the_certificate,
    );
    let harness = faults::add(harness, "single", &single, open);
    faults::add_silence(harness, "single", &single, open).run()
}

fn suites<S: Server>(server: &Shared<S>) -> Vec<Suite> {
    certified(server, DECLARED.profile(), connect, S3::namespace)
        .store()
        .cache()
        .listing()
        .atomic()
        .suites()
}

async fn connect(url: String, timeout: Duration) -> Result<S3> {
    let mut settings = Settings::from_url(&url).map_err(Error::backend)?;
    settings.timeout = timeout;
    S3::open(&settings).await
}

async fn open(url: String, timeout: Duration, namespace: String) -> Result<S3Store> {
    connect(url, timeout).await?.namespace(&namespace)
}

/// A store whose calls may take their time: no test is about it.
async fn patient(url: &str, namespace: &str) -> Result<S3Store> {
    open(url.to_owned(), PATIENCE, namespace.to_owned()).await
}

async fn fresh(server: &Shared<s3::S3>, namespace: &str) -> Result<S3Store> {
    patient(server.get().url(), namespace).await
}

/// S3's own expiry knows days.
async fn keeps_milliseconds(server: Shared<s3::S3>) -> Tested {
    let store = fresh(&server, "milliseconds").await?;
    expiry::keeps_milliseconds(&store, &[1, 500, 1_001]).await?;
    let page = store.list("", None, NonZeroUsize::MAX).await?;
    assert_eq!((page.items.len(), page.next), (0, None));
    Ok(())
}

async fn keeps_decades(server: Shared<s3::S3>) -> Tested {
    let store = fresh(&server, "decades").await?;
    expiry::keeps_long(&store, &expiry::LONG).await
}

/// An expired object is still there for the server, whose own condition would not hold.
async fn holds_conditions_for_the_expired(server: Shared<s3::S3>) -> Tested {
    let store = fresh(&server, "expired").await?;
    let short = Duration::from_millis(1);
    for _ in 0..3 {
        store.set_with_ttl("key", "short".into(), short).await?;
        while store.has("key").await? {}
        assert!(!store.compare_and_set("key", b"short", "x".into()).await?);
        assert!(store.set_if_absent("key", "value".into()).await?);
        assert!(!store.set_if_absent("key", "again".into()).await?);
        assert_eq!(store.get("key").await?.as_deref(), Some(&b"value"[..]));
    }
    Ok(())
}

/// A file system can't hold a file and a folder of one name.
async fn tells_keys_from_folders(server: Shared<s3::S3>) -> Tested {
    let store = fresh(&server, "folders").await?;
    let segment = "x".repeat(250);
    let keys = [
        "a",
        "a/",
        "a/b",
        "a//b",
        // What is not there is an answer of the bucket, whatever its name.
        "NoSuchBucket",
        &segment,
        &format!("{segment}y"),
        &format!("{segment}."),
        &format!("{segment}.."),
    ];
    for key in keys {
        assert_eq!(store.get(key).await?, None);
        store.delete(key).await?;
    }
    for key in keys {
        store.set(key, key.to_owned().into()).await?;
    }
    for key in keys {
        assert_eq!(store.get(key).await?.as_deref(), Some(key.as_bytes()));
    }
    let page = store.list("", None, NonZeroUsize::MAX).await?;
    let mut sorted = keys;
    sorted.sort_unstable();
    assert_eq!(page.items, sorted);
    Ok(())
}

/// Expired objects stay in the bucket.
async fn looks_at_no_more_than_a_page(server: Shared<s3::S3>) -> Tested {
    let store = fresh(&server, "pages").await?;
    let short = Duration::from_millis(1);
    store.set_with_ttl("gone", "short".into(), short).await?;
    while store.has("gone").await? {}
    paths::a_page_looks_at_no_more_names(&store).await
}

async fn refuses_strangers(server: Shared<s3::S3>) -> Tested {
    let url = server.get().url();
    for wrong in [
        url.replace("s3cr3t%2F+key", "hunter2"),
        url.replace("/tck", "/nowhere"),
    ] {
        let store = S3::connect(&wrong).await?.namespace("strangers")?;
        for answer in [
            store.get("key").await.map(drop),
            store.has("key").await.map(drop),
            store.set("key", "value".into()).await,
            store.delete("key").await,
            store.set_if_absent("key", "value".into()).await.map(drop),
            store.list("", None, NonZeroUsize::MIN).await.map(drop),
        ] {
            strangers::is_refused(answer, "hunter2")?;
        }
        assert!(!format!("{store:?}").contains("hunter2"), "{store:?}");
    }
    Ok(())
}

async fn tells_gateways_apart(_: Shared<s3::S3>) -> Tested {
    use ErrorKind::{Backend, Unavailable};

    for (status, body, expected) in [
        (404, "<html>not found</html>", Backend),
        (404, "", Backend),
        (429, "<html>slow down</html>", Unavailable),
        (502, "<html>bad gateway</html>", Unavailable),
    ] {
        let address = gateway::answering(status, body)?;
        let url = format!("s3+http://key:secret@{address}/bucket?timeout=30s");
        let store = S3::connect(&url).await?.namespace("gateway")?;
        // No key is an answer either.
        for key in ["key", "NoSuchKey", "NoSuchBucket"] {
            for answer in [
                store.get(key).await.map(drop),
                store.has(key).await.map(drop),
                store.set(key, "value".into()).await,
                store.delete(key).await,
                store.set_if_absent(key, "value".into()).await.map(drop),
                store.list("", None, NonZeroUsize::MIN).await.map(drop),
            ] {
                let kind = answer.map_err(|error| error.kind());
                assert_eq!(kind, Err(expected), "{status} {body} {key}");
            }
        }
    }
    Ok(())
}

async fn checks_the_certificate(server: Shared<s3::SealedS3>) -> Tested {
    let open = |url| open(url, Duration::from_secs(30), "sealed".to_owned());
    omni_tck_servers::sealed::certificate_is_checked(server.get(), open).await
}
