//! A factory of a result of something that is no store.

struct Nothing;

tck::kv_store_contract!(nothing, || async { Ok::<_, String>(Nothing) }); //~ which does not have the capability `Store`
