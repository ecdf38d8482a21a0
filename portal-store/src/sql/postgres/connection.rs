//! Connections: one of its own for who writes, and a pool of them for who reads.

use std::sync::Arc;
use std::time::Duration;

use deadpool::managed::{self, Manager, Metrics, PoolError, RecycleError, RecycleResult};
use diesel::ConnectionError;
use diesel_async::pooled_connection::PoolableConnection;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use portal_core::error::{ErrorKind, StoreError};
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::{is_about_login, is_of_server, say};
use super::url::Place;
use crate::sql::error::Failure;

/// What the shared read queries run on. Its transactions see one state and cannot write.
pub(super) type Connection = AsyncPgConnection;
pub(super) type Pool = managed::Pool<Opener>;

/// Servers take a hundred connections by default, and several portals may share one.
const MOST_CONNECTIONS: usize = 8;

/// How long to wait for one of the others to give its connection back.
const WAIT: Duration = Duration::from_secs(30);

/// How long one query may take: a load of millions of rows takes a minute or two.
pub(super) const LONGEST_READ: Duration = Duration::from_secs(300);

/// What keeps a connection going; it has to be polled.
pub(super) type Driver = tokio_postgres::Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// A connection of its own. It ends when the client is dropped, and with it its transaction and locks.
pub(super) async fn connect(place: &Place) -> Result<Client, Failure> {
    let (client, driver) = dial(place).await?;
    tokio::spawn(async move {
        // Whoever waits for an answer is told by the client; a connection that nobody uses may go.
        if let Err(error) = driver.await {
            tracing::debug!(%error, "a connection to the store ended");
        }
    });
    Ok(client)
}

/// A connection that its caller keeps going.
pub(super) async fn dial(place: &Place) -> Result<(Client, Driver), Failure> {
    let connected = dial_with(place, &place.config).await;
    match connected {
        // As in libpq: whatever went wrong with TLS, and also if the server takes this user without TLS only.
        Err(Failure::Server(error)) if place.plain_will_do && (is_about_login(&error) || !is_of_server(&error)) => {
            let mut plain = place.config.clone();
            plain.ssl_mode(SslMode::Disable);
            // The first attempt tells more about what is wrong.
            dial_with(place, &plain).await.map_err(|_| Failure::Server(error))
        }
        connected => connected,
    }
}

async fn dial_with(place: &Place, config: &Config) -> Result<(Client, Driver), Failure> {
    // tokio-postgres counts until the connection stands, libpq until the server has let the user in.
    let hosts = config.get_hosts().len().max(config.get_hostaddrs().len()).max(1);
    let limit = config.get_connect_timeout().copied().unwrap_or_default() * u32::try_from(hosts).unwrap_or(1);
    let connected = tokio::time::timeout(limit, Box::pin(config.connect(place.tls.clone()))).await;
    Ok(connected.map_err(|_| Failure::NoAnswer)??)
}

/// Makes the pool's connections.
pub(super) struct Opener {
    place: Arc<Place>,
}

impl Manager for Opener {
    type Type = Connection;
    type Error = Failure;

    async fn create(&self) -> Result<Connection, Failure> {
        let (client, driver) = dial(&self.place).await?;
        let connection = Connection::try_from_client_and_connection(client, driver).await;
        let mut connection = connection.map_err(|error| match error {
            ConnectionError::CouldntSetupConfiguration(error) => Failure::Database(error),
            _ => Failure::NoAnswer,
        })?;
        connection.batch_execute(&settings(&self.place)).await?;
        Ok(connection)
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<Failure> {
        // Also one whose transaction was given up half-way.
        if connection.is_broken() { Err(RecycleError::message("it is closed")) } else { Ok(()) }
    }
}

/// What the URL's `options` set stays as it is.
fn settings(place: &Place) -> String {
    let mut settings =
        "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;".to_owned();
    let read = LONGEST_READ.as_millis();
    for (name, milliseconds) in [("statement_timeout", read), ("idle_in_transaction_session_timeout", 60_000)] {
        if !place.sets(name) {
            settings.push_str(&format!(" SET {name} = {milliseconds};"));
        }
    }
    settings
}

/// Makes the pool; connects to nothing yet.
pub(super) fn pool(place: &Arc<Place>) -> Result<Pool, StoreError> {
    Pool::builder(Opener { place: Arc::clone(place) })
        .max_size(MOST_CONNECTIONS)
        .wait_timeout(Some(WAIT))
        .runtime(deadpool::Runtime::Tokio1)
        .build()
        .map_err(|error| {
            StoreError::new(ErrorKind::Unexpected, format!("cannot set up connections to {place}")).caused_by(error)
        })
}

/// Takes a connection from the pool.
pub(super) async fn take(pool: &Pool, place: &Place) -> Result<managed::Object<Opener>, StoreError> {
    pool.get().await.map_err(|error| match error {
        PoolError::Backend(failure) => say(failure, "connect to", place),
        error => {
            let message = format!(
                "all {MOST_CONNECTIONS} connections to the store {place} have been busy for {} s; try again",
                WAIT.as_secs()
            );
            StoreError::new(ErrorKind::Unavailable, message).caused_by(error.to_string())
        }
    })
}
