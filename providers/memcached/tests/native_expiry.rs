//! A cache that leaves expiry to Memcached, and what the kit says of it.

use std::{
    process::ExitCode,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use async_memcached::{AsciiProtocol, Client, Error as Said, Status as MemcachedStatus};
use omni_tck_servers::{Harness, Shared, Tested, memcached};
use tck::{
    Bytes, Cache, Error, KeyValueStore, Profile, Result, Setup, Status, Suite, Time, async_trait,
    cache, capability, factory,
};

/// What a first attempt looks like: it rounds up to seconds, as the server counts them.
struct Native {
    address: String,
    space: String,
}

impl Native {
    async fn client(&self) -> Result<Client> {
        Client::new(&self.address).await.map_err(Error::unavailable)
    }

    fn name(&self, key: &str) -> String {
        format!("{}/{}", self.space, omni_kv_parts::quoted(key))
    }

    async fn put(&self, key: &str, value: Bytes, seconds: i64) -> Result<()> {
        let mut client = self.client().await?;
        let set = client.set(self.name(key), &*value, Some(seconds), None);
        set.await.map_err(Error::unavailable)
    }
}

#[async_trait]
impl KeyValueStore for Native {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        let found = self.client().await?.get(self.name(key)).await;
        let found = found.map_err(Error::unavailable)?;
        Ok(found.and_then(|found| found.data).map(Bytes::from))
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        self.put(key, value, 0).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        match self.client().await?.delete(self.name(key)).await {
            Ok(()) | Err(Said::Protocol(MemcachedStatus::NotFound)) => Ok(()),
            Err(error) => Err(Error::unavailable(error)),
        }
    }
}

#[async_trait]
impl Cache for Native {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        let seconds = ttl.as_nanos().div_ceil(1_000_000_000);
        match i64::try_from(seconds).map_err(|_| Error::invalid_ttl("too long"))? {
            0 => self.delete(key).await,
            seconds => self.put(key, value, seconds).await,
        }
    }
}

fn main() -> ExitCode {
    let server = Shared::<memcached::Memcached>::default();
    let harness = Harness::new()
        .test(
            "native::a_second_that_ends_early_is_told",
            &server,
            |server| is_told(server, "key_is_alive_until_late_in_its_life"),
        )
        .test(
            "native::a_month_that_ends_at_once_is_told",
            &server,
            |server| is_told(server, "very_long_ttl_neither_overflows_nor_ends_early"),
        );
    harness.run()
}

/// At how many points of the server's second it is tried: right after a tick none ends early.
const TRIES: u32 = 4;

async fn is_told(server: Shared<memcached::Memcached>, clause: &str) -> Tested {
    let address = format!("tcp://{}", server.get().address());
    let open = move |setup: Setup| {
        let space = setup.namespace().to_owned();
        let address = address.clone();
        async move { Ok::<_, Error>(Native { address, space }) }
    };
    // Entries may be seen a second longer, as it counts seconds. None may end early.
    let profile = Profile::new().time(Time::Wall {
        resolution: Duration::from_secs(1),
    });
    let factory = factory::<capability::Cache, _, _, _>(open);
    let suite = Arc::new(Suite::new(&cache::CONTRACT, factory, profile));
    let mut clauses = suite.contract().clauses.iter();
    let clause = clauses.find(|known| known.id.ends_with(clause));
    let clause = clause.ok_or("no such clause")?;
    let (told, outcomes) = mpsc::channel();
    for part in 0..TRIES {
        let (suite, told) = (Arc::clone(&suite), told.clone());
        thread::spawn(move || {
            thread::sleep(Duration::from_secs(1) * part / TRIES);
            // Nobody listens any more once one of them has told.
            drop(told.send(suite.check(clause)));
        });
    }
    drop(told);
    let mut stories = Vec::new();
    for outcome in outcomes {
        stories.push(outcome.to_string());
        if matches!(outcome.status, Status::Violation { .. }) {
            println!("{outcome}");
            return Ok(());
        }
    }
    Err(format!("expected a violation, got {stories:?}").into())
}
