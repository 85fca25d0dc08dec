//! Providers in this process.

use std::{path::Path, sync::Arc, time::Duration};

use omni_kv_embedded::{Database, EmbeddedStore, LARGEST_VALUE, LONGEST_KEY, Options, RunId};
use omni_kv_memory::{Config, Memory};
use tck::{CONTRACTS, Factory, Profile, Setup, Suite, Time, capability, factory};

use crate::Failure;

/// All contracts, on the clock of the kit, with a server for each clause.
pub(super) fn memory() -> Vec<Suite> {
    let open = |setup: Setup| async move {
        let config = Config::default().clock(setup.clock());
        let server = setup.shared(|| Memory::with_config(config));
        server.namespace(setup.namespace())
    };
    let factory = factory::<capability::All, _, _, _>(open);
    all(&factory, Time::Manual, |profile| profile)
}

/// All contracts, on the clock of the kit, with a database in memory for each clause.
pub(super) fn embedded() -> Vec<Suite> {
    let open = |setup: Setup| async move {
        let options = Options::default().clock(setup.clock());
        let database = setup.shared(|| options.in_memory().map(Arc::new));
        match &*database {
            Ok(database) => EmbeddedStore::open(database, setup.namespace()).map_err(Into::into),
            Err(error) => Err(Box::<dyn std::error::Error + Send + Sync>::from(
                error.to_string(),
            )),
        }
    };
    let factory = factory::<capability::All, _, _, _>(open);
    all(&factory, Time::Manual, limited)
}

/// All contracts, on the clock on the wall, with a run in one file for each clause.
pub(super) fn embedded_file(path: &Path) -> Result<(Vec<Suite>, Leftovers), Failure> {
    let unopened =
        |error: omni_kv_embedded::Error| Failure::Open(format!("{}: {error}", path.display()));
    let database = Database::open(path).map(Arc::new).map_err(unopened)?;
    let left = Leftovers {
        known: database.runs().map_err(unopened)?,
        database: Arc::clone(&database),
    };
    let open = move |setup: Setup| {
        let opened = EmbeddedStore::open(&database, setup.namespace());
        async move { opened }
    };
    let resolution = Duration::from_millis(1);
    let factory = factory::<capability::All, _, _, _>(open);
    Ok((all(&factory, Time::Wall { resolution }, limited), left))
}

fn limited(profile: Profile) -> Profile {
    profile
        .longest_key(LONGEST_KEY)
        .largest_value(LARGEST_VALUE)
}

fn all(
    factory: &Arc<dyn Factory>,
    time: Time,
    declare: impl FnOnce(Profile) -> Profile,
) -> Vec<Suite> {
    let profile = Profile::new()
        .time(time)
        .second_handle(true)
        .reopens(true)
        .cache(true)
        .listing(true)
        .atomic(true);
    let profile = declare(profile);
    CONTRACTS
        .iter()
        .map(|contract| Suite::new(contract, Arc::clone(factory), profile.clone()))
        .collect()
}

/// The runs that a check begins in somebody's file.
pub(super) struct Leftovers {
    database: Arc<Database>,
    known: Vec<RunId>,
}

impl Drop for Leftovers {
    fn drop(&mut self) {
        // What can't be removed is left, as after a check that was broken off.
        for run in self.database.runs().unwrap_or_default() {
            if !self.known.contains(&run) {
                let _ = self.database.end_run(&run);
            }
        }
    }
}
