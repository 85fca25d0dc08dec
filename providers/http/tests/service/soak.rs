//! Load through connections that fail, on a service that is killed underneath.

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use omni_kv_http::{HttpStore, Settings};
use omni_tck_servers::{Fault, FaultProxy, PATIENCE};
use tck::KeyValueStore;
use tokio::{runtime::Runtime, task::JoinHandle, time::sleep};

use crate::{kv_service::KvService, random::Random};

const WRITERS: u64 = 4;

/// How long a writer waits for an answer that may never come.
const BRIEFLY: Duration = Duration::from_millis(500);

/// How much more memory a service may hold at the end than when it was warm.
const SLACK: usize = 16 << 20;

#[test]
fn acknowledged_writes_survive_cut_connections_and_kills() {
    let mut service = KvService::start(&["--store", "embedded:data.db", "--log-level", "error"]);
    let proxy = FaultProxy::to(service.address()).unwrap();
    let runtime = Runtime::new().unwrap();
    let load = Arc::new(Load::default());
    // Each key is written once: what arrives late can't undo what came after it.
    let key = |writer, number| format!("{writer}/{number}");
    let writers = writers(&runtime, &load, &proxy, key);
    let mut random = Random::new(6);
    let (start, mut killed) = (Instant::now(), Instant::now());
    let mut kills = 0;
    while goes_on(start, kills > 2 && load.acknowledged() > 100) {
        disturb(&proxy, &mut random);
        if killed.elapsed() > Duration::from_millis(1_500) {
            service.restart();
            (killed, kills) = (Instant::now(), kills + 1);
        }
    }
    let acknowledged = stopped(&runtime, &load, writers);
    service.restart();
    let store = runtime.block_on(open(service.address().to_string(), PATIENCE));
    let lost = runtime.block_on(async {
        let mut lost = Vec::new();
        for key in &acknowledged {
            if store.get(key).await.unwrap().as_deref() != Some(key.as_bytes()) {
                lost.push(key);
            }
        }
        lost
    });
    let count = acknowledged.len();
    assert!(
        lost.is_empty(),
        "of {count} writes these are lost: {lost:?}"
    );
    assert!(count > 100 && kills > 2, "{count} writes, {kills} kills");
    println!("{count} acknowledged writes, {kills} kills");
}

#[test]
fn memory_stays_as_it_was_while_connections_are_cut() {
    let service = KvService::start(&["--log-level", "error"]);
    let proxy = FaultProxy::to(service.address()).unwrap();
    let runtime = Runtime::new().unwrap();
    let load = Arc::new(Load::default());
    // The same thousand keys all the time.
    let key = |writer, number| format!("{writer}/{}", number % 250);
    let writers = writers(&runtime, &load, &proxy, key);
    let mut random = Random::new(7);
    let start = Instant::now();
    let mut warm = None;
    while goes_on(start, load.acknowledged() > 1_000) {
        disturb(&proxy, &mut random);
        if start.elapsed() > time() / 4 {
            warm.get_or_insert_with(|| service.resident());
        }
    }
    let writes = stopped(&runtime, &load, writers).len();
    let (warm, end) = (warm.unwrap(), service.resident());
    assert!(
        end < warm + SLACK,
        "{warm} bytes became {end} in {writes} writes"
    );
    assert!(writes > 1_000, "{writes} writes");
    println!("{writes} writes, {warm} bytes became {end}");
}

/// Seconds, where `TCK_SOAK_SECONDS` asks for more than there is time for in every run.
fn time() -> Duration {
    let seconds = env::var("TCK_SOAK_SECONDS").ok();
    Duration::from_secs(seconds.map_or(15, |text| text.parse().unwrap()))
}

/// Whether it is too early to stop: a busy machine takes longer until there is enough to judge.
fn goes_on(start: Instant, is_enough: bool) -> bool {
    let took = start.elapsed();
    took < time() || !is_enough && took < time() + PATIENCE
}

/// What is written meanwhile.
#[derive(Default)]
struct Load {
    is_over: AtomicBool,
    acknowledged: AtomicUsize,
}

impl Load {
    fn acknowledged(&self) -> usize {
        self.acknowledged.load(Relaxed)
    }
}

/// A fault for a moment, and then none for a moment.
fn disturb(proxy: &FaultProxy, random: &mut Random) {
    let delay = Fault::Delay(Duration::from_millis(2));
    let faults = [Fault::Refuse, Fault::LoseAnswers, Fault::Hang, delay];
    for fault in [faults[random.below(faults.len())], Fault::None] {
        proxy.set(fault);
        thread::sleep(Duration::from_millis(20 + random.below(100) as u64));
    }
}

async fn open(address: String, timeout: Duration) -> HttpStore {
    let mut settings = Settings::new(address);
    settings.timeout = timeout;
    loop {
        if let Ok(store) = HttpStore::open(&settings).await {
            return store;
        }
    }
}

/// What several write through a proxy, each keys of its own, until it is over.
fn writers(
    runtime: &Runtime,
    load: &Arc<Load>,
    proxy: &FaultProxy,
    key: fn(u64, u64) -> String,
) -> Vec<JoinHandle<Vec<String>>> {
    let writer = |writer| {
        let (load, address) = (Arc::clone(load), proxy.address().to_string());
        runtime.spawn(write(load, address, move |number| key(writer, number)))
    };
    (0..WRITERS).map(writer).collect()
}

/// Writes each key as its own value until it is over, and answers with those keys whose write
/// was acknowledged.
async fn write(load: Arc<Load>, address: String, key: impl Fn(u64) -> String) -> Vec<String> {
    let store = open(address, BRIEFLY).await;
    let mut acknowledged = Vec::new();
    for number in 0.. {
        if load.is_over.load(Relaxed) {
            break;
        }
        let key = key(number);
        match store.set(&key, key.clone().into()).await {
            Ok(()) => {
                load.acknowledged.fetch_add(1, Relaxed);
                acknowledged.push(key);
            }
            // What is not there is not asked as fast as possible.
            Err(_) => sleep(Duration::from_millis(5)).await,
        }
    }
    acknowledged
}

fn stopped(runtime: &Runtime, load: &Load, writers: Vec<JoinHandle<Vec<String>>>) -> Vec<String> {
    load.is_over.store(true, Relaxed);
    let ended = writers
        .into_iter()
        .map(|writer| runtime.block_on(writer).unwrap());
    ended.flatten().collect()
}
