//! Stand-in for the cache file without the feature `sqlite`: answers are kept in memory only.

use std::sync::Arc;
use std::time::SystemTime;

use tokio::task::JoinHandle;

use super::Cache;
use super::answer::CachedAnswer;
use super::key::CacheKey;
use super::store::EntryId;
use anymodel_types::Result;

impl Cache {
    /// Opens nothing: there is no file.
    #[doc(hidden)]
    pub fn open(&self) -> Result<()> {
        Ok(())
    }

    pub(super) fn write(
        &self,
        _: EntryId,
        _: &CacheKey,
        _: Arc<CachedAnswer>,
        _: SystemTime,
    ) -> Option<JoinHandle<()>> {
        None
    }

    pub(super) async fn sync_from_disk(&self) {}

    pub(super) fn clear_all(&self) -> Result<()> {
        self.state().store.clear();
        Ok(())
    }
}
