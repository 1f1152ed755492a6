//! LRU store in memory: answers by their whole key or by the normal form of the question, the least recently used one is evicted first.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::answer::CachedAnswer;
use super::key::CacheKey;

/// The longest answer, with everything that led to it, that is kept.
pub(super) const MAX_ENTRY: usize = 4 << 20;
/// About the bytes of an entry beside its texts: maps, numbers, the answer's small fields.
const OVERHEAD: usize = 400;
/// About the bytes of a normal form beside its text.
const FORM: usize = 120;

/// Cache limits: how much is kept, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct CacheLimits {
    pub entries: usize,
    pub bytes: usize,
    pub age: Duration,
}

/// Id of a kept answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct EntryId(u64);

/// Row of an entry in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowId(pub i64);

/// All entries whose requests differ only in the words of the last user message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Group(u64);

/// Entry store: the kept answers.
#[derive(Debug)]
pub(super) struct EntryStore {
    pub limits: CacheLimits,
    entries: HashMap<EntryId, CacheEntry>,
    /// By the words of the question, within the group of everything else.
    by_question: HashMap<(Group, Arc<str>), EntryId>,
    /// By the normal form of the question, within the group; the newest last.
    by_form: HashMap<(Group, Arc<str>), Vec<EntryId>>,
    groups: HashMap<Arc<str>, Members>,
    /// By last use, the longest ago first.
    by_use: BTreeMap<u64, EntryId>,
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
struct CacheEntry {
    answer: Arc<CachedAnswer>,
    context: Arc<str>,
    group: Group,
    question: Arc<str>,
    /// The normal form of the question, in a semantic cache.
    form: Option<Arc<str>>,
    kept: SystemTime,
    used: u64,
    bytes: usize,
    /// The row of the entry in the file, and how many bytes it takes there.
    on_disk: Option<(RowId, u64)>,
}

impl EntryStore {
    pub fn new(limits: CacheLimits) -> Self {
        EntryStore {
            limits,
            entries: HashMap::new(),
            by_question: HashMap::new(),
            by_form: HashMap::new(),
            groups: HashMap::new(),
            by_use: BTreeMap::new(),
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

    /// Bytes of the file that are still wanted.
    #[cfg(feature = "sqlite")]
    pub fn on_disk(&self) -> u64 {
        self.on_disk
    }

    /// The rows of the file that are still wanted.
    #[cfg(feature = "sqlite")]
    pub fn rows(&self) -> Vec<RowId> {
        let on_disk = self.entries.values().filter_map(|entry| entry.on_disk);
        on_disk.map(|(row, _)| row).collect()
    }

    /// The answer to this very request.
    pub fn exact(&mut self, key: &CacheKey, now: SystemTime) -> Option<Arc<CachedAnswer>> {
        let group = self.groups.get(key.context.as_str())?.group;
        let id = *self
            .by_question
            .get(&(group, Arc::from(key.question.as_str())))?;
        self.wanted(id, now).map(|(answer, _)| answer)
    }

    /// The answer to a question of the same normal form, and that question.
    pub fn equivalent(
        &mut self,
        key: &CacheKey,
        form: &str,
        now: SystemTime,
    ) -> Option<(Arc<CachedAnswer>, String)> {
        let group = self.groups.get(key.context.as_str())?.group;
        let form = (group, Arc::from(form));
        // An entry that is too old goes; perhaps there is another.
        while let Some(newest) = self.by_form.get(&form).and_then(|ids| ids.last().copied()) {
            if let Some(found) = self.wanted(newest, now) {
                return Some(found);
            }
        }
        None
    }

    /// A hit on an entry: it becomes the most recently used. An entry that is too old goes.
    fn wanted(&mut self, id: EntryId, now: SystemTime) -> Option<(Arc<CachedAnswer>, String)> {
        let entry = self.entries.get_mut(&id)?;
        // A clock that was set back makes no entry old.
        let age = now.duration_since(entry.kept).unwrap_or_default();
        if age > entry.answer.good_for(self.limits.age) {
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

    /// Keeps an answer, in place of an earlier one to the same request. The excess is evicted.
    pub fn insert(
        &mut self,
        key: &CacheKey,
        answer: Arc<CachedAnswer>,
        kept: SystemTime,
        form: Option<String>,
    ) -> EntryId {
        self.forget(key);
        self.next += 1;
        let id = EntryId(self.next);
        let (context, group) = self.join(&key.context, id);
        let question: Arc<str> = Arc::from(key.question.as_str());
        let form: Option<Arc<str>> = form.map(Arc::from);
        let texts = key.context.len() + 2 * key.question.len() + answer.bytes();
        let bytes = OVERHEAD + texts + form.as_ref().map_or(0, |form| FORM + form.len());
        if let Some(form) = &form {
            let same = self.by_form.entry((group, Arc::clone(form))).or_default();
            same.push(id);
        }
        self.by_question.insert((group, Arc::clone(&question)), id);
        self.by_use.insert(self.next, id);
        self.bytes += bytes;
        let entry = CacheEntry {
            answer,
            context,
            group,
            question,
            form,
            kept,
            used: self.next,
            bytes,
            on_disk: None,
        };
        self.entries.insert(id, entry);
        self.make_room();
        id
    }

    /// Sets the row of an entry in the file.
    #[cfg(any(feature = "sqlite", test))]
    pub fn lies_on_disk(&mut self, id: EntryId, row: RowId, bytes: usize) {
        if let Some(entry) = self.entries.get_mut(&id) {
            let before = entry.on_disk.replace((row, bytes as u64));
            self.on_disk -= before.map_or(0, |(_, bytes)| bytes);
            self.on_disk += bytes as u64;
        }
    }

    /// Forgets all rows: the file is gone.
    #[cfg(feature = "sqlite")]
    pub fn lie_nowhere(&mut self) {
        self.entries
            .values_mut()
            .for_each(|entry| entry.on_disk = None);
        self.on_disk = 0;
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

    /// Evicts the least recently used entries until the rest is within the limits.
    pub fn make_room(&mut self) {
        while self.entries.len() > self.limits.entries || self.bytes > self.limits.bytes {
            let Some((_, id)) = self.by_use.first_key_value() else {
                return;
            };
            self.evicted += 1;
            self.remove(*id);
        }
    }

    /// Removes the answer to this very request.
    pub fn forget(&mut self, key: &CacheKey) {
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
        if let Some(form) = entry.form {
            self.forget_form((entry.group, form), id);
        }
        if let Some(members) = self.groups.get_mut(&entry.context) {
            members.count -= 1;
            if members.count == 0 {
                self.groups.remove(&entry.context);
            }
        }
        self.bytes -= entry.bytes;
        self.on_disk -= entry.on_disk.map_or(0, |(_, bytes)| bytes);
    }

    fn forget_form(&mut self, form: (Group, Arc<str>), id: EntryId) {
        if let Some(same) = self.by_form.get_mut(&form) {
            same.retain(|other| *other != id);
            if same.is_empty() {
                self.by_form.remove(&form);
            }
        }
    }

    pub fn clear(&mut self) {
        let ids: Vec<EntryId> = self.entries.keys().copied().collect();
        for id in ids {
            self.remove(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::bypass_rules::BypassRules;

    fn answer() -> Arc<CachedAnswer> {
        let text = "An answer of some length. ".repeat(20);
        let fields = serde_json::json!({ "text": text, "model": "acme/one", "platform": "acme", "finish": "stop" });
        Arc::new(serde_json::from_value(fields).unwrap())
    }

    fn key(number: usize) -> CacheKey {
        CacheKey {
            context: "[[[\"acme\",\"https://example.org/v1\",\"acme/one\",null]]]".to_owned(),
            question: format!("What is the meaning of word number {number}?"),
        }
    }

    #[test]
    fn a_lookup_among_100_000_answers_takes_far_less_than_5_ms() {
        let limits = CacheLimits {
            entries: 100_000,
            bytes: usize::MAX,
            age: Duration::MAX,
        };
        let now = SystemTime::now();
        let mut store = EntryStore::new(limits);
        for number in 0..100_500 {
            store.insert(&key(number), answer(), now, None);
        }
        assert_eq!((store.len(), store.evicted), (100_000, 500));
        let rules = BypassRules::default();
        let mut longest = Duration::ZERO;
        let mut all = Duration::ZERO;
        for number in (500..100_500).step_by(1000) {
            let key = key(number);
            let start = Instant::now();
            let bypass = rules.check(&key.question);
            let found = store.exact(&key, now);
            longest = longest.max(start.elapsed());
            all += start.elapsed();
            assert!(bypass.is_none() && found.is_some());
        }
        println!("lookup among 100,000: {:?} each", all / 100);
        // Another process may have taken the core for a moment; the mean is ours.
        assert!(
            all / 100 < Duration::from_millis(5),
            "{:?}, at most {longest:?}",
            all / 100
        );
    }

    #[test]
    fn whatever_comes_and_goes_the_sums_are_right() {
        let limits = CacheLimits {
            entries: 7,
            bytes: 5_000,
            age: Duration::from_secs(6),
        };
        let mut store = EntryStore::new(limits);
        for step in 0..2_000usize {
            let number = step * 7 % 9;
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(step as u64);
            match step % 7 {
                0 | 4 => drop(store.exact(&key(number), now)),
                5 => drop(store.equivalent(&key(number), "form 1", now)),
                1 => store.forget(&key(step * 5 % 9)),
                _ => {
                    let form = (number % 2 == 0).then(|| format!("form {}", number % 3));
                    let id = store.insert(&key(number), answer(), now, form);
                    store.lies_on_disk(id, RowId(step as i64), number);
                }
            }
            let bytes: usize = store.entries.values().map(|entry| entry.bytes).sum();
            let on_disk: u64 = store
                .entries
                .values()
                .filter_map(|entry| entry.on_disk)
                .map(|(_, bytes)| bytes)
                .sum();
            let members: usize = store.groups.values().map(|members| members.count).sum();
            assert_eq!(
                (bytes, on_disk, members),
                (store.bytes, store.on_disk, store.len())
            );
            assert_eq!(
                (store.by_use.len(), store.by_question.len()),
                (store.len(), store.len())
            );
            let with_form = store.entries.values().filter(|entry| entry.form.is_some());
            let forms: usize = store.by_form.values().map(Vec::len).sum();
            assert_eq!(forms, with_form.count());
            assert!(store.len() <= 7 && store.bytes <= 5_000);
        }
        assert!(store.evicted > 0 && store.expired > 0 && store.len() > 0);
        store.clear();
        assert_eq!((store.bytes, store.on_disk, store.groups.len()), (0, 0, 0));
        assert!(store.by_form.is_empty());
    }
}
