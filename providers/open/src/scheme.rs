//! The URLs that are known.

use std::{fmt, pin::Pin};

#[cfg(any(feature = "embedded", feature = "memory"))]
use tck_api::Error;
use tck_api::Result;

use crate::Opened;

type Opening = Pin<Box<dyn Future<Output = Result<Opened>> + Send>>;

/// The beginning of a URL, and what it opens.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Scheme {
    /// What stands before the colon.
    pub name: &'static str,
    /// What such a URL looks like.
    pub form: &'static str,
    /// Opens a URL, which is given whole and without the scheme, for a namespace.
    pub(crate) open: fn(url: String, rest: String, namespace: String) -> Opening,
}

impl fmt::Debug for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scheme")
            .field("form", &self.form)
            .finish_non_exhaustive()
    }
}

/// Providers on servers: all connect by a URL, and serve a namespace.
macro_rules! remote {
    ($schemes:ident: $($feature:literal $names:tt $form:literal $provider:ident::$server:ident => $able:ident;)+) => {$(
        #[cfg(feature = $feature)]
        for name in $names {
            $schemes.push(Scheme {
                name,
                form: $form,
                open: |url, _, namespace| {
                    Box::pin(async move {
                        let server = $provider::$server::connect(&url).await?;
                        let opened = Opened::$able(server.namespace(&namespace)?);
                        Ok(opened.within($provider::LONGEST_KEY, $provider::LARGEST_VALUE))
                    })
                },
            });
        }
    )+};
}

/// The URLs that this build opens.
#[must_use]
pub fn schemes() -> Vec<Scheme> {
    let mut schemes = Vec::new();
    #[cfg(feature = "memory")]
    schemes.push(Scheme {
        name: "memory",
        form: "memory:",
        open: |_, rest, namespace| Box::pin(async move { memory(&rest, &namespace) }),
    });
    #[cfg(feature = "embedded")]
    schemes.push(Scheme {
        name: "embedded",
        form: "embedded: (in memory), embedded:PATH (a file)",
        open: |_, rest, namespace| {
            Box::pin(async {
                // A file that was not closed is looked through first.
                let opening = tokio::task::spawn_blocking(move || embedded(&rest, &namespace));
                opening.await.map_err(Error::backend)?
            })
        },
    });
    remote! { schemes:
        "etcd" ["etcd", "etcds"] "etcd://host:2379" omni_kv_etcd::Etcd => all;
        "memcached" ["memcached", "memcacheds"] "memcached://host:11211" omni_kv_memcached::Memcached => unlisted;
        "mongodb" ["mongodb", "mongodb+srv"] "mongodb://host:27017/database" omni_kv_mongodb::MongoDb => all;
        "redis" ["redis", "rediss", "redis-cluster", "rediss-cluster"] "redis://host:6379/0" omni_kv_redis::Redis => all;
        "s3" ["s3", "s3+http"] "s3://key:secret@host/bucket" omni_kv_s3::S3 => all;
        "upstash" ["upstash", "upstash-http"] "upstash://:token@host" omni_kv_upstash::Upstash => all;
        "vault" ["vault", "vaults"] "vault://token@host:8200/mount" omni_kv_vault::Vault => all;
        "zookeeper" ["zookeeper", "zookeepers"] "zookeeper://host:2181" omni_kv_zookeeper::ZooKeeper => all;
    }
    schemes
}

#[cfg(feature = "memory")]
fn memory(rest: &str, namespace: &str) -> Result<Opened> {
    if !rest.is_empty() {
        return Err(Error::backend("memory: takes nothing behind the colon"));
    }
    let memory = omni_kv_memory::Memory::new();
    memory.namespace(namespace).map(Opened::all)
}

#[cfg(feature = "embedded")]
fn embedded(path: &str, namespace: &str) -> Result<Opened> {
    use omni_kv_embedded::{Database, EmbeddedStore, LARGEST_VALUE, LONGEST_KEY};

    let database = if path.is_empty() {
        Database::in_memory()
    } else {
        Database::open(path)
    };
    let database = std::sync::Arc::new(database.map_err(Error::from)?);
    let store = EmbeddedStore::open(&database, namespace).map_err(Error::from)?;
    Ok(Opened::all(store).within(LONGEST_KEY, LARGEST_VALUE))
}
