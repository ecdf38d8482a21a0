//! References in configuration values: hosts, URLs, ARNs and plain names.
//!
//! This is both the allow-list that keeps secrets out of the lake and the reader that finds what a workload uses:
//! what is not understood here is neither kept nor followed.

use crate::id::{Arn, Text};

/// A value of an environment variable, understood as a reference and cleaned of everything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// A host, alone or from a URL. The scheme and, for AWS's own hosts, the path are kept.
    Host {
        /// Such as `https`; `None` for a bare `host:port`.
        scheme: Option<Text>,
        /// In lower case.
        host: Text,
        /// The port.
        port: Option<u16>,
        /// The path with its leading slash; only of hosts whose path is an AWS name.
        path: Option<Text>,
    },
    /// An Amazon Resource Name.
    Arn(Text),
    /// A plain name, in a variable whose name says of what.
    Name(NameOf, Text),
    /// A bucket, from an `s3://` URL.
    S3(Text),
}

/// What a variable's name says about the plain name in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameOf {
    /// `*_BUCKET`
    Bucket,
    /// `*_TABLE`
    Table,
    /// `*_QUEUE`
    Queue,
    /// `*_TOPIC`
    Topic,
    /// `*_STREAM`
    Stream,
    /// `*_FUNCTION`
    Function,
}

/// Words in a variable's name that make its value a secret, whatever its form.
const SECRET_WORDS: [&str; 12] = [
    "SECRET",
    "TOKEN",
    "PASSWORD",
    "KEY",
    "CREDENTIAL",
    "PASSWD",
    "PASSPHRASE",
    "PWD",
    "CREDS",
    "SALT",
    "SIGNATURE",
    "COOKIE",
];

/// Last words of a variable's name that say: this is a host.
const HOST_WORDS: [&str; 18] = [
    "HOST", "HOSTS", "HOSTNAME", "ADDR", "ADDRESS", "ENDPOINT", "URL", "URI", "SERVER", "SERVERS", "BROKER", "BROKERS",
    "DSN", "UPSTREAM", "BACKEND", "DOMAIN", "ORIGIN", "SERVICE",
];

/// The references in a variable's value, or none if any of it is not a reference.
///
/// ```
/// use portal_core::reference::{read, written};
/// let found = read("DATABASE_URL", "postgres://app:hunter2@orders.db.internal:5432/orders?sslmode=require");
/// assert_eq!(written(&found), "postgres://orders.db.internal:5432");
/// assert!(read("LOG_LEVEL", "info").is_empty());
/// assert!(read("API_TOKEN", "https://example.com").is_empty());
/// ```
pub fn read(variable: &str, value: &str) -> Vec<Reference> {
    let words = words(variable);
    let value = value.trim();
    if value.is_empty() || value.len() > 2048 || smells_of_secret(&words) {
        return Vec::new();
    }
    if let Some(found) = url_list(value) {
        return found;
    }
    let mut found = Vec::new();
    for item in value.split(',').map(str::trim) {
        let reference = url(item).or_else(|| arn(item)).or_else(|| bare(&words, item));
        match reference {
            Some(reference) => found.push(reference),
            None => return Vec::new(),
        }
    }
    found
}

/// References as the value that is kept in the lake.
pub fn written(references: &[Reference]) -> String {
    let each: Vec<String> = references.iter().map(Reference::to_text).collect();
    each.join(",")
}

impl Reference {
    fn to_text(&self) -> String {
        match self {
            Reference::Arn(text) | Reference::Name(_, text) => text.to_string(),
            Reference::S3(bucket) => format!("s3://{bucket}"),
            Reference::Host { scheme, host, port, path } => {
                let scheme = scheme.as_ref().map(|s| format!("{s}://")).unwrap_or_default();
                let port = port.map(|p| format!(":{p}")).unwrap_or_default();
                format!("{scheme}{host}{port}{}", path.as_deref().unwrap_or_default())
            }
        }
    }
}

/// The words of a variable's name in upper case; `ordersTable` and `orders.table` are `ORDERS_TABLE`.
fn words(variable: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower_before = false;
    for c in variable.chars() {
        if !c.is_alphanumeric() {
            words.push(String::new());
        } else {
            if c.is_uppercase() && lower_before {
                words.push(String::new());
            }
            words.last_mut().expect("there is a first word").extend(c.to_uppercase());
        }
        lower_before = c.is_lowercase() || c.is_numeric();
    }
    words.retain(|word| !word.is_empty());
    words
}

fn smells_of_secret(words: &[String]) -> bool {
    // Joined, so that API_KEY, APIKEY and apiKey are one.
    let name = words.concat();
    SECRET_WORDS.iter().any(|secret| name.contains(secret))
        || matches!(words.last().map(String::as_str), Some("PASS" | "AUTH" | "PIN" | "CERT" | "PEM"))
}

/// The word that says what the value is: the last one, less `NAME`, `ARN`, `ID`, a number and a plural.
fn telling_word(words: &[String]) -> Option<&str> {
    words
        .iter()
        .rev()
        .map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()))
        .find(|word| !matches!(*word, "" | "NAME" | "NAMES" | "ARN" | "ID"))
}

fn name_of(word: &str) -> Option<NameOf> {
    Some(match word.strip_suffix('S').unwrap_or(word) {
        "BUCKET" => NameOf::Bucket,
        "TABLE" => NameOf::Table,
        "QUEUE" => NameOf::Queue,
        "TOPIC" => NameOf::Topic,
        "STREAM" => NameOf::Stream,
        "FUNCTION" | "LAMBDA" => NameOf::Function,
        _ => return None,
    })
}

fn arn(item: &str) -> Option<Reference> {
    let plain = |c: char| c.is_ascii_alphanumeric() || ":/_.*-+=,@$".contains(c);
    (item.len() <= 512 && item.chars().all(plain) && Arn::parse(item).is_some())
        .then(|| Reference::Arn(Text::from(item)))
}

/// A URL whose authority is a list of hosts, as MongoDB and Kafka write it.
fn url_list(value: &str) -> Option<Vec<Reference>> {
    let (scheme, rest) = value.split_once("://")?;
    let authority = authority(rest)?;
    if !authority.contains(',') || rest.matches("://").count() > 0 {
        return None;
    }
    let hosts: Option<Vec<Reference>> = authority.split(',').map(|host| url(&format!("{scheme}://{host}"))).collect();
    Some(hosts.unwrap_or_default())
}

/// The host part of what follows `://`, without user info; `None` if it is not clear where it ends.
fn authority(rest: &str) -> Option<&str> {
    let end = rest.find(['/', '?', '#', ';']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    // An `@` behind the host means that the password holds a slash: what looks like the host is a part of it.
    if tail.contains('@') {
        return None;
    }
    Some(authority.rsplit_once('@').map_or(authority, |(_, host)| host))
}

fn url(item: &str) -> Option<Reference> {
    let (scheme, rest) = item.split_once("://")?;
    let scheme = scheme.strip_prefix("jdbc:").unwrap_or(scheme).to_ascii_lowercase();
    let scheme_ok = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if !scheme_ok || scheme == "data" {
        return None;
    }
    let (host, port) = host_port(authority(rest)?)?;
    if scheme == "s3" || scheme == "s3a" {
        return Some(Reference::S3(host));
    }
    let path = aws_path(&host, rest);
    Some(Reference::Host { scheme: Some(Text::from(scheme)), host, port, path })
}

/// The path of an SQS or path-style S3 URL: there it is a name. Elsewhere a path may be a secret, as in webhooks.
fn aws_path(host: &str, rest: &str) -> Option<Text> {
    let aws = host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn");
    let service = host.split('.').next().unwrap_or_default();
    let parts = match service {
        "sqs" | "queue" => 2,
        s if s == "s3" || s.starts_with("s3-") => 1,
        _ => 0,
    };
    if !aws || parts == 0 {
        return None;
    }
    let path = rest.split(['?', '#']).next()?.split_once('/')?.1;
    let kept: Vec<&str> = path.split('/').take(parts).collect();
    let plain = |part: &&str| !part.is_empty() && is_plain_name(part);
    (kept.len() == parts && kept.iter().all(plain)).then(|| Text::from(format!("/{}", kept.join("/"))))
}

/// A value without a scheme: `host:port`, a host, or a plain name in a variable that says of what.
fn bare(words: &[String], item: &str) -> Option<Reference> {
    let telling = telling_word(words)?;
    if let Some(of) = name_of(telling) {
        return is_plain_name(item).then(|| Reference::Name(of, Text::from(item)));
    }
    let (host, port) = host_port(item)?;
    let labels = host.split('.').count();
    let last_is_word = host.rsplit('.').next().is_some_and(|l| l.chars().all(|c| c.is_ascii_alphabetic()));
    // Nobody writes a host in mixed case; tokens of three parts are written so.
    let like_a_domain = labels >= 3 && last_is_word && item == host;
    let convincing = port.is_some() || HOST_WORDS.contains(&telling) || like_a_domain;
    convincing.then_some(Reference::Host { scheme: None, host, port, path: None })
}

fn is_plain_name(item: &str) -> bool {
    item.len() <= 255
        && item.starts_with(|c: char| c.is_ascii_alphanumeric())
        && item.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// `host` or `host:port`; the host in lower case. IPv6 addresses are not followed and so not kept.
fn host_port(text: &str) -> Option<(Text, Option<u16>)> {
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port.parse::<u16>().ok().filter(|p| *p > 0)?)),
        None => (text, None),
    };
    // A trailing dot is the same name, said absolutely.
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    (host.len() <= 253 && host.split('.').all(label)).then(|| (Text::from(host), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(variable: &str, value: &str, kept: &str) {
        assert_eq!(written(&read(variable, value)), kept, "{variable}={value}");
    }

    #[test]
    fn references_are_kept() {
        check("PRODUCT_CATALOG_SERVICE_ADDR", "productcatalogservice:3550", "productcatalogservice:3550");
        check("DB_HOST", "orders.abc.eu-west-1.rds.amazonaws.com", "orders.abc.eu-west-1.rds.amazonaws.com");
        check("invoicesBucketName", "corp-invoices", "corp-invoices");
        check("ORDERS_TABLE", "orders", "orders");
        check("X", "arn:aws:sqs:eu-west-1:000011112222:jobs", "arn:aws:sqs:eu-west-1:000011112222:jobs");
        check("KAFKA_BROKERS", "kafka-0:9092, kafka-1:9092", "kafka-0:9092,kafka-1:9092");
        check(
            "Q_URL",
            "https://sqs.eu-west-1.amazonaws.com/000011112222/jobs",
            "https://sqs.eu-west-1.amazonaws.com/000011112222/jobs",
        );
        check("DATA", "s3://corp-data/private/path", "s3://corp-data");
    }

    #[test]
    fn what_is_kept_reads_as_what_it_was() {
        for (variable, value) in [
            ("LAKE_URI", "s3a://corp-data/path"),
            ("DB", "postgres://u:p@db:5432/x"),
            ("KAFKA", "kafka-0:9092,kafka-1:9092"),
            ("Q", "https://sqs.eu-west-1.amazonaws.com/1/jobs?x=y"),
            ("ORDERS_TABLE", "orders"),
        ] {
            let found = read(variable, value);
            assert!(!found.is_empty(), "{variable}");
            assert_eq!(read(variable, &written(&found)), found, "{variable}");
        }
    }

    #[test]
    fn secrets_inside_references_are_cut_off() {
        check("DB", "postgres://user:hunter2@db:5432/app?password=x", "postgres://db:5432");
        check("DB", "jdbc:sqlserver://db:1433;user=sa;password=hunter2", "sqlserver://db:1433");
        check("M", "mongodb://u:hunter2@m1:27017,m2:27017/app", "mongodb://m1:27017,mongodb://m2:27017");
        check("HOOK", "https://hooks.slack.com/services/T0/B0/hunter2", "https://hooks.slack.com");
        check("DB", "postgres://user:hun/ter2@db/app", "");
        check("DB", "postgres://user:12/34@db/app", "");
    }

    #[test]
    fn what_is_no_reference_is_dropped() {
        for (variable, value) in [
            ("LOG_LEVEL", "info"),
            ("DB_PASSWORD", "db:5432"),
            ("apiKey", "host:80"),
            ("SERVICE_AUTH", "admin:1234"),
            ("JWT", "eyJhbGciOi.eyJzdWIiOiIx.SflKxwRJSM"),
            ("SETTING", "hunter2"),
            ("ORDERS_TABLE", "two words"),
            ("BROKERS", "kafka:9092,hunter2!"),
            ("PORT", "8080"),
            ("VERSION", "1.2.3"),
            ("DATA_URL", "data://x"),
        ] {
            check(variable, value, "");
        }
    }
}
