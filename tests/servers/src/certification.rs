//! The contracts that a provider declares.

use std::{
    collections::BTreeSet,
    marker::PhantomData,
    pin::Pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tck::{
    Atomic, Cache, Contract, Factory, KeyValueStore, Listing, Profile, Result, Setup, Suite,
    Transactional, atomic, cache, capability, factory, kv_store, listing, namespaces, transaction,
    values,
};

use tokio::sync::OnceCell;

use crate::{PATIENCE, Server, Shared};

/// A provider on this server, reached by a URL with a limit of time for each call, and its
/// store of a namespace.
#[must_use]
pub fn certified<V, C, S, R>(
    server: &Shared<V>,
    profile: Profile,
    connect: impl Fn(String, Duration) -> R + Clone + Send + Sync + 'static,
    namespace: fn(&C, &str) -> Result<S>,
) -> Certification<impl Fn(Setup) -> Opening<S> + Clone + Send + Sync + 'static, S>
where
    V: Server,
    C: Clone + Send + Sync + 'static,
    R: Future<Output = Result<C>> + 'static,
    S: KeyValueStore + 'static,
{
    let server = server.clone();
    let by_setup = move |setup: Setup| -> Opening<S> {
        let (server, connect) = (server.clone(), connect.clone());
        Box::pin(async move {
            let connect = || connect(server.get().url().to_owned(), PATIENCE);
            let client = connection(&setup, connect).await?;
            namespace(&client, setup.namespace())
        })
    };
    Certification::of(profile, by_setup)
}

/// A store that is being opened.
pub type Opening<S> = Pin<Box<dyn Future<Output = Result<S>>>>;

/// A connection for a handle. The namespaces of a clause share one; a second handle on the
/// same namespace has its own, and knows of the first by the server alone.
pub async fn connection<C, R>(setup: &Setup, connect: impl FnOnce() -> R) -> Result<C>
where
    C: Clone + Send + Sync + 'static,
    R: Future<Output = Result<C>>,
{
    let served = setup.shared(Mutex::<BTreeSet<String>>::default);
    let is_first = served
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(setup.namespace().to_owned());
    if is_first {
        let first = setup.shared(OnceCell::<C>::new);
        first.get_or_try_init(connect).await.cloned()
    } else {
        connect().await
    }
}

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
    /// A provider that `open` opens. Its handles share their data, and leave it there.
    #[must_use]
    pub fn of(profile: Profile, open: O) -> Self {
        Self {
            open,
            profile: profile.second_handle(true).reopens(true),
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

    /// It is a cache.
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
        self.profile = self.profile.cache(true).listing(true);
        let open = self.open.clone();
        let factory = factory::<(capability::Listing, capability::Cache), _, _, _>(open);
        self.and(&listing::CONTRACT, factory)
    }

    /// It writes on conditions, lists, and is a cache.
    #[must_use]
    pub fn atomic(mut self) -> Self
    where
        S: Atomic + Cache + Listing,
    {
        type Able = (capability::Atomic, capability::Cache, capability::Listing);
        self.profile = self.profile.cache(true).listing(true).atomic(true);
        let factory = factory::<Able, _, _, _>(self.open.clone());
        self.and(&atomic::CONTRACT, factory)
    }

    /// It writes on conditions and is a cache, but can't list.
    #[must_use]
    pub fn atomic_unlisted(mut self) -> Self
    where
        S: Atomic + Cache,
    {
        self.profile = self.profile.cache(true).atomic(true);
        let open = self.open.clone();
        let factory = factory::<(capability::Atomic, capability::Cache), _, _, _>(open);
        self.and(&atomic::CONTRACT, factory)
    }

    /// It has transactions, and everything else.
    #[must_use]
    pub fn transactions(mut self) -> Self
    where
        S: Transactional + Atomic + Cache + Listing,
    {
        self.profile = self.profile.cache(true).listing(true).atomic(true);
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
