//! OpenBao, which speaks the protocol of Vault.
