//! PostgreSQL: the store for several gateways behind a balancer.
//!
//! Transactions of several processes run side by side. Each locks what it reads before it writes, in one order, so that none
//! waits for another in a circle; one that meets another nevertheless is run again.
//!
//! - this file: opening, and transactions; [`address`]: what the URL says, and TLS; [`connection`]: statements;
//!   [`migration`]: the tables

mod address;
mod connection;
mod migration;

use std::sync::Arc;
use std::time::Duration;

use anymodel_types::{Error, ErrorKind, Result};
use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime,
};
use tokio_postgres::IsolationLevel;

use super::database::{Backend, Failure, Operation};
use super::database_store::{DatabaseStore, LEASE};
use address::DatabaseAddress;
use connection::{PostgresTransaction, commit_failure, failure};

/// Connections of one process.
const CONNECTIONS: usize = 16;
/// How long an operation waits for a connection.
const WAIT: Duration = Duration::from_secs(10);
/// How often an operation is run that meets another one.
const TRIES: u32 = 10;

/// The store in a PostgreSQL database.
pub type PostgresStore = DatabaseStore<Postgres>;

/// A PostgreSQL database with its connections.
#[derive(Debug)]
pub struct Postgres {
    pool: Pool,
    address: Arc<DatabaseAddress>,
}

impl PostgresStore {
    /// Connects to the database, `postgres://USER:PASSWORD@HOST:PORT/NAME`, and makes its tables or brings them to the
    /// present version.
    ///
    /// A connection to another machine is encrypted, and the server's certificate is checked by the system's certificates or
    /// those of the file that `SSL_CERT_FILE` names. `?sslmode=require` asks for that on this machine, too;
    /// `?sslmode=disable` does without.
    ///
    /// # Errors
    /// [`ErrorKind::Config`], when the URL cannot be read, the server cannot be reached, or the tables cannot be made.
    pub async fn open(url: &str) -> Result<Self> {
        Self::open_with_lease(url, LEASE).await
    }

    /// The same, with another time after which a process that shows no sign of life counts as dead.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with_lease(url: &str, lease: Duration) -> Result<Self> {
        let address = Arc::new(DatabaseAddress::read(url)?);
        let config = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = Manager::from_config(address.config.clone(), address.tls()?, config);
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(WAIT))
            .build()
            .map_err(|error| Error::new(ErrorKind::Config, error.to_string()))?;
        let backend = Postgres { pool, address };
        let opened = connection(&backend.pool, &backend.address).await;
        let mut connection = opened.map_err(|failure| {
            let hint = hint(&failure.message);
            Error::new(ErrorKind::Config, failure.message).with_hint(hint)
        })?;
        migration::migrate(&mut connection, &backend.address).await?;
        drop(connection);
        DatabaseStore::new(backend, lease)
            .map_err(|failure| Error::new(ErrorKind::Config, failure.message))
    }
}

fn hint(message: &str) -> &'static str {
    match message.contains("certificate") {
        true => {
            "let SSL_CERT_FILE name a file with the certificate authority of the server, as its provider publishes it"
        }
        false => {
            "check that the server runs, and host, port, user, password and name of the database"
        }
    }
}

impl Backend for Postgres {
    fn write<O: Operation>(
        &self,
        operation: O,
    ) -> impl Future<Output = std::result::Result<O::Output, Failure>> + Send + 'static {
        // The rows that it is about are locked by the operation.
        self.run(operation, IsolationLevel::ReadCommitted, false)
    }

    fn read<O: Operation>(
        &self,
        operation: O,
    ) -> impl Future<Output = std::result::Result<O::Output, Failure>> + Send + 'static {
        self.run(operation, IsolationLevel::RepeatableRead, true)
    }
}

impl Postgres {
    fn run<O: Operation>(
        &self,
        operation: O,
        isolation: IsolationLevel,
        is_read_only: bool,
    ) -> impl Future<Output = std::result::Result<O::Output, Failure>> + Send + 'static {
        let (pool, address) = (self.pool.clone(), Arc::clone(&self.address));
        async move {
            let mut tries = 0;
            loop {
                tries += 1;
                let done = attempt(&pool, &address, &operation, isolation, is_read_only).await;
                match done {
                    Err(failure) if failure.again && tries < TRIES => {}
                    done => return done,
                }
            }
        }
    }
}

/// Runs an operation in one transaction. When it fails the transaction is rolled back.
async fn attempt<O: Operation>(
    pool: &Pool,
    address: &DatabaseAddress,
    operation: &O,
    isolation: IsolationLevel,
    is_read_only: bool,
) -> std::result::Result<O::Output, Failure> {
    let mut connection = connection(pool, address).await?;
    let begun = connection
        .build_transaction()
        .isolation_level(isolation)
        .read_only(is_read_only)
        .start()
        .await;
    let mut transaction = PostgresTransaction(begun.map_err(|error| failure(&error))?);
    let output = operation.run(&mut transaction).await?;
    let committed = transaction.0.commit().await;
    committed.map_err(|error| commit_failure(&error))?;
    Ok(output)
}

async fn connection(
    pool: &Pool,
    address: &DatabaseAddress,
) -> std::result::Result<Object, Failure> {
    pool.get().await.map_err(|error| {
        let why = match &error {
            PoolError::Backend(error) => connection::message(error),
            PoolError::Timeout(_) => format!("no answer within {} s", WAIT.as_secs()),
            other => other.to_string(),
        };
        Failure::new(format_args!(
            "the gateway's database {address} cannot be reached: {why}"
        ))
    })
}
