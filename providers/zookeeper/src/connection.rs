//! One session for all.

use std::{
    collections::BTreeMap,
    sync::{MutexGuard, PoisonError},
    time::Duration,
};

use omni_kv_parts::{Deadline, Secret, host_and_port, quoted, within};
use tck_api::{Error, Result};
use tokio::sync::Mutex;
use zookeeper_client::{Acls, Client, Connector, CreateMode, CreateOptions, Error as Said};

use crate::{
    Settings,
    error::{Failure, is_end, told},
    settings::usual_port,
};

/// A server that says nothing for two fifths of a session is given up, and no call ends later
/// than its session.
const SHORTEST_SESSION: Duration = Duration::from_secs(6);

/// Servers give none that is longer, and the client reckons with it unchecked.
const LONGEST_SESSION: Duration = Duration::from_secs(24 * 86_400);

pub(crate) struct Connection {
    addresses: String,
    #[cfg(feature = "tls")]
    tls: Option<zookeeper_client::TlsOptions>,
    login: Option<String>,
    secret: Option<Secret>,
    limit: Duration,
    session: Mutex<Option<Client>>,
    /// The path of the node that all others are below.
    pub(crate) root: String,
    /// The nodes that are written with a deadline here, for the sweeper.
    expiring: std::sync::Mutex<BTreeMap<String, Deadline>>,
}

impl Connection {
    pub(crate) async fn open(settings: &Settings) -> Result<Self> {
        #[cfg(not(feature = "tls"))]
        if settings.tls.is_some() {
            return Err(Error::backend("built without the feature tls"));
        }
        let names = settings.root.iter();
        let connection = Self {
            addresses: addresses(settings)?,
            #[cfg(feature = "tls")]
            tls: settings.tls.as_ref().map(crate::tls::options).transpose()?,
            login: settings.user.clone(),
            secret: settings.password.clone(),
            limit: settings.timeout,
            session: Mutex::new(None),
            root: names.map(|name| format!("/{}", quoted(name))).collect(),
            expiring: std::sync::Mutex::default(),
        };
        let root = connection.root.as_str();
        connection
            .run(async |client| connection.make(client, root).await)
            .await?;
        Ok(connection)
    }

    /// Calls that end in time together, in a session that is there or made for them.
    pub(crate) async fn run<T, E: Into<Failure>>(
        &self,
        calls: impl AsyncFnOnce(&Client) -> Result<T, E>,
    ) -> Result<T> {
        within(self.limit, async {
            let client = self.client().await?;
            let answer = calls(&client).await.map_err(Into::into);
            if let Err(Failure::Said(error)) = &answer
                && is_end(error)
            {
                self.forget(&client).await;
            }
            Ok(answer?)
        })
        .await
    }

    /// Makes a node and those above it, where they are missing.
    pub(crate) async fn make(&self, client: &Client, path: &str) -> Result<(), Said> {
        client.mkdir(path, &self.options()).await
    }

    /// How nodes are made.
    pub(crate) fn options(&self) -> CreateOptions<'static> {
        CreateMode::Persistent.with_acls(match self.login {
            Some(_) => Acls::creator_all(),
            None => Acls::anyone_all(),
        })
    }

    /// Remembers that a node may have to go then. Where it may before, it is looked at before.
    pub(crate) fn remember(&self, path: String, deadline: Deadline) {
        let mut expiring = self.expiring();
        let first = expiring.entry(path).or_insert(deadline);
        *first = deadline.min(*first);
    }

    /// The nodes that may have to go by now, which it forgets.
    pub(crate) fn take_expired(&self) -> Vec<(String, Deadline)> {
        let mut expiring = self.expiring();
        let expired = expiring.extract_if(.., |_, deadline| deadline.is_past());
        expired.collect()
    }

    fn expiring(&self) -> MutexGuard<'_, BTreeMap<String, Deadline>> {
        let expiring = self.expiring.lock();
        expiring.unwrap_or_else(PoisonError::into_inner)
    }

    async fn client(&self) -> Result<Client> {
        let mut session = self.session.lock().await;
        if let Some(client) = &*session
            && !client.state().is_terminated()
        {
            return Ok(client.clone());
        }
        let mut connector = Client::connector()
            .with_fail_eagerly()
            .with_session_timeout(self.limit.clamp(SHORTEST_SESSION, LONGEST_SESSION));
        if let Some(user) = &self.login {
            let secret = self.secret.as_ref().map_or("", Secret::reveal);
            connector = connector.with_auth("digest", format!("{user}:{secret}").as_bytes());
        }
        let client = self.connect(connector).await;
        let client = client.map_err(|error| match error {
            Said::BadArguments(_) => Error::backend(error),
            error => told(error),
        })?;
        *session = Some(client.clone());
        Ok(client)
    }

    async fn connect(&self, connector: Connector) -> Result<Client, Said> {
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            let connector = connector.with_tls(tls.clone());
            return connector.secure_connect(&self.addresses).await;
        }
        connector.connect(&self.addresses).await
    }

    async fn forget(&self, ended: &Client) {
        let mut session = self.session.lock().await;
        let is_ended = |client: &mut Client| client.session_id() == ended.session_id();
        let _ = session.take_if(is_ended);
    }
}

/// The addresses as the client library reads them. It takes more than a host and a port in each:
/// another protocol, and a root.
fn addresses(settings: &Settings) -> Result<String> {
    let usual = usual_port(settings.tls.is_some());
    let addresses = settings.addresses.iter().map(|address| {
        let (host, port) = host_and_port(address)?;
        #[cfg(feature = "tls")]
        if settings.tls.is_some() {
            crate::tls::check_name(host)?;
        }
        let port = port.unwrap_or(usual);
        Ok(match host.contains(':') {
            true => format!("[{host}]:{port}"),
            false => format!("{host}:{port}"),
        })
    });
    let addresses = addresses.collect::<Result<Vec<_>>>()?;
    Ok(addresses.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_no_more_than_a_host_and_a_port() -> Result<()> {
        let mut settings = Settings::new("a");
        settings
            .addresses
            .extend(["b:1", "[::1]"].map(str::to_owned));
        assert_eq!(addresses(&settings)?, "a:2181,b:1,[::1]:2181");
        settings.tls = Some(omni_kv_parts::Tls::default());
        assert_eq!(addresses(&settings)?, "a:2281,b:1,[::1]:2281");
        for wrong in ["tcp://a", "a:1/root", "a,b", ""] {
            settings.addresses = vec![wrong.to_owned()];
            assert!(addresses(&settings).is_err(), "{wrong}");
        }
        Ok(())
    }
}
