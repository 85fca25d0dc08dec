//! A certificate of this machine, signed by itself.

use std::{fmt::Display, io, path::Path, process::Command};

use crate::installed;

/// Why none can be made, if none can.
pub(crate) fn missing() -> Option<String> {
    installed("openssl")
}

/// Where both are in a folder.
pub(crate) fn files(folder: &Path) -> [String; 2] {
    ["ca.pem", "key.pem"].map(|file| folder.join(file).display().to_string())
}

/// The URL of a server that trusts the certificate of a folder, and asks for it.
pub(crate) fn url(scheme: &str, address: impl Display, folder: &Path) -> String {
    let [ca, key] = files(folder);
    format!("{scheme}://{address}?ca={ca}&certificate={ca}&key={key}")
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
