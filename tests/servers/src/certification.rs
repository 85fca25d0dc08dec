//! The contracts that a provider declares.

use std::{marker::PhantomData, pin::Pin, time::Duration};

use tck::{
    Atomic, Cache, Contract, Factory, KeyValueStore, Listing, Profile, Result, Setup, Suite,
    Transactional, atomic, cache, capability, factory, kv_store, listing, namespaces, transaction,
    values,
};

use crate::{Server, Shared};

/// How long a certified call may take: under load an answer takes its time.
const PATIENCE: Duration = Duration::from_secs(30);

/// A provider on this server. `open` opens it by a URL, with a limit of time for each call, in
/// a namespace.
#[must_use]
pub fn certified<V, S, R>(
    server: &Shared<V>,
    profile: Profile,
    open: impl Fn(String, Duration, String) -> R + Clone + Send + Sync + 'static,
) -> Certification<impl Fn(Setup) -> Opening<S> + Clone + Send + Sync + 'static, S>
where
    V: Server,
    R: Future<Output = Result<S>> + 'static,
    S: KeyValueStore + 'static,
{
    let server = server.clone();
    let by_setup = move |setup: Setup| -> Opening<S> {
        let (url, namespace) = (server.get().url().to_owned(), setup.namespace().to_owned());
        Box::pin(open(url, PATIENCE, namespace))
    };
    Certification::of(profile, by_setup)
}

/// A store that is being opened.
pub type Opening<S> = Pin<Box<dyn Future<Output = Result<S>>>>;

/// The suites of a provider, contract by contract.
#[derive(Debug)]
pub struct Certification<O, S> {
    open: O,
    profile: Profile,
    suites: Vec<Suite>,
    opens: PhantomData<fn() -> S>,
}

impl<O, R, S> Certification<O, S>
where
    O: Fn(Setup) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<S>> + 'static,
    S: KeyValueStore + 'static,
{
    /// A provider that `open` opens. Its handles share their data.
    #[must_use]
    pub fn of(profile: Profile, open: O) -> Self {
        Self {
            open,
            profile: profile.second_handle(true),
            suites: Vec::new(),
            opens: PhantomData,
        }
    }

    /// It keeps the contracts of every store.
    #[must_use]
    pub fn store(self) -> Self {
        let open = || factory::<capability::Store, _, _, _>(self.open.clone());
        let factories = [open(), open(), open()];
        let contracts = [
            &kv_store::CONTRACT,
            &values::CONTRACT,
            &namespaces::CONTRACT,
        ];
        contracts
            .into_iter()
            .zip(factories)
            .fold(self, |this, (contract, factory)| {
                this.and(contract, factory)
            })
    }

    /// It is a cache. Comes before those contracts that ask for expiry as well.
    #[must_use]
    pub fn cache(mut self) -> Self
    where
        S: Cache,
    {
        self.profile = self.profile.cache(true);
        let factory = factory::<capability::Cache, _, _, _>(self.open.clone());
        self.and(&cache::CONTRACT, factory)
    }

    /// It lists, and is a cache.
    #[must_use]
    pub fn listing(mut self) -> Self
    where
        S: Listing + Cache,
    {
        self.profile = self.profile.listing(true);
        let open = self.open.clone();
        let factory = factory::<(capability::Listing, capability::Cache), _, _, _>(open);
        self.and(&listing::CONTRACT, factory)
    }

    /// It writes on conditions, lists, and is a cache.
    #[must_use]
    pub fn atomic(self) -> Self
    where
        S: Atomic + Cache + Listing,
    {
        type Able = (capability::Atomic, capability::Cache, capability::Listing);
        let factory = factory::<Able, _, _, _>(self.open.clone());
        self.and(&atomic::CONTRACT, factory)
    }

    /// It writes on conditions and is a cache, but can't list.
    #[must_use]
    pub fn atomic_unlisted(self) -> Self
    where
        S: Atomic + Cache,
    {
        let open = self.open.clone();
        let factory = factory::<(capability::Atomic, capability::Cache), _, _, _>(open);
        self.and(&atomic::CONTRACT, factory)
    }

    /// It has transactions, and everything else.
    #[must_use]
    pub fn transactions(self) -> Self
    where
        S: Transactional + Atomic + Cache + Listing,
    {
        let factory = factory::<capability::All, _, _, _>(self.open.clone());
        self.and(&transaction::CONTRACT, factory)
    }

    /// The suites so far.
    #[must_use]
    pub fn suites(self) -> Vec<Suite> {
        self.suites
    }

    fn and(mut self, contract: &'static Contract, factory: std::sync::Arc<dyn Factory>) -> Self {
        let suite = Suite::new(contract, factory, self.profile.clone());
        self.suites.push(suite);
        self
    }
}
