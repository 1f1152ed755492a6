//! Model list: the platform's own list of models, kept on disk, or the built-in one.
//!
//! - this file: which of them is taken
//! - [`fetch`]: page by page from the platform
//! - [`hosts`]: the hosts of one model
//! - [`disk_cache`]: the list on disk

mod disk_cache;
mod fetch;
mod hosts;

use std::fmt;
use std::future::IntoFuture;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::Client;
use anymodel_catalog::model::{ListOrigin, Models};
use anymodel_types::{Error, Result, words};
use disk_cache::DiskCache;

/// A kept list older than this is still served, while a newer one is fetched.
const OLD: Duration = Duration::from_secs(6 * 3600);
/// After a list could not be fetched, the platform is not asked again for so long.
const PAUSE: Duration = Duration::from_secs(60);

/// The list of the platform's models that a client and its clones keep in memory.
#[derive(Debug, Default)]
pub(super) struct ModelListCache {
    state: Mutex<ListState>,
}

#[derive(Debug, Default)]
struct ListState {
    models: Option<Models>,
    /// Whether a newer list is being fetched in the background.
    is_fetching: bool,
    failed_at: Option<Instant>,
}

impl ModelListCache {
    fn state(&self) -> std::sync::MutexGuard<'_, ListState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A list is being fetched in the background, until this is dropped, however the fetch ends.
struct Fetching(Client);

impl Drop for Fetching {
    fn drop(&mut self) {
        self.0.inner.shelf.state().is_fetching = false;
    }
}

impl Client {
    /// The time for the platform's list, which is long: twice the time for an answer.
    fn patience(&self) -> Duration {
        self.inner.limits.attempt_timeout().saturating_mul(2)
    }

    /// The models of this client's platform, with their prices, context, capabilities and expiry.
    ///
    /// With a key the list is the platform's own. It is kept in the user's cache folder and served from there at once. When
    /// it is older than six hours it is fetched anew in the background. Without a network the kept list is served, and where
    /// there is none, the built-in one. [`Models::provenance`] says which it is and how old.
    ///
    /// Without a key the sandbox lists its models, which are the built-in ones.
    ///
    /// ```
    /// # use anymodel::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anymodel::Result<()> {
    /// use anymodel::model::{Capability, UseCase};
    ///
    /// let client = Client::sandbox()?; // or Client::from_env()
    /// let models = client.models().await?;
    /// println!("{} models, {}", models.len(), models.provenance());
    ///
    /// let free = models.free().that_can(Capability::Tools).with_context(32_000);
    /// show(&free);
    /// let best = free.recommend(UseCase::Programming);
    /// println!("{}", best.best().unwrap().because);
    /// # assert!(free.len() > 3);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// On OpenRouter and in the sandbox none: [`Models::note`] says what went wrong. A platform that the built-in list
    /// does not describe fails as a call to it would, unless a list of it was kept.
    pub fn models(&self) -> ListModels {
        ListModels {
            client: self.clone(),
            fresh: false,
            lowest_latency_first: false,
            folder: CacheFolder::Usual,
        }
    }
}

/// Builder of a request for the list of models; `.await` returns it. Made by [`Client::models`].
#[must_use = "nothing is asked before `.await`"]
pub struct ListModels {
    client: Client,
    fresh: bool,
    lowest_latency_first: bool,
    folder: CacheFolder,
}

/// The folder where lists are kept.
#[derive(Clone, Debug)]
enum CacheFolder {
    Usual,
    At(PathBuf),
    Nowhere,
}

impl ListModels {
    /// Asks the platform now, whatever the age of the kept list. If the platform cannot be reached, the kept list is served.
    pub fn fresh(mut self) -> Self {
        self.fresh = true;
        self
    }

    /// Asks the platform now for its models by their measured time to the first token. Only OpenRouter and the sandbox
    /// measure it; others keep their own order. Such a list is not kept, and where the platform cannot be reached, there is
    /// none.
    pub fn lowest_latency_first(mut self) -> Self {
        self.lowest_latency_first = true;
        self
    }

    /// Keeps the list in this folder instead of the user's cache folder (`ANYMODEL_CACHE_DIR`, else `anymodel` in the
    /// system's cache folder).
    pub fn cache_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = CacheFolder::At(folder.into());
        self
    }

    /// Keeps no list on disk, and reads none from there.
    pub fn no_disk_cache(mut self) -> Self {
        self.folder = CacheFolder::Nowhere;
        self
    }

    async fn list(self) -> Result<Models> {
        let platform = self.client.inner.platforms.home();
        if self.client.is_sandbox() {
            let models =
                fetch::models(platform, self.lowest_latency_first, self.client.patience()).await?;
            return Ok(models.models.with_origin(ListOrigin::Simulated));
        }
        if self.lowest_latency_first {
            return Ok(fetch::models(platform, true, self.client.patience())
                .await?
                .models);
        }
        if let Some(models) = self.remembered() {
            return Ok(models);
        }
        let kept = self.kept().await;
        if let Some(models) = self.at_hand(&kept) {
            return Ok(models);
        }
        match self.fetch(kept.place.as_ref()).await {
            Ok(models) => Ok(with(models, kept.note)),
            Err(error) => self.without_the_platform(kept, error),
        }
    }

    /// The list of an earlier call, while it is young.
    fn remembered(&self) -> Option<Models> {
        let state = self.client.inner.shelf.state();
        let young = |models: &&Models| !self.fresh && models.age() <= OLD;
        state.models.as_ref().filter(young).cloned()
    }

    /// The newer of the list in memory and the list on disk. If it is old, a newer list is fetched in the background. `None`
    /// when the platform has to be asked now.
    fn at_hand(&self, kept: &ListLookup) -> Option<Models> {
        if self.fresh {
            return None;
        }
        let mut state = self.client.inner.shelf.state();
        let both = [state.models.clone(), kept.models.clone()];
        let models = both.into_iter().flatten().max_by_key(Models::as_of)?;
        let is_paused = state.failed_at.is_some_and(|at| at.elapsed() < PAUSE);
        // A list from the future was written by a clock that was wrong.
        let is_old = models.age() > OLD || models.as_of() > SystemTime::now() + PAUSE;
        let fetches = is_old && !state.is_fetching && !is_paused;
        state.is_fetching |= fetches;
        state.models = Some(models.clone());
        drop(state);
        if fetches {
            self.fetch_in_background(kept.place.clone());
        }
        Some(with(models, kept.note.clone()))
    }

    fn fetch_in_background(&self, place: Option<DiskCache>) {
        let later = ListModels {
            client: self.client.clone(),
            folder: self.folder.clone(),
            ..*self
        };
        let fetching = Fetching(self.client.clone());
        tokio::spawn(async move {
            // The next caller sees by the age of the list that this failed.
            let _ = later.fetch(place.as_ref()).await;
            drop(fetching);
        });
    }

    /// Asks the platform, and keeps its list in memory and on disk.
    async fn fetch(&self, place: Option<&DiskCache>) -> Result<Models> {
        let platform = self.client.inner.platforms.home();
        let shelf = &self.client.inner.shelf;
        let fetched = match fetch::models(platform, false, self.client.patience()).await {
            Ok(fetched) => fetched,
            Err(error) => {
                shelf.state().failed_at = Some(Instant::now());
                return Err(error);
            }
        };
        {
            let mut state = shelf.state();
            state.failed_at = None;
            state.models = Some(fetched.models.clone().with_origin(ListOrigin::Kept));
        }
        let Some(place) = place.cloned() else {
            return Ok(fetched.models);
        };
        let (pages, as_of) = (fetched.pages, fetched.models.as_of());
        let written = tokio::task::spawn_blocking(move || place.write(&pages, as_of)).await;
        let problem = match written {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(error) => Some(error.to_string()),
        };
        Ok(with(
            fetched.models,
            problem.map(|problem| words::model_lists().it_could_not_be_kept(&problem)),
        ))
    }

    /// The kept list, whatever its age, else the built-in one where it describes this platform.
    fn without_the_platform(&self, kept: ListLookup, error: Error) -> Result<Models> {
        let told = words::model_lists().gives_no_newer_list(&self.client.platform(), &error.kind());
        let told = match kept.note {
            Some(note) => format!("{note}; {told}"),
            None => told,
        };
        let remembered = self.client.inner.shelf.state().models.clone();
        if let Some(models) = remembered.or(kept.models) {
            return Ok(models.with_note(told));
        }
        match self.client.inner.platforms.home().catalogue_names {
            true => Ok(Models::built_in().with_note(told)),
            false => Err(error),
        }
    }

    /// Looks for a list on disk.
    async fn kept(&self) -> ListLookup {
        let folder = match &self.folder {
            CacheFolder::Usual => disk_cache::usual_folder(),
            CacheFolder::At(folder) => Some(folder.clone()),
            CacheFolder::Nowhere => None,
        };
        let Some(folder) = folder else {
            return ListLookup::default();
        };
        let place = DiskCache::of(&folder, self.client.platform(), self.client.base_url());
        let read = {
            let place = place.clone();
            tokio::task::spawn_blocking(move || place.read()).await
        };
        let (models, note) = match read {
            Ok(Ok(models)) => (models, None),
            Ok(Err(problem)) => (None, Some(problem)),
            Err(_) => (None, None),
        };
        ListLookup {
            place: Some(place),
            models,
            note,
        }
    }
}

/// What was found on disk.
#[derive(Debug, Default)]
struct ListLookup {
    /// The file of the list; `None` when nothing is kept.
    place: Option<DiskCache>,
    models: Option<Models>,
    note: Option<String>,
}

fn with(models: Models, note: Option<String>) -> Models {
    match note {
        Some(note) => models.with_note(note),
        None => models,
    }
}

impl IntoFuture for ListModels {
    type Output = Result<Models>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.list())
    }
}

impl fmt::Debug for ListModels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListModels")
            .field("client", &self.client)
            .field("fresh", &self.fresh)
            .field("lowest_latency_first", &self.lowest_latency_first)
            .field("folder", &self.folder)
            .finish()
    }
}
