//! Where the server is, and the way in.

use omni_kv_parts::{Secret, host_and_port};
use tck_api::{Error, Result};
use tokio::net::TcpStream;

use crate::{
    Settings,
    connection::{Connection, Stream},
};

pub(crate) struct Server {
    address: String,
    login: Option<(String, Secret)>,
    #[cfg(feature = "tls")]
    tls: Option<tls::Client>,
}

impl Server {
    pub(crate) fn new(settings: &Settings) -> Result<Self> {
        #[cfg(not(feature = "tls"))]
        if settings.tls.is_some() {
            return Err(Error::backend("built without the feature tls"));
        }
        if host_and_port(&settings.address)?.1.is_none() {
            let reason = format!("an address without a port: {}", settings.address);
            return Err(Error::backend(reason));
        }
        let login = match (&settings.user, &settings.password) {
            (None, None) => None,
            // A server takes the first two words, and lets in who has more to say.
            (Some(user), Some(password))
                if [user, password.reveal()].into_iter().any(has_blank) =>
            {
                return Err(Error::backend("a blank in the user or the password"));
            }
            (Some(user), Some(password)) => Some((user.clone(), password.clone())),
            _ => return Err(Error::backend("a user and a password come together")),
        };
        Ok(Self {
            address: settings.address.clone(),
            login,
            #[cfg(feature = "tls")]
            tls: tls::Client::new(settings)?,
        })
    }

    pub(crate) async fn connect(&self) -> Result<Connection> {
        let mut connection = Connection::over(self.stream().await?);
        if let Some((user, password)) = &self.login {
            connection.log_in(user, password).await?;
        }
        Ok(connection)
    }

    async fn stream(&self) -> Result<Box<dyn Stream>> {
        let stream = TcpStream::connect(&self.address).await;
        let stream = stream.map_err(Error::unavailable)?;
        stream.set_nodelay(true).map_err(Error::unavailable)?;
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            return tls.over(stream).await;
        }
        Ok(Box::new(stream))
    }
}

fn has_blank(word: &str) -> bool {
    word.contains(char::is_whitespace)
}

#[cfg(feature = "tls")]
mod tls {
    use std::sync::Arc;

    use omni_kv_parts::host_and_port;
    use tck_api::{Error, Result};
    use tokio::net::TcpStream;
    use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};

    use crate::{Settings, connection::Stream};

    /// The client's side of TLS.
    pub(super) struct Client {
        connector: TlsConnector,
        /// Whom the certificate has to be about.
        name: ServerName<'static>,
    }

    impl Client {
        pub(super) fn new(settings: &Settings) -> Result<Option<Self>> {
            let Some(tls) = &settings.tls else {
                return Ok(None);
            };
            let (host, _) = host_and_port(&settings.address)?;
            Ok(Some(Self {
                connector: Arc::new(tls.client_config()?).into(),
                name: ServerName::try_from(host.to_owned()).map_err(Error::backend)?,
            }))
        }

        pub(super) async fn over(&self, stream: TcpStream) -> Result<Box<dyn Stream>> {
            let stream = self.connector.connect(self.name.clone(), stream).await;
            Ok(Box::new(stream.map_err(Error::unavailable)?))
        }
    }
}
