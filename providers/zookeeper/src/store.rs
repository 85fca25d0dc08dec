//! A namespace on a server.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use omni_kv_parts::{Deadline, Room, Sealed, value_within};
use tck_api::{Atomic, Cache, Error, KeyValueStore, Result};
use zookeeper_client::{Client, Error as Said, Stat};

use crate::{Settings, connection::Connection, error::Failure, sweeper};

/// Long enough for keys, short enough for the names of some hundred to fit in one answer.
pub(crate) const ROOM: Room = Room::of(1_024);

/// The length in bytes of the longest key, and of the longest name of a namespace.
pub const LONGEST_KEY: usize = ROOM.longest();

/// The size in bytes of the largest value: ZooKeeper ends the connection of a client that
/// sends 1 MiB, in which the path is as well.
pub const LARGEST_VALUE: usize = (1 << 20) - (16 << 10);

const ANY_VERSION: i32 = -1;

/// A server, or an ensemble.
#[derive(Clone)]
pub struct ZooKeeper {
    connection: Arc<Connection>,
}

impl ZooKeeper {
    /// Connects to what a URL stands for. [`Settings`] says what it may look like.
    pub async fn connect(url: &str) -> Result<Self> {
        let settings = Settings::from_url(url).map_err(Error::backend)?;
        Self::open(&settings).await
    }

    /// Connects as these settings say.
    pub async fn open(settings: &Settings) -> Result<Self> {
        let connection = Arc::new(Connection::open(settings).await?);
        sweeper::start(&connection, settings.cleanup);
        Ok(Self { connection })
    }

    /// The store of this namespace, a node with a node for each key, `/kv/sessions/ada`; what
    /// is no letter or digit in a name is quoted.
    pub fn namespace(&self, name: &str) -> Result<ZooKeeperStore> {
        Ok(ZooKeeperStore {
            connection: Arc::clone(&self.connection),
            space: format!("{}/{}", self.connection.root, ROOM.name(name)?),
        })
    }
}

impl fmt::Debug for ZooKeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZooKeeper").finish_non_exhaustive()
    }
}

/// The keys of one namespace.
#[derive(Clone)]
pub struct ZooKeeperStore {
    pub(crate) connection: Arc<Connection>,
    pub(crate) space: String,
}

impl fmt::Debug for ZooKeeperStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZooKeeperStore")
            .field("space", &self.space)
            .finish_non_exhaustive()
    }
}

impl ZooKeeperStore {
    fn path(&self, key: &str) -> Result<String> {
        Ok(format!("{}/{}", self.space, ROOM.name(key)?))
    }

    async fn put(&self, path: &str, sealed: &Sealed) -> Result<()> {
        let data = sealed.to_bytes();
        let put = async |client: &Client| {
            loop {
                match client.set_data(path, &data, None).await {
                    Err(Said::NoNode) => match self.create(client, path, &data).await {
                        Err(Said::NodeExists) => {}
                        answer => return answer,
                    },
                    answer => return answer.map(drop),
                }
            }
        };
        self.connection.run(put).await
    }

    async fn create(&self, client: &Client, path: &str, data: &[u8]) -> Result<(), Said> {
        let options = self.connection.options();
        match client.create(path, data, &options).await {
            Err(Said::NoNode) => {
                self.connection.make(client, &self.space).await?;
                client.create(path, data, &options).await.map(drop)
            }
            answer => answer.map(drop),
        }
    }

    /// What is there, of a moment after the call has begun.
    async fn read(&self, client: &Client, path: &str) -> Result<Option<Sealed>, Failure> {
        // Both requests are on their way at once.
        let (caught_up, data) = (catch_up(client, &self.space), client.get_data(path));
        caught_up.await?;
        Ok(held(data.await)?.map(|(sealed, _)| sealed))
    }

    /// Lets `decide` look at what is there and say what to put in its place, until nobody comes
    /// in between.
    async fn change(
        &self,
        path: &str,
        decide: impl Fn(Option<&Sealed>) -> Option<Bytes>,
    ) -> Result<bool> {
        let change = async |client: &Client| -> Result<bool, Failure> {
            loop {
                let epoch = epoch(client, &self.space).await?;
                let held = held(client.get_data(path).await)?;
                let sealed = held.as_ref().map(|(sealed, _)| sealed);
                let Some(data) = decide(sealed.filter(|sealed| sealed.is_alive())) else {
                    return Ok(false);
                };
                let data = Sealed::new(data, None).to_bytes();
                let changed = match (held, epoch) {
                    (Some((_, version)), Some(epoch)) => {
                        replace(client, (&self.space, epoch), (path, version), &data).await
                    }
                    _ => self.create(client, path, &data).await,
                };
                match changed {
                    Ok(()) => return Ok(true),
                    Err(Said::BadVersion | Said::NoNode | Said::NodeExists) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        };
        self.connection.run(change).await
    }
}

/// Waits until the server that answers has all that was acknowledged before, as later answers
/// of this session show. The servers agree on it as on a write, of nothing. A `sync` is less: the
/// leader answers it before it has taken in what others have acknowledged already.
pub(crate) fn catch_up<'a>(
    client: &'a Client,
    space: &str,
) -> impl Future<Output = Result<(), Said>> + use<'a> {
    let mut nothing = client.new_multi_writer();
    let agreed = nothing
        .add_check_version(space, ANY_VERSION)
        .map(|()| nothing.commit());
    async {
        match agreed?.await.map_err(Said::from) {
            Ok(_) | Err(Said::NoNode) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// The version of a namespace's own node, which each removal of a key moves on: the version of
/// a key's node begins anew when it is removed and made again.
pub(crate) async fn epoch(client: &Client, space: &str) -> Result<Option<i32>, Said> {
    let (caught_up, stat) = (catch_up(client, space), client.check_stat(space));
    caught_up.await?;
    Ok(stat.await?.map(|stat| stat.version))
}

/// What a node holds and its version, if there is one.
fn held(data: Result<(Vec<u8>, Stat), Said>) -> Result<Option<(Sealed, i32)>, Failure> {
    match data {
        Err(Said::NoNode) => Ok(None),
        Err(error) => Err(error.into()),
        Ok((data, stat)) => Ok(Some((Sealed::from_bytes(data.into())?, stat.version))),
    }
}

async fn replace(
    client: &Client,
    (space, epoch): (&str, i32),
    (path, version): (&str, i32),
    data: &[u8],
) -> Result<(), Said> {
    let mut writer = client.new_multi_writer();
    writer.add_check_version(space, epoch)?;
    writer.add_set_data(path, data, Some(version))?;
    writer.commit().await?;
    Ok(())
}

/// Removes a node and moves the epoch of its namespace on, which may be asked to be this one.
pub(crate) async fn remove(
    client: &Client,
    (space, epoch): (&str, Option<i32>),
    (path, version): (&str, Option<i32>),
) -> Result<(), Said> {
    let mut writer = client.new_multi_writer();
    writer.add_set_data(space, b"", epoch)?;
    writer.add_delete(path, version)?;
    match writer.commit().await.map_err(Said::from) {
        Ok(_) | Err(Said::NoNode) => Ok(()),
        Err(error) => Err(error),
    }
}

#[async_trait]
impl KeyValueStore for ZooKeeperStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        let path = self.path(key)?;
        let held = self
            .connection
            .run(async |client| self.read(client, &path).await)
            .await?;
        Ok(held.and_then(Sealed::alive))
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        let path = self.path(key)?;
        value_within(&value, LARGEST_VALUE)?;
        self.put(&path, &Sealed::new(value, None)).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let path = self.path(key)?;
        self.connection
            .run(async |client| remove(client, (&self.space, None), (&path, None)).await)
            .await
    }
}

#[async_trait]
impl Cache for ZooKeeperStore {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        let path = self.path(key)?;
        value_within(&value, LARGEST_VALUE)?;
        if ttl.is_zero() {
            return self.delete(key).await;
        }
        let deadline = Deadline::after(ttl);
        if let Some(deadline) = deadline {
            // What fails or is given up may have been done all the same.
            self.connection.remember(path.clone(), deadline);
        }
        self.put(&path, &Sealed::new(value, deadline)).await
    }
}

#[async_trait]
impl Atomic for ZooKeeperStore {
    async fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool> {
        let path = self.path(key)?;
        value_within(&value, LARGEST_VALUE)?;
        let absent = |held: Option<&Sealed>| held.is_none().then(|| value.clone());
        self.change(&path, absent).await
    }

    async fn compare_and_set(&self, key: &str, expected: &[u8], value: Bytes) -> Result<bool> {
        let path = self.path(key)?;
        value_within(&value, LARGEST_VALUE)?;
        let is_expected = |held: &Sealed| held.value == expected;
        let equal = |held: Option<&Sealed>| held.is_some_and(is_expected).then(|| value.clone());
        self.change(&path, equal).await
    }
}
