//! One connection for all, to a server or to a cluster.

use std::time::Duration;

use omni_kv_parts::{Secret, within};
use redis::{
    Client, Cmd, ConnectionAddr, ConnectionInfo, FromRedisValue, IntoConnectionInfo,
    RedisConnectionInfo, RedisResult, Script, Value,
    aio::{ConnectionManager, ConnectionManagerConfig},
    cluster::ClusterClient,
    cluster_async::ClusterConnection,
    cluster_routing::{RoutingInfo, SingleNodeRoutingInfo},
};
use tck_api::{Error, Result};

#[cfg(feature = "tls")]
use crate::tls::certificates;
use crate::{Settings, error::told};

#[derive(Clone)]
pub(crate) struct Connection {
    line: Line,
    limit: Duration,
}

#[derive(Clone)]
enum Line {
    Single(ConnectionManager),
    Cluster(ClusterConnection),
}

/// A server of which all keys can be asked for.
pub(crate) type Node = Option<(String, u16)>;

impl Connection {
    pub(crate) async fn open(settings: &Settings) -> Result<Self> {
        let limit = settings.timeout;
        let nodes = settings
            .addresses
            .iter()
            .map(|address| info(address, settings));
        let nodes = nodes.collect::<Result<Vec<_>>>()?;
        let line = within(limit, async {
            if settings.is_cluster {
                let client = cluster(nodes, settings)?;
                let line = client.get_async_connection().await;
                line.map(Line::Cluster).map_err(|error| told(error, limit))
            } else {
                let client = single(nodes, settings)?;
                // The next call tries again; this one is to end in time.
                let config = ConnectionManagerConfig::new()
                    .set_number_of_retries(1)
                    .set_connection_timeout(Some(limit))
                    .set_response_timeout(Some(limit));
                let line = ConnectionManager::new_with_config(client, config).await;
                line.map(Line::Single).map_err(|error| told(error, limit))
            }
        });
        Ok(Self {
            line: line.await?,
            limit,
        })
    }

    /// The answer to a command.
    pub(crate) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T> {
        match self.line.clone() {
            Line::Single(mut line) => self.told(command.query_async(&mut line)).await,
            Line::Cluster(mut line) => self.told(command.query_async(&mut line)).await,
        }
    }

    /// The answer of a script about one key.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        key: &str,
        arguments: &[&[u8]],
    ) -> Result<T> {
        let mut call = script.key(key);
        for argument in arguments {
            call.arg(*argument);
        }
        match self.line.clone() {
            Line::Single(mut line) => self.told(call.invoke_async(&mut line)).await,
            Line::Cluster(mut line) => self.told(call.invoke_async(&mut line)).await,
        }
    }

    /// All that hold keys.
    pub(crate) async fn nodes(&self) -> Result<Vec<Node>> {
        let Line::Cluster(_) = &self.line else {
            return Ok(vec![None]);
        };
        let nodes: String = self.ask(redis::cmd("CLUSTER").arg("NODES")).await?;
        let masters = nodes.lines().filter_map(master);
        Ok(masters.map(Some).collect())
    }

    /// The answer of one node to a command.
    pub(crate) async fn ask_node<T: FromRedisValue>(&self, node: &Node, command: Cmd) -> Result<T> {
        let (Line::Cluster(line), Some((host, port))) = (&self.line, node) else {
            return self.ask(&command).await;
        };
        let (mut line, host) = (line.clone(), host.clone());
        let to = RoutingInfo::SingleNode(SingleNodeRoutingInfo::ByAddress { host, port: *port });
        self.told(async {
            let answer: Value = line.route_command(command, to).await?;
            Ok(redis::from_redis_value(answer)?)
        })
        .await
    }

    async fn told<T>(&self, call: impl Future<Output = RedisResult<T>>) -> Result<T> {
        let limit = self.limit;
        within(limit, async {
            call.await.map_err(|error| told(error, limit))
        })
        .await
    }
}

fn single(nodes: Vec<ConnectionInfo>, settings: &Settings) -> Result<Client> {
    let node = nodes.into_iter().next();
    let node = node.ok_or_else(|| Error::backend("no address"))?;
    let client = match &settings.tls {
        #[cfg(feature = "tls")]
        Some(tls) => Client::build_with_tls(node, certificates(tls)?),
        _ => Client::open(node),
    };
    client.map_err(|error| told(error, settings.timeout))
}

fn cluster(nodes: Vec<ConnectionInfo>, settings: &Settings) -> Result<ClusterClient> {
    let builder = ClusterClient::builder(nodes)
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
    if let Some(user) = &settings.user {
        login = login.set_username(user);
    }
    if let Some(password) = &settings.password {
        login = login.set_password(Secret::reveal(password));
    }
    let info = address.into_connection_info().map_err(Error::backend)?;
    Ok(info.set_redis_settings(login))
}

/// The address in a line of `CLUSTER NODES`, where it is one of a master that serves.
fn master(line: &str) -> Option<(String, u16)> {
    let mut words = line.split(' ').skip(1);
    let (address, flags) = (words.next()?, words.next()?);
    let serves = flags.split(',').any(|flag| flag == "master") && !flags.contains("fail");
    let (address, _) = address.split_once('@')?;
    let (host, port) = address.rsplit_once(':')?;
    serves.then_some((host.to_owned(), port.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masters_that_serve_are_found() {
        let found = |flags: &str| {
            master(&format!(
                "07c3 127.0.0.1:30004@31004 {flags} - 0 1 2 connected"
            ))
        };
        let address = Some(("127.0.0.1".to_owned(), 30004));
        assert_eq!(found("master"), address);
        assert_eq!(found("myself,master"), address);
        assert_eq!(found("slave"), None);
        assert_eq!(found("master,fail"), None);
    }
}
