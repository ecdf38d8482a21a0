//! What a lake's URL says: `s3://bucket/prefix?option=value`.

use std::path::PathBuf;

use aws_sdk_s3::types::ServerSideEncryption;
use portal_core::LakePath;
use url::form_urlencoded;

use super::error::S3Error;

/// What may stand behind the question mark.
const OPTIONS: &[&str] =
    &["region", "endpoint", "path_style", "sse", "kms_key_id", "bucket_key", "profile", "credentials_file"];

/// A place in a bucket, and how to get there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Place {
    pub(super) bucket: String,
    /// Without a slash at either end; empty for the whole bucket.
    pub(super) prefix: String,
    pub(super) region: Option<String>,
    pub(super) endpoint: Option<String>,
    pub(super) path_style: Option<bool>,
    pub(super) encryption: Encryption,
    pub(super) profile: Option<String>,
    pub(super) credentials_file: Option<PathBuf>,
}

/// How the server is asked to encrypt what is written; as the bucket says where nothing is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Encryption {
    pub(super) algorithm: Option<ServerSideEncryption>,
    pub(super) kms_key_id: Option<String>,
    pub(super) bucket_key: Option<bool>,
}

impl Place {
    pub(super) fn parse(url: &str) -> Result<Place, S3Error> {
        let rest = url.strip_prefix("s3://").ok_or_else(|| {
            S3Error::Url("a lake in a bucket is written `s3://bucket/prefix`, with two slashes".to_owned())
        })?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
        let mut place = Place {
            bucket: bucket_name(bucket)?.to_owned(),
            prefix: prefix.trim_end_matches('/').to_owned(),
            ..Place::default()
        };
        if LakePath::parse(&place.prefix).is_err() || place.prefix.split('/').any(|part| part.starts_with('.')) {
            return Err(S3Error::Url(format!(
                "the prefix `{}` of the lake cannot be used: none of its parts may be empty or begin with a dot",
                place.prefix
            )));
        }
        let mut seen = Vec::new();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            if seen.contains(&key) {
                return Err(S3Error::Url(format!("the option `{key}` stands twice in the lake's URL")));
            }
            place.set(&key, &value)?;
            seen.push(key);
        }
        place.check()?;
        Ok(place)
    }

    /// The lake in the form that people know, without its options.
    pub(super) fn location(&self) -> String {
        self.shown("")
    }

    /// A key of the lake in that form.
    pub(super) fn shown(&self, path: &str) -> String {
        let parts = [self.bucket.as_str(), &self.prefix, path];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        format!("s3://{}", parts.join("/"))
    }

    /// The bucket's key of a path of the lake.
    pub(super) fn key(&self, path: &str) -> String {
        if self.prefix.is_empty() { path.to_owned() } else { format!("{}/{path}", self.prefix) }
    }

    /// What the keys directly and indirectly below a folder begin with.
    pub(super) fn below(&self, folder: &LakePath) -> String {
        let path = if folder.as_str().is_empty() { self.prefix.clone() } else { self.key(folder.as_str()) };
        if path.is_empty() { path } else { format!("{path}/") }
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), S3Error> {
        if value.is_empty() {
            return Err(S3Error::Url(format!("the option `{key}` of the lake's URL has no value")));
        }
        let text = Some(value.to_owned());
        match key {
            "region" => self.region = text,
            "endpoint" if value.starts_with("http://") || value.starts_with("https://") => self.endpoint = text,
            "endpoint" => {
                return Err(S3Error::Url(
                    "the option `endpoint` of the lake's URL begins with `http://` or `https://`".to_owned(),
                ));
            }
            "path_style" => self.path_style = Some(yes_or_no(key, value)?),
            "sse" => self.encryption.algorithm = Some(algorithm(value)?),
            "kms_key_id" => self.encryption.kms_key_id = text,
            "bucket_key" => self.encryption.bucket_key = Some(yes_or_no(key, value)?),
            "profile" => self.profile = text,
            "credentials_file" => self.credentials_file = Some(PathBuf::from(value)),
            _ => return Err(unknown(key)),
        }
        Ok(())
    }

    fn check(&self) -> Result<(), S3Error> {
        let Encryption { algorithm, kms_key_id, bucket_key } = &self.encryption;
        let by_kms = matches!(algorithm, Some(ServerSideEncryption::AwsKms | ServerSideEncryption::AwsKmsDsse));
        if !by_kms && (kms_key_id.is_some() || bucket_key.is_some()) {
            return Err(S3Error::Url(
                "`kms_key_id` and `bucket_key` in the lake's URL go with `sse=aws:kms` only".to_owned(),
            ));
        }
        Ok(())
    }
}

fn bucket_name(bucket: &str) -> Result<&str, S3Error> {
    // Not even in the message: what stands before an @ may be a password.
    if bucket.contains('@') {
        return Err(S3Error::Url(
            "the lake's URL holds no credentials; give them by AWS's own variables, profiles or roles".to_owned(),
        ));
    }
    let fine = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !(3..=255).contains(&bucket.len()) || !bucket.chars().all(fine) {
        return Err(S3Error::Url(format!(
            "`{bucket}` cannot be a bucket's name; a lake in a bucket is written `s3://bucket/prefix`"
        )));
    }
    Ok(bucket)
}

fn yes_or_no(key: &str, value: &str) -> Result<bool, S3Error> {
    value.parse().map_err(|_| S3Error::Url(format!("the option `{key}` of the lake's URL is `true` or `false`")))
}

fn algorithm(value: &str) -> Result<ServerSideEncryption, S3Error> {
    match value {
        "AES256" => Ok(ServerSideEncryption::Aes256),
        "aws:kms" => Ok(ServerSideEncryption::AwsKms),
        "aws:kms:dsse" => Ok(ServerSideEncryption::AwsKmsDsse),
        _ => Err(S3Error::Url(format!(
            "`{value}` is no encryption of S3; the option `sse` is `AES256`, `aws:kms` or `aws:kms:dsse`"
        ))),
    }
}

/// The value stays out of the message: it may be what somebody took for a place for secrets.
fn unknown(key: &str) -> S3Error {
    let nearest = OPTIONS
        .iter()
        .map(|option| (strsim::damerau_levenshtein(option, key), *option))
        .min()
        // Beyond a third of its letters it is another word.
        .filter(|(distance, option)| *distance <= option.len().max(key.len()).div_ceil(3));
    let hint = match nearest {
        Some((_, option)) => format!("did you mean `{option}`?"),
        None => format!("known are {}", OPTIONS.join(", ")),
    };
    S3Error::Url(format!("unknown option `{key}` in the lake's URL; {hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(url: &str) -> String {
        Place::parse(url).expect_err(url).to_string()
    }

    #[test]
    fn a_url_names_bucket_prefix_and_options() {
        let place = Place::parse("s3://my-bucket/a/b/?region=eu-west-1&path_style=true&endpoint=http%3A%2F%2Fh%3A1")
            .expect("a URL");
        assert_eq!((place.bucket.as_str(), place.prefix.as_str()), ("my-bucket", "a/b"));
        assert_eq!((place.region.as_deref(), place.path_style), (Some("eu-west-1"), Some(true)));
        assert_eq!(place.endpoint.as_deref(), Some("http://h:1"));
        assert_eq!(place.location(), "s3://my-bucket/a/b");
        assert_eq!(place.below(&LakePath::root()), "a/b/");
        let whole = Place::parse("s3://my-bucket").expect("a URL");
        assert_eq!((whole.location().as_str(), whole.below(&LakePath::root()).as_str()), ("s3://my-bucket", ""));
        assert_eq!(whole.below(&LakePath::root().join("x")), "x/");
    }

    #[test]
    fn an_unknown_option_names_the_nearest_and_not_its_value() {
        let text = error("s3://my-bucket/p?regoin=hunter2");
        assert!(text.contains("`regoin`") && text.contains("did you mean `region`?"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
        assert!(error("s3://my-bucket?xylophone=1").contains("known are region"));
    }

    #[test]
    fn what_is_wrong_with_a_url_is_told_without_secrets() {
        for (url, word) in [
            ("s3:bucket", "two slashes"),
            ("s3://", "bucket's name"),
            ("s3://a b/c", "bucket's name"),
            ("s3://bucket/a//b", "prefix"),
            ("s3://bucket/../b", "prefix"),
            ("s3://bucket?region=", "no value"),
            ("s3://bucket?region=a&region=b", "twice"),
            ("s3://bucket?endpoint=localhost:9000", "http://"),
            ("s3://bucket?path_style=yes", "`true` or `false`"),
            ("s3://bucket?sse=rot13", "AES256"),
            ("s3://bucket?kms_key_id=x", "sse=aws:kms"),
            ("s3://AKIA:hunter2@bucket/p", "no credentials"),
        ] {
            let text = error(url);
            assert!(text.contains(word) && !text.contains("hunter2"), "{url}: {text}");
        }
    }
}
