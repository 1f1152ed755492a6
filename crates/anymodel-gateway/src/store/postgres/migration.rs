//! Migration: makes the tables, or brings those of an earlier version to the present one.

use anymodel_types::{Error, ErrorKind, Result};
use deadpool_postgres::Object;
use tokio_postgres::error::SqlState;

use super::address::DatabaseAddress;
use super::connection::message;
use crate::store::schema::{MIGRATIONS, for_postgres};

/// "anymgate": two processes that start at once make the tables one after the other.
const LOCK: i64 = 0x616e_796d_6761_7465;

pub async fn migrate(connection: &mut Object, address: &DatabaseAddress) -> Result<()> {
    match run(connection).await {
        Ok(version) if version <= MIGRATIONS.len() => Ok(()),
        Ok(version) => {
            let known = MIGRATIONS.len();
            let what = format!(
                "the gateway's database {address} has form {version}, and this program knows form {known}"
            );
            Err(Error::new(ErrorKind::Config, what)
                .with_hint("use a later anymodel, or name another database"))
        }
        Err(error) => Err(explain(address, &error)),
    }
}

/// The version of the tables, after those that are missing were made.
async fn run(connection: &mut Object) -> std::result::Result<usize, tokio_postgres::Error> {
    let transaction = connection.transaction().await?;
    transaction
        .execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])
        .await?;
    let make = "CREATE TABLE IF NOT EXISTS anymodel_gateway (version BIGINT NOT NULL)";
    transaction.batch_execute(make).await?;
    let sql = "SELECT COALESCE(MAX(version), 0) FROM anymodel_gateway";
    let found: i64 = transaction.query_one(sql, &[]).await?.try_get(0)?;
    let version = usize::try_from(found).unwrap_or(usize::MAX);
    for (at, migration) in MIGRATIONS.iter().enumerate().skip(version) {
        transaction.batch_execute(&for_postgres(migration)).await?;
        let next = i64::try_from(at + 1).unwrap_or(i64::MAX);
        let sql = "INSERT INTO anymodel_gateway (version) VALUES ($1)";
        transaction.execute(sql, &[&next]).await?;
    }
    transaction.commit().await?;
    Ok(version)
}

fn explain(address: &DatabaseAddress, error: &tokio_postgres::Error) -> Error {
    let what = format!(
        "the tables of the gateway's database {address} cannot be made: {}",
        message(error)
    );
    let hint = match error.code() {
        Some(code) if *code == SqlState::DUPLICATE_TABLE => {
            "another program has tables there: give the gateway a database of its own, or a schema \
             (?options=-c%20search_path%3DNAME)"
        }
        Some(code) if *code == SqlState::INSUFFICIENT_PRIVILEGE => {
            "the user needs to make tables there: let it own the database, or the schema"
        }
        _ => "read what the server says; it can be tried again at once",
    };
    Error::new(ErrorKind::Config, what).with_hint(hint)
}
