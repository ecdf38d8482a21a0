//! Certificates: of an authority that is trusted and of another one, for another name, and expired.

use std::sync::Arc;

use portal_core::model::Health::{Down, Healthy};
use portal_sources::health::{Probe, ProbeOptions, Roots};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::server::Server;
use super::{is, options};

/// A server with a certificate, and a probe that trusts its authority.
async fn trusted(change: impl FnOnce(&mut CertificateParams)) -> (Server, Probe) {
    let mut authority = CertificateParams::new(Vec::new()).expect("no names");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a name");
    change(&mut params);
    let certificate = params.signed_by(&key, &authority).expect("a certificate");
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has them")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .expect("key and certificate fit");
    let server = Server::on("127.0.0.1:0", Some(TlsAcceptor::from(Arc::new(tls)))).await;
    let roots = Roots::from_pem(authority.pem().as_bytes()).expect("a certificate");
    let probe = Probe::new(&ProbeOptions { roots, ..options(&["127.0.0.1"]) });
    (server, probe)
}

fn url(server: &Server) -> String {
    format!("https://{}/200", server.address)
}

#[tokio::test]
async fn a_certificate_of_a_trusted_authority_is_believed() {
    let (server, probe) = trusted(|_| {}).await;
    for _ in 0..2 {
        is(&probe.ask(&url(&server)).await, Healthy, "200 in ");
    }
}

#[tokio::test]
async fn a_certificate_of_an_unknown_issuer_is_down() {
    let (server, _) = trusted(|_| {}).await;
    let probe = Probe::new(&options(&["127.0.0.1"]));
    is(&probe.ask(&url(&server)).await, Down, "certificate of an unknown issuer");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_down() {
    let (server, probe) = trusted(|params| {
        params.subject_alt_names.clear();
        params.subject_alt_names.push(rcgen::SanType::DnsName("other.example".try_into().expect("a name")));
    })
    .await;
    is(&probe.ask(&url(&server)).await, Down, "certificate is for another name");
}

#[tokio::test]
async fn an_expired_certificate_is_down() {
    let (server, probe) = trusted(|params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    })
    .await;
    is(&probe.ask(&url(&server)).await, Down, "certificate expired");
}

#[tokio::test]
async fn https_at_a_port_that_speaks_plain_http_is_down() {
    let (server, probe) = (Server::start().await, Probe::new(&options(&["127.0.0.1"])));
    let answer = probe.ask(&url(&server)).await;
    assert_eq!(answer.health, Down, "{answer:?}");
}

#[test]
fn what_is_no_certificate_is_refused() {
    for pem in ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert!(Roots::from_pem(pem.as_bytes()).is_err(), "{pem}");
    }
}
