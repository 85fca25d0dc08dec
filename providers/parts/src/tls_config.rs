//! The settings of TLS as rustls takes them.

use std::path::Path;

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tck_api::{Error, Result};

use crate::Tls;

impl Tls {
    /// What a client of rustls needs. The files are read here.
    pub fn client_config(&self) -> Result<ClientConfig> {
        let mut roots = RootCertStore::empty();
        match &self.ca {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(file) => {
                for certificate in certificates(file)? {
                    roots.add(certificate).map_err(Error::backend)?;
                }
            }
        }
        let config = ClientConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(Error::backend)?
            .with_root_certificates(roots);
        match (&self.certificate, &self.key) {
            (None, None) => Ok(config.with_no_client_auth()),
            (Some(certificate), Some(key)) => {
                let key = PrivateKeyDer::from_pem_file(key).map_err(|_| unread(key))?;
                config
                    .with_client_auth_cert(certificates(certificate)?, key)
                    .map_err(Error::backend)
            }
            _ => Err(Error::backend("a certificate and its key come together")),
        }
    }
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let found = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    let found: Vec<_> = found.map_err(|_| unread(file))?;
    if found.is_empty() {
        return Err(unread(file));
    }
    Ok(found)
}

fn unread(file: &Path) -> Error {
    Error::backend(format!("no pem could be read from {}", file.display()))
}
