//! The facade of `omni-kv-embedded` keeps on etcd what it promises on any backend, and bears the
//! faults of a server.

mod clients;
mod ends;
mod limits;

use std::{process::ExitCode, sync::Arc, time::Duration};

use omni_kv_embedded::{Database, EmbeddedStore, Error, KvStore, LONGEST_KEY, RunId};
use omni_kv_etcd::{EtcdDatabase, LARGEST_VALUE, Settings};
use omni_tck_facade::{PROMISES, Subject, is_like_a_map};
use omni_tck_servers::{
    Harness, PATIENCE, Server, Shared, Tested, certified,
    etcd::{Etcd, EtcdCluster},
    faults,
};
use tck::{Isolation, Profile, Suite, Time};

fn main() -> ExitCode {
    let single = Shared::<Etcd>::default();
    let cluster = Shared::<EtcdCluster>::default();
    let harness = Harness::new()
        .certify("single", &single, suites(&single))
        .certify("cluster", &cluster, suites(&cluster))
        .test("single::it_is_like_a_map", &single, is_a_map);
    let harness = PROMISES.iter().fold(harness, |harness, promise| {
        let name = format!("single::{}", promise.name);
        harness.test(name, &single, async |server| {
            (promise.holds)(&KvStore::new(fresh(&server)?));
            Ok(())
        })
    });
    let harness = [clients::add, limits::add, ends::add]
        .into_iter()
        .fold(harness, |harness, add| add(harness, &single));
    faults::add(harness, "single", &single, open).run()
}

fn suites<S: Server>(server: &Shared<S>) -> Vec<Suite> {
    let profile = Profile::new()
        .time(Time::Wall {
            resolution: Duration::from_millis(5),
        })
        .longest_key(LONGEST_KEY)
        .largest_value(LARGEST_VALUE)
        .isolation(Isolation::Serializable);
    let connect = |url: String, limit| async move { Ok(database(&url, limit, "certified")?) };
    certified(server, profile, connect, run)
        .store()
        .cache()
        .listing()
        .atomic()
        .transactions()
        .suites()
}

/// A store on a database, by a client of its own.
async fn open(url: String, timeout: Duration, name: String) -> tck::Result<EmbeddedStore> {
    run(&database(&url, timeout, "certified")?, &name)
}

fn run(database: &Arc<Database>, name: &str) -> tck::Result<EmbeddedStore> {
    Ok(EmbeddedStore::open(database, name)?)
}

fn database(url: &str, timeout: Duration, name: &str) -> omni_kv_embedded::Result<Arc<Database>> {
    let settings = Settings::from_url(url);
    let mut settings = settings.map_err(|error| Error::Backend(error.into()))?;
    settings.timeout = timeout;
    settings.cleanup = Duration::from_secs(1);
    let etcd = EtcdDatabase::open(&settings, name)?;
    Ok(Arc::new(Database::on(etcd)))
}

/// An empty database.
fn fresh<S: Server>(server: &Shared<S>) -> omni_kv_embedded::Result<Arc<Database>> {
    database(server.get().url(), PATIENCE, RunId::new().as_str())
}

async fn is_a_map(server: Shared<Etcd>) -> Tested {
    is_like_a_map(200, || Subject {
        kv: KvStore::new(fresh(&server).expect("the server answers")),
        clock: None,
        lists_names_alone: false,
    });
    Ok(())
}
