//! One running kernel: a private folder, the server and the engine, and no trace of either afterwards.
//!
//! Each running kernel has two entries in the folder [`paths::running_dir`]: `ID/`, the folder in
//! which its engine works, and `ID.lock`, a file that it keeps locked as long as it lives. Whoever can
//! lock such a file knows that its kernel is dead, and removes both: that is the sweep at every start.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};

use super::cells::{Engine, EngineSettings};
use super::completion::Assistant;
use super::paths;
use super::preflight::{Missing, disk};
use super::server::{self, Sockets};
use crate::notebook::Result;

/// Runs a kernel for the crate at `told` until it is shut down.
///
/// # Errors
/// When the connection file cannot be read, or a port cannot be had. What else is wrong is told to those who run a cell:
/// when this process ended instead, Jupyter would start it again and again, and the notebook would not say why.
pub async fn start(told: Option<&Path>, connection_file: &Path) -> Result<()> {
    // First of all, because Jupyter is waiting for an answer on them.
    let sockets = Sockets::bind(connection_file).await?;
    let root = paths::crate_root(told).map_err(|error| moved(told, error));
    let folder = KernelDir::create();
    let dir = folder
        .as_ref()
        .map(|folder| folder.dir.clone())
        .unwrap_or_default();
    let of_crate = root.as_deref().unwrap_or(Path::new("")).to_owned();
    let settings = root.and_then(|root| {
        folder
            .as_ref()
            .map_err(|error| anyhow::anyhow!("{error:#}"))?;
        EngineSettings::new(root, dir.clone())
    });
    let engine = async move { Engine::start(settings?).await };
    let assistant = Arc::new(Assistant::start(&of_crate, &dir.join("assist")));
    let served = server::serve(sockets, engine, assistant.clone()).await;
    // Before the folder goes, in which it works.
    assistant.end().await;
    served
}

/// The crate is not where it was when the kernel was installed.
fn moved(told: Option<&Path>, error: anyhow::Error) -> anyhow::Error {
    let Some(told) = told else { return error };
    Missing::new(
        format!("the crate that this kernel was installed for is not in {} any more", told.display()),
        "cells are compiled against it",
        "in the folder where it stands now run `cargo lab`, or `anymodel kernel install`; then restart the kernel",
    )
    .into()
}

/// The private folder of this kernel; dropping it removes it.
struct KernelDir {
    dir: PathBuf,
    lock: PathBuf,
    /// Locked as long as this process lives.
    _held: File,
}

impl KernelDir {
    /// In the cache; where that cannot be written or holds nothing that can be run, in the system's folder for passing
    /// files.
    fn create() -> Result<KernelDir> {
        let usual = paths::running_dir().and_then(|running| KernelDir::create_in(&running));
        usual.or_else(|error| {
            let passing = paths::passing_dir().and_then(|running| KernelDir::create_in(&running));
            passing.map_err(|_| error)
        })
    }

    fn create_in(running: &Path) -> Result<KernelDir> {
        fs::create_dir_all(running)
            .with_context(|| format!("the folder {} cannot be made", running.display()))?;
        // What the dead left behind may be much, and nobody has to wait for its removal.
        let swept = running.to_owned();
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
                let made = KernelDir {
                    dir,
                    lock,
                    _held: held,
                };
                disk::can_run_in(&made.dir)?;
                return Ok(made);
            }
        }
        bail!("no file can be locked in {}", running.display())
    }
}

impl Drop for KernelDir {
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
    let entries = fs::read_dir(paths::running_dir()?)
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
