//! What need not be asked again.
//!
//! - this file: [`Cache`], which a client is given
//! - [`key`]: what makes two requests the same: everything that may change the answer
//! - [`never`]: which questions are always asked, by lists in English and Chinese; [`pattern`], [`private`]
//! - [`turn`]: a question looks for its answer, and one of many that ask the same at once asks for all
//! - [`keep`]: an answer is kept, in memory and on disk
//! - [`store`]: the kept answers in memory, bounded
//! - [`semantic`]: questions that ask the same in other words
//! - [`disk`]: the kept answers in a file, for several processes; [`record`]: its bytes
//! - [`answer`]: an answer as it is kept
//! - [`statistics`]: what was saved

mod answer;
mod disk;
mod keep;
mod key;
mod never;
mod pattern;
mod private;
mod record;
mod semantic;
mod statistics;
mod store;
mod turn;

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;

pub(crate) use key::Whom;
#[cfg(feature = "semantic")]
pub use semantic::MiniLm;
pub use semantic::{EVIDENCE, Embedder, Guard, Letters, Questions, Verdict, Veto, verdict};
pub use statistics::{CacheStatistics, PassedBy};
pub(crate) use turn::{Question, Recalled, Turn};

use crate::error::{Error, Result};
use crate::failure::ErrorKind;
use disk::Disk;
use key::Key;
use never::Lists;
use semantic::{Index, Reader};
use store::{Bounds, Store};
use turn::Landed;

/// What a cache keeps unless it is told otherwise.
const BOUNDS: Bounds = Bounds {
    entries: 10_000,
    bytes: 64 << 20,
    age: Duration::from_secs(7 * 24 * 60 * 60),
};

/// Answers that were given, kept for when the same is asked again. Clones share them, and so do the clients that are given
/// one.
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
/// Only whole answers: the model said all it wanted to say. Never an error, a cut text, a call of a function. The answer of
/// a fallback is kept for at most five minutes: the model that was wanted may be there again. (A router wants none of its
/// models more than another.) And never the answer to a question that may have another one next time: see [`PassedBy`] for the reasons and [`passes_by`](Self::passes_by)
/// for what it makes of a question. What a question says is not all: with a temperature above 1 variety is wanted, and
/// nothing is kept either, unless a seed asks for the same answer every time.
///
/// # One asks for all
/// When a request is on its way and the same is asked again, the second waits for the first one's answer, for at most half
/// of its own time; then it asks itself. So do all of them when the answer is not whole, or calls a function. When the first fails or is dropped, the next one that waits asks; a failure that
/// any of them would meet (a wrong request) is everybody's at once. A streamed answer that was waited for comes when it is
/// whole.
///
/// # Privacy
/// Whoever shares a cache shares answers, whatever key they ask with. With [`at`](Self::at), questions and answers lie on
/// disk as plain text.
#[derive(Clone)]
pub struct Cache {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    /// Locked before `state`, never after.
    place: Mutex<Place>,
}

enum Place {
    Memory,
    /// To be opened when a client is built.
    Named(PathBuf),
    Open(Disk),
}

struct State {
    store: Store,
    /// What is being asked, and the way to those who wait for it.
    flights: HashMap<Arc<Key>, watch::Sender<Option<Landed>>>,
    /// Whether they are kept in a file, too.
    has_file: bool,
    /// Who reads questions, when they are compared by meaning.
    embedder: Option<Arc<dyn Embedder>>,
    lists: Arc<Lists>,
    statistics: CacheStatistics,
    clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

impl Cache {
    /// Finds an answer again when the whole request is the same: models, messages, pictures, settings, to the last
    /// character.
    pub fn exact() -> Self {
        Cache::with(None)
    }

    /// Finds an answer also when the question was asked in other words, with everything else the same.
    ///
    /// Questions that look alike are found by the characters that they are made of, without a model; a guard then refuses
    /// all but those that say the same in the same order: rewordings with *please*, *how can I* for *how do I*, or a word for
    /// another that means the same. What is said quite otherwise is asked again. It can still be wrong:
    /// [`Cached::Semantic`](crate::Cached) names the question that the answer was given to.
    pub fn semantic() -> Self {
        Cache::with(Some(semantic::built_in()))
    }

    /// As [`semantic`](Self::semantic), with another way to turn questions into vectors.
    pub fn semantic_with(embedder: impl Embedder) -> Self {
        Cache::with(Some(Arc::new(embedder)))
    }

    fn with(embedder: Option<Arc<dyn Embedder>>) -> Self {
        let index = embedder
            .as_ref()
            .map(|embedder| Index::new(Arc::clone(embedder), None));
        let state = State {
            store: Store::new(BOUNDS, index),
            flights: HashMap::new(),
            has_file: false,
            embedder,
            lists: Arc::default(),
            statistics: CacheStatistics::default(),
            clock: Arc::new(SystemTime::now),
        };
        Cache {
            shared: Arc::new(Shared {
                state: Mutex::new(state),
                place: Mutex::new(Place::Memory),
            }),
        }
    }

    /// How sure the cache has to be, 0 to 1, that two questions ask the same. The default is the embedder's own, which was
    /// measured. Without effect on [`exact`](Self::exact).
    pub fn threshold(self, similarity: f32) -> Self {
        let mut state = self.state();
        if let Some(embedder) = state.embedder.clone() {
            let (_, records) = state.store.records();
            let index = Index::new(embedder, Some(similarity));
            state.store = Store::new(state.store.bounds, Some(index));
            for record in records {
                state.take_in(&record, 0);
            }
        }
        drop(state);
        self
    }

    /// The most answers that are kept; what was used longest ago goes first. The default is 10,000.
    pub fn entries(self, most: usize) -> Self {
        self.bound(|bounds| bounds.entries = most)
    }

    /// The most memory, in megabytes, for questions (with all that goes with them) and answers. The default is 64. A file
    /// takes at most about twice as much.
    pub fn megabytes(self, most: usize) -> Self {
        self.bound(|bounds| bounds.bytes = most.saturating_mul(1 << 20))
    }

    /// How long an answer is good. The default is 7 days.
    pub fn time_to_live(self, age: Duration) -> Self {
        self.bound(|bounds| bounds.age = age)
    }

    fn bound(self, set: impl FnOnce(&mut Bounds)) -> Self {
        let mut state = self.state();
        set(&mut state.store.bounds);
        state.store.make_room();
        drop(state);
        self
    }

    /// Keeps the answers in this file, too, for the next run and for other processes that are given the same file. It is
    /// opened when a client is built.
    ///
    /// Questions and answers stand in it as plain text; on Unix only its owner may read it. `NAME.lock` beside it keeps
    /// several processes from writing at once. A process that is killed loses at most the answer that it was writing. A file
    /// that is damaged is set aside as `NAME.damaged`, what can be read of it goes on, and it is told. Processes that share a
    /// file should have the same bounds: now and then one of them writes it anew, with what it keeps itself.
    pub fn at(self, path: impl Into<PathBuf>) -> Self {
        *self.place() = Place::Named(path.into());
        self
    }

    /// Adds to what is never kept: questions that hold one of these phrases are always asked.
    ///
    /// Words are matched whole, whatever their capitals; `a/b` stands for one of several words, `…` for up to four words (or
    /// eight Chinese characters), `^` and `$` for where a sentence begins and ends.
    ///
    /// ```
    /// use anymodel::{Cache, PassedBy};
    ///
    /// let cache = Cache::exact().never(["menu/menus", "opening … hours", "食堂"]);
    /// assert_eq!(cache.passes_by("When are your opening hours?"), Some(PassedBy::OwnList));
    /// assert_eq!(cache.passes_by("食堂有什么菜？"), Some(PassedBy::OwnList));
    /// assert_eq!(cache.passes_by("What is recursion?"), None);
    /// ```
    pub fn never<S: AsRef<str>>(self, phrases: impl IntoIterator<Item = S>) -> Self {
        self.list(phrases, Lists::never)
    }

    /// Says what is kept all the same: a question that holds one of these phrases, written as for [`never`](Self::never), is
    /// in no list.
    ///
    /// ```
    /// use anymodel::{Cache, PassedBy};
    ///
    /// let question = "What is the price of a season ticket?";
    /// assert_eq!(Cache::exact().passes_by(question), Some(PassedBy::Prices));
    /// assert_eq!(Cache::exact().always(["season ticket"]).passes_by(question), None);
    /// ```
    pub fn always<S: AsRef<str>>(self, phrases: impl IntoIterator<Item = S>) -> Self {
        self.list(phrases, Lists::always)
    }

    fn list<S: AsRef<str>>(
        self,
        phrases: impl IntoIterator<Item = S>,
        add: fn(&mut Lists, &str),
    ) -> Self {
        let mut state = self.state();
        let lists = Arc::make_mut(&mut state.lists);
        for phrase in phrases {
            add(lists, phrase.as_ref());
        }
        drop(state);
        self
    }

    /// Tells the time by another clock: for tests and simulations, in which a week takes no week.
    pub fn clock(self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.state().clock = Arc::new(now);
        self
    }

    /// Why a question is always asked; `None` for one whose answer may be kept.
    ///
    /// ```
    /// use anymodel::{Cache, PassedBy};
    ///
    /// let cache = Cache::exact();
    /// assert_eq!(cache.passes_by("What time is it?"), Some(PassedBy::Time));
    /// assert_eq!(cache.passes_by("What time complexity has quicksort?"), None);
    /// assert_eq!(cache.passes_by("北京今天天气怎么样？"), Some(PassedBy::Date));
    /// ```
    pub fn passes_by(&self, question: &str) -> Option<PassedBy> {
        let lists = Arc::clone(&self.state().lists);
        lists.objection(question)
    }

    /// What was found, what was not, and what that saved.
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

    /// Forgets all answers, those in the file too, and those that other processes have from it. What was counted stays.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the file cannot be written.
    pub fn clear(&self) -> Result<()> {
        let mut place = self.place();
        self.state().store.clear();
        match &mut *place {
            Place::Open(disk) => disk.clear().map_err(|error| {
                Error::new(
                    ErrorKind::Config,
                    format!("the file of answers cannot be emptied: {error}"),
                )
                .with_hint("delete it while no program uses it")
            }),
            _ => Ok(()),
        }
    }

    /// Who reads questions.
    fn reader(&self) -> Option<Reader> {
        self.state().store.index.as_ref().map(Index::reader)
    }

    fn now(&self) -> SystemTime {
        let clock = Arc::clone(&self.state().clock);
        clock()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let state = self.shared.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        let place = self.shared.place.lock();
        place.unwrap_or_else(PoisonError::into_inner)
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
            .field("semantic", &state.embedder)
            .field("entries", &state.store.len())
            .finish_non_exhaustive()
    }
}
