//! Connections with TLS.

use std::time::Duration;

use omni_kv_zookeeper::{Settings, ZooKeeper};
use omni_tck_servers::{Shared, Tested, sealed, zookeeper};
use tck::ErrorKind;

use super::open;

pub(super) async fn checks_the_certificate(server: Shared<zookeeper::SealedZooKeeper>) -> Tested {
    let open = |url| open(url, Duration::from_secs(30), "sealed".to_owned());
    sealed::certificate_is_checked(server.get(), open).await
}

/// The client library reads more out of an address than a host and a port, and gives up where a
/// certificate can't be about the host.
pub(super) async fn stays_sealed(server: Shared<zookeeper::ZooKeeper>) -> Tested {
    let address = server.get().address();
    let mut settings = Settings::new(address.to_string());
    let folder = std::env::temp_dir();
    let mut tls = omni_kv_parts::Tls::default();
    tls.ca = Some(folder.join("nobody-looks-at-it.pem"));
    settings.tls = Some(tls);
    for address in [
        format!("tcp://{address}"),
        format!("{address}/root"),
        format!("{address},{address}"),
        "127.1:2281".to_owned(),
    ] {
        settings.addresses = vec![address];
        let opened = ZooKeeper::open(&settings).await;
        let error = opened.err().ok_or("it is plain")?;
        assert_eq!(error.kind(), ErrorKind::Backend);
        assert!(!error.to_string().contains(".pem"), "{error}");
    }
    Ok(())
}
