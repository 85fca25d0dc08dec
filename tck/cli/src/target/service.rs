//! A service, in whatever language, by its URL.

use std::{
    net::{SocketAddr, ToSocketAddrs},
    sync::Arc,
    time::Duration,
};

use omni_kv_http::{Capabilities, HttpStore, LARGEST_VALUE, LONGEST_KEY, Settings};
use tck::{
    Contract, EmptyKey, Factory, Profile, Setup, Suite, Time, atomic, cache, capability, factory,
    http, kv_store, listing, namespaces, values,
};
use tokio::runtime;

use crate::{Failure, args::Checked};

/// How long an answer may take: as long as the kit bears, since a slow service is not a wrong one.
const PATIENCE: Duration = Duration::from_secs(30);

/// As long as those in which the kit keeps its keys.
const NAMESPACE: &str = "tck-01234567";

/// The shortest limits that the contracts are made for.
const LEAST_KEY: usize = 64;
const LEAST_VALUE: usize = 1 << 10;

/// How to reach a service, where it may be checked: what is not on this machine may be
/// somebody else's.
pub(crate) fn settings(url: &str, checked: &Checked) -> Result<Settings, Failure> {
    let settings = Settings::from_url(url).map_err(|error| Failure::Open(error.to_string()))?;
    let address = &settings.address;
    if checked.own_target {
        return Ok(settings);
    }
    let addresses: Vec<_> = address
        .to_socket_addrs()
        .map_err(|error| Failure::Open(format!("{address}: {error}")))?
        .collect();
    if !addresses
        .iter()
        .map(SocketAddr::ip)
        .all(|ip| ip.is_loopback())
    {
        let reason = format!(
            "{address} is not on this machine; a check writes to it: say --own-target where it is your own"
        );
        return Err(Failure::Open(reason));
    }
    Ok(settings)
}

/// The contracts of every store, and of what the service says that it can do beside.
pub(super) fn suites(settings: &Settings, checked: &Checked) -> Result<Vec<Suite>, Failure> {
    let (store, able) = asked(settings)?;
    let resolution = Duration::from_millis(checked.resolution);
    let mut profile = Profile::new()
        .time(Time::Wall { resolution })
        .empty_key(EmptyKey::Refused)
        // Who gives up first says why.
        .patience(PATIENCE * 2)
        .second_handle(true)
        .reopens(true)
        .cache(able.cache)
        .listing(able.listing)
        .atomic(able.atomic);
    let longest_key = store.namespace(NAMESPACE).longest_key();
    let largest_value = store.largest_value();
    if longest_key < LEAST_KEY || largest_value < LEAST_VALUE {
        let reason = format!(
            "{} declares limits that leave {longest_key} bytes for a key and {largest_value} for a value; a check needs {LEAST_KEY} and {LEAST_VALUE}",
            settings.address
        );
        return Err(Failure::Open(reason));
    }
    if longest_key < LONGEST_KEY {
        profile = profile.longest_key(longest_key);
    }
    if largest_value < LARGEST_VALUE {
        profile = profile.largest_value(largest_value);
    }
    let mut own = settings.clone();
    own.timeout = own.timeout.max(PATIENCE);
    let open = move |setup: Setup| {
        let settings = own.clone();
        async move {
            let store = HttpStore::open(&settings).await?;
            Ok::<_, tck::Error>(store.within(&able).namespace(setup.namespace()))
        }
    };
    // The client has the capabilities in any case; which contracts are checked says whether
    // the service has them.
    type Able = (capability::Atomic, capability::Cache, capability::Listing);
    let factory = factory::<Able, _, _, _>(open);
    let declared: [(&Contract, bool); 6] = [
        (&kv_store::CONTRACT, true),
        (&values::CONTRACT, true),
        (&namespaces::CONTRACT, true),
        (&cache::CONTRACT, able.cache),
        (&listing::CONTRACT, able.listing),
        (&atomic::CONTRACT, able.atomic),
    ];
    let declared = declared.into_iter().filter(|(_, declared)| *declared);
    let suite = |(contract, _)| {
        let factory = Arc::<dyn Factory>::clone(&factory);
        Suite::new(contract, factory, profile.clone())
    };
    let mut suites: Vec<_> = declared.map(suite).collect();
    suites.push(wire(settings, checked, resolution)?);
    Ok(suites)
}

/// What HTTP asks, on the wire itself.
fn wire(settings: &Settings, checked: &Checked, resolution: Duration) -> Result<Suite, Failure> {
    let url = format!("http://{}", settings.address);
    // Whose it is has been asked already.
    let target = http::Target::of_my_own(&url);
    let mut target = target.map_err(|error| Failure::Open(error.to_string()))?;
    if let Some(token) = &settings.token {
        target = target.token(token.reveal());
    }
    let profile = Profile::new().time(Time::Wall { resolution });
    Ok(target.suite(profile.seed(checked.seed)))
}

/// A client that keeps to what the service says, and what that is.
fn asked(settings: &Settings) -> Result<(HttpStore, Capabilities), Failure> {
    let unopened =
        |error: &dyn std::fmt::Display| Failure::Open(format!("{}: {error}", settings.address));
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| unopened(&error))?;
    let asked = runtime.block_on(async {
        let store = HttpStore::open(settings).await?;
        let able = store.capabilities().await?;
        Ok::<_, tck::Error>((store.within(&able), able))
    });
    asked.map_err(|error| unopened(&error))
}
