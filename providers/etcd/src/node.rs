//! A node, and the line to it that all calls share.

use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, Uri, header,
    uri::{Authority, PathAndQuery, Scheme},
};
use http_body_util::Full;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use omni_kv_parts::Secret;
use tck_api::{Error, Result};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};

use crate::{Settings, wire::Call};

/// A line to a node.
pub(crate) type Line = http2::SendRequest<Full<Bytes>>;

pub(crate) struct Node {
    authority: Authority,
    port: u16,
    #[cfg(feature = "tls")]
    tls: Option<tokio_rustls::TlsConnector>,
}

impl Node {
    /// The nodes of these settings.
    pub(crate) fn all(settings: &Settings) -> Result<Vec<Self>> {
        #[cfg(feature = "tls")]
        let tls = match &settings.tls {
            Some(tls) => {
                let mut config = tls.client_config()?;
                config.alpn_protocols = vec![b"h2".to_vec()];
                Some(std::sync::Arc::new(config).into())
            }
            None => None,
        };
        #[cfg(not(feature = "tls"))]
        if settings.tls.is_some() {
            return Err(Error::backend("built without the feature tls"));
        }
        let nodes = settings.addresses.iter().map(|address| {
            let authority: Option<Authority> = address.parse().ok();
            let port = authority.as_ref().and_then(Authority::port_u16);
            let (Some(authority), Some(port)) = (authority, port) else {
                let reason = format!("not a host and a port: {address}");
                return Err(Error::backend(reason));
            };
            Ok(Self {
                authority,
                port,
                #[cfg(feature = "tls")]
                tls: Clone::clone(&tls),
            })
        });
        nodes.collect()
    }

    pub(crate) async fn connect(&self) -> Result<Line> {
        let failed = |error: &dyn std::error::Error| {
            Error::unavailable(format!("{}: {error}", self.authority))
        };
        // An address of version 6 stands in brackets.
        let host = self.authority.host().trim_matches(['[', ']']);
        let stream = TcpStream::connect((host, self.port)).await;
        let stream = stream.map_err(|error| failed(&error))?;
        stream.set_nodelay(true).map_err(|error| failed(&error))?;
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            let name = tokio_rustls::rustls::pki_types::ServerName::try_from(host.to_owned());
            let name = name.map_err(|error| failed(&error))?;
            let stream = tls.connect(name, stream).await;
            let stream = stream.map_err(|error| failed(&error))?;
            return opened(stream).await.map_err(|error| failed(&error));
        }
        opened(stream).await.map_err(|error| failed(&error))
    }

    pub(crate) fn request(
        &self,
        call: &Call,
        token: Option<&Secret>,
    ) -> Result<Request<Full<Bytes>>> {
        let uri = Uri::builder()
            .scheme(self.scheme())
            .authority(self.authority.clone())
            .path_and_query(PathAndQuery::from_static(call.path))
            .build();
        let mut request = Request::new(Full::new(call.body.clone()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri.map_err(Error::backend)?;
        let headers = request.headers_mut();
        let grpc = HeaderValue::from_static("application/grpc");
        headers.insert(header::CONTENT_TYPE, grpc);
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
        if let Some(token) = token {
            let token = HeaderValue::from_str(token.reveal());
            let mut token = token.map_err(Error::backend)?;
            token.set_sensitive(true);
            headers.insert("token", token);
        }
        Ok(request)
    }

    #[cfg(feature = "tls")]
    fn scheme(&self) -> Scheme {
        match self.tls {
            Some(_) => Scheme::HTTPS,
            None => Scheme::HTTP,
        }
    }

    #[cfg(not(feature = "tls"))]
    fn scheme(&self) -> Scheme {
        Scheme::HTTP
    }
}

async fn opened<S>(stream: S) -> hyper::Result<Line>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (line, end) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
    // Whoever calls is told how it has ended.
    tokio::spawn(end);
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_a_host_and_a_port() -> Result<()> {
        let of = |address: &str| Node::all(&Settings::new(address));
        for address in ["example.org:2379", "127.0.0.1:1", "[::1]:2379"] {
            let nodes = of(address)?;
            let named = nodes.first().map(|node| node.authority.as_str());
            assert_eq!(named, Some(address));
        }
        for address in ["", "example.org", "example.org:", "::1", "a b:1", "a:70000"] {
            assert!(of(address).is_err(), "{address}");
        }
        Ok(())
    }
}
