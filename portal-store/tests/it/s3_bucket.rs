//! A bucket of a test's own, on a server of the test's own.

use std::time::Duration;

use async_trait::async_trait;
use portal_core::testing::LakeFixture;
use portal_core::{Lake, LakePath};
use portal_store::{S3Lake, S3Options};
use tempfile::TempDir;

use crate::s3_server::S3Server;

pub(crate) const BUCKET: &str = "lake-bucket";

/// A lake that is not there yet, in a bucket that goes away with it.
pub(crate) struct InBucket {
    pub(crate) server: S3Server,
    /// Holds the credentials: a test must not set variables of its process.
    folder: TempDir,
}

impl InBucket {
    pub(crate) fn new() -> InBucket {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("credentials"), S3Server::credentials()).expect("a file");
        InBucket { server: S3Server::start(BUCKET), folder }
    }

    /// The lake's URL, with more options behind it.
    pub(crate) fn url(&self, more: &str) -> String {
        let file = self.folder.path().join("credentials");
        format!(
            "s3://{BUCKET}/some/prefix?endpoint={}&credentials_file={}{more}",
            self.server.endpoint(),
            file.display()
        )
    }

    pub(crate) async fn lake(&self) -> S3Lake {
        S3Lake::open_with(&self.url(""), quick()).await.expect("a lake")
    }
}

#[async_trait]
impl LakeFixture for InBucket {
    async fn open(&self) -> Box<dyn Lake> {
        Box::new(self.lake().await)
    }
}

/// Options for a server on this machine: what hangs is told soon.
pub(crate) fn quick() -> S3Options {
    S3Options {
        connect_timeout: Duration::from_secs(5),
        attempt_timeout: Duration::from_secs(20),
        deadline: Duration::from_secs(60),
        ..S3Options::default()
    }
}

pub(crate) fn key(path: &str) -> LakePath {
    LakePath::parse(path).expect("a path of this test")
}
