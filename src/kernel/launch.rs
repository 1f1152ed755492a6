//! One running kernel: a private folder, the server and the engine, and no trace of either afterwards.
//!
//! Each running kernel has two entries in the folder [`places::running_dir`]: `ID/`, the folder in
//! which its engine works, and `ID.lock`, a file that it keeps locked as long as it lives. Whoever can
//! lock such a file knows that its kernel is dead, and removes both: that is the sweep at every start.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};

use super::assist::Assistant;
use super::cells::{Engine, Settings};
use super::places;
use super::server::{self, Sockets};
use crate::notebook::Result;

/// Runs a kernel for the crate at `root` until it is shut down.
///
/// # Errors
/// When the connection file cannot be read, a port cannot be had, or the private folder cannot be
/// made. An engine that does not start is told to whoever runs a cell.
pub async fn start(root: &Path, connection_file: &Path) -> Result<()> {
    // First of all, because Jupyter is waiting for an answer on them.
    let sockets = Sockets::bind(connection_file).await?;
    let folder = Private::create()?;
    let settings = Settings::new(root.to_owned(), folder.dir.clone())?;
    let engine = Engine::start(settings);
    let assistant = Arc::new(Assistant::start(root, &folder.dir.join("assist")));
    let served = server::serve(sockets, engine, assistant.clone()).await;
    // Before the folder goes, in which it works.
    assistant.end().await;
    served
}

/// The private folder of this kernel; dropping it removes it.
struct Private {
    dir: PathBuf,
    lock: PathBuf,
    /// Locked as long as this process lives.
    _held: File,
}

impl Private {
    fn create() -> Result<Private> {
        let running = places::running_dir()?;
        fs::create_dir_all(&running)
            .with_context(|| format!("the folder {} cannot be made", running.display()))?;
        // What the dead left behind may be much, and nobody has to wait for its removal.
        let swept = running.clone();
        tokio::task::spawn_blocking(move || sweep(&swept));
        // A sweep of another kernel may take the file in the moment before it is locked.
        for _ in 0..10 {
            let id = uuid::Uuid::new_v4().to_string();
            let (dir, lock) = (running.join(&id), running.join(format!("{id}.lock")));
            let held = File::create_new(&lock)
                .with_context(|| format!("{} cannot be written", lock.display()))?;
            if held.try_lock().is_ok() && lock.exists() {
                fs::create_dir(&dir)
                    .with_context(|| format!("the folder {} cannot be made", dir.display()))?;
                return Ok(Private {
                    dir,
                    lock,
                    _held: held,
                });
            }
        }
        bail!("no file can be locked in {}", running.display())
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        // What cannot be removed now, the next sweep tries again.
        if fs::remove_dir_all(&self.dir).is_ok() || !self.dir.exists() {
            let _ = fs::remove_file(&self.lock);
        }
    }
}

/// Removes what kernels left that died without cleaning up.
fn sweep(running: &Path) {
    for entry in fs::read_dir(running).into_iter().flatten().flatten() {
        let lock = entry.path();
        if lock.is_dir() && !lock.with_extension("lock").exists() {
            let _ = fs::remove_dir_all(&lock);
            continue;
        }
        if lock.extension().is_none_or(|extension| extension != "lock") {
            continue;
        }
        let Ok(file) = File::open(&lock) else {
            continue;
        };
        // Held until the file is gone: a kernel that has just made it must not think that it is its own.
        if file.try_lock().is_ok() {
            let _ = fs::remove_dir_all(lock.with_extension(""));
            let _ = fs::remove_file(&lock);
        }
    }
}

/// How many kernels run now.
///
/// # Errors
/// When the cache folder is not known.
pub fn count_running() -> Result<usize> {
    let entries = fs::read_dir(places::running_dir()?)
        .into_iter()
        .flatten()
        .flatten();
    let held = entries.filter(|entry| {
        let is_lock = entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "lock");
        is_lock && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_err())
    });
    Ok(held.count())
}
