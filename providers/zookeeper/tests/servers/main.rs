//! The provider keeps the contracts on the servers that its users run, and bears their faults.

mod deadlines;
mod ensemble;
#[cfg(feature = "tls")]
mod sealed;
mod sessions;

use std::{process::ExitCode, time::Duration};

use omni_kv_zookeeper::{LARGEST_VALUE, LONGEST_KEY, Settings, ZooKeeper, ZooKeeperStore};
use omni_tck_servers::{
    Declared, Harness, PATIENCE, Server, Shared, Tested, certified, faults, paths,
    zookeeper::{self, ZooKeeperEnsemble},
};
use tck::{Atomic, Error, KeyValueStore, Result, Suite};

const DECLARED: Declared = Declared {
    provider: "zookeeper",
    server: "ZooKeeper 3.8, alone and as an ensemble",
    longest_key: Some(LONGEST_KEY),
    largest_value: Some(LARGEST_VALUE),
    resolution: Duration::from_millis(5),
    durability: "kept",
};

fn main() -> ExitCode {
    let single = Shared::<zookeeper::ZooKeeper>::default();
    let ensemble = Shared::<ZooKeeperEnsemble>::default();
    let harness = Harness::new()
        .declared(DECLARED)
        .certify("single", &single, suites(&single))
        .certify("ensemble", &ensemble, suites(&ensemble))
        .test(
            "single::a_ttl_is_kept_to_the_millisecond",
            &single,
            deadlines::keeps_the_millisecond,
        )
        .test(
            "single::decades_are_kept",
            &single,
            deadlines::keeps_decades,
        )
        .test(
            "single::what_has_expired_is_removed",
            &single,
            deadlines::removes_what_has_expired,
        )
        .test(
            "single::what_was_written_without_an_answer_is_removed",
            &single,
            deadlines::removes_what_it_is_not_told_of,
        )
        .test(
            "single::what_another_has_renewed_is_removed",
            &single,
            deadlines::removes_what_was_renewed,
        )
        .test(
            "single::a_ttl_passes_during_a_restart",
            &single,
            deadlines::expires_after_a_restart,
        )
        .test(
            "single::a_value_that_was_removed_and_made_again_is_another",
            &single,
            tells_generations_apart,
        )
        .test(
            "single::a_password_is_used_and_not_shown",
            &single,
            sessions::uses_a_password,
        )
        .test("single::dots_are_no_path", &single, takes_dots)
        .test(
            "single::an_endless_timeout_is_borne",
            &single,
            sessions::bears_an_endless_timeout,
        )
        .test(
            "single::a_session_that_has_expired_is_made_anew",
            &single,
            sessions::makes_a_session_anew,
        )
        .test(
            "ensemble::every_server_has_what_one_has_acknowledged",
            &ensemble,
            ensemble::sees_what_is_acknowledged,
        )
        .test(
            "ensemble::a_dead_leader_is_replaced",
            &ensemble,
            ensemble::outlives_its_leader,
        );
    #[cfg(feature = "tls")]
    let harness = harness
        .test(
            "sealed::a_certificate_is_checked",
            &Shared::<zookeeper::SealedZooKeeper>::default(),
            sealed::checks_the_certificate,
        )
        .test("sealed::no_address_is_plain", &single, sealed::stays_sealed);
    let harness = faults::add(harness, "single", &single, open);
    let harness = faults::add_silence(harness, "single", &single, open);
    faults::add_restart(harness, "ensemble", &ensemble, open).run()
}

fn suites<S: Server>(server: &Shared<S>) -> Vec<Suite> {
    certified(server, DECLARED.profile(), connect, ZooKeeper::namespace)
        .store()
        .cache()
        .listing()
        .atomic()
        .suites()
}

async fn connect(url: String, timeout: Duration) -> Result<ZooKeeper> {
    let mut settings = Settings::from_url(&url).map_err(Error::backend)?;
    settings.timeout = timeout;
    settings.cleanup = Duration::from_millis(100);
    ZooKeeper::open(&settings).await
}

async fn open(url: String, timeout: Duration, namespace: String) -> Result<ZooKeeperStore> {
    connect(url, timeout).await?.namespace(&namespace)
}

/// A store whose calls may take their time: no test is about it.
async fn patient(url: &str, namespace: &str) -> Result<ZooKeeperStore> {
    open(url.to_owned(), PATIENCE, namespace.to_owned()).await
}

/// ZooKeeper counts the versions of a node from zero whenever it is made.
async fn tells_generations_apart(server: Shared<zookeeper::ZooKeeper>) -> Tested {
    const ROUNDS: u32 = 200;
    let url = server.get().url();
    let store = patient(url, "generations").await?;
    let other = patient(url, "generations").await?;
    for _ in 0..ROUNDS {
        store.set("key", "mine".into()).await?;
        let renewed = async {
            other.delete("key").await?;
            other.set("key", "theirs".into()).await
        };
        let (changed, renewed) = tokio::join!(
            store.compare_and_set("key", b"mine", "changed".into()),
            renewed
        );
        changed?;
        renewed?;
        // Theirs came after the removal, so nothing that expected mine came after it.
        assert_eq!(store.get("key").await?, Some("theirs".into()));
    }
    Ok(())
}

async fn takes_dots(server: Shared<zookeeper::ZooKeeper>) -> Tested {
    let store = patient(server.get().url(), "dots..").await?;
    paths::dots_are_kept(&store, LONGEST_KEY).await
}
