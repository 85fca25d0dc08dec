//! The requests that a bucket answers.

use std::{fs, io, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::{
    Certificate, ClientOptions, GetOptions, ObjectStore, ObjectStoreExt, PutMode, RetryConfig,
    UpdateVersion,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path,
};
use omni_kv_parts::{Sealed, Secret, within};
use tck_api::{Error, Result};

use crate::{
    Settings,
    error::{is_changed, is_miss, told},
};

#[derive(Clone)]
pub(crate) struct Bucket {
    client: Arc<AmazonS3>,
    limit: Duration,
}

/// The version of an object, which a write may ask for.
pub(crate) type Tag = Option<String>;

impl Bucket {
    pub(crate) fn open(settings: &Settings) -> Result<Self> {
        // Another that the program has chosen before is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (scheme, limit) = (
            if settings.tls { "https" } else { "http" },
            settings.timeout,
        );
        let builder = match (&settings.key, &settings.secret) {
            (Some(key), Some(secret)) => AmazonS3Builder::new()
                .with_access_key_id(key)
                .with_secret_access_key(Secret::reveal(secret)),
            _ => AmazonS3Builder::from_env(),
        };
        let mut options = ClientOptions::new()
            .with_allow_http(!settings.tls)
            .with_connect_timeout(limit)
            .with_timeout_disabled();
        if let Some(file) = &settings.ca {
            let unread = |error: io::Error| Error::backend(format!("{}: {error}", file.display()));
            let pem = fs::read(file).map_err(unread)?;
            for trusted in Certificate::from_pem_bundle(&pem).map_err(Error::backend)? {
                options = options.with_root_certificate(trusted);
            }
        }
        // Who repeats a conditional write that has happened takes it for refused.
        let no_retries = RetryConfig {
            max_retries: 0,
            ..RetryConfig::default()
        };
        let client = builder
            .with_endpoint(format!("{scheme}://{}", settings.address))
            .with_virtual_hosted_style_request(false)
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_client_options(options)
            .with_retry(no_retries)
            .build()
            .map_err(Error::backend)?;
        let client = Arc::new(client);
        Ok(Self { client, limit })
    }

    /// What lies there, with its version.
    pub(crate) async fn read(&self, path: &Path) -> Result<Option<(Sealed, Tag)>> {
        self.read_with(path, GetOptions::default()).await
    }

    /// The first bytes of what lies there, the deadline among them.
    pub(crate) async fn peek(&self, path: &Path) -> Result<Option<Sealed>> {
        let first = GetOptions::new().with_range(Some(0..Sealed::OVERHEAD as u64));
        let sealed = self.read_with(path, first).await?;
        Ok(sealed.map(|(sealed, _)| sealed))
    }

    async fn read_with(&self, path: &Path, options: GetOptions) -> Result<Option<(Sealed, Tag)>> {
        within(self.limit, async {
            let answer = match self.client.get_opts(path, options).await {
                Err(error) if is_miss(&error) => return Ok(None),
                answer => answer.map_err(told)?,
            };
            let tag = answer.meta.e_tag.clone();
            let bytes = answer.bytes().await.map_err(told)?;
            Ok(Some((Sealed::from_bytes(bytes)?, tag)))
        })
        .await
    }

    pub(crate) async fn write(&self, path: &Path, bytes: Bytes) -> Result<()> {
        within(self.limit, async {
            let put = self.client.put(path, bytes.into());
            put.await.map(drop).map_err(told)
        })
        .await
    }

    /// Writes where nothing lies, or where still this version lies. Says whether it did.
    pub(crate) async fn write_where(
        &self,
        path: &Path,
        bytes: Bytes,
        version: Option<Tag>,
    ) -> Result<bool> {
        let mode = version.map_or(PutMode::Create, |e_tag| {
            let version = None;
            PutMode::Update(UpdateVersion { e_tag, version })
        });
        within(self.limit, async {
            let put = self.client.put_opts(path, bytes.into(), mode.into());
            match put.await {
                Ok(_) => Ok(true),
                Err(error) if is_changed(&error) => Ok(false),
                Err(error) => Err(told(error)),
            }
        })
        .await
    }

    pub(crate) async fn delete(&self, path: &Path) -> Result<()> {
        within(self.limit, async {
            match self.client.delete(path).await {
                Err(error) if is_miss(&error) => Ok(()),
                answer => answer.map_err(told),
            }
        })
        .await
    }

    /// All paths in a folder, in no order that could be relied on.
    pub(crate) async fn paths(&self, folder: &Path) -> Result<Vec<Path>> {
        let mut objects = self.client.list(Some(folder));
        let mut paths = Vec::new();
        // The limit is one of each request, not of all of them.
        while let Some(object) =
            within(self.limit, async { objects.try_next().await.map_err(told) }).await?
        {
            paths.push(object.location);
        }
        Ok(paths)
    }
}
