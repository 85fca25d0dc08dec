//! Upstash: what answers like its REST interface, in front of a Redis. The service itself
//! can't be had here.

mod front;
mod line;
mod request;

use std::io;

use crate::{Running, Server, redis};

/// The REST interface of Upstash as it is documented, without TLS.
#[derive(Debug)]
pub enum Upstash {}

const TOKEN: &str = "AYAgASQgtoken-of-tests=";

impl Server for Upstash {
    const VARIABLE: &'static str = "TCK_UPSTASH_URL";

    fn missing() -> Option<String> {
        redis::Redis::missing()
    }

    fn start() -> io::Result<Running> {
        let redis = redis::start(&[])?;
        let address = front::begin(redis.address(), TOKEN)?;
        let url = format!("upstash-http://:{TOKEN}@{address}");
        Ok(Running::cluster(vec![redis], address, url))
    }
}
