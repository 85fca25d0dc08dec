//! A factory of something that is no store.

struct Nothing;

tck::kv_store_contract!(nothing, || async { Nothing }); //~ which does not have the capability `Store`
