//! The closure that makes a fresh, clean provider for each clause.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    error::Error,
    fmt,
    marker::PhantomData,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use tck_api::{Atomic, Cache, Clock, KeyValueStore, Listing, Transactional, async_trait};

/// What a factory may build on.
///
/// Each clause gets a namespace that nobody has used before. A provider that stands on a
/// shared server keeps its keys apart by it; one that lives in memory need not look.
#[derive(Clone, Debug)]
pub struct Setup {
    namespace: String,
    clock: Arc<dyn Clock>,
    shared: Shared,
}

/// What the handles of one clause share, by its type.
pub(crate) type Shared = Arc<Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>>;

impl Setup {
    pub(crate) fn new(namespace: String, clock: Arc<dyn Clock>, shared: Shared) -> Self {
        Self {
            namespace,
            clock,
            shared,
        }
    }

    /// The namespace that the provider is to serve.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The clock that the provider is to go by. Under [`Time::Manual`](crate::Time::Manual)
    /// the kit moves it, otherwise it is the one that the provider would use anyway.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// What all handles of one clause stand on, such as a server in memory: made for the
    /// first of them, and given to the others. It is known by its type, so there is one of each.
    /// `make` must not ask for another.
    ///
    /// # Panics
    ///
    /// Where `make` does.
    pub fn shared<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let made = shared
            .entry(TypeId::of::<T>())
            .or_insert_with(|| Arc::new(make()));
        match Arc::clone(made).downcast() {
            Ok(made) => made,
            Err(_) => unreachable!("it is kept under its own type"),
        }
    }
}

type BoxError = Box<dyn Error + Send + Sync>;
type BoxFuture<'f, T> = Pin<Box<dyn Future<Output = T> + 'f>>;

/// A provider with what it can do.
#[derive(Clone)]
pub struct Provider {
    pub(crate) store: Arc<dyn KeyValueStore>,
    pub(crate) cache: Option<Arc<dyn Cache>>,
    pub(crate) listing: Option<Arc<dyn Listing>>,
    pub(crate) atomic: Option<Arc<dyn Atomic>>,
    pub(crate) transactional: Option<Arc<dyn Transactional>>,
    #[cfg(feature = "http")]
    pub(crate) wire: Option<Arc<crate::wire::Wire>>,
}

impl Provider {
    /// None, where a clause opens what it needs.
    pub(crate) fn none() -> Self {
        Self::of(Arc::new(Nobody))
    }

    /// This store, and nothing else that it may be capable of.
    pub(crate) fn of(store: Arc<dyn KeyValueStore>) -> Self {
        Self {
            store,
            cache: None,
            listing: None,
            atomic: None,
            transactional: None,
            #[cfg(feature = "http")]
            wire: None,
        }
    }
}

/// Answers no call: a clause that makes one is wrong.
struct Nobody;

#[async_trait]
impl KeyValueStore for Nobody {
    async fn get(&self, _: &str) -> tck_api::Result<Option<Bytes>> {
        Err(tck_api::Error::Closed)
    }

    async fn set(&self, _: &str, _: Bytes) -> tck_api::Result<()> {
        Err(tck_api::Error::Closed)
    }

    async fn delete(&self, _: &str) -> tck_api::Result<()> {
        Err(tck_api::Error::Closed)
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").finish_non_exhaustive()
    }
}

/// Makes a provider, whatever the closure behind it looks like.
pub trait Factory: Send + Sync {
    /// A fresh, clean provider.
    fn provide(&self, setup: Setup) -> BoxFuture<'_, Result<Provider, BoxError>>;
}

/// The capability that a contract asks of what the factory makes. Several in parentheses ask
/// for each of them.
pub mod capability {
    /// [`KeyValueStore`](crate::KeyValueStore).
    #[derive(Debug)]
    pub enum Store {}
    /// [`Cache`](crate::Cache).
    #[derive(Debug)]
    pub enum Cache {}
    /// [`Listing`](crate::Listing).
    #[derive(Debug)]
    pub enum Listing {}
    /// [`Atomic`](crate::Atomic).
    #[derive(Debug)]
    pub enum Atomic {}
    /// [`Transactional`](crate::Transactional).
    #[derive(Debug)]
    pub enum Transactional {}
    /// All of them.
    #[derive(Debug)]
    pub enum All {}
    /// A service on the wire, which is no store in itself.
    #[cfg(feature = "http")]
    #[derive(Debug)]
    pub enum Service {}
}

/// A provider that has the capability `C`.
pub trait Capable<C>: KeyValueStore + Sized + 'static {
    /// Adds the capability to what is known of the provider.
    fn enter(this: &Arc<Self>, provider: &mut Provider);
}

impl<P: KeyValueStore + 'static> Capable<capability::Store> for P {
    fn enter(_: &Arc<Self>, _: &mut Provider) {}
}

macro_rules! capable {
    ($($capability:ty: $($able:ident as $field:ident),+;)+) => {$(
        impl<P: $($able +)+ 'static> Capable<$capability> for P {
            fn enter(this: &Arc<Self>, provider: &mut Provider) {
                $(provider.$field = Some(Arc::clone(this) as Arc<dyn $able>);)+
            }
        }
    )+};
}

// Written out: over generic tuples the compiler searches for a missing trait without end.
capable! {
    capability::Cache: Cache as cache;
    capability::Listing: Listing as listing;
    capability::Atomic: Atomic as atomic;
    capability::Transactional: Transactional as transactional;
    (capability::Listing, capability::Cache): Listing as listing, Cache as cache;
    (capability::Atomic, capability::Cache): Atomic as atomic, Cache as cache;
    (capability::Atomic, capability::Listing): Atomic as atomic, Listing as listing;
    (capability::Atomic, capability::Cache, capability::Listing):
        Atomic as atomic, Cache as cache, Listing as listing;
    (capability::Transactional, capability::Cache):
        Transactional as transactional, Cache as cache;
    (capability::Transactional, capability::Listing):
        Transactional as transactional, Listing as listing;
    (capability::Transactional, capability::Atomic):
        Transactional as transactional, Atomic as atomic;
    (capability::Transactional, capability::Cache, capability::Listing):
        Transactional as transactional, Cache as cache, Listing as listing;
    (capability::Transactional, capability::Cache, capability::Atomic):
        Transactional as transactional, Cache as cache, Atomic as atomic;
    (capability::Transactional, capability::Listing, capability::Atomic):
        Transactional as transactional, Listing as listing, Atomic as atomic;
    (capability::Transactional, capability::Cache, capability::Listing, capability::Atomic):
        Transactional as transactional, Cache as cache, Listing as listing, Atomic as atomic;
    capability::All: Cache as cache, Listing as listing, Atomic as atomic, Transactional as transactional;
}

/// Turns a closure into a factory for a contract that asks for the capability `C`. The
/// other parameters are found by the compiler: how the closure takes its argument, and
/// whether it answers with a provider or a `Result`.
pub fn factory<C, A, M, F>(closure: F) -> Arc<dyn Factory>
where
    C: 'static,
    A: 'static,
    M: 'static,
    F: Make<A> + Send + Sync + 'static,
    F::Made: Provide<C, M>,
{
    Arc::new(Closure {
        closure,
        as_found: PhantomData::<fn() -> (C, A, M)>,
    })
}

struct Closure<F, K> {
    closure: F,
    as_found: PhantomData<K>,
}

impl<C, A, M, F> Factory for Closure<F, fn() -> (C, A, M)>
where
    F: Make<A> + Send + Sync,
    F::Made: Provide<C, M>,
{
    fn provide(&self, setup: Setup) -> BoxFuture<'_, Result<Provider, BoxError>> {
        Box::pin(async { self.closure.make(setup).await.provide() })
    }
}

/// A closure that can be called with no argument, with a [`Setup`] or with the name of a
/// namespace.
#[diagnostic::on_unimplemented(
    message = "this is not a factory: a factory is an async closure that makes a provider",
    label = "not an async closure",
    note = "write `|| async {{ MyStore::new() }}`, or `|setup| async move {{ .. }}` to be given a namespace and a clock"
)]
pub trait Make<A> {
    /// What the closure makes: a provider, or a `Result` of one.
    type Made;

    /// Calls the closure.
    fn make(&self, setup: Setup) -> impl Future<Output = Self::Made>;
}

#[diagnostic::do_not_recommend]
impl<F: Fn() -> R, R: Future> Make<()> for F {
    type Made = R::Output;

    fn make(&self, _: Setup) -> impl Future<Output = Self::Made> {
        self()
    }
}

#[diagnostic::do_not_recommend]
impl<F: Fn(Setup) -> R, R: Future> Make<Setup> for F {
    type Made = R::Output;

    fn make(&self, setup: Setup) -> impl Future<Output = Self::Made> {
        self(setup)
    }
}

#[diagnostic::do_not_recommend]
impl<F: Fn(String) -> R, R: Future> Make<String> for F {
    type Made = R::Output;

    fn make(&self, setup: Setup) -> impl Future<Output = Self::Made> {
        self(setup.namespace)
    }
}

/// A provider, or a `Result` of one, with the capability `C`.
#[diagnostic::on_unimplemented(
    message = "the factory makes `{Self}`, which does not have the capability `{C}`",
    label = "the provider that this makes does not implement the trait of the contract",
    note = "implement the trait of that name for it, such as `tck::Cache`; `Store` stands for `tck::KeyValueStore`"
)]
pub trait Provide<C, M> {
    /// The provider, or why there is none.
    fn provide(self) -> Result<Provider, BoxError>;
}

/// How [`Provide`] is met: by a provider itself, or by a `Result`.
pub(crate) mod made {
    /// The factory answers with a provider.
    #[derive(Debug)]
    pub enum Plain {}
    /// The factory answers with a `Result` of a provider.
    #[derive(Debug)]
    pub enum Fallible {}
    /// The factory answers with where a service is.
    #[cfg(feature = "http")]
    #[derive(Debug)]
    pub enum Service {}
}

#[diagnostic::do_not_recommend]
impl<C, P: Capable<C>> Provide<C, made::Plain> for P {
    fn provide(self) -> Result<Provider, BoxError> {
        let this = Arc::new(self);
        let mut provider = Provider::of(Arc::clone(&this) as Arc<dyn KeyValueStore>);
        P::enter(&this, &mut provider);
        Ok(provider)
    }
}

#[diagnostic::do_not_recommend]
impl<C, P, E> Provide<C, made::Fallible> for Result<P, E>
where
    P: Provide<C, made::Plain>,
    E: Into<BoxError>,
{
    fn provide(self) -> Result<Provider, BoxError> {
        self.map_err(Into::into)?.provide()
    }
}

#[cfg(feature = "http")]
#[diagnostic::do_not_recommend]
impl<T: crate::wire::IntoTarget> Provide<capability::Service, made::Service> for T {
    fn provide(self) -> Result<Provider, BoxError> {
        Ok(crate::wire::provider(self.into_target()?))
    }
}
