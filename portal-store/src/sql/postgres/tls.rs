//! TLS to the server, with the modes and the meaning that they have in libpq.
//!
//! tokio-postgres knows three of them and checks nothing itself: what of a certificate is checked is decided here.

use std::sync::Arc;

use portal_core::error::{ErrorKind, StoreError};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::url::invalid;

/// What of the server's certificate is checked.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Check {
    Nothing,
    Authority,
    AuthorityAndName,
}

/// Understands `sslmode` and `sslrootcert`. As in libpq a root certificate makes every mode check the authority.
pub(super) fn parse(mode: &str, root: Option<&str>) -> Result<(SslMode, MakeRustlsConnect), StoreError> {
    let or_authority = |check| if root.is_some() { Check::Authority } else { check };
    let (ssl_mode, check) = match mode {
        "disable" => (SslMode::Disable, Check::Nothing),
        "prefer" => (SslMode::Prefer, or_authority(Check::Nothing)),
        "require" => (SslMode::Require, or_authority(Check::Nothing)),
        "verify-ca" => (SslMode::Require, Check::Authority),
        "verify-full" => (SslMode::Require, Check::AuthorityAndName),
        other => {
            return Err(invalid(&format!(
                "`sslmode={other}` is not known here; it is one of disable, prefer, require, verify-ca, verify-full"
            )));
        }
    };
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let config = config.map_err(|error| unusable("TLS cannot be set up").caused_by(error))?;
    let chain = match check {
        Check::Nothing => None,
        Check::Authority | Check::AuthorityAndName => {
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots(root)?), Arc::clone(&provider));
            Some(verifier.build().map_err(|error| unusable("no authority can be trusted").caused_by(error))?)
        }
    };
    let verifier = Arc::new(Verifier { chain, check, provider });
    let config = config.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    Ok((ssl_mode, MakeRustlsConnect::new(config)))
}

/// The authorities in a file, or those that the system trusts.
fn roots(file: Option<&str>) -> Result<RootCertStore, StoreError> {
    let mut store = RootCertStore::empty();
    let Some(file) = file.filter(|file| *file != "system") else {
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if store.is_empty() {
            return Err(unusable("the system trusts no authority; name one with sslrootcert=FILE"));
        }
        return Ok(store);
    };
    let unreadable = |error: rustls::pki_types::pem::Error| {
        invalid(&format!("the file {file} of sslrootcert cannot be read; it holds certificates as PEM"))
            .caused_by(error)
    };
    for certificate in CertificateDer::pem_file_iter(file).map_err(unreadable)? {
        let added = store.add(certificate.map_err(unreadable)?);
        added.map_err(|error| invalid(&format!("a certificate in {file} is none of an authority")).caused_by(error))?;
    }
    if store.is_empty() {
        return Err(invalid(&format!("the file {file} of sslrootcert holds no certificate")));
    }
    Ok(store)
}

fn unusable(message: &str) -> StoreError {
    StoreError::new(ErrorKind::Unexpected, message)
}

/// Checks as much of a certificate as the mode asks for.
#[derive(Debug)]
struct Verifier {
    /// [`None`] takes every certificate: whoever asks for no more than `require` wants no one to listen, and does not
    /// ask who is there.
    chain: Option<Arc<WebPkiServerVerifier>>,
    check: Check,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        match chain.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            // webpki looks at the name last: all else is right.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.check == Check::Authority => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
