//! Writer: commits the operations that wait together in one transaction.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use anymodel_sqlite::BUSY_TIMEOUT;
use anymodel_types::{Error, ErrorKind};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::checkpoint::Checkpoints;
use super::connection::SqliteConnection;
use crate::store::database::{Failure, Operation};

/// The most operations in one transaction.
const MOST_AT_ONCE: usize = 256;

/// The writer, and the thread that runs it when it is busy.
#[derive(Debug)]
pub struct WriterThread {
    writer: Arc<Mutex<Writer>>,
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl WriterThread {
    /// Takes over the connection.
    ///
    /// # Errors
    /// [`ErrorKind::Config`], when the system gives no thread.
    pub fn start(path: &Path, connection: Connection) -> Result<Self, Error> {
        let no_thread = |error: std::io::Error| {
            let what = format!("the gateway's database gets no thread: {error}");
            Error::new(ErrorKind::Config, what).with_hint("end some other programs")
        };
        let writer = Arc::new(Mutex::new(Writer {
            connection: SqliteConnection::new(connection),
            checkpoints: Checkpoints::start(path).map_err(no_thread)?,
        }));
        let (queue, jobs) = mpsc::channel::<Box<dyn Job>>();
        let shared = Arc::clone(&writer);
        let thread = std::thread::Builder::new()
            .name("anymodel-store".to_owned())
            .spawn(move || {
                while let Ok(first) = jobs.recv() {
                    let mut writer = lock(&shared);
                    let more = jobs.try_iter().take(MOST_AT_ONCE - 1);
                    writer.serve(std::iter::once(first).chain(more).collect());
                }
            })
            .map_err(no_thread)?;
        Ok(WriterThread {
            writer,
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Runs an operation in a transaction; it is begun now, and not when the future is polled first.
    pub fn write<O: Operation>(
        &self,
        operation: O,
    ) -> impl Future<Output = Result<O::Output, Failure>> + Send + 'static {
        let (reply, answer) = oneshot::channel();
        self.submit(Box::new(Pending {
            operation,
            outcome: None,
            reply,
        }));
        async move {
            let gone = || Failure::new("the writer of the gateway's database has ended");
            answer.await.unwrap_or_else(|_| Err(gone()))
        }
    }

    /// Runs the job at once if nothing else is written, or hands it to the thread.
    fn submit(&self, job: Box<dyn Job>) {
        let mut left = Some(job);
        if let Ok(mut writer) = self.writer.try_lock() {
            left = left.and_then(|job| writer.serve_at_once(job));
        }
        if let (Some(job), Some(queue)) = (left, &self.queue) {
            let _ = queue.send(job);
        }
    }
}

/// Waits until everything that was handed over is written.
impl Drop for WriterThread {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn lock(writer: &Mutex<Writer>) -> MutexGuard<'_, Writer> {
    writer.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The connection that writes.
#[derive(Debug)]
struct Writer {
    connection: SqliteConnection,
    checkpoints: Checkpoints,
}

impl Writer {
    /// Runs the jobs. It may wait for other processes.
    fn serve(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        let written = self
            .begin(BUSY_TIMEOUT)
            .and_then(|()| self.transact(&mut jobs));
        self.reply(jobs, written);
    }

    /// The same for one job, unless another process writes: then the job is returned.
    fn serve_at_once(&mut self, job: Box<dyn Job>) -> Option<Box<dyn Job>> {
        if self.begin(Duration::ZERO).is_err() {
            return Some(job);
        }
        let mut jobs = vec![job];
        let written = self.transact(&mut jobs);
        self.reply(jobs, written);
        None
    }

    fn reply(&mut self, jobs: Vec<Box<dyn Job>>, written: Result<(), Failure>) {
        for job in jobs {
            job.reply(written.as_ref().err());
        }
        self.checkpoints.count_transaction(&self.connection);
    }

    fn begin(&mut self, wait: Duration) -> Result<(), Failure> {
        self.connection.wait_at_most(wait)?;
        self.connection.batch("BEGIN IMMEDIATE")
    }

    /// Runs the jobs in the open transaction, and ends it.
    fn transact(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), Failure> {
        let run = self.run_all(jobs);
        let done = match run {
            Ok(true) => self.connection.batch("COMMIT"),
            Ok(false) => self.connection.batch("ROLLBACK"),
            Err(failure) => Err(failure),
        };
        if done.is_err() && !self.connection.is_idle() {
            self.connection.batch("ROLLBACK")?;
        }
        done
    }

    /// Runs each job within a savepoint, so that one that fails undoes nothing of the others. Whether there is something to
    /// commit.
    fn run_all(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<bool, Failure> {
        if let [job] = jobs {
            return Ok(job.run(&mut self.connection).is_ok());
        }
        for job in jobs {
            self.connection.batch("SAVEPOINT job")?;
            if let Err(failure) = job.run(&mut self.connection) {
                if self.connection.is_idle() {
                    return Err(failure);
                }
                self.connection.batch("ROLLBACK TO job")?;
            }
            self.connection.batch("RELEASE job")?;
        }
        Ok(true)
    }
}

/// An operation with its caller.
trait Job: Send {
    /// Runs it within the open transaction, and keeps the outcome.
    fn run(&mut self, connection: &mut SqliteConnection) -> Result<(), Failure>;

    /// Tells the caller, after the transaction: what was wrong with that, or the outcome.
    fn reply(self: Box<Self>, failure: Option<&Failure>);
}

struct Pending<O: Operation> {
    operation: O,
    outcome: Option<Result<O::Output, Failure>>,
    reply: oneshot::Sender<Result<O::Output, Failure>>,
}

impl<O: Operation> Job for Pending<O> {
    fn run(&mut self, connection: &mut SqliteConnection) -> Result<(), Failure> {
        let outcome = connection.run(&self.operation);
        let done = outcome.as_ref().map(|_| ()).map_err(Clone::clone);
        self.outcome = Some(outcome);
        done
    }

    fn reply(self: Box<Self>, failure: Option<&Failure>) {
        let outcome = match (failure, self.outcome) {
            (_, Some(Err(own))) => Err(own),
            (Some(failure), _) => Err(failure.clone()),
            (None, Some(outcome)) => outcome,
            (None, None) => Err(Failure::new(
                "the gateway's database did not run the operation",
            )),
        };
        // A caller that left needs no answer.
        let _ = self.reply.send(outcome);
    }
}
