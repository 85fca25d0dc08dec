//! What every provider has to bear: its server is not there, hangs, loses its answers, is
//! killed and comes back, and callers lose their patience in the midst of a call.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use tck::{
    Atomic, Error,
    ErrorKind::{TimedOut, Unavailable},
    KeyValueStore, Result,
};
use tokio::time::{sleep, timeout};

use crate::{Fault, Fronted, Harness, PATIENCE, Server, Shared, Tested, conditions};

/// How long a provider is told to wait for its server.
const LIMIT: Duration = Duration::from_millis(400);

/// How long a call may take then, on a busy machine, retries of the client included.
pub(crate) const BOUNDED: Duration = Duration::from_secs(20);

/// Adds these tests. `open` opens a store by the URL, with this limit of time for each call,
/// in a namespace.
#[must_use]
pub fn add<S, O, R, K>(harness: Harness, name: &str, server: &Shared<S>, open: O) -> Harness
where
    S: Server,
    O: Fn(String, Duration, String) -> R + Clone + Send + 'static,
    R: Future<Output = Result<K>>,
    K: Atomic + 'static,
{
    let named = |test: &str| format!("{name}::{test}");
    let (refused, hanging, lost, condition, dropped) = (
        open.clone(),
        open.clone(),
        open.clone(),
        open.clone(),
        open.clone(),
    );
    let harness = harness
        .test(
            named("server_that_is_not_there_is_an_error"),
            server,
            async |server| not_there(&S::front(server.get())?, refused).await,
        )
        .test(
            named("server_that_hangs_is_an_error_in_time"),
            server,
            async |server| hangs(&S::front(server.get())?, hanging).await,
        )
        .test(
            named("lost_answer_is_an_error_though_it_was_done"),
            server,
            async |server| loses_answers(&S::front(server.get())?, lost).await,
        )
        .test(
            named("condition_whose_answer_is_lost_is_not_refused"),
            server,
            async |server| conditions::lose_answers(&S::front(server.get())?, condition).await,
        )
        .test(
            named("dropped_calls_do_not_mix_up_answers"),
            server,
            async |server| drops_calls(&S::front(server.get())?, dropped).await,
        );
    add_restart(harness, name, server, open)
}

/// Adds the last of these tests alone, where the nodes of a cluster say themselves how they
/// are reached, so that no proxy can stand between.
#[must_use]
pub fn add_restart<S, O, R, K>(harness: Harness, name: &str, server: &Shared<S>, open: O) -> Harness
where
    S: Server,
    O: Fn(String, Duration, String) -> R + Clone + Send + 'static,
    R: Future<Output = Result<K>>,
    K: KeyValueStore + 'static,
{
    let named = format!("{name}::restarted_server_is_used_again");
    harness.test(named, server, async |_| restarts::<S, _, _, _>(open).await)
}

/// Adds a test that a connection is given up that has fallen silent while the server serves.
#[must_use]
pub fn add_silence<S, O, R, K>(harness: Harness, name: &str, server: &Shared<S>, open: O) -> Harness
where
    S: Server,
    O: Fn(String, Duration, String) -> R + Send + 'static,
    R: Future<Output = Result<K>>,
    K: KeyValueStore,
{
    let named = format!("{name}::connection_that_falls_silent_is_replaced");
    harness.test(named, server, async |server| {
        falls_silent(&S::front(server.get())?, open).await
    })
}

async fn not_there<R, K>(server: &Fronted, open: impl Fn(String, Duration, String) -> R) -> Tested
where
    R: Future<Output = Result<K>>,
    K: KeyValueStore,
{
    let Fronted { proxy, url, .. } = server;
    let space = fresh("not-there");
    let opened = async || open(url.clone(), LIMIT, space.clone()).await;
    let store = until_it_works(opened).await?;
    written(&store, "key", "value").await?;
    proxy.set(Fault::Refuse);
    fails(&store).await?;
    // To open a store then is an error as well, or its first call is.
    if let Ok(Ok(store)) = timeout(BOUNDED, opened()).await {
        fails(&store).await?;
    }
    proxy.set(Fault::None);
    is_read(&store, "key", "value").await
}

async fn hangs<R, K>(server: &Fronted, open: impl Fn(String, Duration, String) -> R) -> Tested
where
    R: Future<Output = Result<K>>,
    K: KeyValueStore,
{
    let store = opened(server, open, "hangs").await?;
    server.proxy.set(Fault::Hang);
    fails(&store).await?;
    server.proxy.set(Fault::None);
    goes_on(&store).await
}

async fn falls_silent<R, K>(
    server: &Fronted,
    open: impl Fn(String, Duration, String) -> R,
) -> Tested
where
    R: Future<Output = Result<K>>,
    K: KeyValueStore,
{
    let store = opened(server, open, "silent").await?;
    server.proxy.set(Fault::Silence);
    goes_on(&store).await
}

/// A store with a key, which loses its patience before long.
async fn opened<R, K>(
    server: &Fronted,
    open: impl Fn(String, Duration, String) -> R,
    purpose: &str,
) -> Tested<K>
where
    R: Future<Output = Result<K>>,
    K: KeyValueStore,
{
    let space = fresh(purpose);
    let opened = async || open(server.url.clone(), LIMIT, space.clone()).await;
    let store = until_it_works(opened).await?;
    written(&store, "key", "value").await?;
    Ok(store)
}

/// It serves again. No answer of before may be taken for one of now.
async fn goes_on(store: &impl KeyValueStore) -> Tested {
    written(store, "another", "later").await?;
    is_read(store, "another", "later").await?;
    is_read(store, "key", "value").await
}

async fn loses_answers<R, K>(
    server: &Fronted,
    open: impl Fn(String, Duration, String) -> R,
) -> Tested
where
    R: Future<Output = Result<K>>,
    K: KeyValueStore,
{
    let Fronted { proxy, url, .. } = server;
    let space = fresh("lost");
    let store = until_it_works(async || open(url.clone(), LIMIT, space.clone()).await).await?;
    written(&store, "key", "before").await?;
    let start = Instant::now();
    loop {
        proxy.set(Fault::LoseAnswers);
        for round in 0..8 {
            let value = format!("round {round}");
            is_failure(bounded(store.set("key", value.into())).await?)?;
        }
        is_failure(bounded(store.get("key")).await?)?;
        is_failure(bounded(store.delete("other")).await?)?;
        proxy.set(Fault::None);
        // The first was on its way when its answer was lost, unless the machine was too busy.
        let held = until_it_works(async || store.get("key").await).await?;
        if held.unwrap_or_default() != "before" {
            break;
        }
        if start.elapsed() > PATIENCE {
            return Err("no write arrived, so none can have lost its answer".into());
        }
    }
    written(&store, "another", "after").await?;
    is_read(&store, "another", "after").await
}

async fn drops_calls<R, K>(server: &Fronted, open: impl Fn(String, Duration, String) -> R) -> Tested
where
    R: Future<Output = Result<K>>,
    K: KeyValueStore + 'static,
{
    const KEYS: u64 = 8;
    let Fronted { proxy, url, .. } = server;
    let store = Arc::new(open(url.clone(), BOUNDED, fresh("dropped")).await?);
    for key in 0..KEYS {
        written(&*store, &key.to_string(), &format!("value {key}")).await?;
    }
    proxy.set(Fault::Delay(Duration::from_millis(3)));
    for round in 0..120_u64 {
        let (given_up, read) = ((round % KEYS).to_string(), (round * 5 + 1) % KEYS);
        // From before the request is sent to after the answer has come.
        let patience = Duration::from_micros(round * 50);
        let _ = timeout(patience, store.get(&given_up)).await;
        let _ = timeout(patience, store.set("written in vain", given_up.into())).await;
        let expected = format!("value {read}");
        let held = bounded(store.get(&read.to_string())).await??;
        if held.as_deref() != Some(expected.as_bytes()) {
            return Err(format!("round {round}: expected {expected}, got {held:?}").into());
        }
    }
    Ok(())
}

async fn restarts<S, O, R, K>(open: O) -> Tested
where
    S: Server,
    O: Fn(String, Duration, String) -> R,
    R: Future<Output = Result<K>>,
    K: KeyValueStore,
{
    let server = S::start()?;
    let space = fresh("restarted");
    let opened = async || open(server.url().to_owned(), LIMIT, space.clone()).await;
    let store = until_it_works(opened).await?;
    written(&store, "key", "before").await?;
    for process in server.processes() {
        process.kill()?;
    }
    fails(&store).await?;
    for process in server.processes() {
        process.restart()?;
    }
    // Whether it has kept the data is its own affair.
    written(&store, "key", "after").await?;
    is_read(&store, "key", "after").await
}

/// A namespace that nobody has used before.
pub(crate) fn fresh(purpose: &str) -> String {
    let pid = std::process::id();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    format!("{purpose}-{pid}-{}", now.unwrap_or_default().as_nanos())
}

/// Every call fails as it should, in bounded time.
async fn fails(store: &impl KeyValueStore) -> Tested {
    is_failure(bounded(store.get("key")).await?)?;
    is_failure(bounded(store.has("key")).await?)?;
    // What is written in vain may still arrive, at any time.
    is_failure(bounded(store.set("in vain", "value".into())).await?)?;
    is_failure(bounded(store.delete("other")).await?)
}

pub(crate) async fn bounded<T>(call: impl Future<Output = Result<T>>) -> io::Result<Result<T>> {
    let answer = timeout(BOUNDED, call).await;
    answer.map_err(|_| io::Error::other(format!("no answer within {BOUNDED:?}")))
}

pub(crate) fn is_failure<T: std::fmt::Debug>(answer: Result<T>) -> Tested {
    match answer {
        Err(error) if [Unavailable, TimedOut].contains(&error.kind()) => Ok(()),
        other => Err(format!("expected unavailable or timed out, got {other:?}").into()),
    }
}

/// Writes as soon as the store can.
pub async fn written(store: &impl KeyValueStore, key: &str, value: &str) -> Tested {
    let set = async || store.set(key, value.to_owned().into()).await;
    until_it_works(set).await.map_err(Into::into)
}

/// Reads as soon as the store can, and expects this value.
pub(crate) async fn is_read(store: &impl KeyValueStore, key: &str, value: &str) -> Tested {
    let held = until_it_works(async || store.get(key).await).await?;
    if held.as_deref() == Some(value.as_bytes()) {
        Ok(())
    } else {
        Err(format!("expected {value}, got {held:?}").into())
    }
}

/// Calls until it is answered or refused for good. Who sets a short limit to be kept waiting has
/// to call by this whatever has to succeed.
pub async fn until_it_works<T>(call: impl AsyncFn() -> Result<T>) -> Result<T, Error> {
    let start = Instant::now();
    loop {
        match bounded(call()).await.map_err(Error::backend)? {
            Err(error) if error.is_retryable() && start.elapsed() < PATIENCE => {
                sleep(Duration::from_millis(20)).await;
            }
            answer => return answer,
        }
    }
}
