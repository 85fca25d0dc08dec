//! The embedded provider keeps all contracts: in memory in time that the kit moves, and in a
//! file on the clock on the wall.

use std::sync::Arc;

use omni_kv_embedded::{Database, Durability, EmbeddedStore, LARGEST_VALUE, LONGEST_KEY, Options};
use tck::Setup;
use tempfile::TempDir;

/// A handle on a database that all handles of one clause share.
async fn in_memory(setup: Setup) -> omni_kv_embedded::Result<EmbeddedStore> {
    let clock = setup.clock();
    let database = setup.shared(|| {
        let opened = Options::default().clock(clock).in_memory();
        Arc::new(opened.expect("a database in memory opens"))
    });
    EmbeddedStore::open(&database, setup.namespace())
}

struct InFile {
    // Closed before the folder is removed.
    database: Arc<Database>,
    _folder: TempDir,
}

fn in_file(setup: &Setup, durability: Durability) -> omni_kv_embedded::Result<EmbeddedStore> {
    let file = setup.shared(|| {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let opened = Options::default()
            .durability(durability)
            .open(folder.path().join("kit.db"));
        InFile {
            database: Arc::new(opened.expect("a new file opens")),
            _folder: folder,
        }
    });
    EmbeddedStore::open(&file.database, setup.namespace())
}

tck::certify!(
    manual,
    in_memory,
    [kv_store, cache, values, namespaces, listing, atomic, transaction],
    { time: Manual, longest_key: LONGEST_KEY, largest_value: LARGEST_VALUE, second_handle: true, reopens: true }
);

tck::certify!(
    file,
    |setup| async move { in_file(&setup, Durability::Immediate) },
    [kv_store, cache, values, namespaces, listing, atomic, transaction],
    { time: Wall { resolution: Duration::from_millis(1) }, second_handle: true, reopens: true }
);

tck::certify!(
    deferred,
    |setup| async move { in_file(&setup, Durability::Deferred) },
    [kv_store, cache, namespaces, listing, atomic, transaction],
    { time: Wall { resolution: Duration::from_millis(1) }, second_handle: true, reopens: true }
);

/// The only handle on a file, which is closed with it.
async fn alone(setup: Setup) -> omni_kv_embedded::Result<EmbeddedStore> {
    let folder = setup.shared(|| tempfile::tempdir().expect("a folder can be made"));
    let path = folder.path().join(setup.namespace());
    let database = Options::default().clock(setup.clock()).open(path)?;
    EmbeddedStore::open(&Arc::new(database), "alone")
}

tck::certify!(
    alone,
    alone,
    [kv_store, cache, listing, atomic, transaction],
    { time: Manual, longest_key: LONGEST_KEY, largest_value: LARGEST_VALUE, reopens: true }
);

#[test]
fn the_matrix_of_providers_says_so() -> std::io::Result<()> {
    let declared = omni_tck_servers::Declared {
        provider: "embedded",
        server: "itself, in memory and in a file",
        longest_key: Some(LONGEST_KEY),
        largest_value: Some(LARGEST_VALUE),
        resolution: std::time::Duration::from_millis(1),
        durability: "kept, or up to the last flush",
    };
    declared.stands(tck::CONTRACTS)
}
