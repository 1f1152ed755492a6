//! The ledger on disk: every attempt, in a SQLite file that many processes may share.
//!
//! One thread of the process writes, and everybody sends it what is to be written; what comes while it writes is written
//! together. So no call waits for a disk while it holds a thread of the runtime, and a call is answered only after its
//! attempt has been given to the operating system. What that guards against: the process may be killed at any moment, and
//! nothing that was answered is missing. When the machine itself loses its power, the last moments may be missing
//! (write-ahead log, `synchronous=NORMAL`), and the file is whole all the same.
//!
//! - this file: the handle, and the thread
//! - [`desk`]: what is written, in transactions
//! - [`open`]: the file: made, recognised, or set aside when it is damaged
//! - [`owner`]: who has money set aside, and whether he lives
//! - [`report`]: what stands in a file

mod desk;
mod open;
mod owner;
mod report;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use rust_decimal::Decimal;
use tokio::sync::oneshot;

use super::account::{Short, Sums};
use super::cashier::Wanted;
use super::record::Record;
use super::{Budget, Fingerprint};
use crate::error::{Error, Result};
use crate::failure::ErrorKind;
use crate::output;
use crate::trail::is_simulated;
use desk::Desk;
pub use report::{LedgerFile, SpendBy, SpendRow};

/// What was asked to be written in one go at most.
const MOST_AT_ONCE: usize = 256;

/// A ledger on disk, open for writing.
#[derive(Debug)]
pub(crate) struct Store {
    commands: Option<mpsc::Sender<Command>>,
    writer: Option<JoinHandle<()>>,
    trouble: Arc<Trouble>,
}

/// What is told of a ledger that cannot be written, once.
#[derive(Debug)]
struct Trouble {
    path: PathBuf,
    told: AtomicBool,
}

/// Why no money was set aside.
#[derive(Debug)]
pub(crate) enum Refused {
    Short(Short),
    /// The ledger cannot be used, and why.
    Failed(String),
}

/// Money that is set aside on disk. Dropped, it is free again.
#[derive(Debug)]
pub(crate) struct Reserved {
    id: i64,
    /// None when it was settled.
    commands: Option<mpsc::Sender<Command>>,
}

/// What the writer does.
enum Command {
    Reserve {
        limits: Box<Budget>,
        usd: Decimal,
        line: desk::Line,
        reply: oneshot::Sender<std::result::Result<Reserved, Refused>>,
        commands: mpsc::Sender<Command>,
    },
    Settle {
        record: Box<Record>,
        reserved: Option<i64>,
        reply: oneshot::Sender<std::result::Result<(), String>>,
    },
    Release(i64),
    Sums {
        simulated: bool,
        reply: mpsc::Sender<std::result::Result<Sums, String>>,
    },
}

impl Store {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// [`ErrorKind::Config`], when it cannot be opened, or is something else. A damaged one is set aside, and a new one begun.
    pub fn open(path: &Path) -> Result<Self> {
        let mut desk = Desk::new(open::open(path)?, path);
        let (commands, queue) = mpsc::channel();
        let writer = std::thread::Builder::new()
            .name("anymodel-ledger".to_owned())
            .spawn(move || {
                while let Ok(first) = queue.recv() {
                    let more = queue.try_iter().take(MOST_AT_ONCE - 1);
                    desk.serve(std::iter::once(first).chain(more).collect());
                }
                desk.close();
            })
            .map_err(|error| {
                let what = format!("the ledger {} gets no thread: {error}", path.display());
                Error::new(ErrorKind::Config, what).with_hint("end some other programs")
            })?;
        Ok(Store {
            commands: Some(commands),
            writer: Some(writer),
            trouble: Arc::new(Trouble {
                path: path.to_owned(),
                told: AtomicBool::new(false),
            }),
        })
    }

    /// Sets money aside, if the limits allow it.
    ///
    /// # Errors
    /// Which limit is too small, or what is wrong with the ledger.
    pub async fn reserve(
        &self,
        limits: &Budget,
        usd: Decimal,
        wanted: &Wanted<'_>,
    ) -> std::result::Result<Reserved, Refused> {
        let (reply, answer) = oneshot::channel();
        let Some(commands) = &self.commands else {
            return Err(Refused::Failed(gone()));
        };
        let _ = commands.send(Command::Reserve {
            limits: Box::new(limits.clone()),
            usd,
            line: desk::Line {
                platform: wanted.platform.to_owned(),
                model: wanted.candidate.model.clone(),
                label: wanted.label.map(str::to_owned),
                simulated: is_simulated(wanted.platform),
                fingerprint: Fingerprint::of(wanted.request),
            },
            reply,
            commands: commands.clone(),
        });
        answer
            .await
            .unwrap_or_else(|_| Err(Refused::Failed(gone())))
    }

    /// Sends an attempt to be written, in place of what was set aside for it. To be waited for; it is written all the same
    /// when nobody waits.
    pub fn settle(
        &self,
        record: Record,
        reserved: Option<Reserved>,
    ) -> impl Future<Output = ()> + 'static {
        let (reply, answer) = oneshot::channel();
        let reserved = reserved.map(|mut reserved| {
            reserved.commands = None;
            reserved.id
        });
        if let Some(commands) = &self.commands {
            let _ = commands.send(Command::Settle {
                record: Box::new(record),
                reserved,
                reply,
            });
        }
        let trouble = Arc::clone(&self.trouble);
        async move {
            // The answer is there and paid for, so it is not lost over this.
            if let Err(fault) = answer.await.unwrap_or_else(|_| Err(gone())) {
                trouble.tell(&fault);
            }
        }
    }

    /// What is spent and set aside, by everybody who writes here.
    ///
    /// # Errors
    /// What is wrong with the ledger.
    pub fn sums(&self, simulated: bool) -> std::result::Result<Sums, String> {
        let (reply, answer) = mpsc::channel();
        if let Some(commands) = &self.commands {
            let _ = commands.send(Command::Sums { simulated, reply });
        }
        answer.recv().unwrap_or_else(|_| Err(gone()))
    }
}

/// Waits until everything that was sent is written.
impl Drop for Store {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if let Some(commands) = &self.commands {
            let _ = commands.send(Command::Release(self.id));
        }
    }
}

impl Trouble {
    fn tell(&self, fault: &str) {
        if !self.told.swap(true, Ordering::Relaxed) {
            output::say(&format!(
                "anymodel: the ledger {} cannot be written, so some of what is asked now is missing there: {fault}",
                self.path.display()
            ));
        }
    }
}

fn gone() -> String {
    "its writer has ended".to_owned()
}
