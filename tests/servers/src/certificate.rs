//! A certificate of this machine, signed by itself.

use std::{io, path::Path, process::Command};

use crate::installed;

/// Why none can be made, if none can.
pub(crate) fn missing() -> Option<String> {
    installed("openssl")
}

/// Makes the certificate `ca.pem` and its key `key.pem` in a folder.
pub(crate) fn make(folder: &Path) -> io::Result<()> {
    let curve = "ec_paramgen_curve:P-256";
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", curve])
        .args(["-nodes", "-days", "2", "-subj", "/CN=tck"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", "key.pem", "-out", "ca.pem"])
        .current_dir(folder)
        .output()?;
    if made.status.success() {
        Ok(())
    } else {
        let said = String::from_utf8_lossy(&made.stderr).into_owned();
        Err(io::Error::other(said))
    }
}
