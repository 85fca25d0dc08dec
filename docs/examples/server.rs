//! A provider that stands on a server which others use too.

use std::sync::LazyLock;

use omni_kv_memory::{Memory, MemoryStore};

// Stands for your server: started once, shared by all tests, perhaps by other people.
static SERVER: LazyLock<Memory> = LazyLock::new(Memory::new);

// Each clause gets a namespace that nobody has used before. So nothing needs to be
// flushed, clauses run side by side, and the same namespace is the same data again.
async fn connect(setup: tck::Setup) -> tck::Result<MemoryStore> {
    SERVER.namespace(setup.namespace())
}

tck::certify!(my_server, connect, [kv_store, cache, namespaces], {
    time: Wall { resolution: Duration::from_millis(1) },
    second_handle: true,
});
