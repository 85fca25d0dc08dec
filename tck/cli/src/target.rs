//! The providers that can be checked by name.

use omni_kv_memory::{Config, Memory};
use tck::{CONTRACTS, Profile, Setup, Suite, Time, capability, factory};

use crate::nearest::UnknownName;

/// A provider and the contracts that it declares.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) suites: fn() -> Vec<Suite>,
}

const TARGETS: &[Target] = &[Target {
    name: "memory",
    suites: memory,
}];

impl Target {
    pub(crate) fn find(name: &str) -> Result<&'static Self, UnknownName> {
        TARGETS
            .iter()
            .find(|target| target.name == name)
            .ok_or_else(|| {
                let known = TARGETS.iter().map(|target| target.name);
                UnknownName::new("provider", name, known, "the providers are: memory")
            })
    }
}

/// All contracts, on the clock of the kit, with a server for each clause.
fn memory() -> Vec<Suite> {
    let profile = Profile::new()
        .time(Time::Manual)
        .second_handle(true)
        .cache(true)
        .listing(true);
    let open = |setup: Setup| async move {
        let config = Config::default().clock(setup.clock());
        let server = setup.shared(|| Memory::with_config(config));
        server.namespace(setup.namespace())
    };
    let factory = factory::<capability::All, _, _, _>(open);
    CONTRACTS
        .iter()
        .map(|contract| Suite::new(contract, factory.clone(), profile.clone()))
        .collect()
}
