//! What the nodes of a cluster say to the wrong question, and who they are.

use std::time::Duration;

use redis::{
    Cmd, ErrorKind, FromRedisValue, RedisError, RedisResult,
    ServerErrorKind::{Ask, ClusterDown, Moved, ReadOnly, TryAgain},
    Value,
    aio::ConnectionLike,
    cluster_async::ClusterConnection,
    cluster_routing::{RoutingInfo, SingleNodeRoutingInfo},
    from_redis_value, pipe,
};
use tck_api::{Error, Result};

/// How long a cluster is left alone that is about to move a key.
const PAUSE: Duration = Duration::from_millis(10);

const SLOTS: u32 = 16_384;

/// The answer to a command about one key. Nodes that say that they have not done it are asked
/// again, and nobody else: a conditional write that was done before would be taken for refused.
pub(crate) async fn ask<T: FromRedisValue>(
    mut line: ClusterConnection,
    command: &Cmd,
) -> RedisResult<T> {
    let mut answer = line.req_packed_command(command).await;
    loop {
        let refused = match answer.and_then(Value::extract_error) {
            Err(error) if is_refused(&error) => error,
            answer => return Ok(from_redis_value(answer?)?),
        };
        answer = match asked_instead(&refused) {
            Some(node) => ask_moving(&mut line, node, command).await,
            None => {
                // It looks meanwhile who has which keys.
                tokio::time::sleep(PAUSE).await;
                line.req_packed_command(command).await
            }
        };
    }
}

/// The answer of one node to a command.
pub(crate) async fn ask_node<T: FromRedisValue>(
    mut line: ClusterConnection,
    host: &str,
    port: u16,
    command: Cmd,
) -> RedisResult<T> {
    let node = RoutingInfo::SingleNode(by_address(host, port));
    let answer = line.route_command(command, node).await?;
    Ok(from_redis_value(answer.extract_error()?)?)
}

/// Asks the node to which the key is on its way.
async fn ask_moving(
    line: &mut ClusterConnection,
    node: SingleNodeRoutingInfo,
    command: &Cmd,
) -> RedisResult<Value> {
    let mut asking = pipe();
    asking.cmd("ASKING").add_command(command.clone());
    let answers = line.route_pipeline(asking, 1, 1, node).await?;
    let none = || RedisError::from((ErrorKind::Client, "a node with no answer"));
    answers.into_iter().next().ok_or_else(none)
}

/// Whether a node says that it has not done it. What the library says of itself is no proof:
/// where it loses the cluster, calls on their way get the error of another.
fn is_refused(error: &RedisError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Server(Ask | ClusterDown | Moved | ReadOnly | TryAgain)
    )
}

fn asked_instead(refused: &RedisError) -> Option<SingleNodeRoutingInfo> {
    let (address, _) = refused.redirect_node()?;
    let (host, port) = address.rsplit_once(':')?;
    let node = by_address(host, port.parse().ok()?);
    (refused.kind() == ErrorKind::Server(Ask)).then_some(node)
}

fn by_address(host: &str, port: u16) -> SingleNodeRoutingInfo {
    let host = host.to_owned();
    SingleNodeRoutingInfo::ByAddress { host, port }
}

/// The masters in an answer to `CLUSTER SLOTS`, those that fail included. Without all of them
/// there is no telling which keys there are.
pub(crate) fn masters(ranges: Vec<Vec<Value>>) -> Result<Vec<(String, u16)>> {
    let odd = || Error::backend("slots of an unknown form");
    let mut masters = Vec::new();
    let mut slots = 0;
    for range in ranges {
        let [
            Value::Int(first),
            Value::Int(last),
            Value::Array(master),
            ..,
        ] = range.as_slice()
        else {
            return Err(odd());
        };
        let [host, Value::Int(port), ..] = master.as_slice() else {
            return Err(odd());
        };
        let host: String = from_redis_value(host.clone()).map_err(|_| odd())?;
        let master = (host, u16::try_from(*port).map_err(|_| odd())?);
        if !masters.contains(&master) {
            masters.push(master);
        }
        let length = last.saturating_sub(*first).saturating_add(1);
        slots += u32::from(u16::try_from(length).map_err(|_| odd())?);
    }
    if slots == SLOTS {
        Ok(masters)
    } else {
        let reason = format!("{slots} of {SLOTS} slots have a master");
        Err(Error::unavailable(reason))
    }
}

#[cfg(test)]
mod tests {
    use tck_api::ErrorKind::Unavailable;

    use super::*;

    fn range(first: i64, last: i64, port: i64) -> Vec<Value> {
        let host = Value::BulkString("a.example".into());
        let master = Value::Array(vec![host, Value::Int(port)]);
        vec![Value::Int(first), Value::Int(last), master]
    }

    #[test]
    fn every_master_is_found_once_or_none_is() {
        let ranges = [range(0, 99, 1), range(100, 199, 2), range(200, 16_383, 1)];
        let all = masters(ranges.to_vec()).expect("all slots have a master");
        let host = "a.example".to_owned();
        assert_eq!(all, [(host.clone(), 1), (host, 2)]);
        let some = masters(vec![range(0, 99, 1), range(200, 16_383, 1)]);
        assert_eq!(some.map_err(|error| error.kind()), Err(Unavailable));
    }
}
