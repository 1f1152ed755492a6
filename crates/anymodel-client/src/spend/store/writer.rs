//! Ledger writer: writes all that waits in one transaction, and replies after it.
//!
//! Each piece of work has its own savepoint, so that a failed one undoes no other. An attempt that cannot be written now
//! (another program keeps the file locked, the disk is full for a moment) is kept, and written before what comes next.

use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::Notify;

use super::process_lease::{self, ProcessLease};
use super::{PendingWrite, Reserved, StoreCommand, StoreQuery, queries};
use crate::spend::budget_counter::ReserveError;
use anymodel_display::output;
use anymodel_types::words;

/// The most attempts that are kept until they can be written.
const MOST_OWED: usize = 65_536;

/// Transactions after which a checkpoint of the write-ahead log is due.
const TIDY_AFTER: u32 = 300;

/// Ledger writer: the connection, the process lease, and what is still to be written.
#[derive(Debug)]
pub(super) struct LedgerWriter {
    connection: Connection,
    path: PathBuf,
    /// `None` before the first reservation.
    owner: Option<ProcessLease>,
    /// Whether the reservations of dead processes were looked for. Until then no command runs at once.
    is_open: bool,
    /// What could not be written yet.
    owed: Vec<PendingWrite>,
    /// Whether the failure to write the ledger was reported.
    told: bool,
    /// Transactions since the last checkpoint.
    written: u32,
    /// Notified when a reservation was released.
    freed: Arc<Notify>,
}

/// A reply that is sent when everything is written.
type WriteCallback = Box<dyn FnOnce(Option<&str>)>;

impl LedgerWriter {
    pub fn new(connection: Connection, path: PathBuf, freed: Arc<Notify>) -> Self {
        LedgerWriter {
            connection,
            path,
            owner: None,
            is_open: false,
            owed: Vec::new(),
            told: false,
            written: 0,
            freed,
        }
    }

    /// Books the reservations of dead processes. If that fails, the first call that is short of money does it.
    pub fn reclaim_orphans(&mut self) {
        self.is_open = true;
        let begun = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate);
        let _ = begun.and_then(|transaction| {
            process_lease::reclaim_orphans(&transaction, &self.path, None)?;
            transaction.commit()
        });
    }

    /// Runs the commands. It may wait for other processes, and for the disk.
    pub fn serve(&mut self, commands: Vec<StoreCommand>) {
        let mut dues = mem::take(&mut self.owed);
        let mut questions = Vec::new();
        for command in commands {
            match command {
                StoreCommand::Settle(due) => dues.push(due),
                StoreCommand::Ask(question) => questions.push(question),
                StoreCommand::Tidy => {}
            }
        }
        let mut answers = Vec::new();
        let written = match begin(&self.connection, anymodel_sqlite::BUSY_TIMEOUT) {
            Ok(transaction) => work(
                transaction,
                (self.path.as_path(), &mut self.owner),
                &dues,
                questions,
                &mut answers,
            ),
            Err(error) => {
                answers.extend(questions.into_iter().map(refuse));
                Err(error.to_string())
            }
        };
        self.ended(dues, answers, written);
        if self.is_untidy() {
            self.written = 0;
            // A checkpoint that fails now is made next time.
            let _ = self
                .connection
                .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        }
    }

    /// The same, unless another process writes or earlier work is still to be written: then the command is returned.
    pub fn serve_at_once(&mut self, command: StoreCommand) -> Option<StoreCommand> {
        if !self.is_open || !self.owed.is_empty() {
            return Some(command);
        }
        let Ok(transaction) = begin(&self.connection, Duration::ZERO) else {
            return Some(command);
        };
        let (dues, questions) = match command {
            StoreCommand::Settle(due) => (vec![due], Vec::new()),
            StoreCommand::Ask(question) => (Vec::new(), vec![question]),
            StoreCommand::Tidy => return Some(command),
        };
        let mut answers = Vec::new();
        let place = (self.path.as_path(), &mut self.owner);
        let written = work(transaction, place, &dues, questions, &mut answers);
        self.ended(dues, answers, written);
        None
    }

    /// Whether a checkpoint of the write-ahead log is due.
    pub fn is_untidy(&self) -> bool {
        self.written >= TIDY_AFTER
    }

    /// Gives up the lease of this process. If a write is still missing, the process only leaves and is taken for dead: then
    /// its reservations count as spent.
    pub fn close(&mut self) {
        if !self.owed.is_empty() {
            self.serve(Vec::new());
        }
        if let Some(owner) = self.owner.take().filter(|_| self.owed.is_empty()) {
            owner.release(&self.connection);
        }
    }

    /// Replies to every call that waits; a write that failed is kept.
    fn ended(
        &mut self,
        dues: Vec<PendingWrite>,
        answers: Vec<WriteCallback>,
        written: Result<Vec<Option<String>>, String>,
    ) {
        self.written += 1;
        let fault = written.as_ref().err().cloned();
        if fault.is_none() && dues.iter().any(|due| due.reserved.is_some()) {
            self.freed.notify_one();
        }
        for answer in answers {
            answer(fault.as_deref());
        }
        let faults = written.unwrap_or_else(|_| vec![fault; dues.len()]);
        for (mut due, fault) in dues.into_iter().zip(faults) {
            if let Some(reply) = due.reply.take() {
                // The answer is there and paid for, so it is not lost because of this.
                let _ = reply.send(());
            }
            if let Some(fault) = fault {
                self.tell(&fault);
                if self.owed.len() < MOST_OWED {
                    self.owed.push(due);
                }
            }
        }
    }

    fn tell(&mut self, fault: &str) {
        if !mem::replace(&mut self.told, true) {
            output::notify(
                &words::ledgers().ledger_cannot_be_written(&self.path.display(), &fault),
            );
        }
    }
}

/// Does all work of a transaction, and ends it; returns for each piece what was wrong with it.
fn work(
    transaction: Transaction<'_>,
    (path, owner): (&Path, &mut Option<ProcessLease>),
    dues: &[PendingWrite],
    questions: Vec<StoreQuery>,
    answers: &mut Vec<WriteCallback>,
) -> Result<Vec<Option<String>>, String> {
    let was_owner = owner.is_some();
    let mut questions = questions.into_iter();
    let written = transact(transaction, (path, owner), dues, &mut questions, answers);
    if written.is_err() {
        answers.extend(questions.map(refuse));
        // The lease of an earlier transaction stays: other processes see it, and its reservations.
        if !was_owner && let Some(owner) = owner.take() {
            owner.abort();
        }
    }
    written
}

fn transact(
    mut transaction: Transaction<'_>,
    (path, owner): (&Path, &mut Option<ProcessLease>),
    dues: &[PendingWrite],
    questions: &mut std::vec::IntoIter<StoreQuery>,
    answers: &mut Vec<WriteCallback>,
) -> Result<Vec<Option<String>>, String> {
    let mut faults = Vec::new();
    for due in dues {
        let settled = within(&mut transaction, |connection| {
            queries::settle_reservation(connection, due.record.as_deref(), due.reserved)
        });
        let fault = settled.err();
        still_open(&transaction, fault.as_ref())?;
        faults.push(fault);
    }
    for question in questions {
        match question {
            StoreQuery::Reserve {
                limits,
                usd,
                line,
                reply,
                commands,
            } => {
                let was_owner = owner.is_some();
                let held = within(&mut transaction, |connection| {
                    queries::reserve(connection, path, &mut *owner, &limits, usd, &line)
                });
                if held.is_err()
                    && !was_owner
                    && let Some(owner) = owner.take()
                {
                    owner.abort();
                }
                let open = still_open(&transaction, held.as_ref().err());
                answers.push(Box::new(move |fault| {
                    let reserved = match (held, fault) {
                        (_, Some(fault)) => Err(ReserveError::Failed(fault.to_owned())),
                        (Err(fault), None) => Err(ReserveError::Failed(fault)),
                        (Ok(Err(short)), None) => Err(ReserveError::Short(short)),
                        (Ok(Ok(id)), None) => Ok(Reserved {
                            id,
                            commands: Some(commands),
                        }),
                    };
                    // When no call waits any more, the reservation is dropped here, and released.
                    drop(reply.send(reserved));
                }));
                open?;
            }
            StoreQuery::Sums { simulated, reply } => {
                let sums = within(&mut transaction, |connection| {
                    queries::sums(connection, simulated)
                });
                let open = still_open(&transaction, sums.as_ref().err());
                answers.push(Box::new(move |fault| {
                    let told = fault.map_or(sums, |fault| Err(fault.to_owned()));
                    drop(reply.send(told));
                }));
                open?;
            }
        }
    }
    transaction.commit().map_err(|error| error.to_string())?;
    Ok(faults)
}

/// Begins a transaction, and waits up to this long for other writers.
fn begin(connection: &Connection, span: Duration) -> rusqlite::Result<Transaction<'_>> {
    connection.busy_timeout(span)?;
    Transaction::new_unchecked(connection, TransactionBehavior::Immediate)
}

/// Does one piece of work, all of it or nothing.
fn within<T>(
    transaction: &mut Transaction<'_>,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Result<T, String> {
    let done = transaction.savepoint().and_then(|savepoint| {
        let done = work(&savepoint)?;
        savepoint.commit()?;
        Ok(done)
    });
    done.map_err(|error| error.to_string())
}

/// After the gravest errors SQLite rolls back by itself, and further statements would stand in no transaction.
fn still_open(transaction: &Transaction<'_>, fault: Option<&String>) -> Result<(), String> {
    match fault {
        Some(fault) if transaction.is_autocommit() => Err(fault.clone()),
        _ => Ok(()),
    }
}

/// Replies to a query that it was not run.
fn refuse(question: StoreQuery) -> WriteCallback {
    Box::new(move |fault| {
        let fault = fault.unwrap_or_default().to_owned();
        match question {
            StoreQuery::Reserve { reply, .. } => drop(reply.send(Err(ReserveError::Failed(fault)))),
            StoreQuery::Sums { reply, .. } => drop(reply.send(Err(fault))),
        }
    })
}
