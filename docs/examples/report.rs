//! A report, and its verdict, in a program of one's own.

use omni_kv_memory::MemoryStore;
use tck::{Profile, Report, Suite, Verdict, capability, factory, kv_store};

#[test]
fn memory_is_conformant() {
    let open = || async { MemoryStore::new() };
    let factory = factory::<capability::Store, _, _, _>(open);
    let suite = Suite::new(&kv_store::CONTRACT, factory, Profile::new());

    let report = Report::new("my provider", &[suite], |outcome| print!("{outcome}"));
    assert_eq!(report.verdict(), Verdict::Conformant);
    // With the feature `report`.
    println!("{}", report.to_json());
}
