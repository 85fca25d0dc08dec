//! A store with exactly one fault.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};

use tck::{
    Bytes, CONTRACTS, Cache, Clause, Codec, Contract, Error, KeyValueStore, Outcome, Profile,
    Result, Setup, Suite, Time, async_trait, capability, factory,
};

use crate::clay::{Hand, Locate, Rules, Server, exactly};

/// A store with exactly one fault, and the clauses that must catch it.
#[derive(Clone)]
pub struct Mutant {
    /// The name of the fault.
    pub name: &'static str,
    /// The fault, in a sentence.
    pub fault: &'static str,
    /// The clauses that must catch it.
    pub caught_by: Vec<&'static Clause>,
    declared: Rules,
    rules: Rules,
    patience: Duration,
    parts: Parts,
    codec: Option<FaultyCodec>,
}

type Get = fn(&Hand, &str) -> Result<Option<Bytes>>;
type Has = fn(&Hand, &str) -> Result<bool>;
type Write = fn(&Hand, &str, Bytes, Option<Duration>) -> Result<()>;
type Delete = fn(&Hand, &str) -> Result<()>;
type Open = fn(&mut Hand);
type Slow<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;
type SlowGet = fn(Arc<Hand>, String) -> Slow<Option<Bytes>>;
type SlowWrite = fn(Arc<Hand>, String, Bytes) -> Slow<()>;
type SlowLease = fn(Arc<Hand>, String, Bytes, Duration) -> Slow<()>;
type SlowDelete = fn(Arc<Hand>, String) -> Slow<()>;
type Close = fn(&Hand);

#[derive(Clone, Copy)]
struct Parts {
    locate: Locate,
    open: Open,
    get: Get,
    has: Has,
    set: Write,
    set_with_ttl: Write,
    delete: Delete,
    slow_get: Option<SlowGet>,
    slow_set: Option<SlowWrite>,
    slow_set_with_ttl: Option<SlowLease>,
    slow_delete: Option<SlowDelete>,
    close: Close,
}

impl Mutant {
    /// A correct store. The other methods give it its fault.
    #[must_use]
    pub fn new(name: &'static str, fault: &'static str, caught_by: &[&'static Clause]) -> Self {
        Self {
            name,
            fault,
            caught_by: caught_by.to_vec(),
            declared: Rules::NONE,
            rules: Rules::NONE,
            patience: Duration::from_secs(60),
            parts: Parts {
                locate: exactly,
                open: |_| (),
                get: Hand::get,
                has: Hand::has,
                set: Hand::write,
                set_with_ttl: Hand::write,
                delete: Hand::delete,
                slow_get: None,
                slow_set: None,
                slow_set_with_ttl: None,
                slow_delete: None,
                close: |_| (),
            },
            codec: None,
        }
    }

    /// The store without a fault.
    #[must_use]
    pub fn control(rules: Rules) -> Self {
        Self::new("control", "none", &[]).rules(rules)
    }

    /// What it declares, and keeps to apart from its fault.
    #[must_use]
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self.declares(rules)
    }

    /// What it declares and does not keep to.
    #[must_use]
    pub fn declares(mut self, declared: Rules) -> Self {
        self.declared = declared;
        self
    }

    /// How long the kit waits for it.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Where namespaces and keys lie.
    #[must_use]
    pub fn locate(mut self, locate: Locate) -> Self {
        self.parts.locate = locate;
        self
    }

    /// What happens when a handle is opened.
    #[must_use]
    pub fn open(mut self, open: Open) -> Self {
        self.parts.open = open;
        self
    }

    /// How it gets. `has` follows.
    #[must_use]
    pub fn get(mut self, get: Get) -> Self {
        self.parts.get = get;
        self
    }

    /// How it asks.
    #[must_use]
    pub fn has(mut self, has: Has) -> Self {
        self.parts.has = has;
        self
    }

    /// How it sets, with and without a time to live.
    #[must_use]
    pub fn write(self, write: Write) -> Self {
        self.set(write).set_with_ttl(write)
    }

    /// How it sets plainly.
    #[must_use]
    pub fn set(mut self, set: Write) -> Self {
        self.parts.set = set;
        self
    }

    /// How it sets with a time to live.
    #[must_use]
    pub fn set_with_ttl(mut self, set_with_ttl: Write) -> Self {
        self.parts.set_with_ttl = set_with_ttl;
        self
    }

    /// How it deletes.
    #[must_use]
    pub fn delete(mut self, delete: Delete) -> Self {
        self.parts.delete = delete;
        self
    }

    /// How it gets, in several steps.
    #[must_use]
    pub fn slow_get(mut self, get: SlowGet) -> Self {
        self.parts.slow_get = Some(get);
        self
    }

    /// How it sets plainly, in several steps.
    #[must_use]
    pub fn slow_set(mut self, set: SlowWrite) -> Self {
        self.parts.slow_set = Some(set);
        self
    }

    /// How it sets with a time to live, in several steps.
    #[must_use]
    pub fn slow_set_with_ttl(mut self, set: SlowLease) -> Self {
        self.parts.slow_set_with_ttl = Some(set);
        self
    }

    /// How it deletes, in several steps.
    #[must_use]
    pub fn slow_delete(mut self, delete: SlowDelete) -> Self {
        self.parts.slow_delete = Some(delete);
        self
    }

    /// What happens when a handle is dropped.
    #[must_use]
    pub fn close(mut self, close: Close) -> Self {
        self.parts.close = close;
        self
    }

    /// How it turns values into bytes and back.
    #[must_use]
    pub fn codec(
        mut self,
        encode: fn(serde_json::Value) -> Result<Bytes>,
        decode: fn(&Bytes) -> Result<serde_json::Value>,
    ) -> Self {
        self.codec = Some(FaultyCodec { encode, decode });
        self
    }

    /// The suites that check it, in this kind of time, each call going through `wrap`.
    pub fn suites<S: Cache + 'static>(
        &self,
        time: Time,
        wrap: impl Fn(MutantStore) -> S + Clone + Send + Sync + 'static,
    ) -> Vec<Suite> {
        CONTRACTS
            .iter()
            .map(|contract| self.suite(contract, time, wrap.clone()))
            .collect()
    }

    /// What a clause comes to, in manual time.
    #[must_use]
    pub fn check(&self, clause: &'static Clause) -> Outcome {
        let contract = CONTRACTS
            .iter()
            .find(|contract| contract.name == clause.contract);
        let contract = contract.unwrap_or_else(|| unreachable!("{clause:?} is of some contract"));
        self.suite(contract, Time::Manual, |store| store)
            .check(clause)
    }

    fn suite<S: Cache + 'static>(
        &self,
        contract: &'static Contract,
        time: Time,
        wrap: impl Fn(MutantStore) -> S + Clone + Send + Sync + 'static,
    ) -> Suite {
        let (rules, parts) = (self.rules, self.parts);
        let factory = factory::<capability::Cache, _, _, _>(move |setup: Setup| {
            let store = MutantStore::open(&setup, rules, parts);
            let wrapped = wrap(store);
            async move { wrapped }
        });
        Suite::new(contract, factory, self.profile(time))
    }

    fn profile(&self, time: Time) -> Profile {
        let mut profile = Profile::new()
            .time(time)
            .second_handle(true)
            .patience(self.patience)
            .empty_key(self.declared.empty_key)
            .zero_ttl(self.declared.zero_ttl);
        if let Some(bytes) = self.declared.longest_key {
            profile = profile.longest_key(bytes);
        }
        if let Some(bytes) = self.declared.largest_value {
            profile = profile.largest_value(bytes);
        }
        match self.codec {
            Some(codec) => profile.codec(codec),
            None => profile,
        }
    }
}

impl fmt::Debug for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutant")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The store itself.
#[derive(Clone)]
pub struct MutantStore {
    hand: Arc<Hand>,
    parts: Parts,
    _closing: Arc<Closing>,
}

struct Closing(Arc<Hand>, Close);

impl Drop for Closing {
    fn drop(&mut self) {
        (self.1)(&self.0);
    }
}

impl MutantStore {
    fn open(setup: &Setup, rules: Rules, parts: Parts) -> Self {
        let server = setup.shared(Server::default);
        let number = server.handles.fetch_add(1, Ordering::SeqCst);
        let mut hand = Hand {
            server,
            namespace: setup.namespace().to_owned(),
            number,
            memo: Mutex::default(),
            clock: setup.clock(),
            rules,
            locate: parts.locate,
        };
        (parts.open)(&mut hand);
        let hand = Arc::new(hand);
        Self {
            _closing: Arc::new(Closing(Arc::clone(&hand), parts.close)),
            hand,
            parts,
        }
    }
}

impl fmt::Debug for MutantStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hand.fmt(f)
    }
}

#[async_trait]
impl KeyValueStore for MutantStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        match self.parts.slow_get {
            Some(get) => get(Arc::clone(&self.hand), key.to_owned()).await,
            None => (self.parts.get)(&self.hand, key),
        }
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        match self.parts.slow_set {
            Some(set) => set(Arc::clone(&self.hand), key.to_owned(), value).await,
            None => (self.parts.set)(&self.hand, key, value, None),
        }
    }

    async fn delete(&self, key: &str) -> Result<()> {
        match self.parts.slow_delete {
            Some(delete) => delete(Arc::clone(&self.hand), key.to_owned()).await,
            None => (self.parts.delete)(&self.hand, key),
        }
    }

    async fn has(&self, key: &str) -> Result<bool> {
        (self.parts.has)(&self.hand, key)
    }
}

#[async_trait]
impl Cache for MutantStore {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        match self.parts.slow_set_with_ttl {
            Some(set) => set(Arc::clone(&self.hand), key.to_owned(), value, ttl).await,
            None => (self.parts.set_with_ttl)(&self.hand, key, value, Some(ttl)),
        }
    }
}

/// A codec with a fault, for any `serde` type.
#[derive(Clone, Copy, Debug)]
struct FaultyCodec {
    encode: fn(serde_json::Value) -> Result<Bytes>,
    decode: fn(&Bytes) -> Result<serde_json::Value>,
}

impl<T: serde::Serialize + serde::de::DeserializeOwned> Codec<T> for FaultyCodec {
    fn encode(&self, value: &T) -> Result<Bytes> {
        (self.encode)(serde_json::to_value(value).map_err(Error::backend)?)
    }

    fn decode(&self, bytes: &Bytes) -> Result<T> {
        let value = (self.decode)(bytes)?;
        serde_json::from_value(value).map_err(|error| Error::invalid_value(error.to_string()))
    }
}
