//! The kept answers in memory: found by their whole key or by their meaning, never more than allowed, never older.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::answer::Answer;
use super::key::Key;
use super::record::Record;
use super::semantic::{EntryId, Group, Index, Reading};

/// About what an entry takes beside its texts: maps, numbers, the answer's small fields.
const OVERHEAD: usize = 400;

/// How much is kept, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub entries: usize,
    pub bytes: usize,
    pub age: Duration,
}

/// The kept answers.
#[derive(Debug)]
pub(super) struct Store {
    pub bounds: Bounds,
    entries: HashMap<EntryId, Entry>,
    /// By the words of the question, within the group of everything else.
    by_question: HashMap<(Group, Arc<str>), EntryId>,
    groups: HashMap<Arc<str>, Members>,
    /// By when they were last wanted, the longest ago first.
    by_use: BTreeMap<u64, EntryId>,
    pub index: Option<Index>,
    next: u64,
    bytes: usize,
    /// Bytes of the file that are still wanted.
    on_disk: u64,
    pub evicted: u64,
    pub expired: u64,
}

#[derive(Debug)]
struct Members {
    group: Group,
    count: usize,
}

#[derive(Debug)]
struct Entry {
    answer: Arc<Answer>,
    context: Arc<str>,
    group: Group,
    question: Arc<str>,
    kept: SystemTime,
    used: u64,
    bytes: usize,
    on_disk: u64,
    /// Its reading as it stands in the file.
    reading: Option<(String, String)>,
}

impl Store {
    pub fn new(bounds: Bounds, index: Option<Index>) -> Self {
        Store {
            bounds,
            entries: HashMap::new(),
            by_question: HashMap::new(),
            groups: HashMap::new(),
            by_use: BTreeMap::new(),
            index,
            next: 0,
            bytes: 0,
            on_disk: 0,
            evicted: 0,
            expired: 0,
        }
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn on_disk(&self) -> u64 {
        self.on_disk
    }

    /// The answer to this very request.
    pub fn exact(&mut self, key: &Key, now: SystemTime) -> Option<Arc<Answer>> {
        let group = self.groups.get(key.context.as_str())?.group;
        let id = *self
            .by_question
            .get(&(group, Arc::from(key.question.as_str())))?;
        self.wanted(id, now).map(|(answer, _)| answer)
    }

    /// The answer to a question that asks the same in other words, that question, and how close they lie.
    pub fn alike(
        &mut self,
        key: &Key,
        reading: &Reading,
        now: SystemTime,
    ) -> Option<(Arc<Answer>, String, f32)> {
        let group = self.groups.get(key.context.as_str())?.group;
        loop {
            let found = self.index.as_ref()?.find(group, reading)?;
            match self.wanted(found.id, now) {
                Some((answer, question)) => return Some((answer, question, found.similarity)),
                // Too old, and gone now: perhaps there is another.
                None if !self.entries.contains_key(&found.id) => continue,
                None => return None,
            }
        }
    }

    /// An entry that is wanted: from now on it is the latest used. One that is too old goes.
    fn wanted(&mut self, id: EntryId, now: SystemTime) -> Option<(Arc<Answer>, String)> {
        let entry = self.entries.get_mut(&id)?;
        // A clock that was set back makes nothing old.
        let age = now.duration_since(entry.kept).unwrap_or_default();
        if age > self.bounds.age {
            self.expired += 1;
            self.remove(id);
            return None;
        }
        self.by_use.remove(&entry.used);
        self.next += 1;
        entry.used = self.next;
        self.by_use.insert(entry.used, id);
        Some((Arc::clone(&entry.answer), entry.question.to_string()))
    }

    /// Keeps an answer, in place of an earlier one to the same request. What is too much goes.
    pub fn insert(
        &mut self,
        key: &Key,
        answer: Arc<Answer>,
        kept: SystemTime,
        reading: Option<(Reading, (String, String))>,
    ) -> EntryId {
        self.forget(key);
        self.next += 1;
        let id = EntryId(self.next);
        let (context, group) = self.join(&key.context, id);
        let question: Arc<str> = Arc::from(key.question.as_str());
        let mut bytes = OVERHEAD + key.context.len() + 2 * key.question.len() + answer.bytes();
        let mut written = None;
        if let (Some(index), Some((reading, in_file))) = (self.index.as_mut(), reading) {
            bytes += index.bytes_each() + in_file.1.len();
            index.insert(group, id, question.trim(), reading);
            written = Some(in_file);
        }
        self.by_question.insert((group, Arc::clone(&question)), id);
        self.by_use.insert(self.next, id);
        self.bytes += bytes;
        let entry = Entry {
            answer,
            context,
            group,
            question,
            kept,
            used: self.next,
            bytes,
            on_disk: 0,
            reading: written,
        };
        self.entries.insert(id, entry);
        self.make_room();
        id
    }

    /// Says how many bytes of the file an entry takes.
    pub fn lies_on_disk(&mut self, id: EntryId, bytes: usize) {
        if let Some(entry) = self.entries.get_mut(&id) {
            self.on_disk -= entry.on_disk;
            entry.on_disk = bytes as u64;
            self.on_disk += entry.on_disk;
        }
    }

    /// The group of a context, which has one member more now.
    fn join(&mut self, context: &str, id: EntryId) -> (Arc<str>, Group) {
        if let Some((known, _)) = self.groups.get_key_value(context) {
            let known = Arc::clone(known);
            if let Some(members) = self.groups.get_mut(context) {
                members.count += 1;
                return (known, members.group);
            }
        }
        let context: Arc<str> = Arc::from(context);
        let members = Members {
            group: Group(id.0),
            count: 1,
        };
        self.groups.insert(Arc::clone(&context), members);
        (context, Group(id.0))
    }

    /// What was used longest ago goes until the rest is no more than allowed.
    pub fn make_room(&mut self) {
        while self.entries.len() > self.bounds.entries || self.bytes > self.bounds.bytes {
            let Some((_, id)) = self.by_use.first_key_value() else {
                return;
            };
            self.evicted += 1;
            self.remove(*id);
        }
    }

    /// Takes out the answer to this very request.
    pub fn forget(&mut self, key: &Key) {
        let Some(members) = self.groups.get(key.context.as_str()) else {
            return;
        };
        let question = (members.group, Arc::from(key.question.as_str()));
        if let Some(id) = self.by_question.get(&question) {
            self.remove(*id);
        }
    }

    fn remove(&mut self, id: EntryId) {
        let Some(entry) = self.entries.remove(&id) else {
            return;
        };
        self.by_use.remove(&entry.used);
        self.by_question.remove(&(entry.group, entry.question));
        if let Some(index) = &mut self.index {
            index.remove(entry.group, id);
        }
        if let Some(members) = self.groups.get_mut(&entry.context) {
            members.count -= 1;
            if members.count == 0 {
                self.groups.remove(&entry.context);
            }
        }
        self.bytes -= entry.bytes;
        self.on_disk -= entry.on_disk;
    }

    pub fn clear(&mut self) {
        let ids: Vec<EntryId> = self.entries.keys().copied().collect();
        for id in ids {
            self.remove(id);
        }
    }

    /// Everything as it is written to a file, what was used longest ago first.
    pub fn records(&self) -> (Vec<EntryId>, Vec<Record>) {
        let entries = self
            .by_use
            .values()
            .filter_map(|id| Some((*id, self.entries.get(id)?)));
        entries
            .map(|(id, entry)| {
                let key = Key {
                    context: entry.context.to_string(),
                    question: entry.question.to_string(),
                };
                let answer = Answer::clone(&entry.answer);
                let record = Record::new(&key, answer, seconds(entry.kept), entry.reading.clone());
                (id, record)
            })
            .unzip()
    }
}

/// Seconds since 1970.
pub(super) fn seconds(moment: SystemTime) -> u64 {
    let since = moment.duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}
