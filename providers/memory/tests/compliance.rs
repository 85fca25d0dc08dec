//! The memory provider keeps all contracts, in each kind of time and with limits.

use omni_kv_memory::{Config, Memory, MemoryStore};
use tck::Setup;

/// A handle on a server that all handles of one clause share.
async fn open(setup: Setup) -> tck::Result<MemoryStore> {
    let config = Config::default().clock(setup.clock());
    let server = setup.shared(|| Memory::with_config(config));
    server.namespace(setup.namespace())
}

/// A store of its own, with limits.
async fn limited(setup: Setup) -> MemoryStore {
    let config = Config::default().clock(setup.clock());
    MemoryStore::with_config(config.longest_key(200).largest_value(100_000))
}

tck::certify!(
    manual,
    open,
    [kv_store, cache, values, namespaces, listing, atomic, transaction],
    { time: Manual, second_handle: true, reopens: true }
);

tck::certify!(tokio, open, [cache, listing, atomic, transaction], { time: Tokio, second_handle: true, reopens: true });

tck::certify!(
    wall,
    open,
    [kv_store, cache, values, namespaces, listing, atomic, transaction],
    { time: Wall { resolution: Duration::from_millis(1) }, second_handle: true, reopens: true }
);

tck::certify!(
    with_limits,
    limited,
    [kv_store, cache, listing, atomic, transaction],
    { time: Manual, longest_key: 200, largest_value: 100_000 }
);

#[test]
fn the_matrix_of_providers_says_so() -> std::io::Result<()> {
    let declared = omni_tck_servers::Declared {
        provider: "memory",
        server: "itself",
        longest_key: None,
        largest_value: None,
        resolution: std::time::Duration::from_millis(1),
        durability: "none: it is memory",
    };
    declared.stands(tck::CONTRACTS)
}
