//! What is written, in transactions: all that waits in one, and everybody is answered after it.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::owner::{self, Owner};
use super::{Command, Refused, Reserved};
use crate::spend::account::{Short, Sums, today};
use crate::spend::record::{Record, millis};
use crate::spend::{Budget, Fingerprint};

/// Who money is set aside for.
pub(super) struct Line {
    pub platform: String,
    pub model: String,
    pub label: Option<String>,
    pub simulated: bool,
    pub fingerprint: Fingerprint,
}

/// The writer's own part: the file, and who it is.
pub(super) struct Desk {
    connection: Connection,
    path: PathBuf,
    /// None before the first money is set aside.
    owner: Option<Owner>,
}

/// An answer that is given when everything is written.
type Answer = Box<dyn FnOnce(Option<&str>)>;

impl Desk {
    pub fn new(connection: Connection, path: &Path) -> Self {
        Desk {
            connection,
            path: path.to_owned(),
            owner: None,
        }
    }

    /// Does what was asked, all of it or nothing.
    pub fn serve(&mut self, commands: Vec<Command>) {
        let mut answers = Vec::new();
        let fault = self.write(commands, &mut answers).err();
        let fault = fault.map(|error| error.to_string());
        for answer in answers {
            answer(fault.as_deref());
        }
    }

    /// Gives up the place of this process.
    pub fn close(self) {
        if let Some(owner) = self.owner {
            owner.leave(&self.connection);
        }
    }

    fn write(&mut self, commands: Vec<Command>, answers: &mut Vec<Answer>) -> rusqlite::Result<()> {
        let begun = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate);
        let transaction = match begun {
            Ok(transaction) => transaction,
            Err(error) => {
                answers.extend(commands.into_iter().map(refuse));
                return Err(error);
            }
        };
        let mut fault = None;
        for command in commands {
            if fault.is_some() {
                answers.push(refuse(command));
                continue;
            }
            match one(&transaction, &self.path, &mut self.owner, command) {
                (Ok(()), answer) => answers.push(answer),
                (Err(error), answer) => {
                    answers.push(answer);
                    fault = Some(error);
                }
            }
        }
        match fault {
            None => transaction.commit(),
            Some(error) => {
                // What was rolled back was not owned either.
                drop(transaction);
                self.owner = None;
                Err(error)
            }
        }
    }
}

/// Tells of a command that it was not done.
fn refuse(command: Command) -> Answer {
    Box::new(move |fault| {
        let fault = fault.unwrap_or_default().to_owned();
        match command {
            Command::Reserve { reply, .. } => drop(reply.send(Err(Refused::Failed(fault)))),
            Command::Settle { reply, .. } => drop(reply.send(Err(fault))),
            Command::Sums { reply, .. } => drop(reply.send(Err(fault))),
            Command::Release(_) => {}
        }
    })
}

/// Does one command, and says what is to be told when all of them are written.
fn one(
    transaction: &Transaction<'_>,
    path: &Path,
    owner: &mut Option<Owner>,
    command: Command,
) -> (rusqlite::Result<()>, Answer) {
    match command {
        Command::Reserve {
            limits,
            usd,
            line,
            reply,
            commands,
        } => {
            let done = reserve(transaction, path, owner, &limits, usd, &line);
            let (result, told) = match done {
                Ok(told) => (Ok(()), Ok(told)),
                Err(error) => (Err(error), Err(())),
            };
            let answer = Box::new(move |fault: Option<&str>| {
                let reserved = match (told, fault) {
                    (Ok(Ok(id)), None) => Ok(Reserved {
                        id,
                        commands: Some(commands),
                    }),
                    (Ok(Err(short)), None) => Err(Refused::Short(short)),
                    (_, fault) => Err(Refused::Failed(fault.unwrap_or_default().to_owned())),
                };
                // When nobody waits any more, it is dropped here, and free again.
                drop(reply.send(reserved));
            });
            (result, answer)
        }
        Command::Settle {
            record,
            reserved,
            reply,
        } => {
            let result = settle(transaction, &record, reserved);
            let answer = Box::new(move |fault: Option<&str>| {
                let told = fault.map_or(Ok(()), |fault| Err(fault.to_owned()));
                drop(reply.send(told));
            });
            (result, answer)
        }
        Command::Release(id) => (release(transaction, id), Box::new(|_| {})),
        Command::Sums { simulated, reply } => {
            let (result, sums) = match sums(transaction, simulated) {
                Ok(sums) => (Ok(()), Some(sums)),
                Err(error) => (Err(error), None),
            };
            let answer = Box::new(move |fault: Option<&str>| {
                let told = match (sums, fault) {
                    (Some(sums), None) => Ok(sums),
                    (_, fault) => Err(fault.unwrap_or_default().to_owned()),
                };
                drop(reply.send(told));
            });
            (result, answer)
        }
    }
}

fn reserve(
    transaction: &Transaction<'_>,
    path: &Path,
    owner: &mut Option<Owner>,
    limits: &Budget,
    usd: Decimal,
    line: &Line,
) -> rusqlite::Result<Result<i64, Short>> {
    let mut allowed = sums(transaction, line.simulated)?.allow(limits, usd);
    if allowed.is_err() {
        // Perhaps some of it is set aside for processes that are no more.
        let own = owner.as_ref().map(Owner::id);
        if owner::bury(transaction, path, own)? {
            allowed = sums(transaction, line.simulated)?.allow(limits, usd);
        }
    }
    if let Err(short) = allowed {
        return Ok(Err(short));
    }
    let owner = match owner {
        Some(owner) => owner.id(),
        None => owner.insert(Owner::enter(transaction, path)?).id(),
    };
    let mut insert = transaction.prepare_cached(
        "INSERT INTO reservation (owner, at, amount, simulated, platform, asked, label, fingerprint)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let id = insert.insert(params![
        owner,
        millis(std::time::SystemTime::now()),
        to_pico_up(usd),
        line.simulated,
        line.platform,
        line.model,
        line.label,
        line.fingerprint.as_bytes(),
    ])?;
    Ok(Ok(id))
}

fn settle(
    transaction: &Transaction<'_>,
    record: &Record,
    reserved: Option<i64>,
) -> rusqlite::Result<()> {
    if let Some(id) = reserved {
        release(transaction, id)?;
    }
    let usage = record.usage;
    let tokens = |of: fn(&crate::usage::Usage) -> Option<u64>| {
        usage
            .as_ref()
            .and_then(of)
            .map(|count| i64::try_from(count).unwrap_or(i64::MAX))
    };
    let micros = |span: std::time::Duration| i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
    let booked = to_pico(record.booked);
    transaction
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
    transaction
        .prepare_cached(
            "INSERT INTO spent (day, simulated, amount) VALUES (?1, ?2, ?3)
             ON CONFLICT (day, simulated) DO UPDATE SET amount = amount + excluded.amount",
        )?
        .execute(params![today(), record.is_simulated(), booked])?;
    Ok(())
}

fn release(transaction: &Transaction<'_>, id: i64) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("DELETE FROM reservation WHERE id = ?1")?
        .execute([id])?;
    Ok(())
}

/// What is spent and set aside. The sandbox's money is counted by itself.
fn sums(transaction: &Transaction<'_>, simulated: bool) -> rusqlite::Result<Sums> {
    let mut select = transaction.prepare_cached(
        "SELECT (SELECT coalesce(sum(amount), 0) FROM spent WHERE simulated = ?1 AND day = ?2),
                (SELECT coalesce(sum(amount), 0) FROM spent WHERE simulated = ?1),
                (SELECT coalesce(sum(amount), 0) FROM reservation WHERE simulated = ?1)",
    )?;
    select.query_row(params![simulated, today()], |row| {
        Ok(Sums {
            today: from_pico(row.get(0)?),
            in_all: from_pico(row.get(1)?),
            reserved: from_pico(row.get(2)?),
        })
    })
}

/// US dollars in billionths of a thousandth, a whole number: the smallest price of a token has eleven places.
fn to_pico(usd: Decimal) -> i64 {
    whole(usd).map_or(i64::MAX, |pico| pico.round().to_i64().unwrap_or(i64::MAX))
}

/// The same, and never less than it was.
fn to_pico_up(usd: Decimal) -> i64 {
    whole(usd).map_or(i64::MAX, |pico| pico.ceil().to_i64().unwrap_or(i64::MAX))
}

fn whole(usd: Decimal) -> Option<Decimal> {
    usd.checked_mul(Decimal::from(1_000_000_000_000_i64))
}

pub(super) fn from_pico(pico: i64) -> Decimal {
    Decimal::new(pico, 12).normalize()
}
