//! What is read in every account and region: each kind's name in the lake, its word in the configuration, its rights.
//!
//! How a kind is read stands in the file of its service.

/// The kind of the organization's accounts.
pub(super) const ACCOUNTS: &str = "accounts";

/// A kind that is read in every account and region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    #[cfg(feature = "aws-s3")]
    S3,
    #[cfg(feature = "aws-rds")]
    Rds,
    #[cfg(feature = "aws-rds")]
    RdsClusters,
    #[cfg(feature = "aws-dynamodb")]
    Dynamodb,
    #[cfg(feature = "aws-lambda")]
    Lambda,
    #[cfg(feature = "aws-cloudformation")]
    Cloudformation,
    #[cfg(feature = "aws-tagging")]
    Tagged,
}

impl Kind {
    /// Every kind of this build.
    pub(super) const ALL: &'static [Kind] = &[
        #[cfg(feature = "aws-s3")]
        Kind::S3,
        #[cfg(feature = "aws-rds")]
        Kind::Rds,
        #[cfg(feature = "aws-rds")]
        Kind::RdsClusters,
        #[cfg(feature = "aws-dynamodb")]
        Kind::Dynamodb,
        #[cfg(feature = "aws-lambda")]
        Kind::Lambda,
        #[cfg(feature = "aws-cloudformation")]
        Kind::Cloudformation,
        #[cfg(feature = "aws-tagging")]
        Kind::Tagged,
    ];

    /// Its name in the lake.
    pub(super) fn name(self) -> &'static str {
        match self {
            #[cfg(feature = "aws-s3")]
            Kind::S3 => "s3",
            #[cfg(feature = "aws-rds")]
            Kind::Rds => "rds",
            #[cfg(feature = "aws-rds")]
            Kind::RdsClusters => "rds-clusters",
            #[cfg(feature = "aws-dynamodb")]
            Kind::Dynamodb => "dynamodb",
            #[cfg(feature = "aws-lambda")]
            Kind::Lambda => "lambda",
            #[cfg(feature = "aws-cloudformation")]
            Kind::Cloudformation => "cloudformation",
            #[cfg(feature = "aws-tagging")]
            Kind::Tagged => "tagged",
        }
    }

    /// Its word in the configuration: clusters come with the instances.
    pub(super) fn word(self) -> &'static str {
        match self.name() {
            "rds-clusters" => "rds",
            name => name,
        }
    }

    /// The IAM actions that it needs.
    pub(super) fn actions(self) -> &'static [&'static str] {
        match self {
            #[cfg(feature = "aws-s3")]
            Kind::S3 => &["s3:ListAllMyBuckets", "s3:GetBucketTagging", "s3:GetBucketLocation"],
            #[cfg(feature = "aws-rds")]
            Kind::Rds => &["rds:DescribeDBInstances"],
            #[cfg(feature = "aws-rds")]
            Kind::RdsClusters => &["rds:DescribeDBClusters"],
            #[cfg(feature = "aws-dynamodb")]
            Kind::Dynamodb => &["dynamodb:ListTables", "dynamodb:DescribeTable", "dynamodb:ListTagsOfResource"],
            #[cfg(feature = "aws-lambda")]
            Kind::Lambda => &["lambda:ListFunctions", "lambda:ListTags", "lambda:ListEventSourceMappings"],
            #[cfg(feature = "aws-cloudformation")]
            Kind::Cloudformation => &["cloudformation:DescribeStacks", "cloudformation:ListStackResources"],
            #[cfg(feature = "aws-tagging")]
            Kind::Tagged => &["tag:GetResources"],
        }
    }
}
