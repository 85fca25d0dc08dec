//! SeaweedFS, which speaks the protocol of S3.
