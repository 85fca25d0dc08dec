//! How a database is opened.

use std::{path::Path, sync::Arc};

use tck_api::{Clock, SystemClock};

use super::{
    backend::File,
    engine::{Durability, Engine},
};
use crate::{Database, Result};

/// How a database is opened.
///
/// ```
/// # fn main() -> omni_kv_embedded::Result<()> {
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("my.db");
/// use omni_kv_embedded::{Durability, Options};
///
/// let db = Options::default().durability(Durability::Deferred).open(&path)?;
/// db.begin_run(&"nightly".into())?;
/// db.flush()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    durability: Durability,
    clock: Arc<dyn Clock>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            durability: Durability::default(),
            clock: Arc::new(SystemClock),
        }
    }
}

impl Options {
    /// When writes are on disk.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// The clock that entries expire by.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Opens the file, or makes it.
    ///
    /// # Errors
    ///
    /// [`InUse`](crate::Error::InUse), [`Foreign`](crate::Error::Foreign),
    /// [`Newer`](crate::Error::Newer), [`Damaged`](crate::Error::Damaged),
    /// [`Full`](crate::Error::Full) or [`Io`](crate::Error::Io).
    pub fn open(self, path: impl AsRef<Path>) -> Result<Database> {
        let engine = Engine::open(path.as_ref(), self.durability)?;
        Ok(Database::on(File::start(engine, self.clock)?))
    }

    /// Opens an empty database in memory.
    ///
    /// # Errors
    ///
    /// Where the engine does not start.
    pub fn in_memory(self) -> Result<Database> {
        let engine = Engine::in_memory(self.durability)?;
        Ok(Database::on(File::start(engine, self.clock)?))
    }
}
