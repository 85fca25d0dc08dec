//! A provider that keeps its data in files.

use std::{error::Error, sync::Arc};

use omni_kv_embedded::{EmbeddedStore, Options};
use tck::Setup;

// Stands for your engine, which opens a path.
async fn open(setup: Setup) -> Result<EmbeddedStore, Box<dyn Error + Send + Sync>> {
    let folder = setup.shared(|| tempfile::tempdir().expect("a folder can be made"));
    let path = folder.path().join(setup.namespace());
    let database = Options::default().clock(setup.clock()).open(path)?;
    Ok(EmbeddedStore::open(&Arc::new(database), "main")?)
}

tck::certify!(in_a_folder, open, [kv_store, cache, listing], {
    time: Manual,
    reopens: true,
});
