//! TLS as the settings say.

use std::{fs, path::Path};

use omni_kv_parts::Tls;
use rustls::pki_types::ServerName;
use tck_api::{Error, Result};
use zookeeper_client::TlsOptions;

pub(crate) fn options(tls: &Tls) -> Result<TlsOptions> {
    // Another that the program has chosen before is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let Some(ca) = &tls.ca else {
        return Err(Error::backend(
            "TLS without the certificates to trust, `ca`",
        ));
    };
    // The client library says less of what is wrong, and later.
    tls.client_config()?;
    let options = TlsOptions::new().with_pem_ca(&read(ca)?);
    let options = options.map_err(|error| unusable(ca, error))?;
    match (&tls.certificate, &tls.key) {
        (Some(certificate), Some(key)) => options
            .with_pem_identity(&read(certificate)?, &read(key)?)
            .map_err(|error| unusable(certificate, error)),
        _ => Ok(options),
    }
}

/// Whether a certificate can be about this host. The client library panics where none can.
pub(crate) fn check_name(host: &str) -> Result<()> {
    ServerName::try_from(host).map(drop).map_err(Error::backend)
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).map_err(|error| unusable(file, error))
}

fn unusable(file: &Path, error: impl std::fmt::Display) -> Error {
    Error::backend(format!("{}: {error}", file.display()))
}
