//! TLS by rustls.

use reqwest::ClientBuilder;
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use tck_api::{Error, Result};

pub(crate) fn encrypted(builder: ClientBuilder, tls: bool) -> Result<ClientBuilder> {
    let roots = webpki_roots::TLS_SERVER_ROOTS.iter().cloned();
    // Without TLS there is nobody to trust.
    let roots = roots.filter(|_| tls);
    let config = ClientConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .map_err(Error::backend)?
        .with_root_certificates(RootCertStore::from_iter(roots))
        .with_no_client_auth();
    let builder = builder.tls_backend_preconfigured(config);
    Ok(builder.https_only(tls))
}
