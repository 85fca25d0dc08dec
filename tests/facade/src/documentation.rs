//! The example that opens the documentation, word for word from where the database is open.

use std::{sync::Arc, time::Duration};

use omni_kv_embedded::{Database, KvStore, KvStoreExt, Result, RunId, Value};

pub(crate) fn its_example_holds(kv: &KvStore) {
    example(kv.database()).unwrap();
}

fn example(db: &Arc<Database>) -> Result<()> {
    let kv = KvStore::new(db.clone());
    let run = RunId::new();
    db.begin_run(&run)?;

    kv.put(&run, "user:1", Value::String("Ada".into()))?;
    kv.put_with_ttl(&run, "token", Value::I64(7), Duration::from_secs(60))?;
    assert!(kv.exists(&run, "token")?);
    kv.transaction(&run, |txn| {
        txn.put("user:2", Value::Bool(true))?;
        assert_eq!(txn.get("user:2")?, Some(Value::Bool(true)));
        Ok(())
    })?;
    assert_eq!(kv.list(&run, Some("user:"))?, ["user:1", "user:2"]);
    assert_eq!(kv.list_with_values(&run, None)?.len(), 3);
    assert!(kv.delete(&run, "user:1")?);

    db.transaction(&run, |txn| {
        txn.kv_put("seen", Value::I64(1))?;
        txn.kv_get("seen")?;
        txn.kv_delete("seen")
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    /// The lines of the example, but for those around it and the last two.
    fn example_in(source: &str) -> Vec<&str> {
        let lines = source.lines();
        let lines = lines.map(|line| line.trim_start_matches("//!").trim());
        lines
            .skip_while(|line| *line != "let kv = KvStore::new(db.clone());")
            .take_while(|line| *line != "txn.kv_delete(\"seen\")")
            .collect()
    }

    #[test]
    fn it_is_that_of_the_documentation() {
        let own = example_in(include_str!("documentation.rs"));
        let documented = example_in(include_str!("../../../providers/embedded/src/lib.rs"));
        assert_eq!(own, documented);
        assert!(own.len() > 15);
    }
}
