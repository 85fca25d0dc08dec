//! A store that does something else instead of deleting.

use std::{
    collections::HashMap,
    future::pending,
    sync::{Mutex, PoisonError},
    thread::sleep,
    time::Duration,
};

use tck::{
    Bytes, Cause, Error, Factory, KeyValueStore, Outcome, Profile, Result, Status, Suite, Time,
    async_trait, capability, factory, kv_store,
};
use tokio::task::yield_now;

/// A store that does something else instead of deleting.
pub(super) struct Odd(Mutex<HashMap<String, Bytes>>, Oddity);

#[derive(Clone, Copy)]
pub(super) enum Oddity {
    None,
    Panics,
    PanicsBesideOthers,
    Hangs,
    Blocks,
    Fails,
    Drops,
    IsSlow,
}

impl Odd {
    pub(super) fn new(oddity: Oddity) -> Self {
        Self(Mutex::default(), oddity)
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, HashMap<String, Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl KeyValueStore for Odd {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        Ok(self.entries().get(key).cloned())
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        if matches!(self.1, Oddity::IsSlow) {
            sleep(PATIENCE / 4);
        }
        self.entries().insert(key.to_owned(), value);
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<()> {
        match self.1 {
            Oddity::Panics => panic!("index out of bounds"),
            Oddity::PanicsBesideOthers => {
                yield_now().await;
                assert!(!key.ends_with("-500"), "index out of bounds");
            }
            Oddity::Hangs => pending().await,
            Oddity::Blocks => sleep(Duration::from_secs(3_600)),
            Oddity::Fails => return Err(Error::unavailable("no such key")),
            Oddity::None | Oddity::Drops | Oddity::IsSlow => {}
        }
        self.entries().remove(key);
        Ok(())
    }
}

impl Drop for Odd {
    fn drop(&mut self) {
        if matches!(self.1, Oddity::Drops) {
            sleep(Duration::from_secs(3_600));
        }
    }
}

pub(super) fn profile() -> Profile {
    Profile::new().time(Time::Manual)
}

/// On a busy machine a thread that has slept may wait for half a second before it goes on.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// For what hangs or is slow, and for nothing else: under load a panic may take as long.
pub(super) fn impatient(profile: Profile) -> Profile {
    profile.patience(PATIENCE)
}

pub(super) fn odd(oddity: Oddity) -> std::sync::Arc<dyn Factory> {
    factory::<capability::Store, _, _, _>(move || async move { Odd::new(oddity) })
}

pub(super) fn suite(oddity: Oddity) -> Suite {
    let takes_long = matches!(
        oddity,
        Oddity::Hangs | Oddity::Blocks | Oddity::Drops | Oddity::IsSlow
    );
    let profile = if takes_long {
        impatient(profile())
    } else {
        profile()
    };
    Suite::new(&kv_store::CONTRACT, odd(oddity), profile)
}

pub(super) fn cause(outcome: &Outcome) -> Option<Cause> {
    match &outcome.status {
        Status::Violation { breach, .. } => Some(breach.cause),
        _ => None,
    }
}
