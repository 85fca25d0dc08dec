//! TLS as the settings say.

use std::path::Path;

use omni_kv_parts::Tls;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tck_api::{Error, Result};

pub(crate) fn configured(tls: &Tls) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    match &tls.ca {
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
    let mut config = match (&tls.certificate, &tls.key) {
        (None, None) => config.with_no_client_auth(),
        (Some(certificate), Some(key)) => {
            let key = PrivateKeyDer::from_pem_file(key).map_err(|_| unread(key))?;
            config
                .with_client_auth_cert(certificates(certificate)?, key)
                .map_err(Error::backend)?
        }
        _ => return Err(Error::backend("a certificate and its key come together")),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(config)
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
