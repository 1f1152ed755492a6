//! Ledger statements: each runs in a transaction of the [`writer`](super::writer).

use std::path::Path;

use rusqlite::{Connection, params};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::process_lease::{self, ProcessLease};
use crate::spend::budget_counter::{InsufficientBudget, Sums, today};
use crate::spend::record::{AttemptRecord, millis};
use crate::spend::{Budget, Fingerprint};

/// Reservation row: the request that money is reserved for.
pub(super) struct ReservationRow {
    pub platform: String,
    pub model: String,
    pub label: Option<String>,
    pub simulated: bool,
    pub fingerprint: Fingerprint,
}

/// Reserves money for a request whose price is known or not.
pub(super) fn reserve(
    connection: &Connection,
    path: &Path,
    owner: &mut Option<ProcessLease>,
    limits: &Budget,
    usd: Option<Decimal>,
    line: &ReservationRow,
) -> rusqlite::Result<Result<i64, InsufficientBudget>> {
    let mut allowed = sums(connection, line.simulated)?.allow(limits, usd);
    if allowed.is_err() {
        // A part of it may be reserved for processes that have died.
        let own = owner.as_ref().map(ProcessLease::id);
        if process_lease::reclaim_orphans(connection, path, own)? {
            allowed = sums(connection, line.simulated)?.allow(limits, usd);
        }
    }
    if let Err(short) = allowed {
        return Ok(Err(short));
    }
    let owner = match owner {
        Some(owner) => owner.id(),
        None => owner.insert(ProcessLease::acquire(connection, path)?).id(),
    };
    let mut insert = connection.prepare_cached(
        "INSERT INTO reservation (owner, at, amount, simulated, platform, asked, label, fingerprint)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let id = insert.insert(params![
        owner,
        millis(std::time::SystemTime::now()),
        to_pico_up(usd.unwrap_or_default()),
        line.simulated,
        line.platform,
        line.model,
        line.label,
        line.fingerprint.as_bytes(),
    ])?;
    Ok(Ok(id))
}

/// Settles a reservation: writes the attempt, if there was one, in its place.
pub(super) fn settle_reservation(
    connection: &Connection,
    record: Option<&AttemptRecord>,
    reserved: Option<i64>,
) -> rusqlite::Result<()> {
    if let Some(id) = reserved {
        connection
            .prepare_cached("DELETE FROM reservation WHERE id = ?1")?
            .execute([id])?;
    }
    let Some(record) = record else { return Ok(()) };
    let usage = record.usage;
    let tokens = |of: fn(&anymodel_types::Usage) -> Option<u64>| {
        usage
            .as_ref()
            .and_then(of)
            .map(|count| i64::try_from(count).unwrap_or(i64::MAX))
    };
    let micros = |span: std::time::Duration| i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
    let booked = to_pico(record.booked);
    connection
        .prepare_cached(
            "INSERT INTO attempt (at, platform, asked, answered, label, simulated, outcome, status,
               prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens,
               reported, estimate, booked, reserved, duration, first_token, fingerprint, question)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 0, ?16, ?17, ?18, ?19)",
        )?
        .execute(params![
            record.millis(),
            record.platform,
            record.asked,
            record.answered,
            record.label,
            record.is_simulated(),
            record.outcome,
            record.status,
            tokens(|usage| Some(usage.prompt_tokens)),
            tokens(|usage| Some(usage.completion_tokens)),
            tokens(|usage| usage.reasoning_tokens),
            tokens(|usage| usage.cached_tokens),
            record.reported.map(to_pico),
            record.estimate.map(to_pico),
            booked,
            micros(record.duration),
            record.first_token.map(micros),
            record.fingerprint.as_bytes(),
            record.question,
        ])?;
    connection
        .prepare_cached(
            "INSERT INTO spent (day, simulated, amount) VALUES (?1, ?2, ?3)
             ON CONFLICT (day, simulated) DO UPDATE SET amount = amount + excluded.amount",
        )?
        .execute(params![today(), record.is_simulated(), booked])?;
    Ok(())
}

/// What is spent and reserved. The sandbox's simulated money is counted separately.
pub(super) fn sums(connection: &Connection, simulated: bool) -> rusqlite::Result<Sums> {
    let mut select = connection.prepare_cached(
        "SELECT (SELECT coalesce(sum(amount), 0) FROM spent WHERE simulated = ?1 AND day = ?2),
                (SELECT coalesce(sum(amount), 0) FROM spent WHERE simulated = ?1),
                (SELECT coalesce(sum(amount), 0) FROM reservation WHERE simulated = ?1)",
    )?;
    select.query_row(params![simulated, today()], |row| {
        Ok(Sums {
            today: from_pico(row.get(0)?),
            total: from_pico(row.get(1)?),
            reserved: from_pico(row.get(2)?),
        })
    })
}

/// US dollars in units of 10⁻¹², an integer: the smallest price of a token has eleven places.
fn to_pico(usd: Decimal) -> i64 {
    whole(usd).map_or(i64::MAX, |pico| pico.round().to_i64().unwrap_or(i64::MAX))
}

/// The same, rounded up.
fn to_pico_up(usd: Decimal) -> i64 {
    whole(usd).map_or(i64::MAX, |pico| pico.ceil().to_i64().unwrap_or(i64::MAX))
}

fn whole(usd: Decimal) -> Option<Decimal> {
    usd.checked_mul(Decimal::from(1_000_000_000_000_i64))
}

pub(super) fn from_pico(pico: i64) -> Decimal {
    Decimal::new(pico, 12).normalize()
}
