//! File backing of the cache, beside the answers in memory (feature `sqlite`; `ledger` of `anymodel`).
//!
//! The file is optional: when it cannot be written, that is reported, and answers are kept in memory.

use std::path::PathBuf;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::task::JoinHandle;

use super::Cache;
use super::answer::CachedAnswer;
use super::disk::{Added, BUSY_TIMEOUT, Disk, News, Record, Stored, checkpoint};
use super::key::CacheKey;
use super::normal_form::normal_form;
use super::store::EntryId;
use anymodel_display::output;
use anymodel_types::{Error, ErrorKind, Result, words};

/// Unwanted bytes of the file are deleted when they are more than the wanted ones, and this.
const SLACK: u64 = 1 << 20;
/// An answer of more bytes is not written on a thread of the runtime.
const AT_ONCE: usize = 64 << 10;

/// Where answers are kept beside the memory.
pub(super) enum Place {
    Memory,
    /// To be opened when a client is built.
    Named(PathBuf),
    Open(Disk),
}

/// The result of work with the file; the error in words.
type Done = std::result::Result<(), String>;

impl Cache {
    /// Keeps the answers in this file, too, for the next run and for other processes with the same file (feature `sqlite`; `ledger` of `anymodel`).
    /// It is opened when a client is built.
    ///
    /// It is a SQLite database, with `NAME-wal` and `NAME-shm` beside it while it is open. Questions and answers stand in it
    /// as plain text; on Unix only its owner may read it. A process that is killed loses at most the answer that it was
    /// writing. A damaged file is set aside as `NAME.damaged-1` and reported, and its readable answers are copied. A file of
    /// an earlier version, in another format, is set aside as `NAME.old`. Processes that share a file should have the same
    /// limits: now and then one of them deletes what it does not keep itself.
    pub fn at(self, path: impl Into<PathBuf>) -> Self {
        *self.place() = Place::Named(path.into());
        self
    }

    /// Opens the file, when there is one that is not open yet.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when it is another file, or cannot be written.
    #[doc(hidden)]
    pub fn open(&self) -> Result<()> {
        let mut place = self.place();
        if let Place::Named(path) = &*place {
            let (disk, stored, trouble) = Disk::open(path)?;
            *place = Place::Open(disk);
            drop(place);
            self.state().has_file = true;
            self.load(stored);
            trouble.into_iter().for_each(|trouble| self.tell(trouble));
        }
        Ok(())
    }

    /// Writes an answer to the file, when there is one: at once, which takes some 30 µs of copying into the operating
    /// system's memory, or on a thread that may wait for another call or another process.
    pub(super) fn write(
        &self,
        id: EntryId,
        key: &CacheKey,
        answer: Arc<CachedAnswer>,
        kept: SystemTime,
    ) -> Option<JoinHandle<()>> {
        if !self.state().has_file {
            return None;
        }
        let record = Record {
            key: key.clone(),
            answer,
            kept: seconds(kept),
        };
        let record = self.append_at_once(id, record)?;
        let cache = self.clone();
        Some(tokio::task::spawn_blocking(move || {
            cache.with_disk(|disk| {
                cache.find_again(disk)?;
                let added = disk.append(&record, BUSY_TIMEOUT).map_err(words)?;
                cache.added(disk, id, record, added);
                Ok(())
            });
        }))
    }

    /// Appends the record, or returns it if that could take time.
    fn append_at_once(&self, id: EntryId, record: Record) -> Option<Record> {
        let mut place = match self.shared.place.try_lock() {
            Ok(place) => place,
            Err(_) => return Some(record),
        };
        let Place::Open(disk) = &mut *place else {
            return None;
        };
        if record.answer.bytes() > AT_ONCE || !disk.is_in_place() {
            return Some(record);
        }
        match disk.append(&record, Duration::ZERO) {
            Ok(added) => self.added(disk, id, record, added),
            // Another process writes, or there is an error, which the thread meets again and reports.
            Err(_) => return Some(record),
        }
        None
    }

    fn added(&self, disk: &mut Disk, id: EntryId, record: Record, added: Added) {
        let Added { news, row, bytes } = added;
        let cleared = news.cleared;
        self.take(news);
        if cleared {
            // The memory has dropped the answer with all others, but the file holds it.
            self.load(vec![Stored { record, row, bytes }]);
        } else {
            self.state().store.lies_on_disk(id, row, bytes);
        }
        if disk.take_untidy() {
            // No call waits for that.
            let cache = self.clone();
            drop(tokio::task::spawn_blocking(move || cache.tidy()));
        }
    }

    /// Deletes unwanted rows, and makes a checkpoint.
    fn tidy(&self) {
        let mut file = None;
        self.with_disk(|disk| {
            file = Some(disk.path().to_owned());
            let bytes = disk.bytes().map_err(words)?;
            let wanted = {
                let state = self.state();
                let most = 2 * state.store.on_disk() + SLACK;
                (bytes > most).then(|| state.store.rows())
            };
            if let Some(wanted) = wanted {
                let news = disk.retain(&wanted).map_err(words)?;
                self.take(news);
            }
            Ok(())
        });
        // The checkpoint waits for the disk, and holds up no write. A checkpoint that fails now is made next time.
        let _ = file.map(|file| checkpoint(&file));
    }

    /// Looks whether other processes have kept answers.
    pub(super) async fn sync_from_disk(&self) {
        // When the file is in use at this moment, the next call looks.
        let is_news = match self.shared.place.try_lock().as_deref() {
            Ok(Place::Open(disk)) => disk.has_news(),
            _ => false,
        };
        if !is_news {
            return;
        }
        let cache = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            cache.with_disk(|disk| {
                cache.find_again(disk)?;
                let news = disk.news().map_err(words)?;
                cache.take(news);
                Ok(())
            });
        });
        // It fails only when the runtime ends.
        let _ = reading.await;
    }

    /// Opens the file that is at the path now, or creates it, when the open one is no longer there.
    fn find_again(&self, disk: &mut Disk) -> Done {
        if disk.is_in_place() {
            return Ok(());
        }
        let (again, stored, trouble) =
            Disk::open(disk.path()).map_err(|error| error.to_string())?;
        *disk = again;
        self.state().store.lie_nowhere();
        self.load(stored);
        trouble.into_iter().for_each(|trouble| self.tell(trouble));
        Ok(())
    }

    /// Forgets all answers, in memory and in the file.
    pub(super) fn clear_all(&self) -> Result<()> {
        let mut place = self.place();
        self.state().store.clear();
        match &mut *place {
            Place::Open(disk) => disk.clear().map_err(|error| {
                Error::new(
                    ErrorKind::Config,
                    words::cache().file_of_answers_cannot_be_emptied(&error),
                )
                .with_hint(words::cache().delete_it_while_no_program_uses())
            }),
            _ => Ok(()),
        }
    }

    /// Takes in the news of other processes.
    fn take(&self, news: News) {
        if news.cleared {
            self.state().store.clear();
        }
        if news.damaged > 0 {
            let count = news.damaged;
            self.tell(words::cache().answers_in_the_file_are_damaged_and_passed(&count));
        }
        self.load(news.added);
    }

    /// Takes in answers of the file.
    fn load(&self, stored: Vec<Stored>) {
        let is_semantic = self.state().is_semantic;
        for Stored { record, row, bytes } in stored {
            let Record { key, answer, kept } = record;
            let form = is_semantic.then(|| normal_form(&key.question)).flatten();
            let kept = SystemTime::UNIX_EPOCH + Duration::from_secs(kept.min(u64::MAX >> 24));
            let age = self.now().duration_since(kept).unwrap_or_default();
            let mut state = self.state();
            if age <= answer.good_for(state.store.limits.age) {
                let id = state.store.insert(&key, answer, kept, form);
                state.store.lies_on_disk(id, row, bytes);
            }
        }
    }

    /// Works with the file, when there is one; a failure is reported, and loses no answer.
    fn with_disk(&self, work: impl FnOnce(&mut Disk) -> Done) {
        let mut place = self.place();
        let Place::Open(disk) = &mut *place else {
            return;
        };
        let result = work(disk);
        drop(place);
        if let Err(error) = result {
            self.tell(words::cache().answers_are_kept_in_memory_only(&error));
        }
    }

    /// Reports what is wrong with the file, once.
    fn tell(&self, trouble: String) {
        let mut state = self.state();
        if state.statistics.trouble.as_ref() != Some(&trouble) {
            output::notify(&format!("anymodel: {trouble}"));
            state.statistics.trouble = Some(trouble);
        }
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        let place = self.shared.place.lock();
        place.unwrap_or_else(PoisonError::into_inner)
    }
}

fn words(error: rusqlite::Error) -> String {
    error.to_string()
}

/// Seconds since 1970.
fn seconds(moment: SystemTime) -> u64 {
    let since = moment.duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}
