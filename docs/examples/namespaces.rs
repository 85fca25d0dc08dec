//! A provider of namespaces.

use std::sync::LazyLock;

use omni_kv_memory::Memory;

static SERVER: LazyLock<Memory> = LazyLock::new(Memory::new);

tck::namespace_contract!(my_namespaces, |namespace| async move {
    SERVER.namespace(&namespace)
});
