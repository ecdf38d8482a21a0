//! From the configuration to the clusters that it means: reads the kubeconfig, tokens and certificates.
//!
//! What is wrong with one context is kept with that context; only what concerns all of them is an error.

use std::path::{Path, PathBuf};

use kube::config::{InClusterError, KubeConfigOptions, Kubeconfig, KubeconfigError, LoadDataError};
use portal_core::{Arn, ErrorKind, SourceError, Text};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::config::Config;
use super::failure::one_line;

/// One cluster with the way to it.
pub(super) struct Target {
    /// Its name in the portal.
    pub(super) cluster: Text,
    /// The account where it lives.
    pub(super) account: Option<Text>,
    /// The region where it lives.
    pub(super) region: Option<Text>,
    /// How people know it: name, address and context.
    pub(super) label: String,
    /// How to connect, or why that cannot be.
    pub(super) connection: Result<kube::Config, String>,
}

impl Target {
    /// The parts of its path in the lake.
    pub(super) fn prefix(&self) -> Vec<Text> {
        let known = |part: &Option<Text>| part.clone().unwrap_or_else(|| Text::new_static("_"));
        vec![known(&self.account), known(&self.region), self.cluster.clone()]
    }
}

/// Finds the clusters that a configuration means.
///
/// # Errors
/// If the kubeconfig cannot be read, has none of the contexts, or two contexts mean one cluster.
pub(super) async fn targets(config: &Config) -> Result<Vec<Target>, SourceError> {
    if config.in_cluster {
        return Ok(vec![of_pod(config)]);
    }
    if let Some(url) = &config.url {
        return Ok(vec![of_url(config, url)]);
    }
    let file = config.kubeconfig.as_deref().map(at_home);
    let shown = shown(file.as_deref());
    if let Some(file) = &file
        && is_cut_utf16(file)
    {
        return Err(invalid(format!("{shown} is not text in UTF-8; correct the file")));
    }
    let read = tokio::task::spawn_blocking(move || match file {
        Some(file) => Kubeconfig::read_from(file),
        None => Kubeconfig::read(),
    });
    let kubeconfig = read
        .await
        .map_err(|e| invalid(format!("reading {shown} ended early; is it a text file?")).caused_by(e))?
        .map_err(|error| unreadable(&error, &shown))?;
    let mut targets = Vec::new();
    for context in contexts(config, &kubeconfig, &shown)? {
        targets.push(of_context(config, &kubeconfig, &context, &shown).await?);
    }
    for (at, target) in targets.iter().enumerate() {
        if let Some(other) = targets[..at].iter().find(|other| other.prefix() == target.prefix()) {
            return Err(invalid(format!(
                "{} and {} of {shown} are one cluster to the portal; keep one of the contexts, or give each a \
                 [[source]] of its own with another `cluster`",
                other.label, target.label
            )));
        }
    }
    Ok(targets)
}

/// The contexts to read: those of the configuration, or the current one.
fn contexts(config: &Config, kubeconfig: &Kubeconfig, shown: &str) -> Result<Vec<String>, SourceError> {
    let known: Vec<&str> = kubeconfig.contexts.iter().map(|context| context.name.as_str()).collect();
    let listed = if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) };
    if config.contexts.is_empty() {
        let current = kubeconfig.current_context.clone().filter(|name| !name.is_empty());
        let current = current
            .ok_or_else(|| invalid(format!("{shown} has no current context; name some in `contexts` ({listed})")))?;
        return if known.contains(&current.as_str()) {
            Ok(vec![current])
        } else {
            Err(invalid(format!(
                "the current context `{}` is not among the contexts of {shown} ({listed}); name some in `contexts`",
                current.escape_debug()
            )))
        };
    }
    match config.contexts.iter().find(|name| !known.contains(&name.as_str())) {
        Some(unknown) => {
            Err(invalid(format!("{shown} has no context `{}` ({listed}); correct `contexts`", unknown.escape_debug())))
        }
        None => Ok(config.contexts.clone()),
    }
}

async fn of_context(
    config: &Config,
    kubeconfig: &Kubeconfig,
    context: &str,
    shown: &str,
) -> Result<Target, SourceError> {
    let name = kubeconfig
        .contexts
        .iter()
        .find(|named| named.name == context)
        .and_then(|named| named.context.as_ref())
        .map(|found| found.cluster.clone())
        .filter(|name| !name.is_empty())
        .ok_or_else(|| invalid(format!("the context `{context}` of {shown} names no cluster; correct the file")))?;
    let cluster = kubeconfig.clusters.iter().find(|named| named.name == name).and_then(|named| named.cluster.as_ref());
    let address = cluster.and_then(|cluster| cluster.server.as_deref()).unwrap_or("no address");
    let identity = Identity::of(config, &name);
    let label = format!("cluster `{}` at {} (context `{context}`)", identity.cluster, without_user(address));
    let connection = connection_of_context(kubeconfig, context, cluster, &label).await;
    Ok(Target { cluster: identity.cluster, account: identity.account, region: identity.region, label, connection })
}

async fn connection_of_context(
    kubeconfig: &Kubeconfig,
    context: &str,
    cluster: Option<&kube::config::Cluster>,
    label: &str,
) -> Result<kube::Config, String> {
    if cluster.and_then(|cluster| cluster.proxy_url.as_deref()).is_some_and(|proxy| !proxy.is_empty()) {
        return Err(format!(
            "{label} is behind a proxy (proxy-url in the kubeconfig), which is not supported; connect to it \
                            directly, or through a tunnel"
        ));
    }
    let options = KubeConfigOptions { context: Some(context.to_owned()), ..KubeConfigOptions::default() };
    let mut connection = kube::Config::from_custom_kubeconfig(kubeconfig.clone(), &options)
        .await
        .map_err(|error| format!("the kubeconfig's entry for {label} cannot be used: {}", in_words(&error)))?;
    if connection.accept_invalid_certs {
        tracing::warn!("insecure-skip-tls-verify of {label} is not followed: certificates are always checked");
    }
    if let Some(file) = connection.auth_info.token_file.take()
        && connection.auth_info.token.is_none()
    {
        connection.auth_info.token = Some(token(Path::new(&file), label, "tokenFile in the kubeconfig")?.into());
    }
    if let Some(exec) = &mut connection.auth_info.exec {
        // A collector has nobody to answer questions: a plugin that asks has to fail and say so.
        exec.interactive_mode = Some(kube::config::ExecInteractiveMode::Never);
    }
    Ok(connection)
}

fn of_pod(config: &Config) -> Target {
    let identity = Identity::of(config, "");
    let connection = kube::Config::incluster_env().map_err(|error| {
        let why = match error {
            InClusterError::ReadEnvironmentVariable(_) => {
                "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set".to_owned()
            }
            other => one_line(&other.to_string()),
        };
        format!(
            "cannot use this pod's service account for cluster `{}`: {why}; `in_cluster` works only inside a pod with a \
             mounted service account token, elsewhere use `kubeconfig`",
            identity.cluster,
        )
    });
    let address = connection.as_ref().map_or_else(|_| String::new(), |c| format!(" at {}", address_of(&c.cluster_url)));
    let label = format!("cluster `{}`{address} (this pod's service account)", identity.cluster);
    Target { cluster: identity.cluster, account: identity.account, region: identity.region, label, connection }
}

fn of_url(config: &Config, url: &str) -> Target {
    let identity = Identity::of(config, "");
    let label = format!("cluster `{}` at {}", identity.cluster, without_user(url));
    let connection = connection_of_url(config, url, &label);
    Target { cluster: identity.cluster, account: identity.account, region: identity.region, label, connection }
}

fn connection_of_url(config: &Config, url: &str, label: &str) -> Result<kube::Config, String> {
    let uri = url
        .parse::<http::Uri>()
        .map_err(|e| format!("`url` is no address ({e}); write such as https://10.0.0.1:6443"))?;
    let mut connection = kube::Config::new(uri);
    if let Some(file) = config.ca_file.as_deref().map(at_home) {
        connection.root_cert = Some(authorities(&file, label)?);
    }
    if let Some(file) = config.token_file.as_deref().map(at_home) {
        connection.auth_info.token = Some(token(&file, label, "`token_file`")?.into());
    }
    Ok(connection)
}

/// The name, account and region under which a cluster stands in the portal.
struct Identity {
    cluster: Text,
    account: Option<Text>,
    region: Option<Text>,
}

impl Identity {
    /// `aws eks update-kubeconfig` calls a cluster by its ARN, which says all three.
    fn of(config: &Config, name: &str) -> Identity {
        let arn = Arn::parse(name).filter(|arn| arn.service == "eks" && arn.resource_type() == Some("cluster"));
        let own = arn.as_ref().map_or(name, Arn::resource_name);
        let text = |configured: &Option<String>, found: Option<&str>| {
            configured.as_deref().or(found.filter(|part| !part.is_empty())).map(Text::from)
        };
        Identity {
            cluster: config.cluster.as_deref().map_or_else(|| Text::from(own), Text::from),
            account: text(&config.account, arn.map(|arn| arn.account)),
            region: text(&config.region, arn.map(|arn| arn.region)),
        }
    }
}

/// A token from a file, without the line break that editors leave at its end.
fn token(file: &Path, label: &str, key: &str) -> Result<String, String> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        format!("cannot read the token for {label} from {} ({error}); correct {key}", file.display())
    })?;
    match text.trim() {
        "" => Err(format!("the token file {} for {label} is empty; put a token into it", file.display())),
        token if token.bytes().all(|b| b.is_ascii_graphic()) => Ok(token.to_owned()),
        _ => Err(format!("the file {} holds more than one token for {label}; keep one", file.display())),
    }
}

fn authorities(file: &Path, label: &str) -> Result<Vec<Vec<u8>>, String> {
    let pem = std::fs::read(file).map_err(|error| {
        format!("cannot read the certificate authority of {label} from {} ({error}); correct `ca_file`", file.display())
    })?;
    let found: Result<Vec<CertificateDer<'_>>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found.into_iter().map(|der| der.to_vec()).collect()),
        _ => Err(format!("{} holds no certificate in PEM for {label}; correct `ca_file`", file.display())),
    }
}

fn unreadable(error: &KubeconfigError, shown: &str) -> SourceError {
    let missing = matches!(error, KubeconfigError::ReadConfig(io, _) if io.kind() == std::io::ErrorKind::NotFound);
    if missing || matches!(error, KubeconfigError::FindPath) {
        // Not `NotFound`: that nobody told where the cluster is does not say that it is gone.
        return invalid(format!(
            "{shown} is not there; set `kubeconfig`, or the variable KUBECONFIG, or `in_cluster = true` inside a pod"
        ));
    }
    invalid(format!("cannot read {shown}: {}; correct the file or name another in `kubeconfig`", in_words(error)))
}

/// The error without the lines of the file around it, which may hold a token.
fn in_words(error: &KubeconfigError) -> String {
    match error {
        KubeconfigError::Parse(yaml) => match yaml.location() {
            Some(place) => format!("line {} is no YAML of a kubeconfig", place.line()),
            None => "it is no YAML of a kubeconfig".to_owned(),
        },
        KubeconfigError::LoadCertificateAuthority(LoadDataError::ReadFile(io, path))
        | KubeconfigError::LoadClientCertificate(LoadDataError::ReadFile(io, path))
        | KubeconfigError::LoadClientKey(LoadDataError::ReadFile(io, path))
        | KubeconfigError::ReadConfig(io, path) => format!("{}: {io}", path.display()),
        other => one_line(&other.to_string()),
    }
}

fn shown(file: Option<&Path>) -> String {
    match (file, std::env::var_os("KUBECONFIG").filter(|value| !value.is_empty())) {
        (Some(file), _) => format!("the kubeconfig {}", file.display()),
        (None, Some(value)) => format!("the kubeconfig {} (from KUBECONFIG)", value.to_string_lossy()),
        (None, None) => "the kubeconfig ~/.kube/config".to_owned(),
    }
}

/// Whether a file begins as UTF-16 and has an odd length, which the reader of kubeconfigs does not survive.
fn is_cut_utf16(file: &Path) -> bool {
    std::fs::read(file).is_ok_and(|bytes| {
        bytes.len() % 2 == 1 && (bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]))
    })
}

/// `~/` as people write it in configuration files.
fn at_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

/// An address without user and password.
fn without_user(url: &str) -> String {
    url.parse::<http::Uri>().map_or_else(|_| "an address that cannot be read".to_owned(), |uri| address_of(&uri))
}

fn address_of(uri: &http::Uri) -> String {
    let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", uri.scheme_str().unwrap_or("https"), uri.host().unwrap_or_default())
}

fn invalid(message: String) -> SourceError {
    SourceError::new(ErrorKind::Invalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arn_of_an_eks_cluster_says_where_it_lives() {
        let identity = Identity::of(&Config::default(), "arn:aws:eks:eu-west-1:011122223333:cluster/prod");
        assert_eq!(identity.cluster, "prod");
        assert_eq!(identity.account.as_deref(), Some("011122223333"));
        assert_eq!(identity.region.as_deref(), Some("eu-west-1"));
        let own = Config { cluster: Some("p".into()), account: Some("1".into()), ..Config::default() };
        let identity = Identity::of(&own, "arn:aws:eks:eu-west-1:011122223333:cluster/prod");
        assert_eq!((identity.cluster.as_str(), identity.account.as_deref()), ("p", Some("1")));
        assert_eq!(Identity::of(&Config::default(), "kind-dev").cluster, "kind-dev");
    }

    #[test]
    fn an_address_is_shown_without_its_password() {
        assert_eq!(without_user("https://admin:hunter2@10.0.0.1:6443/x"), "https://10.0.0.1:6443");
        assert_eq!(without_user("https://admin:hunter2@"), "an address that cannot be read");
    }
}
