//! Certificates: the right authority, the wrong one, another name, and no TLS at all.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use portal_core::Coverage;
use portal_sources::kubernetes::Config;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;

use super::server::{self, ApiServer};
use super::{source, two_namespaces};
use crate::seen::see;

/// Takes connections for axum after the handshake.
struct Tls {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl axum::serve::Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            if let Ok((stream, address)) = self.listener.accept().await
                && let Ok(stream) = self.acceptor.accept(stream).await
            {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// An API server over TLS with a certificate for this name, and the file of its authority.
async fn trusted(name: &str) -> (ApiServer, SocketAddr, TempDir, PathBuf) {
    let mut authority = CertificateParams::new(Vec::new()).expect("no names");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &authority).expect("a certificate");
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has them")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .expect("key and certificate fit");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let server = ApiServer::start_on(Tls { listener, acceptor: TlsAcceptor::from(Arc::new(tls)) }, address);
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("ca.crt");
    std::fs::write(&file, authority.pem()).expect("a file");
    (server, address, dir, file)
}

fn config(address: SocketAddr, ca_file: Option<PathBuf>) -> Config {
    let url = Some(format!("https://127.0.0.1:{}", address.port()));
    Config { url, ca_file, cluster: Some("dev".into()), timeout: 2, ..Config::default() }
}

#[tokio::test]
async fn a_certificate_of_the_right_authority_is_trusted() {
    let (_server, address, _dir, file) = trusted("127.0.0.1").await;
    assert!(see(&source(config(address, Some(file)))).await.is_whole());
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused_with_advice() {
    let (_server, address, _dir, _) = trusted("127.0.0.1").await;
    let (_other, _, _dir_of_other, file_of_other) = trusted("127.0.0.1").await;
    for ca_file in [Some(file_of_other), None] {
        let seen = see(&source(config(address, ca_file))).await;
        let (coverage, reason) = seen.ended("_/_/dev/_all", "deployments");
        assert_eq!(coverage, Coverage::Failed);
        assert!(reason.contains("set the right `ca_file`"), "{reason}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused_with_advice() {
    let (_server, address, _dir, file) = trusted("api.corp.example").await;
    let seen = see(&source(config(address, Some(file)))).await;
    let (coverage, reason) = seen.ended("_/_/dev/_all", "deployments");
    assert_eq!(coverage, Coverage::Failed);
    assert!(reason.contains("made out for another name"), "{reason}");
}

#[tokio::test]
async fn a_kubeconfig_cannot_switch_the_check_off() {
    let (_server, address, dir, _) = trusted("127.0.0.1").await;
    let text = server::kubeconfig(&[("dev", &format!("https://127.0.0.1:{}", address.port()), "t")]);
    let text = text.replace("\"server\":", "\"insecure-skip-tls-verify\":true,\"server\":");
    let path = dir.path().join("kubeconfig");
    std::fs::write(&path, text).expect("a file");
    let seen = see(&source(Config { kubeconfig: Some(path), timeout: 2, ..Config::default() })).await;
    let (coverage, reason) = seen.ended("_/_/dev/_all", "deployments");
    assert_eq!(coverage, Coverage::Failed);
    assert!(reason.contains("cannot be switched off"), "{reason}");
}

#[tokio::test]
async fn a_server_without_tls_is_told_from_a_wrong_certificate() {
    let server = two_namespaces().await;
    let port = server.url().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let seen = see(&source(config(SocketAddr::from(([127, 0, 0, 1], port)), None))).await;
    let (coverage, reason) = seen.ended("_/_/dev/_all", "deployments");
    assert_eq!(coverage, Coverage::Failed);
    assert!(reason.contains("does not speak TLS"), "{reason}");
}

#[tokio::test]
async fn files_without_certificate_or_token_are_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let empty = dir.path().join("empty");
    std::fs::write(&empty, "\n").expect("a file");
    let address = SocketAddr::from(([127, 0, 0, 1], 1));
    let with_token = |file: &PathBuf| Config { token_file: Some(file.clone()), ..config(address, None) };
    let missing = dir.path().join("missing");
    let cases = [
        (config(address, Some(empty.clone())), "empty holds no certificate in PEM"),
        (config(address, Some(missing.clone())), "correct `ca_file`"),
        (with_token(&empty), "empty for cluster `dev` at https://127.0.0.1:1 is empty"),
        (with_token(&missing), "correct `token_file`"),
    ];
    for (config, told) in cases {
        let seen = see(&source(config)).await;
        let (coverage, reason) = seen.ended("_/_/dev/_all", "deployments");
        assert_eq!(coverage, Coverage::Failed);
        assert!(reason.contains(told), "{reason}");
    }
}
