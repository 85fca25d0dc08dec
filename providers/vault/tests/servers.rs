//! The provider keeps the contracts on a server that its users run, and bears its faults.

use std::{num::NonZeroUsize, process::ExitCode, time::Duration};

use omni_kv_vault::{LARGEST_VALUE, LONGEST_KEY, Settings, Values, Vault, VaultStore};
use omni_tck_servers::{
    Declared, Fault, FaultProxy, Harness, PATIENCE, Server, Shared, Tested, certified, expiry,
    faults, gateway, paths, strangers, vault,
};
use tck::{Atomic, Cache, Error, ErrorKind, KeyValueStore, Listing, Result, Suite};

const DECLARED: Declared = Declared {
    provider: "vault",
    server: "OpenBao 2.7",
    longest_key: Some(LONGEST_KEY),
    largest_value: Some(LARGEST_VALUE),
    resolution: Duration::from_millis(5),
    durability: "as the server is set",
};

fn main() -> ExitCode {
    let single = Shared::<vault::Vault>::default();
    let harness = Harness::new()
        .declared(DECLARED)
        .at_a_time(16)
        .certify("single", &single, suites(&single, Values::Bytes))
        .certify("json", &single, suites(&single, Values::Json))
        .test(
            "single::half_a_second_is_kept",
            &single,
            keeps_half_a_second,
        )
        .test("single::decades_are_kept", &single, keeps_decades)
        .test(
            "single::condition_holds_after_delete_and_expiry",
            &single,
            holds_conditions_across_absence,
        )
        .test(
            "single::update_under_way_loses_to_who_deletes_and_sets",
            &single,
            loses_to_delete_and_set,
        )
        .test("single::document_lies_as_it_is", &single, stores_documents)
        .test(
            "single::other_folders_are_no_keys",
            &single,
            lists_only_its_own,
        )
        .test("single::dots_are_no_path", &single, takes_dots)
        .test(
            "single::absent_keys_take_their_place_on_a_page",
            &single,
            looks_at_no_more_than_a_page,
        )
        .test(
            "single::wrong_token_and_engine_are_errors",
            &single,
            refuses_strangers,
        )
        .test(
            "single::gateway_is_not_taken_for_the_engine",
            &single,
            tells_gateways_apart,
        );
    let harness = harness.test(
        "sealed::a_certificate_is_checked",
        &Shared::<vault::SealedVault>::default(),
        checks_the_certificate,
    );
    let harness = faults::add(harness, "single", &single, open);
    faults::add_silence(harness, "single", &single, open).run()
}

fn suites<S: Server>(server: &Shared<S>, values: Values) -> Vec<Suite> {
    let connect = move |url: String, _| async move { as_values(&url, values).await };
    certified(server, DECLARED.profile(), connect, Vault::namespace)
        .store()
        .cache()
        .listing()
        .atomic()
        .suites()
}

async fn open(url: String, timeout: Duration, namespace: String) -> Result<VaultStore> {
    let mut settings = Settings::from_url(&url).map_err(Error::backend)?;
    settings.timeout = timeout;
    Vault::open(&settings).await?.namespace(&namespace)
}

/// A store whose calls may take their time: no test is about it.
async fn patient(url: &str, namespace: &str) -> Result<VaultStore> {
    open(url.to_owned(), PATIENCE, namespace.to_owned()).await
}

async fn as_values(url: &str, values: Values) -> Result<Vault> {
    let mut settings = Settings::from_url(url).map_err(Error::backend)?;
    settings.values = values;
    settings.timeout = PATIENCE;
    Vault::open(&settings).await
}

/// The engine's own expiry knows whole seconds, and takes half a second for never.
async fn keeps_half_a_second(server: Shared<vault::Vault>) -> Tested {
    let store = patient(server.get().url(), "milliseconds").await?;
    expiry::keeps_milliseconds(&store, &[1, 500, 1_001]).await?;
    // Names of expired keys stay in the engine, and on no page.
    let page = store.list("", None, NonZeroUsize::MAX).await?;
    assert_eq!((page.items.len(), page.next), (0, None));
    Ok(())
}

async fn keeps_decades(server: Shared<vault::Vault>) -> Tested {
    let store = patient(server.get().url(), "decades").await?;
    expiry::keeps_long(&store, &expiry::LONG).await
}

/// The engine counts versions on after a delete, so `cas=0` means never written, not absent.
async fn holds_conditions_across_absence(server: Shared<vault::Vault>) -> Tested {
    let store = patient(server.get().url(), "absence").await?;
    let short = Duration::from_millis(1);
    for round in 0..3 {
        assert!(store.set_if_absent("key", "first".into()).await?, "{round}");
        assert!(!store.set_if_absent("key", "second".into()).await?);
        store.delete("key").await?;
        assert!(!store.compare_and_set("key", b"first", "x".into()).await?);
        assert!(store.set_if_absent("key", "third".into()).await?);
        store.set_with_ttl("key", "short".into(), short).await?;
        while store.has("key").await? {}
        assert!(!store.compare_and_set("key", b"short", "x".into()).await?);
        assert!(store.set_if_absent("key", "fourth".into()).await?);
        store
            .set_with_ttl("key", "x".into(), Duration::ZERO)
            .await?;
    }
    Ok(())
}

/// An engine that forgets a key counts its versions from one again, so that the number that an
/// update has read may be that of a value of somebody else.
async fn loses_to_delete_and_set(server: Shared<vault::Vault>) -> Tested {
    let proxy = FaultProxy::to(server.get().address())?;
    let near = patient(server.get().url(), "locks").await?;
    let far = patient(&server.get().url_through(proxy.address()), "locks").await?;
    for round in 0..3 {
        let key = round.to_string();
        near.set(&key, "mine".into()).await?;
        assert!(far.has(&key).await?);
        proxy.set(Fault::Delay(Duration::from_millis(100)));
        let update = far.compare_and_set(&key, b"mine", "renewed".into());
        let others = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            near.delete(&key).await?;
            near.set(&key, "theirs".into()).await
        };
        let (updated, set) = tokio::join!(update, others);
        set?;
        updated?;
        proxy.set(Fault::None);
        assert_eq!(near.get(&key).await?.as_deref(), Some(&b"theirs"[..]));
    }
    Ok(())
}

async fn stores_documents(server: Shared<vault::Vault>) -> Tested {
    let url = server.get().url();
    let store = as_values(url, Values::Json).await?.namespace("documents")?;
    let document = r#"{"age":36,"name":"Ada"}"#;
    store.set("ada", document.into()).await?;
    let seen = vault::stored(server.get(), "documents/ada")?;
    assert!(seen.contains(&format!(r#""data":{document}"#)), "{seen}");
    // Another way to write it is another text, and the same document.
    let text = r#"{ "name": "Ada", "age": 36.0 }"#;
    let document = document.as_bytes();
    assert!(store.compare_and_set("ada", document, text.into()).await?);
    let seen = vault::stored(server.get(), "documents/ada")?;
    assert!(seen.contains(r#""age":36,"name":"Ada"}"#), "{seen}");
    assert_eq!(store.get("ada").await?.as_deref(), Some(text.as_bytes()));
    // A store of bytes reads it as well, and what the engine's own tools have written.
    let other = as_values(url, Values::Bytes)
        .await?
        .namespace("documents")?;
    assert_eq!(other.get("ada").await?.as_deref(), Some(text.as_bytes()));
    vault::store(server.get(), "documents/own")?;
    assert_eq!(other.get("own").await?.as_deref(), Some(&b"{}"[..]));
    Ok(())
}

async fn lists_only_its_own(server: Shared<vault::Vault>) -> Tested {
    let url = server.get().url();
    let outer = patient(url, "outer").await?;
    outer.set("own", "value".into()).await?;
    // What others have put into a folder below is no key of this namespace.
    vault::store(server.get(), "outer/below/key")?;
    let page = outer.list("", None, NonZeroUsize::MAX).await?;
    assert_eq!(page.items, ["own"]);
    Ok(())
}

async fn takes_dots(server: Shared<vault::Vault>) -> Tested {
    let store = patient(server.get().url(), "dots..").await?;
    paths::dots_are_kept(&store, LONGEST_KEY).await
}

/// Names of deleted keys stay in the engine.
async fn looks_at_no_more_than_a_page(server: Shared<vault::Vault>) -> Tested {
    let store = patient(server.get().url(), "pages").await?;
    store.set("gone", "value".into()).await?;
    store.delete("gone").await?;
    paths::a_page_looks_at_no_more_names(&store).await
}

async fn refuses_strangers(server: Shared<vault::Vault>) -> Tested {
    let url = server.get().url();
    for wrong in [
        url.replace("root@", "hvs.hunter2@"),
        url.replace("/secret", "/nowhere"),
    ] {
        let store = patient(&wrong, "strangers").await?;
        for answer in [
            store.get("key").await.map(drop),
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

async fn tells_gateways_apart(_: Shared<vault::Vault>) -> Tested {
    use ErrorKind::{Backend, Unavailable};

    let no_leader = r#"{"errors":["local node not active but active cluster node not found"]}"#;
    for (status, body, expected) in [
        (404, r#"{"message":"no Route matched"}"#, Backend),
        (404, r#"{"data":null}"#, Backend),
        (404, "<html>not found</html>", Backend),
        (404, "", Backend),
        (200, r#"{"message":"welcome"}"#, Backend),
        // Perhaps it was done.
        (500, no_leader, Unavailable),
        (502, "<html>bad gateway</html>", Unavailable),
        (429, r#"{"message":"slow down"}"#, Unavailable),
    ] {
        let address = gateway::answering(status, body)?;
        let url = format!("vault://root@{address}/secret");
        let store = patient(&url, "gateway").await?;
        for answer in [
            store.get("key").await.map(drop),
            store.set("key", "value".into()).await,
            store.delete("key").await,
            store.compare_and_set("key", b"", "".into()).await.map(drop),
            store.list("", None, NonZeroUsize::MIN).await.map(drop),
        ] {
            let kind = answer.map_err(|error| error.kind());
            assert_eq!(kind, Err(expected), "{status} {body}");
        }
    }
    Ok(())
}

async fn checks_the_certificate(server: Shared<vault::SealedVault>) -> Tested {
    let open = |url| open(url, Duration::from_secs(30), "sealed".to_owned());
    omni_tck_servers::sealed::certificate_is_checked(server.get(), open).await
}
