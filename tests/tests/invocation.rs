//! The macros take factories of every form, several times in a file, whatever else is there.

use std::{fmt, sync::Arc};

use omni_kv_memory::{Config, Memory, MemoryStore};
use tck::{Cache, KeyValueStore, Setup};

// Names that the expansion must not run into.
mod tokio {}
#[expect(dead_code, reason = "it is only in the way")]
mod std_like {
    pub(crate) struct Arc;
}
#[expect(dead_code, reason = "it is only in the way")]
fn factory() {}
#[expect(dead_code, reason = "it is only in the way")]
struct Manual;

#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused")
    }
}

impl std::error::Error for Refused {}

async fn plain() -> MemoryStore {
    MemoryStore::new()
}

async fn with_setup(setup: Setup) -> MemoryStore {
    MemoryStore::with_config(Config::default().clock(setup.clock()))
}

async fn fallible() -> Result<MemoryStore, Refused> {
    Ok(MemoryStore::new())
}

async fn behind_a_pointer() -> Arc<dyn KeyValueStore> {
    Arc::new(MemoryStore::new())
}

async fn boxed() -> Box<dyn Cache> {
    Box::new(MemoryStore::new())
}

async fn by_name(name: String) -> tck::Result<MemoryStore> {
    let server = Memory::new();
    server.namespace(&name)
}

tck::kv_store_contract!(closure, || async { MemoryStore::new() });
tck::kv_store_contract!(
    closure_that_moves,
    move || async move { MemoryStore::new() }
);
tck::kv_store_contract!(async_closure, async || MemoryStore::new());
tck::kv_store_contract!(closure_with_setup, |setup| async move {
    MemoryStore::with_config(Config::default().clock(setup.clock()))
});
tck::kv_store_contract!(closure_with_ignored_setup, |_| async { MemoryStore::new() });
tck::kv_store_contract!(closure_with_typed_setup, |_: Setup| async {
    MemoryStore::new()
});
tck::kv_store_contract!(moving_closure_with_setup, move |setup| async move {
    MemoryStore::with_config(Config::default().clock(setup.clock()))
});
tck::kv_store_contract!(function, plain);
tck::kv_store_contract!(function_with_setup, with_setup);
tck::kv_store_contract!(function_of_a_result, fallible);
tck::kv_store_contract!(closure_of_a_result, || async {
    Ok::<_, String>(MemoryStore::new())
});
tck::kv_store_contract!(pointer, behind_a_pointer);
tck::kv_store_contract!(trailing_comma, plain,);
tck::kv_store_contract!(empty_profile, plain, {});
tck::cache_contract!(cache, with_setup, { time: Manual });
tck::cache_contract!(boxed_cache, boxed, { time: Wall { resolution: Duration::from_millis(1) } },);
tck::values_contract!(values, plain);

mod nested {
    use super::*;

    mod deeper {
        use super::*;

        tck::kv_store_contract!(private, plain);
    }
}

tck::certify!(everything_but_namespaces, with_setup, [kv_store, cache, values,], { time: Manual });
tck::certify!(certified_closure, |setup| async move { with_setup(setup).await }, [cache], { time: Tokio });
tck::certify!(without_profile, plain, [kv_store]);
tck::certify!(
    with_waiver,
    plain,
    [kv_store],
    { waivers: [waive(kv_store::second_handle_sees_the_same_data, "memory of its own", "9999-12-31")] }
);

#[test]
fn a_factory_that_is_given_a_name_is_told_from_one_that_is_given_a_setup() {
    let contract = &tck::namespaces::CONTRACT;
    let factory = tck::factory::<tck::capability::Store, _, _, _>(by_name);
    let suite = tck::Suite::new(contract, factory, tck::Profile::new());
    // Each call makes a server of its own, so one name is not one namespace.
    assert!(
        !suite
            .check(tck::namespaces::one_name_is_one_namespace)
            .status
            .is_as_declared()
    );
    assert!(
        suite
            .check(tck::namespaces::same_key_in_two_namespaces_holds_two_values)
            .status
            .is_as_declared()
    );
}

macro_rules! are_capable {
    ($($can:ident { $($profile:tt)+ })+) => {
        $($(is_capable::<tck::__tck_capability!($can $profile), MemoryStore>();)+)+
    };
}

fn is_capable<C, P: tck::Capable<C>>() {}

#[test]
fn whatever_a_profile_declares_is_asked_of_the_factory() {
    are_capable! {
        Store { [] [cache: true, listing: true, atomic: true] }
        Cache { [cache: true, listing: true, atomic: true] }
        Listing { [] [listing: true, atomic: true] [cache: true] }
        Atomic { [] [atomic: true] [listing: true] [cache: true] [listing: true, cache: true] }
        Transactional {
            [] [cache: true] [listing: true] [atomic: true]
            [listing: true, cache: true] [atomic: true, cache: true] [atomic: true, listing: true]
            [atomic: true, listing: true, cache: true, atomic: true]
        }
    }
    let asked =
        std::any::type_name::<tck::__tck_capability!(Atomic [listing: true, cache: true])>();
    assert_eq!(asked.matches("::capability::").count(), 3, "{asked}");
}

tck::atomic_contract!(conditions, plain);
tck::transaction_contract!(transactions, plain);

#[test]
fn a_test_that_is_ignored_says_why() {
    for (test, why) in [
        (
            "function::second_handle_sees_the_same_data",
            "second_handle",
        ),
        ("function::reopened_store_holds_the_same_data", "reopens"),
        ("conditions::expired_value_is_absent", "cache"),
        ("transactions::phantom_is_refused", "listing"),
        ("transactions::commits_count_for_conditions", "atomic"),
    ] {
        let itself = std::env::current_exe().expect("a test knows where it is");
        let output = std::process::Command::new(itself)
            .args(["--exact", test])
            .output()
            .expect("a test can be run again");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let expected = format!("test {test} ... ignored, not declared: {why}");
        assert!(printed.contains(&expected), "{printed}");
    }
}
