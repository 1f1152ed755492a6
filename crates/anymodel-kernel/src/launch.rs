//! Life cycle of one kernel process: a private folder, the server, the engine, and the cleanup at the end.
//!
//! Each running kernel has two entries in the folder [`paths::running_dir`]: `ID/`, its engine's working
//! folder, and `ID.lock`, a file that the kernel keeps locked while it lives. A lock file that another process
//! can lock belongs to a dead kernel. Each start looks for such files and removes both entries.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};

use futures_util::future::LocalBoxFuture;

use super::cells::{Engine, EngineSettings};
use super::completion::Assistant;
use super::crate_source;
use super::paths;
use super::preflight::{Missing, disk};
use super::server::{self, Sockets};
use crate::notebook::Result;

/// Runs a kernel for the crate at `told` until it is shut down.
///
/// # Errors
/// When the connection file cannot be read, or a port is not available. Every other failure is reported by the cells:
/// if this process ended instead, Jupyter would start it again and again, and the notebook would not say why.
pub fn start<'a>(
    told: Option<&'a Path>,
    connection_file: &'a Path,
) -> LocalBoxFuture<'a, Result<()>> {
    // As `dyn`: else the program that calls this would compile the kernel again.
    Box::pin(serve(told, connection_file))
}

async fn serve(told: Option<&Path>, connection_file: &Path) -> Result<()> {
    // First, because Jupyter waits for an answer on the sockets.
    let sockets = Sockets::bind(connection_file).await?;
    let root = crate_source::find(told).map_err(|error| moved(told, error));
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
    // Before its working folder is removed.
    assistant.end().await;
    served
}

/// The error for a crate that was moved after the installation.
fn moved(told: Option<&Path>, error: anyhow::Error) -> anyhow::Error {
    let Some(told) = told else { return error };
    Missing::new(
        format!("the crate that this kernel was installed for is not in {} any more", told.display()),
        "cells are compiled against it",
        "in the folder where it stands now run `cargo lab`, or `anymodel kernel install`; then restart the kernel",
    )
    .into()
}

/// The private folder of this kernel. Dropping it removes the folder.
struct KernelDir {
    dir: PathBuf,
    lock: PathBuf,
    /// Locked while this process lives.
    _held: File,
}

impl KernelDir {
    /// Creates the folder in the cache. Where the cache cannot be written or does not allow execution, it is created in
    /// the system's temporary folder.
    fn create() -> Result<KernelDir> {
        let usual = paths::running_dir().and_then(|running| KernelDir::create_in(&running));
        usual.or_else(|error| {
            let passing = paths::fallback_dir().and_then(|running| KernelDir::create_in(&running));
            passing.map_err(|_| error)
        })
    }

    fn create_in(running: &Path) -> Result<KernelDir> {
        fs::create_dir_all(running)
            .with_context(|| format!("the folder {} cannot be made", running.display()))?;
        // Dead kernels may leave much behind, so the removal runs in the background.
        let swept = running.to_owned();
        tokio::task::spawn_blocking(move || sweep(&swept));
        // The sweep of another kernel may remove the file just before it is locked.
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
        // The next sweep tries again to remove what stays.
        if fs::remove_dir_all(&self.dir).is_ok() || !self.dir.exists() {
            let _ = fs::remove_file(&self.lock);
        }
    }
}

/// Removes the folders of kernels that died without cleanup.
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
        // The lock is held until the file is removed, so that a new kernel does not take the file for its own.
        if file.try_lock().is_ok() {
            let _ = fs::remove_dir_all(lock.with_extension(""));
            let _ = fs::remove_file(&lock);
        }
    }
}

/// The number of running kernels.
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
