//! The servers of one directory in one run: who is asked, who is asked next, and with which account.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::client::{Account, Connection};
use super::config::Plan;
use super::failure::Failure;

/// How often one server may forget where it was in a list before it is given up.
const RESTARTS: u32 = 3;

/// The variable with the password, unless a file has it.
const PASSWORD: &str = "PORTAL_AD_PASSWORD";

/// Something that is read from its beginning to its end with one connection.
#[async_trait]
pub(super) trait Reading: Sync {
    /// What is read.
    type Read: Send;

    /// Reads all of it.
    ///
    /// # Errors
    /// If any of it cannot be read; nothing of what was read before is used then.
    async fn read(&self, connection: &mut Connection) -> Result<Self::Read, Failure>;
}

/// The servers for the time of one run.
pub(super) struct Servers<'p> {
    plan: &'p Plan,
    tls: Arc<rustls::ClientConfig>,
    account: Option<Account>,
    at: usize,
    connection: Option<Connection>,
}

impl<'p> Servers<'p> {
    /// Gets certificates and password ready; no server is asked yet.
    ///
    /// # Errors
    /// If a file or the variable cannot be used.
    pub(super) async fn new(plan: &'p Plan) -> Result<Servers<'p>, Failure> {
        let tls = Arc::new(trust(plan.ca_file.as_deref()).await.map_err(Failure::Refused)?);
        let account = match &plan.bind_dn {
            Some(name) => {
                let password = password(plan.password_file.as_deref()).await.map_err(Failure::Refused)?;
                Some(Account { name: name.clone(), password })
            }
            None => None,
        };
        Ok(Servers { plan, tls, account, at: 0, connection: None })
    }

    /// Reads something from the first server that can give all of it. A server that fails in the middle is given up, and
    /// the next one is read from the beginning.
    ///
    /// # Errors
    /// If no server could, with what each of them said; or if all would say the same as this one.
    pub(super) async fn read<R: Reading>(&mut self, reading: &R) -> Result<R::Read, Failure> {
        let mut told = Vec::new();
        for _ in &self.plan.servers {
            match self.read_here(reading).await {
                Err(Failure::Server(text)) => {
                    tracing::warn!("{text}");
                    self.connection = None;
                    self.at = (self.at + 1) % self.plan.servers.len();
                    told.push(text);
                }
                ended => return ended,
            }
        }
        Err(Failure::Server(told.join("; besides, ")))
    }

    async fn read_here<R: Reading>(&mut self, reading: &R) -> Result<R::Read, Failure> {
        let mut restarts = 0;
        loop {
            let connection = self.connection().await?;
            match reading.read(connection).await {
                Err(Failure::Expired(text)) if restarts == RESTARTS => {
                    return Err(Failure::Server(format!("{text}, {} times; raise `page_size`", RESTARTS + 1)));
                }
                // Half a list and the beginning of a newer one are no list: all of it is read again.
                Err(Failure::Expired(text)) => {
                    tracing::debug!("{text}; starting again");
                    restarts += 1;
                }
                ended => return ended,
            }
        }
    }

    async fn connection(&mut self) -> Result<&mut Connection, Failure> {
        let connection = match self.connection.take() {
            Some(open) => open,
            None => {
                let server = &self.plan.servers[self.at];
                Connection::open(server, &self.tls, self.account.as_ref(), self.plan).await?
            }
        };
        Ok(self.connection.insert(connection))
    }
}

/// Whom to trust: the authorities of a file, or those of this machine. Names are checked in either case.
async fn trust(ca_file: Option<&Path>) -> Result<rustls::ClientConfig, String> {
    let mut roots = rustls::RootCertStore::empty();
    match ca_file {
        Some(path) => {
            let shown = path.display();
            let pem = tokio::fs::read(path)
                .await
                .map_err(|error| format!("cannot read {shown} ({error}); correct `ca_file`"))?;
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                let added = certificate.map_err(|error| error.to_string());
                let added = added.and_then(|found| roots.add(found).map_err(|error| error.to_string()));
                added.map_err(|error| {
                    format!("{shown} holds a certificate that cannot be used ({error}); correct `ca_file`")
                })?;
            }
            if roots.is_empty() {
                return Err(format!("{shown} holds no certificate in PEM; correct `ca_file`"));
            }
        }
        None => {
            let found = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs).await;
            let found = found.map_err(|_| "reading this machine's certificates ended early; name a `ca_file`")?;
            roots.add_parsable_certificates(found.certs);
            if roots.is_empty() {
                return Err("this machine has no root certificates; name a `ca_file`".to_owned());
            }
        }
    }
    // Named here, because two providers may be linked in.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be used here ({error})"))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// An empty password is refused: directories take a name without one for somebody anonymous, and let them in.
async fn password(file: Option<&Path>) -> Result<String, String> {
    let Some(path) = file else {
        return match std::env::var(PASSWORD) {
            Ok(password) if !password.is_empty() => Ok(password),
            Ok(_) => {
                Err(format!("{PASSWORD} is empty; set it to the password of `bind_dn`, or name a `password_file`"))
            }
            Err(std::env::VarError::NotPresent) => {
                Err(format!("there is no password for `bind_dn`; name a `password_file`, or set {PASSWORD}"))
            }
            Err(std::env::VarError::NotUnicode(_)) => Err(format!("{PASSWORD} is no UTF-8; set it again")),
        };
    };
    let shown = path.display();
    let written = tokio::fs::read_to_string(path)
        .await
        .map_err(|error| format!("cannot read {shown} ({error}); correct `password_file`"))?;
    // Editors put a line break behind the last line.
    let password = written.strip_suffix('\n').map_or(written.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if password.is_empty() {
        return Err(format!("{shown} is empty; write the password of `bind_dn` into `password_file`"));
    }
    Ok(password.to_owned())
}
