//! Kept answers on disk, for several processes at once.
//!
//! Whoever writes holds the lock of a file beside it (`NAME.lock`), first reads what others have written, cuts off what a
//! killed process left half, and appends one record with one write. Nothing is ever changed in place: when too much of
//! the file is no longer wanted, it is written anew beside the old one and takes its place in one step. So the file can
//! be read whatever happens, short of a damaged disk; then it is set aside, and what can be read of it goes on.
//!
//! It holds questions and answers in plain text: nobody but its owner may read it (on Unix).

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::record::{HEAD, Head, LONGEST, Record, scan};
use crate::error::{Error, Result};
use crate::failure::ErrorKind;

/// So many damaged files are kept, the newest in place of the last.
const SET_ASIDE: u32 = 5;

/// A record, and the bytes that it takes.
pub(super) type Sized = (Record, usize);

/// The file, as far as it is known.
#[derive(Debug)]
pub(super) struct Disk {
    path: PathBuf,
    generation: u64,
    /// So many of its bytes were read or written.
    known: u64,
    /// What was damaged, in words.
    damage: Option<String>,
    /// Whether another process has forgotten what was known.
    emptied: bool,
}

impl Disk {
    /// Opens the file, or makes it; gives what stands in it.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when it is something else, or cannot be written.
    pub fn open(path: &Path) -> Result<(Self, Vec<Sized>)> {
        let mut disk = Disk {
            path: path.to_owned(),
            generation: 0,
            known: 0,
            damage: None,
            emptied: false,
        };
        let read = disk.lock().and_then(|_lock| {
            let (_, news) = disk.catch_up()?;
            Ok(news)
        });
        match read {
            Ok(records) => Ok((disk, records)),
            Err(error) => {
                let error = unusable(path, &error);
                Err(match disk.take_damage() {
                    Some(damage) => error.with_hint(format!("{damage}; make room, then try again")),
                    None => error,
                })
            }
        }
    }

    /// What was damaged since this was asked last.
    pub fn take_damage(&mut self) -> Option<String> {
        self.damage.take()
    }

    /// Whether another process has forgotten all answers since this was asked last.
    pub fn take_emptied(&mut self) -> bool {
        std::mem::take(&mut self.emptied)
    }

    /// How long the file is, as far as it is known.
    pub fn bytes(&self) -> u64 {
        self.known
    }

    /// Whether others seem to have written something: a look at the length.
    pub fn has_news(&self) -> bool {
        !matches!(self.path.metadata(), Ok(file) if file.len() == self.known)
    }

    /// What others have written since; nothing for now while one of them writes.
    ///
    /// # Errors
    /// When the file can no longer be read.
    pub fn news(&mut self) -> io::Result<Vec<Sized>> {
        let lock = self.lock_file()?;
        match lock.try_lock() {
            Ok(()) => Ok(self.catch_up()?.1),
            Err(TryLockError::WouldBlock) => Ok(Vec::new()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Adds a record; gives what others have written since, and the bytes that it takes (0 when it is too long).
    ///
    /// # Errors
    /// When the file can no longer be written. It then is as it was.
    pub fn append(&mut self, record: &Record) -> io::Result<(Vec<Sized>, usize)> {
        let Some(bytes) = record.to_bytes() else {
            return Ok((Vec::new(), 0));
        };
        let _lock = self.lock()?;
        let (mut file, news) = self.catch_up()?;
        file.seek(SeekFrom::Start(self.known))?;
        if let Err(error) = file.write_all(&bytes) {
            // No room is left, most likely. Should this fail, too, the next one cuts it off.
            let _ = file.set_len(self.known);
            return Err(error);
        }
        self.known += bytes.len() as u64;
        Ok((news, bytes.len()))
    }

    /// Writes the file anew with these records alone; gives the bytes of each. When others have written meanwhile, that is
    /// given instead, and the file stays as it is: their answers would be lost.
    ///
    /// # Errors
    /// When it cannot be written. The old one is then as it was.
    pub fn rewrite(&mut self, records: &[Record]) -> io::Result<(Vec<Sized>, Vec<usize>)> {
        let _lock = self.lock()?;
        let (_, news) = self.catch_up()?;
        if self.emptied || !news.is_empty() {
            return Ok((news, Vec::new()));
        }
        Ok((news, self.replace(records)?))
    }

    /// Writes the file anew without any record, and so that other processes forget theirs.
    ///
    /// # Errors
    /// When it cannot be written. The old one is then as it was.
    pub fn clear(&mut self) -> io::Result<()> {
        let _lock = self.lock()?;
        self.catch_up()?;
        let last = self.generation;
        self.generation = (last & !CLEARS) | (last.wrapping_add(1) & CLEARS);
        self.emptied = false;
        let result = self.replace(&[]).map(drop);
        if result.is_err() {
            self.generation = last;
        }
        result
    }

    /// Only one process at a time goes on from here, until the file that it gives is dropped.
    fn lock(&self) -> io::Result<File> {
        let file = self.lock_file()?;
        file.lock()?;
        Ok(file)
    }

    fn lock_file(&self) -> io::Result<File> {
        let mut name = self.path.as_os_str().to_owned();
        name.push(".lock");
        private().create(true).truncate(false).open(name)
    }

    /// Reads what is not known yet. Under the lock.
    fn catch_up(&mut self) -> io::Result<(File, Vec<Sized>)> {
        let mut file = private().create(true).truncate(false).open(&self.path)?;
        let mut head = Vec::new();
        (&mut file).take(HEAD as u64).read_to_end(&mut head)?;
        let length = file.metadata()?.len();
        let ours = match Head::of(&head) {
            Head::Ours(generation) => generation,
            Head::Foreign => return Err(io::Error::other("it is no file of answers")),
            Head::OtherVersion => {
                return Err(io::Error::other(
                    "it was written by another version of anymodel",
                ));
            }
            Head::Empty | Head::Unreadable if length == 0 => {
                self.generation = generation(self.generation);
                file.write_all(&Head::bytes(self.generation))?;
                self.known = HEAD as u64;
                return Ok((file, Vec::new()));
            }
            Head::Empty | Head::Unreadable => return self.mend(file),
        };
        if ours != self.generation || length < self.known {
            let known_before = self.generation != 0;
            self.emptied |= known_before && (ours ^ self.generation) & CLEARS != 0;
            self.generation = ours;
            self.known = HEAD as u64;
        }
        file.seek(SeekFrom::Start(self.known))?;
        let mut rest = Vec::new();
        file.read_to_end(&mut rest)?;
        let scan = scan(&rest);
        if scan.damaged > 0 {
            return self.mend(file);
        }
        self.known += scan.good as u64;
        if scan.good < rest.len() {
            file.set_len(self.known)?;
        }
        Ok((file, scan.records))
    }

    /// Sets the damaged file aside, and begins a new one with what can be read of it.
    fn mend(&mut self, mut file: File) -> io::Result<(File, Vec<Sized>)> {
        file.seek(SeekFrom::Start(0))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        drop(file);
        let saved = scan(bytes.get(HEAD..).unwrap_or_default()).records;
        let aside = self.aside();
        std::fs::rename(&self.path, &aside)?;
        let records: Vec<Record> = saved.into_iter().map(|(record, _)| record).collect();
        // Told even if the new file cannot be written.
        self.damage = Some(format!(
            "the file of answers {} was damaged; {} of its answers could be read and go on, and it was set aside as {}",
            self.path.display(),
            records.len(),
            aside.display()
        ));
        let sizes = self.replace(&records)?;
        let file = private().open(&self.path)?;
        Ok((file, records.into_iter().zip(sizes).collect()))
    }

    /// A name that is free, for a damaged file.
    fn aside(&self) -> PathBuf {
        let name = |number: u32| {
            let mut name = self.path.as_os_str().to_owned();
            name.push(match number {
                1 => ".damaged".to_owned(),
                _ => format!(".damaged-{number}"),
            });
            PathBuf::from(name)
        };
        (1..SET_ASIDE)
            .map(name)
            .find(|path| !path.exists())
            .unwrap_or_else(|| name(SET_ASIDE))
    }

    /// Puts a new file in the place of the old one, in one step. Under the lock.
    fn replace(&mut self, records: &[Record]) -> io::Result<Vec<usize>> {
        let generation = generation(self.generation);
        let mut bytes = Head::bytes(generation);
        let mut sizes = Vec::with_capacity(records.len());
        for record in records {
            let record = record.to_bytes().unwrap_or_default();
            sizes.push(record.len());
            bytes.extend(record);
        }
        let mut new = self.path.as_os_str().to_owned();
        new.push(".new");
        let mut file = private().create(true).truncate(true).open(&new)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        drop(file);
        std::fs::rename(&new, &self.path)?;
        self.generation = generation;
        self.known = bytes.len() as u64;
        Ok(sizes)
    }
}

/// The part of a generation that counts how often all answers were forgotten; the rest says when the file was written.
const CLEARS: u64 = 0xFFFF;

/// A number that no other file of this name has had, after as many clears as the last one.
fn generation(last: u64) -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.map_or(0, |since| since.as_nanos() as u64);
    let later = (last | CLEARS).saturating_add(1);
    (now.max(later) & !CLEARS) | (last & CLEARS)
}

/// For its owner alone.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

fn unusable(path: &Path, error: &io::Error) -> Error {
    Error::new(
        ErrorKind::Config,
        format!("answers cannot be kept in {}: {error}", path.display()),
    )
    .with_hint(
        "name a file of its own in a folder that exists and may be written to: Cache::exact().at(\"answers.cache\")",
    )
}

/// The longest answer, with everything that led to it, that is kept.
pub(super) const LONGEST_KEPT: usize = LONGEST / 4;
