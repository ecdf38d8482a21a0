//! Buckets. They belong to an account and are listed once for all its regions; their tags are read in each region.

use aws_config::SdkConfig;
use aws_sdk_s3::Client;

use super::accounts::Account;
use super::client::client;
use super::error::{Failure, FailureKind};
use super::json::{Fields, next_page, tags};
use super::reader::{Looked, Reader, look_at_each};

/// How many buckets a page may have. AWS tells a bucket's region only to who asks for pages.
const PAGE: i32 = 1000;

/// The buckets of an account.
#[derive(Debug)]
pub(super) struct Listing {
    buckets: Vec<Bucket>,
    /// Why the list is not whole.
    cut: Option<Failure>,
}

#[derive(Debug)]
struct Bucket {
    name: String,
    /// `None` if nobody may know where it is.
    region: Option<String>,
    fields: Fields,
}

/// Reads the buckets of one region.
pub(super) async fn read(reader: &Reader<'_>) -> Result<(), Failure> {
    let listing = reader.account.buckets.get(async { list(reader.account).await }).await?;
    let client = connect(reader.config, reader.account);
    let here = listing.buckets.iter().filter(|bucket| bucket.region.as_deref() == Some(reader.region));
    look_at_each(reader, here.map(|bucket| look(reader, &client, bucket)).collect()).await?;
    match &listing.cut {
        Some(cut) => Err(cut.clone().midway()),
        None => Ok(()),
    }
}

fn connect(config: &SdkConfig, account: &Account) -> Client {
    // Simulators and private endpoints have no address per bucket.
    let one_address = config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
    let builder = client!(@builder aws_sdk_s3, config, account.id);
    Client::from_conf(builder.force_path_style(one_address).build())
}

async fn list(account: &Account) -> Result<Listing, Failure> {
    let client = connect(&account.enter_home().await?, account);
    let mut listing = Listing { buckets: Vec::new(), cut: None };
    let mut token = None;
    loop {
        let request = client.list_buckets().max_buckets(PAGE).set_continuation_token(token.clone()).send();
        let page = match account.connection().call(&account.id, "s3:ListAllMyBuckets", request).await {
            Ok(page) => page,
            Err(failure) if token.is_none() => return Err(failure),
            Err(failure) => {
                listing.cut = Some(failure);
                return Ok(listing);
            }
        };
        for bucket in page.buckets() {
            let Some(name) = bucket.name() else { continue };
            let region = match bucket.bucket_region() {
                Some(region) => Some(region.to_owned()),
                None => match locate(account, &client, name).await {
                    Ok(region) => Some(region),
                    Err(failure) if failure.code == "NoSuchBucket" => continue,
                    Err(failure) => {
                        // It may be in any region, so in none the list is whole.
                        let text = format!("the region of bucket {name} is not known: {}", failure.text);
                        listing.cut = Some(failure.saying(text));
                        None
                    }
                },
            };
            let arn = match bucket.bucket_arn() {
                Some(arn) => arn.to_owned(),
                None => format!("arn:{}:s3:::{name}", account.partition),
            };
            let fields = Fields::default()
                .with("Name", Some(name))
                .time("CreationDate", bucket.creation_date())
                .with("BucketRegion", region.as_deref())
                .with("BucketArn", Some(arn));
            listing.buckets.push(Bucket { name: name.to_owned(), region, fields });
        }
        token = next_page(page.continuation_token());
        if token.is_none() {
            return Ok(listing);
        }
    }
}

/// Asks for a bucket's region, for servers that do not tell it in the list.
async fn locate(account: &Account, client: &Client, name: &str) -> Result<String, Failure> {
    let request = client.get_bucket_location().bucket(name).send();
    let answer = account.connection().call(&account.id, "s3:GetBucketLocation", request).await?;
    // The oldest regions have names of their own here.
    Ok(match answer.location_constraint().map(|constraint| constraint.as_str()) {
        None | Some("" | "null") => "us-east-1".to_owned(),
        Some("EU") => "eu-west-1".to_owned(),
        Some(region) => region.to_owned(),
    })
}

async fn look(reader: &Reader<'_>, client: &Client, bucket: &Bucket) -> Looked {
    let request = client.get_bucket_tagging().bucket(&bucket.name).send();
    let fields = bucket.fields.clone();
    match reader.call("s3:GetBucketTagging", request).await {
        Ok(answer) => {
            let tags = tags(answer.tag_set().iter().map(|tag| (Some(tag.key()), Some(tag.value()))));
            reader.object(&bucket.name, fields.with("Tags", Some(tags)));
            Looked::Written(None)
        }
        Err(failure) => match failure.code.as_str() {
            "NoSuchTagSet" => {
                reader.object(&bucket.name, fields.with("Tags", Some(tags([]))));
                Looked::Written(None)
            }
            "NoSuchBucket" => Looked::Gone,
            // The credentials end for all buckets alike.
            _ if failure.kind == FailureKind::NoCredentials => Looked::Unread(failure),
            // Without `Tags` it counts as a bucket whose tags are not known, not as one without any.
            _ => {
                reader.object(&bucket.name, fields.with("TagsError", Some(failure.in_short())));
                Looked::Written(Some(format!("bucket {}: {}", bucket.name, failure.text)))
            }
        },
    }
}
