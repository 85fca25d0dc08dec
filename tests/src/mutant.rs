//! A store with exactly one fault.

use std::{fmt, future::Future, num::NonZeroUsize, pin::Pin, sync::Arc, time::Duration};

use tck::{
    Atomic, Bytes, CONTRACTS, Cache, Clause, Codec, Contract, Error, Listing, Outcome, Page,
    Profile, Result, Setup, Suite, Time, Transactional, capability, factory,
};

use crate::{
    clay::{Hand, Locate, Rules, exactly},
    deal::Deal,
    mutant_store::MutantStore,
};

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
type List = fn(&Hand, &str, Option<&str>, NonZeroUsize) -> Result<Page<String>>;
type Pairs = fn(&Hand, &str, Option<&str>, NonZeroUsize) -> Result<Page<(String, Bytes)>>;
type SetIfAbsent = fn(&Hand, &str, Bytes) -> Result<bool>;
type CompareAndSet = fn(&Hand, &str, &[u8], Bytes) -> Result<bool>;
type Begin = fn(&Arc<Hand>) -> Deal;
type DealGet = fn(&mut Deal, &str) -> Result<Option<Bytes>>;
type DealSet = fn(&mut Deal, &str, Bytes, Option<Duration>) -> Result<()>;
type DealDelete = fn(&mut Deal, &str) -> Result<()>;
type DealList = fn(&mut Deal, &str, Option<&str>, NonZeroUsize) -> Result<Page<String>>;
type Commit = fn(&mut Deal) -> Result<()>;
type SlowCommit = fn(Deal) -> Slow<()>;
type Undo = fn(&mut Deal);

#[derive(Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) locate: Locate,
    pub(crate) open: Open,
    pub(crate) get: Get,
    pub(crate) has: Has,
    pub(crate) set: Write,
    pub(crate) set_with_ttl: Write,
    pub(crate) delete: Delete,
    pub(crate) slow_get: Option<SlowGet>,
    pub(crate) slow_set: Option<SlowWrite>,
    pub(crate) slow_set_with_ttl: Option<SlowLease>,
    pub(crate) slow_delete: Option<SlowDelete>,
    pub(crate) close: Close,
    pub(crate) list: List,
    pub(crate) list_with_values: Option<Pairs>,
    pub(crate) set_if_absent: SetIfAbsent,
    pub(crate) compare_and_set: CompareAndSet,
    pub(crate) begin: Begin,
    pub(crate) deal_get: DealGet,
    pub(crate) deal_set: DealSet,
    pub(crate) deal_delete: DealDelete,
    pub(crate) deal_list: DealList,
    pub(crate) commit: Commit,
    pub(crate) slow_commit: Option<SlowCommit>,
    pub(crate) rollback: Undo,
    pub(crate) dropped: Undo,
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
                list: Hand::list,
                list_with_values: None,
                set_if_absent: Hand::set_if_absent,
                compare_and_set: Hand::compare_and_set,
                begin: Deal::new,
                deal_get: Deal::get,
                deal_set: Deal::set,
                deal_delete: Deal::delete,
                deal_list: Deal::list,
                commit: Deal::commit,
                slow_commit: None,
                rollback: |_| (),
                dropped: |_| (),
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

    /// How it lists. `list_with_values` follows.
    #[must_use]
    pub fn list(mut self, list: List) -> Self {
        self.parts.list = list;
        self
    }

    /// How it lists with values.
    #[must_use]
    pub fn list_with_values(mut self, list: Pairs) -> Self {
        self.parts.list_with_values = Some(list);
        self
    }

    /// How it sets where nothing is.
    #[must_use]
    pub fn set_if_absent(mut self, set: SetIfAbsent) -> Self {
        self.parts.set_if_absent = set;
        self
    }

    /// How it compares and sets.
    #[must_use]
    pub fn compare_and_set(mut self, set: CompareAndSet) -> Self {
        self.parts.compare_and_set = set;
        self
    }

    /// How a transaction begins.
    #[must_use]
    pub fn begin(mut self, begin: Begin) -> Self {
        self.parts.begin = begin;
        self
    }

    /// How a transaction gets.
    #[must_use]
    pub fn deal_get(mut self, get: DealGet) -> Self {
        self.parts.deal_get = get;
        self
    }

    /// How a transaction sets, with and without a time to live.
    #[must_use]
    pub fn deal_set(mut self, set: DealSet) -> Self {
        self.parts.deal_set = set;
        self
    }

    /// How a transaction deletes.
    #[must_use]
    pub fn deal_delete(mut self, delete: DealDelete) -> Self {
        self.parts.deal_delete = delete;
        self
    }

    /// How a transaction lists.
    #[must_use]
    pub fn deal_list(mut self, list: DealList) -> Self {
        self.parts.deal_list = list;
        self
    }

    /// How a transaction is committed.
    #[must_use]
    pub fn commit(mut self, commit: Commit) -> Self {
        self.parts.commit = commit;
        self
    }

    /// How a transaction is committed, in several steps.
    #[must_use]
    pub fn slow_commit(mut self, commit: SlowCommit) -> Self {
        self.parts.slow_commit = Some(commit);
        self
    }

    /// What happens when a transaction is rolled back.
    #[must_use]
    pub fn rollback(mut self, rollback: Undo) -> Self {
        self.parts.rollback = rollback;
        self
    }

    /// What happens when a transaction is dropped.
    #[must_use]
    pub fn dropped(mut self, dropped: Undo) -> Self {
        self.parts.dropped = dropped;
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
    pub fn suites<S: Cache + Listing + Atomic + Transactional + 'static>(
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

    fn suite<S: Cache + Listing + Atomic + Transactional + 'static>(
        &self,
        contract: &'static Contract,
        time: Time,
        wrap: impl Fn(MutantStore) -> S + Clone + Send + Sync + 'static,
    ) -> Suite {
        let (rules, parts) = (self.rules, self.parts);
        let factory = factory::<capability::All, _, _, _>(move |setup: Setup| {
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
            .cache(true)
            .listing(true)
            .isolation(self.declared.isolation)
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
