//! One running kernel: a private build folder, the engine in it, and no trace of either afterwards.
//!
//! Each running kernel has two entries in the folder [`places::running_dir`]: `ID/`, its build
//! folder, and `ID.lock`, a file that its launcher keeps locked as long as it lives. Whoever can lock
//! such a file knows that its launcher is dead, and removes both: that is the sweep at every start.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, bail};
use tokio::process::Command;

use super::template::{State, Template};
use super::workspace::Workspace;
use super::{ENGINE_ARGUMENT, WATCH_LAUNCHER, clone, places};
use crate::notebook::Result;
use crate::notebook::process::Group;

/// The variables that tell the engine where to build, how, and where to find no kernelspec.
pub fn engine_environment(workspace: &Workspace) -> [(&'static str, PathBuf); 3] {
    [
        ("EVCXR_TMPDIR", workspace.cells()),
        ("EVCXR_CONFIG_DIR", workspace.config()),
        ("JUPYTER_PATH", workspace.no_kernels()),
    ]
}

/// Runs a kernel for the crate at `root` until it is shut down, and returns whether it ended well.
///
/// # Errors
/// When the private folder cannot be made or the engine does not start.
pub async fn start(root: &Path, connection_file: &Path) -> Result<bool> {
    let folder = Private::create()?;
    let workspace = Workspace::at(&folder.dir);
    prepare(root, &workspace)?;

    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg(ENGINE_ARGUMENT)
        .arg(connection_file)
        .envs(engine_environment(&workspace))
        .env(WATCH_LAUNCHER, "1")
        // A kernel that was started from a cell of another one must not take itself for its child.
        .env_remove("EVCXR_IS_RUNTIME")
        .stdin(Stdio::piped());
    let mut engine = Group::spawn(&mut command).context("the kernel's engine does not start")?;
    // Held until the end: the engine watches it to know that this process is alive.
    let alive = engine.take_stdin();
    let well = tokio::select! {
        status = engine.wait() => status?.success(),
        () = told_to_end() => true,
    };
    engine.end().await;
    drop(alive);
    drop(folder);
    Ok(well)
}

/// Fills the private folder from the template, or without one.
fn prepare(root: &Path, workspace: &Workspace) -> Result<()> {
    let template = Template::of(root)?;
    let state = template.state();
    match &state {
        State::Missing => {
            eprintln!(
                "warning: this kernel has no template, so the first cell compiles everything for some \
                 minutes\nhint: `anymodel kernel install` builds the template once"
            );
            workspace.create(root)?;
        }
        State::Fresh => clone::clone_dir(template.dir(), workspace.dir())?,
        State::Stale(changes) => {
            eprintln!(
                "warning: the kernel's template is out of date ({}), so the first cell compiles a part \
                 again\nhint: `anymodel kernel install` builds a new template",
                changes.join(", ")
            );
            clone::clone_dir(template.dir(), workspace.dir())?;
        }
    }
    workspace.configure(matches!(state, State::Fresh))
}

/// Waits until somebody asks this process to end.
async fn told_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = (
            signal(SignalKind::terminate()),
            signal(SignalKind::hangup()),
        );
        if let (Ok(mut terminate), Ok(mut hang_up)) = signals {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// The private folder of this launcher; dropping it removes it.
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
        sweep(&running);
        // A sweep of another launcher may take the file in the moment before it is locked.
        for _ in 0..10 {
            let id = uuid::Uuid::new_v4().to_string();
            let (dir, lock) = (running.join(&id), running.join(format!("{id}.lock")));
            let held = File::create_new(&lock)
                .with_context(|| format!("{} cannot be written", lock.display()))?;
            if held.try_lock().is_ok() && lock.exists() {
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

/// Removes what launchers left that died without cleaning up.
fn sweep(running: &Path) {
    for entry in fs::read_dir(running).into_iter().flatten().flatten() {
        let lock = entry.path();
        if lock.extension().is_none_or(|extension| extension != "lock") {
            continue;
        }
        let Ok(file) = File::open(&lock) else {
            continue;
        };
        // Held until the file is gone: a launcher that has just made it must not think that it is its own.
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
