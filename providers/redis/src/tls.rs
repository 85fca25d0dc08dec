//! TLS as the settings say.

use std::{fs, path::Path};

use omni_kv_parts::Tls;
use redis::{ClientTlsConfig, TlsCertificates};
use tck_api::{Error, Result};

pub(crate) fn certificates(tls: &Tls) -> Result<TlsCertificates> {
    // Another that the program has chosen before is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let own = match (&tls.certificate, &tls.key) {
        (Some(certificate), Some(key)) => Some(ClientTlsConfig {
            client_cert: read(certificate)?,
            client_key: read(key)?,
        }),
        (None, None) => None,
        _ => return Err(Error::backend("a certificate and its key come together")),
    };
    Ok(TlsCertificates {
        client_tls: own,
        root_cert: tls.ca.as_deref().map(read).transpose()?,
    })
}

fn read(file: &Path) -> Result<Vec<u8>> {
    let unread = |error| Error::backend(format!("{}: {error}", file.display()));
    fs::read(file).map_err(unread)
}
