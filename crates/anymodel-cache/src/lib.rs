//! Response cache: keeps answers and returns them when the same is asked again.
//!
//! - this file: [`Cache`], which is passed to a client
//! - `key`: the cache key: everything that may change the answer
//! - `bypass_rules`: questions that bypass the cache, by lists in English and Chinese; `pattern`, `pii`
//! - `single_flight`: look-up, and one request for many equal ones at the same time
//! - `store`: the kept answers in memory, with limits
//! - [`normal_form`]: which questions ask the same in other words
//! - `file`, `disk`: the kept answers in a SQLite file, for several processes (feature `sqlite`; `ledger` of `anymodel`)
//! - `answer`: an answer as it is kept
//! - `statistics`: hits, misses and savings; `table`: the same as a table

#![cfg_attr(docsrs, feature(doc_cfg))]

mod answer;
mod bypass_rules;
#[cfg(feature = "sqlite")]
mod disk;
#[cfg(feature = "sqlite")]
mod file;
mod key;
#[cfg(not(feature = "sqlite"))]
mod no_file;
mod normal_form;
mod pattern;
mod pii;
mod single_flight;
mod statistics;
mod store;
mod table;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;

pub use key::CacheScope;
pub use normal_form::normal_form;
pub use single_flight::{FlightGuard, Lookup, Question};
pub use statistics::{BypassReason, CacheStatistics};

use anymodel_types::Result;
use bypass_rules::BypassRules;
use key::CacheKey;
use single_flight::FlightResult;
use store::{CacheLimits, EntryStore};

/// The default limits of a cache.
const LIMITS: CacheLimits = CacheLimits {
    entries: 10_000,
    bytes: 64 << 20,
    age: Duration::from_secs(7 * 24 * 60 * 60),
};

/// Response cache: keeps answers and returns them when the same is asked again. Clones share the answers, and so do clients
/// with the same cache.
///
/// ```
/// use anymodel::prelude::*;
/// use anymodel::{Cache, Cached};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anymodel::Result<()> {
/// let cache = Cache::exact();
/// let client = Client::builder().platform("sandbox").cache(&cache).build()?;
///
/// let first = client.ask("openai/gpt-4o-mini", "What is recursion?").await?;
/// let again = client.ask("openai/gpt-4o-mini", "What is recursion?").await?;
/// assert_eq!(again.cached, Some(Cached::Exact));
/// assert_eq!(again.text, first.text);
/// println!("{}", cache.statistics());
/// # Ok(())
/// # }
/// ```
///
/// # What is kept
/// Only complete answers are kept, never an error, a cut text, or a tool call. The answer of a fallback is kept for at most
/// five minutes: the wanted model may be available again. (A router prefers none of its models.) The answer to a question
/// that may have another one next time is never kept: see [`BypassReason`] for the reasons and
/// [`bypass_reason`](Self::bypass_reason) for the reason of one question. With a temperature above 1 variety is wanted, so
/// nothing is kept either, unless a seed asks for the same answer every time.
///
/// # Single flight
/// When a request is in flight and the same is asked again, the second call waits for the first one's answer, for at most
/// half of its own time; then it sends its own request. When the answer is incomplete, or calls a function, every waiting
/// call sends its own request. When the first call fails or is dropped, the next waiting call sends its request; a failure
/// that any of them would meet (an invalid request) is returned to all at once. A streamed answer that was waited for
/// arrives when it is complete.
///
/// # Privacy
/// Clients that share a cache share answers, whatever keys they use. With `at` (feature `sqlite`; `ledger` of `anymodel`), questions and answers
/// are on disk as plain text.
#[derive(Clone)]
pub struct Cache {
    shared: Arc<SharedCache>,
}

struct SharedCache {
    state: Mutex<CacheState>,
    /// Locked before `state`, never after.
    #[cfg(feature = "sqlite")]
    place: Mutex<file::Place>,
}

struct CacheState {
    store: EntryStore,
    /// The requests in flight, and the channel to the calls that wait for them.
    flights: HashMap<Arc<CacheKey>, watch::Sender<Option<FlightResult>>>,
    /// Whether they are kept in a file, too.
    #[cfg(feature = "sqlite")]
    has_file: bool,
    /// Whether questions of one normal form share an answer.
    is_semantic: bool,
    bypass_rules: Arc<BypassRules>,
    statistics: CacheStatistics,
    clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

impl Cache {
    /// Exact cache: an answer is found again when the whole request is the same: models, messages, pictures, settings, to
    /// the last character.
    pub fn exact() -> Self {
        Cache::new(false)
    }

    /// Semantic cache: an answer is also found when the question has slightly other words, with everything else the same.
    ///
    /// Each question is brought to a strict [normal form](normal_form), in English and Chinese, by rules and lists, without
    /// a model; questions of one form share an answer. So *please*, *how can I* for *how do I*, or a synonym are found. One
    /// more number, name, tense or unknown word makes another question, which is asked. On questions that the rules were not
    /// made from, 12 of 100 rewordings are found, and none of 99 answers was wrong. It can still be wrong:
    /// [`Cached::Semantic`](anymodel_types::Cached) names the question that the answer was given to.
    pub fn semantic() -> Self {
        Cache::new(true)
    }

    fn new(is_semantic: bool) -> Self {
        let state = CacheState {
            store: EntryStore::new(LIMITS),
            flights: HashMap::new(),
            #[cfg(feature = "sqlite")]
            has_file: false,
            is_semantic,
            bypass_rules: Arc::default(),
            statistics: CacheStatistics::default(),
            clock: Arc::new(SystemTime::now),
        };
        Cache {
            shared: Arc::new(SharedCache {
                state: Mutex::new(state),
                #[cfg(feature = "sqlite")]
                place: Mutex::new(file::Place::Memory),
            }),
        }
    }

    /// The most answers that are kept; the least recently used goes first. The default is 10,000.
    pub fn max_entries(self, most: usize) -> Self {
        self.limit(|limits| limits.entries = most)
    }

    /// The most memory, in megabytes, for questions (with all that goes with them) and answers. The default is 64. A file
    /// takes at most about twice as much.
    pub fn max_megabytes(self, most: usize) -> Self {
        self.limit(|limits| limits.bytes = most.saturating_mul(1 << 20))
    }

    /// Time to live of an answer. The default is 7 days.
    pub fn time_to_live(self, age: Duration) -> Self {
        self.limit(|limits| limits.age = age)
    }

    fn limit(self, set: impl FnOnce(&mut CacheLimits)) -> Self {
        let mut state = self.state();
        set(&mut state.store.limits);
        state.store.make_room();
        drop(state);
        self
    }

    /// Adds bypass rules: questions that hold one of these phrases are always asked.
    ///
    /// Words are matched whole, whatever their capitals; `a/b` stands for one of several words, `…` for up to four words (or
    /// eight Chinese characters), `^` and `$` for where a sentence begins and ends.
    ///
    /// ```
    /// use anymodel::{Cache, BypassReason};
    ///
    /// let cache = Cache::exact().bypass_when(["menu/menus", "opening … hours", "食堂"]);
    /// assert_eq!(cache.bypass_reason("When are your opening hours?"), Some(BypassReason::OwnList));
    /// assert_eq!(cache.bypass_reason("食堂有什么菜？"), Some(BypassReason::OwnList));
    /// assert_eq!(cache.bypass_reason("What is recursion?"), None);
    /// ```
    pub fn bypass_when<S: AsRef<str>>(self, phrases: impl IntoIterator<Item = S>) -> Self {
        self.add_rules(phrases, BypassRules::bypass_when)
    }

    /// Adds exceptions to the bypass rules: the answer to a question that holds one of these phrases, written as for
    /// [`bypass_when`](Self::bypass_when), is kept.
    ///
    /// ```
    /// use anymodel::{Cache, BypassReason};
    ///
    /// let question = "What is the price of a season ticket?";
    /// assert_eq!(Cache::exact().bypass_reason(question), Some(BypassReason::Prices));
    /// assert_eq!(Cache::exact().cache_when(["season ticket"]).bypass_reason(question), None);
    /// ```
    pub fn cache_when<S: AsRef<str>>(self, phrases: impl IntoIterator<Item = S>) -> Self {
        self.add_rules(phrases, BypassRules::cache_when)
    }

    fn add_rules<S: AsRef<str>>(
        self,
        phrases: impl IntoIterator<Item = S>,
        add: fn(&mut BypassRules, &str),
    ) -> Self {
        let mut state = self.state();
        let rules = Arc::make_mut(&mut state.bypass_rules);
        for phrase in phrases {
            add(rules, phrase.as_ref());
        }
        drop(state);
        self
    }

    /// Sets another clock: for tests and simulations, in which a week takes no week.
    pub fn clock(self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.state().clock = Arc::new(now);
        self
    }

    /// The bypass rule of a question; `None` for a question whose answer may be kept.
    ///
    /// ```
    /// use anymodel::{Cache, BypassReason};
    ///
    /// let cache = Cache::exact();
    /// assert_eq!(cache.bypass_reason("What time is it?"), Some(BypassReason::Time));
    /// assert_eq!(cache.bypass_reason("What time complexity has quicksort?"), None);
    /// assert_eq!(cache.bypass_reason("北京今天天气怎么样？"), Some(BypassReason::Date));
    /// ```
    pub fn bypass_reason(&self, question: &str) -> Option<BypassReason> {
        let rules = Arc::clone(&self.state().bypass_rules);
        rules.check(question)
    }

    /// Hits, misses and savings.
    pub fn statistics(&self) -> CacheStatistics {
        let state = self.state();
        CacheStatistics {
            entries: state.store.len(),
            bytes: state.store.bytes(),
            evicted: state.store.evicted,
            expired: state.store.expired,
            ..state.statistics.clone()
        }
    }

    /// Forgets all answers, those in the file too, and those that other processes have from it. The statistics stay.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](anymodel_types::ErrorKind::Config) when the file cannot be written.
    pub fn clear(&self) -> Result<()> {
        self.clear_all()
    }

    fn now(&self) -> SystemTime {
        let clock = Arc::clone(&self.state().clock);
        clock()
    }

    fn state(&self) -> MutexGuard<'_, CacheState> {
        let state = self.shared.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<&Cache> for Cache {
    fn from(cache: &Cache) -> Self {
        cache.clone()
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Cache")
            .field("semantic", &state.is_semantic)
            .field("entries", &state.store.len())
            .finish_non_exhaustive()
    }
}
