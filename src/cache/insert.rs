//! Keeping an answer: in memory first, then on disk, and what other processes have kept there.
//!
//! The file is a help and no condition: when it cannot be written, that is told, and answers are kept in memory.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::task::JoinHandle;

use super::answer::Answer;
use super::disk::{Disk, Sized};
use super::key::Key;
use super::normal_form::normal_form;
use super::record::Record;
use super::store::{EntryId, seconds};
use super::{Cache, Place, State};
use crate::error::Result;
use crate::output;

/// So much of the file may be unwanted before it is written anew: as much as is wanted, and this.
const SLACK: u64 = 1 << 20;

impl Cache {
    /// Opens the file, when there is one that is not open yet.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when it is something else, or cannot be written.
    pub(crate) fn open(&self) -> Result<()> {
        let mut place = self.place();
        if let Place::Named(path) = &*place {
            let (mut disk, records) = Disk::open(path)?;
            let damage = disk.take_damage();
            *place = Place::Open(disk);
            drop(place);
            self.state().has_file = true;
            self.load(&records);
            if let Some(damage) = damage {
                self.tell(damage);
            }
        }
        Ok(())
    }

    /// Keeps an answer: in memory now, and in the file, when there is one, on a thread that may wait for the disk.
    pub(super) fn insert(
        &self,
        key: &Key,
        answer: Answer,
        form: Option<String>,
    ) -> Option<JoinHandle<()>> {
        let now = self.now();
        let record = Record::new(key, answer.clone(), seconds(now));
        let mut state = self.state();
        let id = state.store.insert(key, Arc::new(answer), now, form);
        let has_file = state.has_file;
        drop(state);
        has_file.then(|| {
            let cache = self.clone();
            tokio::task::spawn_blocking(move || cache.write(id, record))
        })
    }

    fn write(&self, id: EntryId, record: Record) {
        self.with_disk(|disk| {
            let (news, bytes) = disk.append(&record)?;
            match self.load_news(disk, &news) {
                // It went with the others, and yet stands in the file.
                true => self.load(&[(record, bytes)]),
                false => self.state().store.lies_on_disk(id, bytes),
            }
            self.compact(disk)
        });
    }

    /// Writes the file anew when more of it is unwanted than wanted.
    fn compact(&self, disk: &mut Disk) -> std::io::Result<()> {
        let (ids, records) = {
            let state = self.state();
            if disk.bytes() <= 2 * state.store.on_disk() + SLACK {
                return Ok(());
            }
            state.store.records()
        };
        let (news, sizes) = disk.rewrite(&records)?;
        self.load_news(disk, &news);
        let mut state = self.state();
        for (id, bytes) in ids.into_iter().zip(sizes) {
            state.store.lies_on_disk(id, bytes);
        }
        Ok(())
    }

    /// Looks whether other processes have kept something. When the file is in use at this moment, the next call will hear.
    pub(super) async fn sync_from_disk(&self) {
        let is_news = match self.shared.place.try_lock().as_deref() {
            Ok(Place::Open(disk)) => disk.has_news(),
            _ => false,
        };
        if !is_news {
            return;
        }
        let cache = self.clone();
        let hearing = tokio::task::spawn_blocking(move || {
            cache.with_disk(|disk| {
                let news = disk.news()?;
                cache.load_news(disk, &news);
                Ok(())
            });
        });
        // It fails only when the runtime ends.
        let _ = hearing.await;
    }

    /// Takes in what others have written; gives whether they have forgotten everything before it, which then goes here, too.
    fn load_news(&self, disk: &mut Disk, news: &[Sized]) -> bool {
        let emptied = disk.take_emptied();
        if emptied {
            self.state().store.clear();
        }
        self.load(news);
        emptied
    }

    /// Does something with the file, when there is one; a failure is told, and costs nobody an answer.
    fn with_disk(&self, work: impl FnOnce(&mut Disk) -> std::io::Result<()>) {
        let mut place = self.place();
        let Place::Open(disk) = &mut *place else {
            return;
        };
        let result = work(disk);
        let damage = disk.take_damage();
        drop(place);
        if let Some(damage) = damage {
            self.tell(damage);
        }
        if let Err(error) = result {
            self.tell(format!("answers are kept in memory only: {error}"));
        }
    }

    /// Says what is wrong with the file, once.
    fn tell(&self, trouble: String) {
        let mut state = self.state();
        if state.statistics.trouble.as_ref() != Some(&trouble) {
            output::say(&format!("anymodel: {trouble}"));
            state.statistics.trouble = Some(trouble);
        }
    }

    fn load(&self, records: &[Sized]) {
        for (record, bytes) in records {
            self.state().load(record, *bytes);
        }
    }
}

impl State {
    /// Takes in an answer that stands in the file.
    pub(super) fn load(&mut self, record: &Record, bytes: usize) {
        let kept = SystemTime::UNIX_EPOCH + Duration::from_secs(record.kept.min(u64::MAX >> 24));
        let age = (self.clock)().duration_since(kept).unwrap_or_default();
        if age > record.answer.good_for(self.store.limits.age) {
            return;
        }
        let key = record.key();
        let form = self.is_semantic.then(|| normal_form(&key.question));
        let answer = Arc::new(record.answer.clone());
        let id = self.store.insert(&key, answer, kept, form.flatten());
        self.store.lies_on_disk(id, bytes);
    }
}
