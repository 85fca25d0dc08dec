//! The engine: snapshots to read from, and one writer at a time.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use redb::{
    Builder, Database, ReadableDatabase, ReadableTable, StorageBackend, backends::InMemoryBackend,
};

use super::{
    snapshot::Snapshot,
    tables::{RUNS, deadline_from, prepare},
    time::Moment,
    writer::Writer,
};
use crate::{Error, Result};

/// When a write is on disk.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Durability {
    /// Before it is acknowledged: it outlives a crash of the process and of the machine.
    #[default]
    Immediate,
    /// With the next [`flush`](crate::Database::flush), with each 100,000th write, for which
    /// the engine remembers those before, or when the database is closed. After
    /// a crash the database is as it was at some commit since the last of these, no commit by
    /// half. Writes cost less than a tenth.
    Deferred,
}

/// After how many deferred writes one is on disk: until then the engine remembers each.
const MOST_DEFERRED: u64 = 100_000;

/// An open database file, or one in memory.
#[derive(Debug)]
pub(super) struct Engine {
    database: Option<Database>,
    durability: Durability,
    /// How many writes came since the last that is on disk.
    deferred: AtomicU64,
}

impl Engine {
    pub(super) fn open(path: &Path, durability: Durability) -> Result<Self> {
        Self::start(durability, |builder| builder.create(path))
    }

    pub(super) fn in_memory(durability: Durability) -> Result<Self> {
        Self::on(InMemoryBackend::new(), durability)
    }

    pub(super) fn on(backend: impl StorageBackend, durability: Durability) -> Result<Self> {
        Self::start(durability, |builder| builder.create_with_backend(backend))
    }

    fn start(
        durability: Durability,
        create: impl FnOnce(&Builder) -> Result<Database, redb::DatabaseError>,
    ) -> Result<Self> {
        guarded(|| {
            let database = create(&Builder::new())?;
            let engine = Self {
                database: Some(database),
                durability,
                deferred: AtomicU64::default(),
            };
            prepare(engine.database())?;
            Ok(engine)
        })
    }

    pub(super) fn durability(&self) -> Durability {
        self.durability
    }

    fn database(&self) -> &Database {
        match &self.database {
            Some(database) => database,
            None => unreachable!("only `drop` takes it"),
        }
    }

    /// Everything as it is now.
    pub(super) fn snapshot(&self) -> Result<Snapshot> {
        guarded(|| Snapshot::of(&self.database().begin_read()?))
    }

    /// The names of all runs.
    pub(super) fn runs(&self) -> Result<Vec<String>> {
        guarded(|| {
            let transaction = self.database().begin_read()?;
            let runs = transaction.open_table(RUNS)?;
            let names = runs.iter()?.map(|run| Ok(run?.0.value().to_owned()));
            names.collect()
        })
    }

    /// Everything as it is now, and the first deadline after this moment.
    pub(super) fn snapshot_after(&self, moment: Moment) -> Result<(Snapshot, Option<Moment>)> {
        guarded(|| {
            let transaction = self.database().begin_read()?;
            let next = deadline_from(&transaction, moment.saturating_add(1))?;
            Ok((Snapshot::of(&transaction)?, next))
        })
    }

    /// The earliest deadline there is.
    pub(super) fn first_deadline(&self) -> Result<Option<Moment>> {
        guarded(|| deadline_from(&self.database().begin_read()?, Moment::MIN))
    }

    /// Does all that `body` asks for, or, where it answers an error, nothing.
    pub(super) fn write<T>(&self, body: impl FnOnce(&mut Writer<'_>) -> Result<T>) -> Result<T> {
        self.write_with(self.durability, body)
    }

    pub(super) fn write_with<T>(
        &self,
        durability: Durability,
        body: impl FnOnce(&mut Writer<'_>) -> Result<T>,
    ) -> Result<T> {
        guarded(|| {
            let mut transaction = self.database().begin_write()?;
            // From here on it is the only writer.
            let deferred = match durability {
                Durability::Deferred => self.deferred.load(Ordering::Relaxed) + 1,
                Durability::Immediate => 0,
            };
            let deferred = deferred % MOST_DEFERRED;
            let durability = match deferred {
                0 => redb::Durability::Immediate,
                _ => redb::Durability::None,
            };
            transaction
                .set_durability(durability)
                .map_err(|error| Error::Engine(Box::new(error.into())))?;
            let mut writer = Writer::new(&transaction)?;
            let done = body(&mut writer)?;
            let has_written = writer.written() > 0;
            drop(writer);
            if has_written {
                self.deferred.store(deferred, Ordering::Relaxed);
                transaction.commit()?;
            } else {
                transaction.abort()?;
            }
            Ok(done)
        })
    }

    /// Puts on disk what was deferred.
    pub(super) fn flush(&self) -> Result<()> {
        guarded(|| {
            let transaction = self.database().begin_write()?;
            self.deferred.store(0, Ordering::Relaxed);
            Ok(transaction.commit()?)
        })
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let database = self.database.take();
        // A damaged file can't be closed in order, and that is nothing new to who holds it.
        let _ = guarded(|| {
            drop(database);
            Ok(())
        });
    }
}

/// The engine panics over some kinds of damage. Whatever it was doing is rolled back then.
pub(super) fn guarded<T>(call: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(call))
        .unwrap_or_else(|_| Err(Error::damaged("the engine stumbled over it")))
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, atomic::AtomicBool},
    };

    use tck_api::SystemClock;

    use super::*;
    use crate::{Database, KvStore, RunId, Value, file::backend::File};

    /// A disk that can be full.
    #[derive(Clone, Debug, Default)]
    struct Disk {
        content: Arc<InMemoryBackend>,
        is_full: Arc<AtomicBool>,
        synced: Arc<AtomicU64>,
    }

    impl Disk {
        fn room(&self) -> io::Result<()> {
            match self.is_full.load(Ordering::SeqCst) {
                true => Err(io::ErrorKind::StorageFull.into()),
                false => Ok(()),
            }
        }
    }

    impl StorageBackend for Disk {
        fn len(&self) -> io::Result<u64> {
            self.content.len()
        }

        fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
            self.content.read(offset, out)
        }

        fn set_len(&self, len: u64) -> io::Result<()> {
            self.room()?;
            self.content.set_len(len)
        }

        fn sync_data(&self) -> io::Result<()> {
            self.room()?;
            self.synced.fetch_add(1, Ordering::SeqCst);
            self.content.sync_data()
        }

        fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
            self.room()?;
            self.content.write(offset, data)
        }
    }

    fn open(disk: &Disk) -> KvStore {
        let engine = Engine::on(disk.clone(), Durability::Immediate).unwrap();
        let file = File::start(engine, Arc::new(SystemClock)).unwrap();
        KvStore::new(Arc::new(Database::on(file)))
    }

    #[test]
    fn what_changes_nothing_is_not_written() {
        let disk = Disk::default();
        let run = RunId::from("run");
        let kv = open(&disk);
        kv.database().begin_run(&run).unwrap();
        kv.put(&run, "key", Value::I64(1)).unwrap();
        let written = || disk.synced.load(Ordering::SeqCst);
        let before = written();
        assert!(!kv.delete(&run, "nothing").unwrap());
        kv.transaction(&run, |txn| txn.delete("nothing")).unwrap();
        kv.database().remove_expired().unwrap();
        assert_eq!(written(), before);
        assert!(kv.delete(&run, "key").unwrap());
        assert!(written() > before);
    }

    #[test]
    fn a_full_disk_is_an_error_and_what_was_there_before_is_still_there() {
        let disk = Disk::default();
        let run = RunId::from("run");
        let kv = open(&disk);
        kv.database().begin_run(&run).unwrap();
        kv.put(&run, "before", Value::I64(1)).unwrap();
        disk.is_full.store(true, Ordering::SeqCst);
        let large = Value::Bytes(vec![7; 1 << 20]);
        let refused = kv.transaction(&run, |txn| {
            txn.put("before", Value::I64(2))?;
            txn.put("large", large.clone())
        });
        assert!(matches!(refused, Err(Error::Full)), "{refused:?}");
        // Until it is opened anew it answers errors, or what was there.
        assert!(kv.put(&run, "after", Value::Null).is_err());
        assert!(!matches!(kv.get(&run, "before"), Ok(value) if value != Some(Value::I64(1))));
        drop(kv);

        disk.is_full.store(false, Ordering::SeqCst);
        let kv = open(&disk);
        assert_eq!(
            kv.list_with_values(&run, None).unwrap(),
            [("before".to_owned(), Value::I64(1))]
        );
        kv.put(&run, "large", large).unwrap();
    }
}
