//! One line for all calls, to a server or to a cluster.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use omni_kv_parts::{Secret, within};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ConnectionInfo, FromRedisValue,
    IntoConnectionInfo, RedisConnectionInfo, RedisResult, aio::MultiplexedConnection,
    cluster::ClusterClient, cluster_async::ClusterConnection, io::tcp::TcpSettings,
};
use tck_api::{Error, ErrorKind, Result};
use tokio::sync::OnceCell;

#[cfg(feature = "tls")]
use crate::tls::certificates;
use crate::{Settings, cluster, error::told};

#[derive(Clone)]
pub(crate) struct Connection {
    to: To,
    held: Arc<Mutex<Arc<OnceCell<Line>>>>,
    limit: Duration,
}

#[derive(Clone)]
enum To {
    Server(Arc<Client>),
    Cluster(Arc<ClusterClient>),
}

/// What carries the calls of one operation.
pub(crate) struct Line {
    way: Way,
    limit: Duration,
}

#[derive(Clone)]
enum Way {
    Server(MultiplexedConnection),
    Cluster(ClusterConnection),
}

/// A server of which all keys can be asked for.
pub(crate) type Node = Option<(String, u16)>;

impl Connection {
    pub(crate) async fn open(settings: &Settings) -> Result<Self> {
        let nodes = settings.addresses.iter();
        let nodes = nodes.map(|address| info(address, settings));
        let nodes = nodes.collect::<Result<Vec<_>>>()?;
        let connection = Self {
            to: if settings.is_cluster {
                To::Cluster(Arc::new(cluster(nodes, settings)?))
            } else {
                To::Server(Arc::new(server(nodes, settings)?))
            },
            held: Arc::default(),
            limit: settings.timeout,
        };
        connection.run(async |_| Ok(())).await?;
        Ok(connection)
    }

    /// The answer to a command.
    pub(crate) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T> {
        self.run(async |line| line.ask(command).await).await
    }

    /// Calls that end in time together, over a line that is there or made for them.
    pub(crate) async fn run<T>(&self, calls: impl AsyncFnOnce(&Line) -> Result<T>) -> Result<T> {
        let held = Arc::clone(&self.held.lock().unwrap_or_else(PoisonError::into_inner));
        let answer = within(self.limit, async {
            let line = held.get_or_try_init(|| self.connect()).await?;
            calls(line).await
        })
        .await;
        if let Err(error) = &answer
            && matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::TimedOut)
            && matches!(self.to, To::Server(_))
        {
            self.forget(&held);
        }
        answer
    }

    async fn connect(&self) -> Result<Line> {
        let way = match &self.to {
            To::Server(client) => {
                // The limit of the calls is theirs as well.
                let config = AsyncConnectionConfig::new()
                    .set_connection_timeout(None)
                    .set_response_timeout(None);
                let line = client.get_multiplexed_async_connection_with_config(&config);
                line.await.map(Way::Server)
            }
            To::Cluster(client) => client.get_async_connection().await.map(Way::Cluster),
        };
        Ok(Line {
            way: way.map_err(|error| told(error, self.limit))?,
            limit: self.limit,
        })
    }

    /// The next call makes another: one that is silent may stay so, though the server is there.
    /// The lines of a cluster are the library's, which makes them anew where they broke.
    fn forget(&self, failed: &Arc<OnceCell<Line>>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&held, failed) {
            *held = Arc::default();
        }
    }
}

impl Line {
    pub(crate) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T> {
        self.told(match self.way.clone() {
            Way::Server(mut line) => command.query_async(&mut line).await,
            Way::Cluster(line) => cluster::ask(line, command).await,
        })
    }

    /// All that hold keys.
    pub(crate) async fn nodes(&self) -> Result<Vec<Node>> {
        let Way::Cluster(_) = &self.way else {
            return Ok(vec![None]);
        };
        let slots = self.ask(redis::cmd("CLUSTER").arg("SLOTS")).await?;
        let masters = cluster::masters(slots)?;
        Ok(masters.into_iter().map(Some).collect())
    }

    /// The answer of one node to a command.
    pub(crate) async fn ask_node<T: FromRedisValue>(&self, node: &Node, command: Cmd) -> Result<T> {
        let (Way::Cluster(line), Some((host, port))) = (&self.way, node) else {
            return self.ask(&command).await;
        };
        self.told(cluster::ask_node(line.clone(), host, *port, command).await)
    }

    fn told<T>(&self, answer: RedisResult<T>) -> Result<T> {
        answer.map_err(|error| told(error, self.limit))
    }
}

fn server(nodes: Vec<ConnectionInfo>, settings: &Settings) -> Result<Client> {
    let node = nodes.into_iter().next();
    let node = node.ok_or_else(|| Error::backend("no address"))?;
    let node = node.set_tcp_settings(tcp(settings.timeout));
    let client = match &settings.tls {
        #[cfg(feature = "tls")]
        Some(tls) => Client::build_with_tls(node, certificates(tls)?),
        _ => Client::open(node),
    };
    client.map_err(|error| told(error, settings.timeout))
}

fn cluster(nodes: Vec<ConnectionInfo>, settings: &Settings) -> Result<ClusterClient> {
    let builder = ClusterClient::builder(nodes)
        // It repeats what may have been done as well.
        .retries(0)
        .tcp_settings(tcp(settings.timeout))
        .connection_timeout(settings.timeout)
        .response_timeout(settings.timeout);
    let builder = match &settings.tls {
        #[cfg(feature = "tls")]
        Some(tls) => builder.certs(certificates(tls)?),
        _ => builder,
    };
    builder
        .build()
        .map_err(|error| told(error, settings.timeout))
}

/// What the network has not delivered within the limit ends the connection, where the system
/// can do so: it would try on for a quarter of an hour.
fn tcp(limit: Duration) -> TcpSettings {
    let settings = TcpSettings::default();
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(limit);
    #[cfg(not(target_os = "linux"))]
    let _ = limit;
    settings
}

fn info(address: &str, settings: &Settings) -> Result<ConnectionInfo> {
    let wrong = || Error::backend(format!("not a host and a port: {address}"));
    let (host, port) = address.rsplit_once(':').ok_or_else(wrong)?;
    let host = host.trim_matches(['[', ']']).to_owned();
    let port = port.parse().map_err(|_| wrong())?;
    let address = if settings.tls.is_some() {
        ConnectionAddr::TcpTls {
            host,
            port,
            insecure: false,
            tls_params: None,
        }
    } else {
        ConnectionAddr::Tcp(host, port)
    };
    let mut login = RedisConnectionInfo::default().set_db(settings.database.into());
    if let Some(password) = &settings.password {
        login = login.set_password(Secret::reveal(password));
        if let Some(user) = &settings.user {
            login = login.set_username(user);
        }
    } else if settings.user.is_some() {
        return Err(Error::backend("a user without a password"));
    }
    let info = address.into_connection_info().map_err(Error::backend)?;
    Ok(info.set_redis_settings(login))
}
