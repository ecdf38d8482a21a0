//! Whose certificates are believed.

use std::sync::Arc;

use rustls::client::Resumption;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// Certificate authorities beside those of the operating system.
#[derive(Clone, Debug, Default)]
pub struct Roots(Vec<CertificateDer<'static>>);

/// The text holds no certificate that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no certificate in PEM form in it; it begins with -----BEGIN CERTIFICATE-----")]
pub struct InvalidRoots;

impl Roots {
    /// Authorities from a PEM file's content.
    ///
    /// # Errors
    /// If it holds no certificate, or one that cannot be read.
    pub fn from_pem(pem: &[u8]) -> Result<Roots, InvalidRoots> {
        let certificates: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| InvalidRoots)?;
        let mut store = RootCertStore::empty();
        for certificate in &certificates {
            store.add(certificate.clone()).map_err(|_| InvalidRoots)?;
        }
        if store.is_empty() { Err(InvalidRoots) } else { Ok(Roots(certificates)) }
    }

    pub(super) fn client_config(&self) -> ClientConfig {
        let mut store = RootCertStore::empty();
        // `SSL_CERT_FILE` and `SSL_CERT_DIR` are heard. One certificate that cannot be read is no reason to do without
        // the others; without any, every https address is told to have an unknown issuer.
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        store.add_parsable_certificates(self.0.iter().cloned());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has the ciphers of every version of TLS that rustls has")
            .with_root_certificates(store)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // A session that is taken up again does not look at the certificate again.
        config.resumption = Resumption::disabled();
        config
    }
}
